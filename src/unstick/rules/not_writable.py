"""The app writes where uid 1000 may not.

What it finds: files and folders that the program writes at run time (open for writing, makedirs, SQLite,
logs, uploads, vector stores, downloads) below a folder of the image that belongs to root or to another user;
build steps that write where their own USER may not; programs of the start command (redis-server, uv run,
Rails, nginx) that write into such a folder; an image made for a user with another uid than 1000.

Why it matters: the platform runs containers as uid 1000. WORKDIR, COPY without --chown and mkdir in RUN give
folders to root, so the first write ends in `PermissionError: [Errno 13]`, at import before the server
listens.

Example:

    WORKDIR /app
    COPY . .
    CMD ["python", "app.py"]        # app.py: os.makedirs("data")

Instead:

    RUN useradd -m -u 1000 user
    USER user
    WORKDIR /home/user/app
    COPY --chown=user . .

Repair safety: safe; the edit gives the folders to uid 1000 in the build (`mkdir -p` and `chown`), which
changes nothing for a container that runs as root.

Source: Hub docs spaces-sdks-docker (permissions); BuildKit's rules of ownership for WORKDIR and COPY.
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.rules._image import DOUBT, Refusal, belongs, open_folders, refused_writes, runs_as
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space
    from unstick.space.image import Image
    from unstick.space.image_layers import Access

RULE = Rule(
    code="A100",
    title="Writes where uid 1000 may not",
    severity="warning",
    confidence=0.8,
    causes=(("permission-denied", 4.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each folder that refuses writes, at the write that hurts first."""
    from unstick.space.image import image_of

    image = image_of(space)
    if image is None:
        return
    refusals = refused_writes(space, image)
    refusals = _but_handed_in(refusals) if space.sdk in ("gradio", "streamlit") else refusals
    groups: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        groups.setdefault(_root(refusal, image), []).append(refusal)
    programs = list(_programs(space, image)) if not any(_at_start(r) for r in refusals) else []
    yield from programs[:1]
    for folder, group in groups.items():
        if not programs or folder != image.workdir:
            yield _finding(space, image, folder, group)
    yield from _build_steps(image)
    if not groups and not programs:
        yield from _other_user(image)


def _at_start(refusal: Refusal) -> bool:
    return refusal.write.when in ("import", "start") and not refusal.write.caught


def _but_handed_in(refusals: list[Refusal]) -> list[Refusal]:
    """Where the platform builds the image only folders outside the app and the home can refuse."""
    return [r for r in refusals if not r.write.caught]


def _root(refusal: Refusal, image: Image) -> str:
    """What groups refusals: the working folder for everything below it, else the folder below the root."""
    path = refusal.write.known
    if path == image.workdir or path.startswith(image.workdir.rstrip("/") + "/"):
        return image.workdir
    return "/" + path.split("/")[1] if path != "/" else "/"


def _finding(space: Space, image: Image, folder: str, group: list[Refusal]) -> Finding:
    first, access = group[0]
    caught = all(r.write.caught for r in group)
    at_start = _at_start(group[0])
    volume = access.blocker == "/" and first.path.startswith("/data/")
    if caught:
        severity, confidence = "advice", 0.6
    elif volume:
        severity, confidence = "warning", 0.8
    elif image.user_named and at_start and image.layers.uid == 1000:
        severity, confidence = "error", 0.9
    else:
        severity, confidence = "warning", 0.85 if image.user_named or at_start else 0.75
    what = {"folder": "makes", "database": "opens the database", "log": "writes the log"}.get(
        first.kind, "writes"
    )
    when = {"import": " while it is loaded", "start": " at start"}.get(first.when, "")
    shown = (first.path if ".." in first.given else first.given).replace("\x00", "…")
    message = f"the app {what} {shown!r}{when}, but {belongs(access)} and {runs_as(image)}"
    if caught:
        message += "; the error is caught, so it is lost silently"
    remedy = (
        "Give the folder to uid 1000 in the Dockerfile, write below /tmp, or work in the user's home folder."
    )
    folders = [
        posixpath.dirname(r.write.path) if r.write.kind not in ("folder", "index", "model") else r.write.known
        for r in group
    ]
    folders = [r.write.known if "\x00" in f else f for f, r in zip(folders, group, strict=True)]
    place = _place(image, access, first.place)
    return RULE.finding(
        place,
        message + ".",
        remedy if image.user_named else f"{remedy} {DOUBT}",
        severity=severity,
        confidence=confidence,
        edits=open_folders(space, image, folders) if space.dockerfile is not None else (),
        related=tuple(p for p in dict.fromkeys(r.write.place for r in group[:6]) if p != place),
        data=(("path", first.path.replace("\x00", "…")), ("blocker", access.blocker), ("when", first.when)),
    )


def _place(image: Image, access: Access, write: Place) -> Place:
    """Where the fault lies: the build step that made just this folder, else the write."""
    made = access.place
    if made is None or access.blocker == image.workdir or image.source_of(access.blocker) is not None:
        return write
    is_step = any(r.step.place == made for r in image.layers.runs) or image.exists(access.blocker)
    return made if is_step else write


def _build_steps(image: Image) -> Iterator[Finding]:
    """Build steps that their own user may not do: the build ends there."""
    for refused in image.layers.refused[:3]:
        yield RULE.finding(
            refused.place,
            f"`{refused.command}` runs as {refused.user} and writes {refused.path}, but"
            f" {belongs(refused.access)}.",
            "Put the step before USER, or give the folder to that user first (chown, COPY --chown,"
            " WORKDIR after USER).",
            severity="error",
            confidence=0.85,
            data=(("path", refused.path), ("blocker", refused.access.blocker), ("when", "build")),
        )


def _programs(space: Space, image: Image) -> Iterator[Finding]:
    """Programs of the start command that write where they may not."""
    from unstick.rules._programs import program_writes, script_changes

    for path, access, place, words in (*script_changes(space, image), *program_writes(space, image)):
        yield RULE.finding(
            place,
            f"{words}, but {belongs(access)} and {runs_as(image)}.",
            "Give the folder to uid 1000, or tell the program to write elsewhere."
            + ("" if image.user_named else f" {DOUBT}"),
            confidence=0.7,
            edits=open_folders(space, image, [posixpath.dirname(path)]),
            data=(("path", path), ("blocker", access.blocker), ("when", "start")),
        )


def _other_user(image: Image) -> Iterator[Finding]:
    """An image that gives its folders to a user with another uid than the platform's.

    A warning where a variable of the image sends a library there (HF_HOME, for instance); else nothing is known
    to be written, and many such images only read.
    """
    layers = image.layers
    if layers.uid > 0 and layers.uid != 1000 and layers.user_place is not None:
        folder = next((f for f in (image.workdir, image.home(layers.uid)) if f not in ("", "/")), "")
        if folder and image.owner_of(folder) == layers.uid and image.writable(folder + "/x").allowed is False:
            sent = any(
                f"{value}/".startswith(folder + "/")
                for name, value in image.environment.items()
                if name in layers.env_places and name not in ("HOME", "PATH", "PWD")
            )
            yield RULE.finding(
                layers.user_place,
                f"the image is made for {layers.user} (uid {layers.uid}), who owns {folder}; a Space's"
                " container runs as uid 1000"
                " and may not write there.",
                "Give the user the uid 1000 (useradd -u 1000), or open the folder (chmod -R 777).",
                severity="warning" if sent else "advice",
                confidence=0.8 if sent else 0.6,
                data=(("path", folder), ("blocker", folder), ("when", "start")),
            )
