"""What all renderers of findings share."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules.base import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.space import Finding


class Checked(NamedTuple):
    """One Space and what was found in it. `path` is the folder as it was given; `note` a remark on what was
    looked at, `unobserved` what --resolve could not find out."""

    path: str
    findings: tuple[Finding, ...]
    note: str = ""
    unobserved: tuple[str, ...] = ()


FORMATS = ("text", "json", "sarif", "github")


def render(format: str, checked: Sequence[Checked], *, statistics: bool = False, color: bool = False) -> str:
    """All findings in one of `FORMATS`, ending in a newline; an empty text when there is nothing to say."""
    from importlib import import_module

    module = import_module(f"unstick.report.findings_{format}")
    rendered: str = module.render(checked, statistics=statistics, color=color)
    return rendered


def shown_path(checked: Checked, path: str) -> str:
    """A file's path as a person would open it: below the folder that was given, unless that is the current
    one."""
    folder = "" if checked.path in (".", "./", "") else checked.path.rstrip("/") + "/"
    return folder + path if path else (folder.rstrip("/") or ".")


def counts(checked: Sequence[Checked]) -> dict[str, int]:
    """How many findings there are of each severity."""
    severities = [f.severity for c in checked for f in c.findings]
    return {severity: severities.count(severity) for severity in SEVERITIES}


def tally(checked: Sequence[Checked]) -> list[tuple[int, str, str]]:
    """How often each rule spoke: number, code, id; the most frequent first."""
    names = [(f.code, f.rule) for c in checked for f in c.findings]
    return sorted(((names.count(n), *n) for n in set(names)), key=lambda row: (-row[0], row[1]))


def exit_code(format: str, checked: Sequence[Checked]) -> int:
    """1 when there is an error or a warning, else 0; for SARIF always 0, since its reader decides."""
    number = counts(checked)
    return int(format != "sarif" and bool(number["error"] or number["warning"]))
