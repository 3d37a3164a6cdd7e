"""Files put into an image's folders, with their owners and modes."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse

if TYPE_CHECKING:
    from unstick.space.ignore import IgnoreFile

    Owner = tuple[int, int]


class ImageTree:
    """The folders of an image below `root`. Links in it are never followed: a Dockerfile may have made them."""

    def __init__(self, root: str, ignored: IgnoreFile) -> None:
        self.root, self.ignored = root, ignored

    def make(self, path: str, owner: Owner) -> str:
        """A folder of the image, made with its parents; gives where it lies here."""
        where = self.root
        for part in path.strip("/").split("/"):
            if not part:
                continue
            where = os.path.join(where, part)
            if os.path.islink(where):
                where = self._followed(where)
            if not os.path.isdir(where):
                os.mkdir(where)
                os.chmod(where, 0o755)
                give(where, owner)
        return where

    def place(
        self, base: str, name: str, into: str, many: bool, owner: Owner, mode: str | None, repository: bool
    ) -> None:
        """Copy a file, or what is in a folder: `name` below `base`; for one of the repository .dockerignore
        holds. Raises CannotRehearse where a link on the way leads out."""
        source = os.path.join(base, name) if name else base
        parent = os.path.realpath(os.path.dirname(source)) if name else base
        if (
            parent != os.path.realpath(base)
            and not parent.startswith(os.path.realpath(base) + os.sep)
            and name
        ):
            raise CannotRehearse("a link leads out of what is copied", where=name)
        if os.path.isdir(source) and not os.path.islink(source):
            self._folder(source, self.make(into, owner), owner, mode, name if repository else None)
            return
        inside = many or os.path.isdir(self.root + into)
        target = posixpath.join(into, os.path.basename(source)) if inside else into
        parent = self.make(posixpath.dirname(target), owner)
        self._file(source, os.path.join(parent, posixpath.basename(target)), owner, mode)

    def write(self, path: str, text: str, owner: Owner, mode: str | None) -> None:
        """A file with this text."""
        target = os.path.join(self.make(posixpath.dirname(path), (0, 0)), posixpath.basename(path))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)
        with open(target, "x", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        os.chmod(target, _number(mode) or 0o644)
        give(target, owner)

    def _folder(self, source: str, target: str, owner: Owner, mode: str | None, name: str | None) -> None:
        for entry in sorted(os.scandir(source), key=lambda item: item.name):
            inner = None if name is None else posixpath.join(name, entry.name)
            folder = entry.is_dir(follow_symlinks=False)
            there = os.path.join(target, entry.name)
            if inner is not None and self._left_out(inner, folder):
                continue
            if not folder:
                self._file(entry.path, there, owner, mode)
                continue
            if os.path.islink(there) or not os.path.isdir(there):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(there)
                os.mkdir(there)
                shutil.copymode(entry.path, there)
                give(there, owner)
            self._folder(entry.path, there, owner, mode, inner)

    def _left_out(self, name: str, folder: bool) -> bool:
        return self.ignored.ignores(name, folder) and not (folder and self.ignored.may_bring_back(name))

    def _file(self, source: str, target: str, owner: Owner, mode: str | None) -> None:
        if os.path.isdir(target) and not os.path.islink(target):
            raise CannotRehearse(
                f"a file would take the place of the folder {target[len(self.root) :]}", where="COPY"
            )
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target)
        shutil.copy2(source, target, follow_symlinks=False)
        number = _number(mode)
        if number is not None and not os.path.islink(target):
            os.chmod(target, number)
        give(target, owner)

    def _followed(self, path: str) -> str:
        """Where a link of the image leads inside of it."""
        target = os.readlink(path)
        base = "/" if target.startswith("/") else os.path.dirname(path)[len(self.root) :] or "/"
        inside = posixpath.normpath(posixpath.join(base, target))
        if inside == path[len(self.root) :] or inside.count("/") > 40:
            raise CannotRehearse("a link of the image leads to itself", where=inside)
        return self.make(inside, (0, 0))


def give(path: str, owner: Owner) -> None:
    """Let a file belong to a user and a group, where that can be done."""
    if os.geteuid() == 0:
        os.lchown(path, *owner)


def _number(mode: str | None) -> int | None:
    return int(mode, 8) if mode and mode.isdigit() and len(mode) <= 4 else None
