"""A package manager runs after USER has given root up.

What it finds: apt-get, apt, apk, dnf, yum, `playwright install --with-deps` in a RUN step behind a USER that
is not root, without sudo.

Why it matters: the build stops: "E: Could not open lock file … Permission denied".

Example:

    USER user
    RUN apt-get update && apt-get install -y ffmpeg

Instead:

    RUN apt-get update && apt-get install -y ffmpeg
    USER user

Repair safety: safe: `USER root` is put before the step and the user back behind it.

Source: Hub docs spaces-sdks-docker (permissions); apt's own message.
"""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._block import newline
from unstick.rules._stages import needed
from unstick.rules.base import Rule
from unstick.space.docker_variables import expand, trim_quotes
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage

RULE = Rule(
    code="B104",
    title="Packages are installed after root was given up",
    confidence=0.95,
    needs=("dockerfile",),
    causes=(("dockerfile-error", 3.0), ("permission-denied", 1.5)),
)
FIXABLE = True
_INSTALL = lazy(
    r"(?:^|&&|\|\||[;|(\n])[ \t]*((?:[A-Z_]+=\S+\s+)*(?:apt-get|apt|aptitude|apk|dnf|yum|microdnf|zypper)"
    r"\s+(?:-\S+\s+)*(?:update|install|add|upgrade)\b"
    r"|(?:python3?\s+-m\s+|npx\s+(?:-y\s+)?|uv\s+run\s+)?playwright\s+(?:install-deps|install\b[^&|;\n]*--with-deps))"
)
_TOLERATED = lazy(r"\|\|\s*(?:true|:|echo)\b")


def check(space: Space) -> Iterator[Finding]:
    """One finding for each step."""
    file = space.dockerfile
    if file is None or space.sdk not in ("docker", ""):
        return
    for stage in needed(file):
        yield from _stage(file, stage)


def _stage(file: Dockerfile, stage: Stage) -> Iterator[Finding]:
    user = ""
    for part in file.chain(stage):
        for step in part.instructions:
            if step.keyword == "USER" and step.words:
                known = file.environment(part, step).build if "$" in step.text else {}
                user = expand(trim_quotes(step.words[0].text), known).partition(":")[0]
            elif step.keyword == "RUN" and part is stage and user not in ("", "root", "0"):
                yield from _step(file, step, user)


def _step(file: Dockerfile, step: Instruction, user: str) -> Iterator[Finding]:
    text = step.text + "\n" + "\n".join(d.body for d in step.heredocs)
    match = _INSTALL.search(text[:50_000])
    if match is None or _TOLERATED.search(text):
        return
    end = newline(file.text)
    stop = file.text.find("\n", step.place.end)
    after = len(file.text) if stop < 0 else stop + 1
    lead = "" if stop >= 0 else end
    start = step.place.start
    yield RULE.finding(
        step.place,
        f"`{' '.join(match.group(1).split())[:60]}` runs as {user}, who may not install packages",
        "Move the step above USER, or put `USER root` before it.",
        edits=(
            Edit(file.path, start, start, f"USER root{end}", True, "become root for this step"),
            Edit(file.path, after, after, f"{lead}USER {user}{end}", True, f"be {user} again"),
        ),
    )
