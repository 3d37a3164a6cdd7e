"""The packages that the apt-get lines of a Dockerfile install, each with its place."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_shell import UNKNOWN, shell_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage
    from unstick.space.types import Place

MAX_NAMES = 500
"""Names looked at in one stage; the same name counts once."""

_MANAGERS = frozenset(("apt-get", "apt", "aptitude"))
_TAKES_VALUE = frozenset(("-t", "--target-release", "-o", "-c"))


class Installed(NamedTuple):
    """One package name as written (version and architecture cut off), its place, whether a failure is
    forgiven.
    """

    name: str
    place: Place
    forgiven: bool
    step: Instruction


def apt_packages(dockerfile: Dockerfile, stage: Stage) -> Iterator[Installed]:
    """What apt installs in one stage."""
    seen: set[str] = set()
    for step in stage.instructions:
        if step.keyword != "RUN" or len(seen) > MAX_NAMES:
            continue
        text = step.text + "\n" + "\n".join(h.body for h in step.heredocs)
        for command in shell_commands(text):
            words = list(command.words)
            while (words and words[0] in ("sudo", "env")) or (words and "=" in words[0]):
                words.pop(0)
            if not words or words[0].rpartition("/")[2] not in _MANAGERS or "install" not in words[:6]:
                continue
            skip = False
            for word in words[words.index("install") + 1 :]:
                if skip or word.startswith(("-", ".", "/")) or UNKNOWN in word:
                    skip = word in _TAKES_VALUE
                    continue
                if word in seen or len(seen) > MAX_NAMES:
                    continue
                seen.add(word)
                name = word.split("=")[0].split(":")[0].rstrip("+-") if not word.endswith("++") else word
                yield Installed(
                    name, _place(dockerfile, step, word), command.follows == "||" or not command.certain, step
                )


def uses_apt(stage: Stage) -> Instruction | None:
    """The first step that asks apt for anything."""
    for step in stage.instructions:
        text = step.text + "".join(h.body for h in step.heredocs) if step.keyword == "RUN" else ""
        if "apt-get update" in text or "apt update" in text or "apt-get install" in text:
            return step
    return None


def other_sources(stage: Stage) -> bool:
    """Whether the stage adds package sources of its own, so that more packages may be there."""
    texts = (s.text for s in stage.instructions if s.keyword in ("RUN", "COPY", "ADD"))
    return any(
        w in t
        for t in texts
        for w in (
            "sources.list",
            "add-apt-repository",
            "archive.debian.org",
            "old-releases",
            "nodesource",
            "extrepo",
        )
    )


def _place(dockerfile: Dockerfile, step: Instruction, word: str) -> Place:
    """Where a word stands in a step; the whole step where it cannot be found."""
    text = dockerfile.text
    at = step.place.start
    while (at := text.find(word, at, step.place.end)) >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if (before.isspace() or before in "\"'") and (not after or after.isspace() or after in "\"';&|\\,"):
            return dockerfile.lines.place(at, at + len(word))
        at += len(word)
    return step.place
