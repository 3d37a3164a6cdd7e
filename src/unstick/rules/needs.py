"""What a rule may ask for in its `needs`, answered without importing the rule."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.space import Space


def _named(*names: str) -> Callable[[Space], bool]:
    return lambda space: any(space.tree.exists(name) for name in names)


def _ending(*ends: str) -> Callable[[Space], bool]:
    return lambda space: any(name.endswith(ends) for name in space.tree.names())


def _base_name(*starts: str) -> Callable[[Space], bool]:
    return lambda space: any(name.rpartition("/")[2].startswith(starts) for name in space.tree.names())


NEEDS: dict[str, Callable[[Space], bool]] = {
    "complete": lambda space: space.complete,
    "readme": lambda space: space.readme.state != "missing",
    "block": lambda space: space.readme.state in ("top", "before", "unclosed", "bare"),
    "fields": lambda space: bool(space.readme.fields),
    "no-block": lambda space: space.readme.state in ("none", "bare", "before") or not space.readme.fields,
    "unclosed": lambda space: space.readme.state == "unclosed" or space.readme.error is not None,
    "yaml-error": lambda space: space.readme.error is not None,
    "duplicates": lambda space: bool(space.readme.duplicates),
    "dockerfile": _named("Dockerfile"),
    "compose": _base_name("docker-compose", "compose.y"),
    "python": _ending(".py"),
    "node": _base_name("package.json"),
    "html": _ending(".html"),
    "requirements": _named("requirements.txt", "pre-requirements.txt"),
    "packages": _named("packages.txt"),
    "streamlit-config": _named(".streamlit/config.toml"),
    "workflow": lambda space: any(name.startswith(".github/workflows/") for name in space.tree.names()),
}
"""The vocabulary of `Rule.needs`. Beside it: 'field:NAME' (the block has that field), 'sdk:NAME' (the block's
sdk is that one), 'state:NAME' (of the README's block), 'file:PATH' (that path exists), each also with several
values, as in 'sdk:gradio|streamlit'."""


def applies(space: Space, needs: tuple[str, ...]) -> bool:
    """Whether everything that a rule needs is there. A word outside the vocabulary raises KeyError."""
    return all(_holds(space, need) for need in needs)


def _holds(space: Space, need: str) -> bool:
    kind, colon, value = need.partition(":")
    if not colon:
        return NEEDS[need](space)
    values = value.split("|")
    if kind == "field":
        return any(field.name in values for field in space.readme.fields)
    if kind == "state":
        return space.readme.state in values
    if kind == "sdk":
        return space.sdk in values
    if kind == "file":
        return any(space.tree.exists(path) for path in values)
    raise KeyError(need)
