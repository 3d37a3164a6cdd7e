"""The Dockerfile cannot be read as it was meant.

What it finds: words that are no instruction, instructions without arguments, unclosed here-documents, a wrong
FROM, no FROM at all; lists in single or curly quotes, which the Docker engine takes for shell
text; words such as `&&` or `PORT=7860` in a list, where no shell reads them.

Why it matters: the build stops ("unknown instruction", "dockerfile parse error"), or the container ends with
"not found: [uvicorn,".

Example:

    CMD ['uvicorn', 'main:app']

Instead:

    CMD ["uvicorn", "main:app"]

Repair safety: safe for quotes around plain words.

Source: the Dockerfile reference; BuildKit's parser.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B101",
    title="The Dockerfile cannot be read",
    confidence=0.95,
    needs=("dockerfile",),
    causes=(("dockerfile-error", 5.0),),
)
FIXABLE = True
_REMEDIES = (
    "The Docker engine takes it for shell text; use double quotes.",
    "Correct the line; the Docker engine refuses it.",
)
_QUOTED_LIST = lazy(r"\[\s*(?:['‘’\"“”][^'‘’\"“”\\\n]*['‘’\"“”]\s*,?\s*)+\]")


def check(space: Space) -> Iterator[Finding]:
    """One finding for each problem, at most five."""
    file = space.dockerfile
    if file is None or space.sdk not in ("docker", ""):
        return
    if not file.instructions and not file.text.strip() and not file.excerpt:
        yield RULE.finding(Place(file.path, 1, 1, 0, 0), "the Dockerfile is empty", "Write one.")
        return
    if not file.stages and not file.problems and not file.excerpt:
        yield RULE.finding(
            Place(file.path, 1, 1, 0, 0), "the Dockerfile has no FROM", "Begin with FROM and an image."
        )
    for problem in file.problems[:5]:
        if file.excerpt and problem.certain:
            continue
        yield RULE.finding(
            problem.place,
            problem.message,
            problem.remedy or _REMEDIES[problem.certain],
            confidence=-1.0 if problem.certain else 0.9,
            edits=() if problem.certain or problem.remedy else _edits(file.text, problem.place),
        )


def _edits(text: str, place: Place) -> tuple[Edit, ...]:
    match = _QUOTED_LIST.search(text, place.start, place.end)
    if match is None:
        return ()
    words = re.findall(r"['‘’\"“”]([^'‘’\"“”\\\n]*)['‘’\"“”]", match.group())
    fixed = "[" + ", ".join(f'"{w}"' for w in words) + "]"
    return (Edit(place.path, match.start(), match.end(), fixed, True, "use double quotes"),)
