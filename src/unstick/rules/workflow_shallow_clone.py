"""A workflow pushes a shallow clone to the Space.

What it finds: a git push to the Hub from a checkout of the last commit alone (actions/checkout without
fetch-depth: 0, no
fresh history made on the way).

Why it matters: the Hub refuses it with 'shallow update not allowed' as soon as it lacks the commits before.

Example:

    - uses: actions/checkout@v4
    - run: git push --force https://user:$HF_TOKEN@huggingface.co/spaces/user/name main

Instead:

    - uses: actions/checkout@v4
      with:
        fetch-depth: 0

Repair safety: no edit.

Source: git's own answer to a shallow push; Hub docs spaces-github-actions.
"""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.pushes import pushes_of
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="N100",
    title="Workflow that pushes a shallow clone",
    severity="advice",
    confidence=0.7,
    needs=("workflow",),
    causes=(("push-not-deployed", 2.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding a workflow."""
    for push in pushes_of(space):
        text = space.text(push.path) or ""
        found = re.search(r"uses:\s*actions/checkout", text)
        whole = re.search(r"fetch-depth:\s*['\"]?0|--unshallow|git\s+commit\b|git\s+clone\b", text)
        if push.method != "git" or push.fresh or found is None or whole:
            continue
        yield RULE.finding(
            Place(push.path, text.count("\n", 0, found.start()) + 1),
            "the checkout holds the last commit alone, and the Hub refuses to take a shallow clone",
            "Give the step `with: fetch-depth: 0` (and lfs: true where files are in LFS).",
        )
