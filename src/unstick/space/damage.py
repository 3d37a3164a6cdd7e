"""What is probably wrong with a requirement line that cannot be read, and how it was probably meant."""

from __future__ import annotations

import re

from unstick.space.requirements import Damaged
from unstick.space.types import Place

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION = r"v?\d[A-Za-z0-9.+!*-]*"
_COMMANDS = {
    "pip", "pip3", "python", "python3", "uv", "git", "apt", "apt-get", "sudo", "conda", "npm", "cd",
    "export", "poetry",
    "import", "from", "echo", "source", "mkdir", "run", "wget", "curl",
}  # fmt: skip


def explain(line: str, place: Place, error: str) -> Damaged:
    """A `Damaged` value for `line`; `error` is the parser's own sentence, used when nothing better is
    known."""
    first = line.split()[0].lower() if line.split() else ""
    if first in _COMMANDS and len(line.split()) > 1:
        return Damaged("command", f"{line[:60]!r} is a command, not a requirement", place, line)
    conda = re.fullmatch(rf"({_NAME})=({_VERSION})=\S+", line)
    if conda:
        what = "a line of a conda export (name=version=build)"
        return Damaged("conda-line", what, place, line, f"{conda[1]}=={conda[2]}")
    single = re.fullmatch(rf"({_NAME}(?:\[[^\]]*\])?)\s*=\s*({_VERSION})", line)
    if single:
        what = "a pin with one equals sign, pip wants two"
        return Damaged("single-equals", what, place, line, f"{single[1]}=={single[2]}")
    comma = re.fullmatch(
        rf"({_NAME}(?:\[[^\]]*\])?)\s*((?:[<>=!~]=?=?)\s*{_VERSION})\s*((?:[<>=!~]=?=?)\s*{_VERSION})", line
    )
    if comma and comma[2][0] in "<>=!~":
        what = "two version bounds without a comma between them"
        exact = next((part for part in (comma[2], comma[3]) if part.startswith("==")), "")
        meant = f"{comma[1]}{exact}" if exact else f"{comma[1]}{comma[2]},{comma[3]}"
        return Damaged("missing-comma", what, place, line, meant)
    return _less_common(line, place, error)


def _less_common(line: str, place: Place, error: str) -> Damaged:
    spaced = re.fullmatch(rf"({_NAME})\s+({_VERSION})", line)
    if spaced:
        what = "a version without == before it"
        return Damaged("bare-version", what, place, line, f"{spaced[1]}=={spaced[2]}")
    if re.fullmatch(rf"{_NAME}(?:\s+{_NAME})+", line):
        return Damaged("many-on-a-line", "several names on one line", place, line, "\n".join(line.split()))
    quoted = line.strip("'\",")
    if quoted != line and re.fullmatch(rf"{_NAME}(?:\[[^\]]*\])?(?:[<>=!~]=?=?\s*{_VERSION})?", quoted):
        return Damaged("quoted", "quotes or a comma around the requirement", place, line, quoted)
    arrow = re.fullmatch(rf"({_NAME})\s*(=>|=<|= >|> =|< =|= =)\s*({_VERSION})", line)
    if arrow:
        operator = {"=>": ">=", "=<": "<=", "= >": ">=", "> =": ">=", "< =": "<=", "= =": "=="}[arrow[2]]
        what = f"{arrow[2]!r} is not a comparison"
        return Damaged("bad-operator", what, place, line, f"{arrow[1]}{operator}{arrow[3]}")
    bullet = re.fullmatch(rf"[*•]\s*({_NAME}\S*)", line)
    if bullet:
        return Damaged("list-mark", "a list mark before the name", place, line, bullet[1])
    caret = re.fullmatch(rf"({_NAME})\s*\^\s*({_VERSION})", line)
    if caret:
        what = "'^' is Poetry's and npm's, pip does not know it"
        return Damaged("bad-operator", what, place, line, f"{caret[1]}>={caret[2]}")
    return Damaged("unreadable", error.strip().rstrip(".") or "not a requirement", place, line)
