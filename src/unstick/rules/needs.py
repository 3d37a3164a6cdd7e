"""What a rule may ask for in its `needs`, answered without importing the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.space import Space


def _named(*names: str) -> Callable[[Space], bool]:
    return lambda space: any(space.tree.exists(name) for name in names)


def _ending(*ends: str) -> Callable[[Space], bool]:
    return lambda space: any(name.endswith(ends) for name in space.tree.names())


NEEDS: dict[str, Callable[[Space], bool]] = {
    "readme": lambda space: space.readme.state != "missing",
    "block": lambda space: space.readme.state in ("top", "before", "unclosed", "bare"),
    "fields": lambda space: bool(space.readme.fields),
    "dockerfile": _named("Dockerfile", "dockerfile"),
    "compose": lambda space: any(
        name.rpartition("/")[2].startswith(("docker-compose", "compose.y")) for name in space.tree.names()
    ),
    "python": _ending(".py"),
    "javascript": _named("package.json", "frontend/package.json"),
    "html": _ending(".html"),
    "requirements": _named("requirements.txt", "pre-requirements.txt"),
    "packages": _named("packages.txt"),
    "streamlit-config": _named(".streamlit/config.toml"),
    "workflow": lambda space: any(n.startswith(".github/workflows/") for n in space.tree.names()),
}
"""The vocabulary of `Rule.needs`, beside 'field:NAME' (the block has that field) and 'sdk:NAME' (or
'sdk:A|B'; the block's sdk is that)."""


def applies(space: Space, needs: tuple[str, ...]) -> bool:
    """Whether everything that a rule needs is there. A word outside the vocabulary raises KeyError."""
    return all(_holds(space, need) for need in needs)


def _holds(space: Space, need: str) -> bool:
    kind, _, value = need.partition(":")
    if kind == "field":
        return any(field.name in value.split("|") for field in space.readme.fields)
    if kind == "sdk":
        sdk = space.readme.field("sdk")
        return sdk is not None and sdk.text in value.split("|")
    return NEEDS[need](space)
