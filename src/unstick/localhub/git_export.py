"""Writing the files of a commit to a folder, without following anything that the commit says."""

from __future__ import annotations

import os
import shutil

from unstick.localhub import pointers
from unstick.localhub.git_types import LONGEST_PATH, BadPath, checked_path
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.git_reading import GitReading
    from unstick.localhub.git_types import Item


def export(repository: GitReading, commit: str, folder: str, objects: str = "") -> None:
    """Write a commit's files into an empty folder. Links that lead out of it, submodules and names that no file
    may have are left out. `objects` is the folder of large files: their pointers become the files."""
    items = [one for one in repository.tree(commit, recursive=True) if _fine(one.path)]
    for folder_item in (one for one in items if one.kind == "directory"):
        os.makedirs(os.path.join(folder, *folder_item.path.split("/")), exist_ok=True)
    for one in items:
        if one.kind == "file":
            _file(repository, one, os.path.join(folder, *one.path.split("/")), objects)
    _links(repository, [one for one in items if one.kind == "link"], folder)


def _fine(path: str) -> bool:
    try:
        return bool(checked_path(path))
    except BadPath:
        return False


def _file(repository: GitReading, one: Item, target: str, objects: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o755 if one.mode == "100755" else 0o644), "wb") as file:
        if objects and pointers.LEAST <= one.size < pointers.MOST:
            data = repository.read(one.oid)
            pointer = pointers.parse(data)
            source = pointers.place(objects, pointer.oid) if pointer else ""
            if source and os.path.isfile(source):
                with open(source, "rb") as large:
                    shutil.copyfileobj(large, file, 1024 * 1024)
                return
            file.write(data)
            return
        for piece in repository.stream(one.oid):
            file.write(piece)


def _links(repository: GitReading, items: list[Item], folder: str) -> None:
    """Make the links, after all else: nothing is written through them. One that leads out goes again; where it
    leads shows only once all are there, since a link can go by way of another."""
    made = []
    for one in items:
        where = repository.read(one.oid, LONGEST_PATH).decode("utf-8", "surrogateescape")
        if where and "\0" not in where and not os.path.isabs(where):
            made.append(os.path.join(folder, *one.path.split("/")))
            os.symlink(where, made[-1])
    root = os.path.realpath(folder)
    out = [path for path in made if not f"{os.path.realpath(path)}/".startswith(f"{root}/")]
    for path in out:
        os.unlink(path)
