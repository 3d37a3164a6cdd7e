"""A workflow pushes to a branch that the Space is not built from.

What it finds: a git push to the Hub whose target branch is not main.

Why it matters: a Space is built from main alone; the push succeeds and nothing changes.

Example:

    git push https://user:$HF_TOKEN@huggingface.co/spaces/user/name master

Instead:

    git push https://user:$HF_TOKEN@huggingface.co/spaces/user/name master:main

Repair safety: no edit.

Source: Hub docs spaces-overview.
"""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="N101",
    title="Workflow that pushes another branch than main",
    severity="warning",
    confidence=0.85,
    needs=("workflow",),
    causes=(("push-not-deployed", 5.0),),
)

_PUSH = lazy(
    r"(?m)^(?P<before>[^#\n]*\bgit\s+push\b[^\n]*huggingface\.co/spaces/\S+?[\"']?)\s+(?P<branch>[A-Za-z0-9_./:-]+)\s*(?:--?[\w-]+\s*)*[\"']?\s*$"
)


def check(space: Space) -> Iterator[Finding]:
    """One finding a push."""
    for name in space.tree.names():
        if not name.startswith(".github/workflows/") or not name.endswith((".yml", ".yaml")):
            continue
        text = (space.text(name) or "")[:200_000]
        for found in _PUSH.finditer(text):
            target = found["branch"].rpartition(":")[2].removeprefix("refs/heads/")
            if target in ("main", "HEAD") or found["branch"].startswith("-"):
                continue
            yield RULE.finding(
                Place(name, text.count("\n", 0, found.start("branch")) + 1),
                f"the push goes to the branch {target} of the Space, which is built from main alone",
                f"Write {found['branch'].partition(':')[0]}:main.",
            )
