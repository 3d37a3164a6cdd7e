"""USER or --chown names a user that the stage does not have.

What it finds: a user name in USER, or in --chown of COPY and ADD, that neither the base image (as far as it
is a well-known one) nor a useradd or adduser of this stage or its parents defines. A user made in another
stage does not count.

Why it matters: "unable to find user": COPY --chown stops the build, USER the start of the container.

Example:

    FROM python:3.12
    USER appuser

Instead:

    RUN useradd -m -u 1000 appuser
    USER appuser

Repair safety: unsafe: a useradd line is put before USER.

Source: the Dockerfile reference (USER, COPY --chown).
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import newline
from unstick.rules._stages import needed
from unstick.rules.base import Rule
from unstick.space.docker_variables import expand, trim_quotes
from unstick.space.launch.follow import image_name
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage

RULE = Rule(
    code="B103",
    title="A user that does not exist",
    confidence=0.95,
    needs=("dockerfile",),
    causes=(("dockerfile-error", 3.0),),
)
FIXABLE = True

_SYSTEM = frozenset(
    [
        *(
            "root",
            "daemon",
            "bin",
            "sys",
            "sync",
            "games",
            "man",
            "lp",
            "mail",
            "news",
            "uucp",
            "proxy",
            "www-data",
        ),
        *(
            "backup",
            "list",
            "irc",
            "gnats",
            "nobody",
            "_apt",
            "messagebus",
            "operator",
            "shutdown",
            "halt",
            "ftp",
        ),
        *(
            "sshd",
            "guest",
            "adm",
            "cron",
            "postmaster",
            "systemd-network",
            "systemd-resolve",
            "postgres",
            "nginx",
        ),
    ]
)
_IMAGES: dict[str, frozenset[str]] = {
    "python": frozenset(),
    "debian": frozenset(),
    "ubuntu": frozenset(("ubuntu",)),
    "alpine": frozenset(),
    "node": frozenset(("node",)),
    "golang": frozenset(),
    "rust": frozenset(),
    "ruby": frozenset(),
    "openjdk": frozenset(),
    "eclipse-temurin": frozenset(("ubuntu",)),
    "nvidia/cuda": frozenset(("ubuntu",)),
    "pytorch/pytorch": frozenset(("ubuntu",)),
    "continuumio/miniconda3": frozenset(),
    "tensorflow/tensorflow": frozenset(("ubuntu",)),
    "nginx": frozenset(("nginx",)),
    "oven/bun": frozenset(("bun",)),
}
"""Users beside the system's of images that are well known; on any other image nothing is said."""
_MAKES = lazy(r"\b(?:useradd|adduser|usermod|newusers|addgroup|groupadd|/etc/passwd)\b")


def check(space: Space) -> Iterator[Finding]:
    """One finding for each stage and name, at its first use."""
    file = space.dockerfile
    if file is None or space.sdk not in ("docker", ""):
        return
    for stage in needed(file):
        yield from _stage(file, stage)


def _stage(file: Dockerfile, stage: Stage) -> Iterator[Finding]:
    base = _IMAGES.get(image_name(file.base_image(stage)))
    if base is None:
        return
    told: set[str] = set()
    made = " ".join(_texts(file, part, None) for part in file.chain(stage)[:-1])
    for step in stage.instructions:
        known = file.environment(stage, step).build if "$" in step.text or step.flags else {}
        for name, place in _names(step, known):
            if name in told or name in base or name in _SYSTEM or not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
                continue
            text = made + _texts(file, stage, step)
            if _made(text, name):
                continue
            told.add(name)
            yield _finding(file, step, name, place)


def _names(step: Instruction, known: dict[str, str]) -> Iterator[tuple[str, Place]]:
    if step.keyword == "USER" and step.words:
        name = expand(trim_quotes(step.words[0].text), known).partition(":")[0]
        yield name, step.words[0].place
    elif step.keyword in ("COPY", "ADD"):
        for flag in step.flags:
            if flag.name == "chown":
                yield expand(flag.value.strip("\"'"), known).partition(":")[0], flag.place


def _texts(file: Dockerfile, stage: Stage, until: Instruction | None) -> str:
    """What the RUN steps of a stage say, variables filled in, up to one instruction."""
    out: list[str] = []
    for step in stage.instructions:
        if step is until:
            break
        if step.keyword == "RUN":
            known = file.environment(stage, step).build if "$" in step.text or step.flags else {}
            bodies = "\n".join(d.body for d in step.heredocs)
            out.append(expand(step.text, known) + "\n" + bodies)
        elif step.keyword in ("COPY", "ADD") and "passwd" in step.text:
            out.append("useradd " + step.text)
    return "\n".join(out) + "\n"


def _made(text: str, name: str) -> bool:
    """Whether some command before may have made the user: its name beside a useradd, or a script that is
    run.
    """
    if _MAKES.search(text) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
        return True
    return re.search(r"(?:^|[\s;&])(?:\./|ba|da)?sh\s+\S+\.sh|\./\S+\.sh|\$\(", text) is not None


def _finding(file: Dockerfile, step: Instruction, name: str, place: Place) -> Finding:
    line = f"RUN useradd -m -u 1000 {name}{newline(file.text)}"
    return RULE.finding(
        place,
        f"the user {name} is not defined in this stage",
        f"Add `RUN useradd -m -u 1000 {name}` before it, in the same stage.",
        edits=(Edit(file.path, step.place.start, step.place.start, line, False, f"add the user {name}"),),
    )
