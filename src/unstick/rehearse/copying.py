"""A clean copy of what a push brings."""

from __future__ import annotations

import os
import shutil
import stat

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse

if TYPE_CHECKING:
    from unstick.rehearse.types import Plan


def copy_files(plan: Plan, folder: str) -> None:
    """Copy the plan's files into a folder; links that lead out of it are left out. Raises CannotRehearse."""
    for path in plan.files:
        source, target = os.path.join(plan.root, path), os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            mode = os.lstat(source).st_mode
            if stat.S_ISLNK(mode):
                link = os.readlink(source)
                inside = os.path.normpath(os.path.join(os.path.dirname(path), link))
                if not os.path.isabs(link) and not inside.startswith(".."):
                    os.symlink(link, target)
            elif stat.S_ISREG(mode):
                shutil.copyfile(source, target, follow_symlinks=False)
                os.chmod(target, 0o755 if mode & 0o111 else 0o644)
        except OSError as error:
            raise CannotRehearse(f"cannot be copied: {error.strerror}", where=path) from None
