"""A spec for a machine that gives no sandbox: the paths inside become those where things really lie."""

from __future__ import annotations

import os
import re

from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import bubblewrap

if TYPE_CHECKING:
    from unstick.rehearse.process.spec import Spec

SHARED = ("/tmp",)
"""What is the machine's own then."""


def opened(spec: Spec) -> Spec:
    """The spec for a start without a sandbox. Raises CannotRehearse where that would be wrong or unsafe."""
    where, todo = "sandbox", "Install bubblewrap, or use a container engine."
    if spec.uid == 0 and os.geteuid() == 0:
        raise CannotRehearse("an app is not started as root without a sandbox", where=where, todo=todo)
    found = translated(spec)
    closed = os.geteuid() == 0 and not all(_open_to_all(item.source) for item in spec.mounts)
    if closed or not os.path.isdir(found.cwd):
        why = f"this machine gives no sandbox ({bubblewrap.problem()}), and the app needs its own {spec.cwd}"
        raise CannotRehearse(why, where=where, todo=todo)
    return found


def _open_to_all(path: str) -> bool:
    """Whether every user gets as far as this path: what is built below root's home is out of the app's reach."""
    above = os.path.dirname(os.path.realpath(path))
    while above != "/":
        try:
            if not os.stat(above).st_mode & 0o001:
                return False
        except OSError:
            return False
        above = os.path.dirname(above)
    return True


def translated(spec: Spec) -> Spec:
    """The spec without mounts; files that the app names by their path on the platform are not found."""
    places = {item.target: item.source for item in spec.mounts if item.target not in SHARED}
    if not places:
        return spec
    known = "|".join(re.escape(target) for target in sorted(places, key=len, reverse=True))
    path = re.compile(rf"(?<![^\s:=,;'\"])({known})(?=[/:\s,;'\"]|$)")

    def inside(text: str) -> str:
        return path.sub(lambda found: places[found[1]], text)

    return spec._replace(
        argv=tuple(map(inside, spec.argv)),
        environment=tuple((name, inside(value)) for name, value in spec.environment),
        cwd=inside(spec.cwd),
        mounts=(),
    )
