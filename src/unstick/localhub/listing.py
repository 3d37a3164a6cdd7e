"""Files and folders as the API shows them: large files by what their pointers say, the last commit on demand."""

from __future__ import annotations

from unstick.localhub import pointers
from unstick.localhub.api.times import iso
from unstick.localhub.git_types import BadPath
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from unstick.localhub.git_types import Item
    from unstick.localhub.repository import Repository
    from unstick.localhub.store.objects import Held


def pointers_of(
    repository: Repository, items: Sequence[Item], held: Mapping[str, Held]
) -> dict[str, pointers.Pointer]:
    """Of these items, by blob, those that stand for a large file which the repository has."""
    if not held:
        return {}
    small = [one.oid for one in items if one.kind == "file" and pointers.LEAST <= one.size < pointers.MOST]
    found = {oid: pointers.parse(data) for oid, data in repository.read_many(small).items()}
    return {oid: one for oid, one in found.items() if one is not None and one.oid in held}


def shown(
    repository: Repository,
    commit: str,
    items: Sequence[Item],
    held: Mapping[str, Held],
    *,
    expand: bool = False,
) -> list[dict[str, Any]]:
    """The items as JSON. `expand` adds the last commit that touched each of them."""
    large = pointers_of(repository, items, held)
    out = []
    for one in items:
        row: dict[str, Any] = {
            "type": "directory" if one.kind == "directory" else "file",
            "oid": one.oid,
            "size": one.size,
            "path": one.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        }
        pointer = large.get(one.oid)
        if pointer is not None:
            row["lfs"] = {"oid": pointer.oid, "size": pointer.size, "pointerSize": one.size}
            row["size"] = pointer.size
        if expand:
            row["lastCommit"] = _last(repository, commit, one.path)
        out.append(row)
    return out


def _last(repository: Repository, commit: str, path: str) -> dict[str, str] | None:
    try:
        found = repository.log(commit, 1, path=path)
    except BadPath:
        return None
    return {"id": found[0].oid, "title": found[0].title, "date": iso(found[0].at)} if found else None
