"""Ignore comments: `# unstick: ignore[rule,…]` on the line of a finding or on the line above it."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.types import Finding

MARK = "unstick: ignore"


def ignored_on(line: str) -> tuple[str, ...]:
    """The rules that a comment on this line ignores; ('*',) for all of them, () without a comment.

    The mark must stand in a comment: after `#`, `//` or `<!--`.
    """
    at = line.find(MARK)
    if at < 0 or not any(sign in line[:at] for sign in ("#", "//", "<!--")):
        return ()
    rest = line[at + len(MARK) :].strip()
    if not rest.startswith("["):
        return ("*",)
    names = rest[1:].partition("]")[0]
    return tuple(name.strip() for name in names.split(",") if name.strip())


def is_ignored(space: Space, finding: Finding) -> bool:
    """Whether an ignore comment in the finding's own file, on its line or the line above, covers it."""
    line = finding.place.line
    if line < 1 or (text := space.text(finding.place.path)) is None or MARK not in text:
        return False
    lines = text.split("\n")
    for number in (line, line - 1):
        if 1 <= number <= len(lines):
            if number < line and not lines[number - 1].lstrip().startswith(("#", "//", "<!--")):
                continue
            names = ignored_on(lines[number - 1])
            if any(n == "*" or n == finding.rule or finding.code.startswith(n.upper()) for n in names):
                return True
    return False
