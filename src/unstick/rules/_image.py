"""What the rules about the image's file system share: refused writes, the words for who may what, edits of
the
Dockerfile."""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules._volume import looked_for
from unstick.space.image_shell import UNKNOWN
from unstick.space.types import Edit

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.dockerfile_types import Instruction
    from unstick.space.image import Image
    from unstick.space.image_layers import Access
    from unstick.space.writes import Write

DOUBT = "Where an image names no USER the container may run as root; then this works."
"""What is added where nothing says who runs the container (the documentation says uid 1000)."""

_HOME_FOLDERS = ("/tmp", "/var/tmp", "/dev")


class Refusal(NamedTuple):
    """A write of the program that uid 1000 is not allowed."""

    write: Write
    access: Access


def refused_writes(space: Space, image: Image) -> list[Refusal]:
    """The writes that fail for uid 1000, the most harmful first: at import, at start, later; caught ones
    last.
    """
    from unstick.space.writes import writes_of

    out = []
    for write in writes_of(space):
        known = write.known
        if write.kind == "model" and image.exists(write.path):
            # A download for the case that the file is not there; it is.
            continue
        if known == "/" and UNKNOWN in write.path:
            continue
        target = posixpath.join(known, "x") if UNKNOWN in write.path else known
        if write.kind in ("folder", "index") and UNKNOWN not in write.path and image.exists(known):
            if write.kind == "folder":
                continue
            target = posixpath.join(known, "x")
        access = image.writable(target)
        refused = access.allowed is False and not read_only(write, image)
        if refused and not looked_for(space, image, known):
            out.append(Refusal(write, access))
    order = {"import": 0, "start": 1, "later": 2}
    return sorted(out, key=lambda r: (r.write.caught, order[r.write.when], r.write.kind != "folder"))


def read_only(write: Write, image: Image) -> bool:
    """Whether a database of the image is only asked: no statement in its module changes anything."""
    if write.kind != "database" or write.site is None or not image.exists(write.known):
        return False
    text = write.site.unit.source.text.upper()
    return not any(
        word in text for word in ("INSERT ", "UPDATE ", "CREATE TABLE", "DELETE ", "CREATE_ALL", ".COMMIT(")
    )


def runs_as(image: Image) -> str:
    """Who the container runs as, in words."""
    if not image.user_named:
        return "a Space's container runs as uid 1000"
    if image.layers.uid == 1000:
        return f"{image.final_user} has uid 1000"
    return f"a Space's container runs as uid 1000 (the image names {image.final_user})"


def belongs(access: Access) -> str:
    """'/app belongs to root (Dockerfile:3)'."""
    who = "root" if access.owner == 0 else f"uid {access.owner}" if access.owner > 0 else "somebody else"
    return f"{access.blocker} belongs to {who}" + (f" ({access.place})" if access.place else "")


def open_folders(space: Space, image: Image, folders: list[str]) -> tuple[Edit, ...]:
    """The edit that gives folders to uid 1000 in the build, or none where there is no clear place for it.

    It stands before the first USER of the final stage, else behind its last build step; for a container that
    runs as root it changes nothing.
    """
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or stage is None or not image.known or not folders:
        return ()
    users = [s for s in stage.instructions if s.keyword == "USER"]
    if len(users) > 1 or (users and image.layers.uid in (0, -1)) or _begins_as_user(space, image):
        return ()
    wanted = _outermost([f for f in folders if f != "/" and not f.startswith(_HOME_FOLDERS)])
    if not wanted or any(c in "".join(wanted) for c in " \"'$\\"):
        return ()
    made = " ".join(wanted)
    line = f"RUN mkdir -p {made} && chown -R 1000:1000 {made}"
    if users:
        at = users[0].place.start
        return (
            Edit("Dockerfile", at, at, line + newline(dockerfile.text), title=f"Give {made} to uid 1000"),
        )
    steps = [s for s in stage.instructions if s.keyword in ("RUN", "COPY", "ADD", "WORKDIR")]
    if not steps:
        return ()
    at = steps[-1].place.end
    return (Edit("Dockerfile", at, at, newline(dockerfile.text) + line, title=f"Give {made} to uid 1000"),)


def set_variable(space: Space, image: Image, name: str, value: str) -> tuple[Edit, ...]:
    """The edit that sets a variable behind the last build step of the final stage."""
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or stage is None or not image.known or name in image.environment:
        return ()
    steps: list[Instruction] = [
        s for s in stage.instructions if s.keyword in ("RUN", "COPY", "ADD", "WORKDIR", "USER")
    ]
    if not steps:
        return ()
    at = steps[-1].place.end
    return (Edit("Dockerfile", at, at, f"{newline(dockerfile.text)}ENV {name}={value}", title=f"Set {name}"),)


def newline(text: str) -> str:
    """The line end that a file uses."""
    return "\r\n" if "\r\n" in text else "\n"


def _begins_as_user(space: Space, image: Image) -> bool:
    """Whether the final stage begins as another user than root, so that chown would be refused."""
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or stage is None:
        return True
    parents = dockerfile.chain(stage)[:-1]
    named = [s for part in parents for s in part.instructions if s.keyword == "USER"]
    return bool(named) or image.base.base.user != ""


def _outermost(folders: list[str]) -> list[str]:
    out: list[str] = []
    for folder in sorted(set(folders), key=len):
        if not any(folder == o or folder.startswith(o + "/") for o in out):
            out.append(folder)
    return out[:4]
