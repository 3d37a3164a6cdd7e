"""A block that does not stand at the very top of README.md.

What it finds: text, a heading, a blank line, a code fence or a byte order mark above the first line of ---.

Why it matters: the Hub reads a block only from the first line on. The official client is more tolerant (it
skips white space), so a push through it may pass and the Space still end in CONFIG_ERROR.

Example:

    # My Space

    ---
    sdk: docker
    ---

Instead:

    ---
    sdk: docker
    ---

    # My Space

Repair safety: safe, the block moves to the top and everything else stays in its order.

Source: Hub docs spaces-config-reference; huggingface_hub 2.4 repocard.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._move import is_example, move_to_top
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C103",
    title="The block is not at the top of README.md",
    confidence=0.93,
    needs=("state:before",),
    causes=(("readme-config", 6.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding at the first line of dashes."""
    readme = space.readme
    if readme.state != "before" or readme.conflicts or readme.open is None or is_example(space):
        return
    above = readme.text[: readme.open.start]
    if not above.strip("\ufeff \t\r\n"):
        what = "a byte order mark stands" if above.startswith("\ufeff") else "blank lines stand"
    elif above.rstrip().rpartition("\n")[2].lstrip().startswith(("```", "~~~")):
        what = "a code fence stands"
    else:
        what = "text stands"
    yield RULE.finding(
        readme.open,
        f"{what} above the block, which begins on line {readme.open.line}; the Hub reads it from line 1 only",
        "Move the block to the very top of README.md.",
        edits=move_to_top(space),
    )
