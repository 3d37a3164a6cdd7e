"""A workflow pushes with a token that it never receives.

What it finds: a push to the Hub that uses a variable such as $HF_TOKEN which no `env:` of the workflow
sets, or a
placeholder for the Space left in the address.

Why it matters: the variable is empty, and the Hub answers 'Authentication failed': nothing is deployed.

Example:

    - run: git push https://user:$HF_TOKEN@huggingface.co/spaces/user/name main

Instead:

    - env:
        HF_TOKEN: ${{ secrets.HF_TOKEN }}
      run: git push https://user:$HF_TOKEN@huggingface.co/spaces/user/name main

Repair safety: no edit.

Source: Hub docs spaces-github-actions.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="N102",
    title="Workflow that pushes without its token",
    severity="warning",
    confidence=0.85,
    needs=("workflow",),
    causes=(("push-not-deployed", 5.0),),
)

_ADDRESS = lazy(r"https://[^\s@]*?:\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?@(?:huggingface|hf)\.co/spaces/")
_PLACEHOLDER = lazy(r"huggingface\.co/spaces/(?:YOUR[\w-]*|HF_USERNAME|SPACE_NAME|<[^>]*>)/?", re.IGNORECASE)


def check(space: Space) -> Iterator[Finding]:
    """One finding a workflow."""
    for name in space.tree.names():
        if not name.startswith(".github/workflows/") or not name.endswith((".yml", ".yaml")):
            continue
        text = "\n".join(
            "" if line.lstrip().startswith("#") else line
            for line in (space.text(name) or "")[:200_000].split("\n")
        )
        found = _ADDRESS.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
        if found and not re.search(rf"(?m)(?:^|[{{,])\s*{found[1]}\s*:|\b{found[1]}=|GITHUB_ENV", text):
            yield RULE.finding(
                Place(name, line),
                f"${found[1]} is used here, and nothing in the workflow sets it",
                f"Add env: {found[1]}: ${{{{ secrets.{found[1]} }}}} to the step.",
            )
            continue
        left = _PLACEHOLDER.search(text)
        if left is not None:
            yield RULE.finding(
                Place(name, text.count("\n", 0, left.start()) + 1),
                f"a placeholder of the template is left in the address: {left[0][:60]}",
                "Write the Space's owner and name.",
            )
