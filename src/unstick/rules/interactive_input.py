"""The app waits for somebody to type.

What it finds: input(), getpass() and the like in code that runs before the server listens.

Why it matters: a Space has no terminal; the call raises EOFError, or nothing ever comes.

Example:

    token = input("Token: ")
    demo.launch()

Instead:

    token = os.environ["TOKEN"]
    demo.launch()

Repair safety: no edit.

Source: Python's own behaviour without standard input.
"""

from __future__ import annotations

import ast

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.executed import executed
from unstick.space.modules import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A154",
    title="Input from a terminal at the start",
    confidence=0.9,
    needs=("python",),
    causes=(("app-crash", 3.0), ("hang-on-start", 2.0)),
)

_ASKING = {
    "input",
    "getpass.getpass",
    "getpass",
    "click.prompt",
    "pdb.set_trace",
    "breakpoint",
    "inquirer.prompt",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding a call."""
    texts = (space.text(path) or "" for path in modules(space).files)
    if not any(
        word in text for text in texts for word in ("input(", "getpass", "prompt(", "set_trace", "breakpoint")
    ):
        return
    for step in executed(space):
        if isinstance(step.node, ast.Call) and not step.caught:
            name = (
                ast.unparse(step.node.func) if isinstance(step.node.func, (ast.Name, ast.Attribute)) else ""
            )
            if name in _ASKING:
                yield RULE.finding(
                    step.source.place(step.node),
                    f"{name}() waits for a terminal before the server listens, and a Space has none",
                    "Take the value from a variable or a secret of the Space.",
                )
