"""Repositories as the API writes them."""

from __future__ import annotations

from unstick.localhub import cards, hosts, listing
from unstick.localhub.api import access, errors
from unstick.localhub.api.runtime import runtime_of
from unstick.localhub.api.times import iso
from unstick.localhub.store import objects
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from unstick.localhub.cards import Card
    from unstick.localhub.hub import Hub
    from unstick.localhub.repository import Item, Repository
    from unstick.localhub.store.objects import Held
    from unstick.localhub.store.repos import Repo
    from unstick.localhub.store.spaces import Row

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
    held: Mapping[str, Held] | None = None,
) -> dict[str, Any]:
    """A repository with the properties in `wanted`, as of a commit (None: the newest of main).

    `row` is the one of a Space, `held` its large files by digest: with it the files come with their sizes.
    `_id` and `id` are always there.
    """
    repository = hub.repository(repo.storage)
    if commit is None:
        commit = repository.head() if FROM_FILES.union(("sha",)).intersection(wanted) else ""
    card = cards.card_of(repository, commit) if FROM_FILES.intersection(wanted) else cards.Card()
    known = _from_row(hub, repo, row)
    known |= _from_files(repo, card, commit)
    if "siblings" in wanted:
        known["siblings"] = _siblings(repository, card.files, held)
    if "usedStorage" in wanted:
        known["usedStorage"] = used(hub, repo)
    shown = {name: known[name] for name in wanted if name in known}
    return {"_id": repo.storage[:24], "id": repo.full_name, **shown}


def used(hub: Hub, repo: Repo) -> int:
    """The bytes of a repository, large files included."""
    with hub.reads.begin() as connection:
        large = objects.total(connection, repo.id)
    return hub.repository(repo.storage).size() + large


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
    licence = block.get("license")
    tags += [f"license:{licence}"] if isinstance(licence, str) and licence else []
    known: dict[str, Any] = {"tags": tags, "cardData": card.block or {}}
    if commit:
        known["sha"] = commit
    if repo.kind == "space":
        known |= {"models": texts(block.get("models")), "datasets": texts(block.get("datasets"))}
    return known


def texts(value: object) -> list[str]:
    """A list of texts out of a card, whatever stands there."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _siblings(
    repository: Repository, files: Sequence[Item], held: Mapping[str, Held] | None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"rfilename": item.path.encode("utf-8", "replace").decode()} for item in files
    ]
    if held is None:
        return rows
    large = listing.pointers_of(repository, files, held)
    for row, item in zip(rows, files, strict=True):
        pointer = large.get(item.oid)
        row |= {"size": pointer.size if pointer else item.size, "blobId": item.oid}
        if pointer:
            row["lfs"] = {"size": pointer.size, "sha256": pointer.oid, "pointerSize": item.size}
    return rows
