"""A Docker Space has no Dockerfile in its root.

What it finds: sdk: docker, and no file Dockerfile beside README.md (one in a subfolder, or written in another
case, is named). Where README.md has no block and only a subfolder has a Dockerfile, that is advice.

Why it matters: the platform reads the root's Dockerfile only; there is nothing to build.

Example:

    backend/Dockerfile

Instead:

    Dockerfile          (COPY backend/ .)

Repair safety: none is proposed: a file that moves needs other paths in it.

Source: Hub docs spaces-sdks-docker.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B100",
    title="A Docker Space without a Dockerfile",
    confidence=0.97,
    needs=("complete",),
    causes=(("dockerfile-error", 5.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the sdk field."""
    if space.sdk not in ("docker", "") or space.tree.exists("Dockerfile"):
        return
    field = space.field("sdk")
    others = [n for n in space.tree.names() if _is_dockerfile(n)]
    others.sort(key=lambda n: (n.count("/"), n))
    if not space.sdk:
        yield from _without_block(space, others)
        return
    seen = f"; there is {', '.join(others[:3])}" if others else ""
    yield RULE.finding(
        field.value if field is not None else Place("README.md", 1),
        f"sdk is docker, but the root has no Dockerfile{seen}",
        "Put a Dockerfile into the root; its paths count from there." if others else "Add a Dockerfile.",
        related=tuple(Place(n, 1) for n in others[:3]),
    )


def _without_block(space: Space, others: list[str]) -> Iterator[Finding]:
    """No block says docker; the only Dockerfile lies in a subfolder, and the root has nothing to start."""
    starts = ("app.py", "main.py", "streamlit_app.py", "index.html")
    if not others or others[0].count("/") == 0 or any(space.tree.is_file(n) for n in starts):
        return
    yield RULE.finding(
        Place(others[0], 1, 1, 0, 0),
        f"the only Dockerfile is {others[0]}; a Docker Space needs it in the root",
        "Put it into the root of what is pushed to the Space; its paths count from there.",
        severity="advice",
        confidence=0.5,
    )


def _is_dockerfile(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name == "containerfile" or name.startswith("dockerfile") or name.endswith(".dockerfile")
