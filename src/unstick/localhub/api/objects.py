"""Repositories as the API writes them."""

from __future__ import annotations

import os

from unstick.localhub import cards, hosts
from unstick.localhub.api import access, errors
from unstick.localhub.api.runtime import runtime_of
from unstick.localhub.api.times import iso
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from unstick.localhub.cards import Card
    from unstick.localhub.hub import Hub
    from unstick.localhub.repository import Item, Repository
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

POINTER = b"version https://git-lfs.github.com/spec/v1\n"
POINTER_SIZES = range(100, 300)

EXPANDABLE = {
    "space": (
        "author", "cardData", "createdAt", "datasets", "disabled", "lastModified", "likes", "models", "private",
        "region", "resourceGroup", "runtime", "sdk", "sha", "siblings", "subdomain", "tags", "trendingScore",
        "usedStorage",
    ),
    "model": (
        "author", "baseModels", "cardData", "childrenModelCount", "config", "createdAt", "disabled", "downloads",
        "downloadsAllTime", "evalResults", "gated", "gguf", "inference", "inferenceProviderMapping", "lastModified",
        "library_name", "likes", "mask_token", "model-index", "pipeline_tag", "private", "resourceGroup",
        "safetensors", "sha", "siblings", "spaces", "tags", "transformersInfo", "trendingScore", "usedStorage",
        "widgetData", "securityRepoStatus",
    ),
    "dataset": (
        "author", "cardData", "citation", "createdAt", "description", "disabled", "downloads", "downloadsAllTime",
        "gated", "lastModified", "likes", "mainSize", "paperswithcode_id", "private", "resourceGroup", "sha",
        "siblings", "tags", "trendingScore", "usedStorage",
    ),
}  # fmt: skip
"""What `expand` may ask for (huggingface_hub 2.4, hf_api). What this hub does not know is left out."""

WHOLE = (
    "author", "cardData", "createdAt", "datasets", "disabled", "downloads", "gated", "host", "lastModified", "likes",
    "models", "private", "runtime", "sdk", "sha", "siblings", "subdomain", "tags", "usedStorage", "visibility",
)  # fmt: skip
LISTED = (
    "author",
    "createdAt",
    "downloads",
    "lastModified",
    "likes",
    "private",
    "sdk",
    "tags",
    "trendingScore",
)
FULL = (*LISTED, "cardData", "datasets", "disabled", "gated", "models", "sha", "siblings", "subdomain")
FROM_FILES = frozenset(("cardData", "datasets", "models", "siblings", "tags"))


def checked_expand(kind: str, names: Sequence[str]) -> tuple[str, ...]:
    """The properties that `expand` names. Raises ApiError 400 for others."""
    for name in names:
        if name not in EXPANDABLE[kind]:
            raise errors.bad_request(f"expand: {name[:60]!r} is none of {', '.join(EXPANDABLE[kind])}")
    return tuple(names)


def object_of(
    hub: Hub,
    repo: Repo,
    row: Row | None,
    wanted: Sequence[str],
    commit: str | None = None,
    *,
    blobs: bool = False,
) -> dict[str, Any]:
    """A repository with the properties in `wanted`, as of a commit (None: the newest of main). `row` is the one
    of a Space. Its `_id` and `id` are always there."""
    repository = hub.repository(repo.storage)
    if commit is None:
        commit = repository.head() if FROM_FILES.union(("sha",)).intersection(wanted) else ""
    card = cards.card_of(repository, commit) if FROM_FILES.intersection(wanted) else cards.Card()
    known = _from_row(hub, repo, row)
    known |= _from_files(repo, card, commit)
    if "siblings" in wanted:
        known["siblings"] = [_sibling(repository, item, blobs) for item in card.files]
    if "usedStorage" in wanted:
        known["usedStorage"] = _size(repository.path)
    shown = {name: known[name] for name in wanted if name in known}
    return {"_id": repo.storage[:24], "id": repo.full_name, **shown}


def _from_row(hub: Hub, repo: Repo, row: Row | None) -> dict[str, Any]:
    known: dict[str, Any] = {
        "author": repo.owner, "createdAt": iso(repo.created), "lastModified": iso(repo.modified),
        "private": repo.visibility == "private", "visibility": repo.visibility, "gated": False, "likes": 0,
        "disabled": access.disabled(hub, repo), "trendingScore": 0, "resourceGroup": None,
    }  # fmt: skip
    if repo.kind != "space":
        return {**known, "downloads": 0, "downloadsAllTime": 0}
    known |= {
        "sdk": repo.sdk,
        "subdomain": repo.subdomain,
        "host": hosts.host_of(hub.settings, repo.subdomain),
    }
    return {**known, "runtime": runtime_of(hub, repo, row)} if row else known


def _from_files(repo: Repo, card: Card, commit: str) -> dict[str, Any]:
    block = card.block or {}
    tags = [repo.sdk] if repo.sdk else []
    tags += [tag for tag in texts(block.get("tags")) if tag not in tags]
    known: dict[str, Any] = {"tags": tags, "cardData": card.block or {}}
    if commit:
        known["sha"] = commit
    if repo.kind == "space":
        known |= {"models": texts(block.get("models")), "datasets": texts(block.get("datasets"))}
    return known


def texts(value: object) -> list[str]:
    """A list of texts out of a card, whatever stands there."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _sibling(repository: Repository, item: Item, blobs: bool) -> dict[str, Any]:
    name = item.path.encode("utf-8", "replace").decode()
    if not blobs:
        return {"rfilename": name}
    shown: dict[str, Any] = {"rfilename": name, "size": item.size, "blobId": item.oid}
    pointer = repository.read(item.oid, 512) if item.size in POINTER_SIZES else b""
    if pointer.startswith(POINTER):
        fields = dict(line.split(b" ", 1) for line in pointer.splitlines() if b" " in line)
        size = fields.get(b"size", b"")
        if size.isdigit() and len(size) < 19:
            sha256 = fields.get(b"oid", b"").decode("ascii", "replace").removeprefix("sha256:")
            shown |= {
                "size": int(size),
                "lfs": {"size": int(size), "sha256": sha256, "pointerSize": item.size},
            }
    return shown


def _size(folder: str) -> int:
    total = 0
    for path, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(path, file)).st_size
            except FileNotFoundError:
                continue
    return total
