"""Small Spaces in one text file each, with what a rule has to say of them.

    README.md:4 warning
    -- README.md --
    ---
    sdk: gradio
    …
    -- fixed: README.md --
    …

The lines before the first `-- PATH --` are the findings expected of the rule, as `path:line` or
`path:line:column`, perhaps with the severity; lines beginning with `#` are remarks. `-- fixed: PATH --` is
the file after the safe edits, `-- unsafe: PATH --` after all edits.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from unstick.rules.base import Row
from unstick.rules.engine import applies, run
from unstick.space import Finding, Space

HERE = Path(__file__).parent


class Archive(NamedTuple):
    """One case: the expected lines, the Space's files, and the files after safe and after all edits."""

    expected: tuple[str, ...]
    files: dict[str, str]
    fixed: dict[str, str]
    unsafe: dict[str, str]


def read(path: Path) -> Archive:
    """Read an archive, or a folder whose file `expected` holds the expected lines."""
    if path.is_dir():
        files = {p.relative_to(path).as_posix(): p for p in sorted(path.rglob("*")) if p.is_file()}
        lines = files.pop("expected").read_text().splitlines() if "expected" in files else []
        texts = {name: p.read_bytes().decode("utf-8", "surrogateescape") for name, p in files.items()}
        return Archive(_expected(lines), texts, {}, {})
    head: list[str] = []
    parts: dict[str, list[str]] = {}
    current = head
    for line in path.read_bytes().decode().splitlines(keepends=True):
        if line.startswith("-- ") and line.rstrip().endswith(" --"):
            current = parts.setdefault(line.strip()[3:-3], [])
        else:
            current.append(line)
    texts = {name: "".join(lines) for name, lines in parts.items()}
    chosen = {
        kind: {n.removeprefix(kind): t for n, t in texts.items() if n.startswith(kind)}
        for kind in ("fixed: ", "unsafe: ")
    }
    plain = {n: t for n, t in texts.items() if not n.startswith(("fixed: ", "unsafe: "))}
    return Archive(_expected(head), plain, chosen["fixed: "], chosen["unsafe: "])


def _expected(lines: list[str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def findings(row: Row, space: Space) -> tuple[Finding, ...]:
    """What one rule finds when its needs are met."""
    return run(row, space) if applies(space, row.rule.needs) else ()


def says(finding: Finding, expected: str) -> str:
    """The finding in as much detail as `expected` asks for."""
    where, _, severity = expected.partition(" ")
    place = finding.place
    text = f"{place.path}:{place.line}" + (f":{place.column}" if where.count(":") > 1 else "")
    return f"{text} {finding.severity}" if severity else text
