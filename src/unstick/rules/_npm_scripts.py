"""Scripts of package.json that a build step runs and that call files outside what was copied."""

from __future__ import annotations

import posixpath

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.space.commands import split
from unstick.space.copied import Copies
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction, Stage

_RUNNERS = {"npm", "pnpm", "yarn", "bun"}
_OUTSIDE = lazy(r"(?:\.\./)+[\w./-]+\.(?:sh|bash|js|mjs|cjs|ts|py)")
_TESTED = lazy(r"\|\||\[\s+!?\s*-[efd]\b|\btest\s+-[efd]\b|existsSync")
_DEPTH = 4


def missing_scripts(
    space: Space, file: Dockerfile, stage: Stage, step: Instruction
) -> Iterator[tuple[str, str, Place]]:
    """Called file, name of the script that calls it, and its place in package.json."""
    if any("git clone" in other.text for other in stage.instructions if other.keyword == "RUN"):
        return
    copies = Copies(space.tree, file, stage, step)
    for command in split(step.text):
        words = command.words
        if words[0] == "cd" and len(words) > 1:
            copies.workdir = posixpath.normpath(posixpath.join(copies.workdir, words[1]))
        name = _script(words)
        package = copies.find("package.json") if name else None
        if not name or package is None:
            continue
        text = space.text(package) or ""
        for caller, body in _bodies(_scripts(text), name, 0):
            for word in (w for c in split(body) for w in c.words):
                if _OUTSIDE.fullmatch(word) and copies.find(word) is None:
                    at = max(text.find(f'"{caller}"'), 0)
                    yield word, caller, Place(package, text.count("\n", 0, at) + 1)


def _script(words: tuple[str, ...]) -> str:
    """The script of package.json that a command runs, or ''."""
    if words[0] not in _RUNNERS or len(words) < 2:
        return ""
    rest = [w for w in words[1:] if not w.startswith("-")]
    if rest and rest[0] in ("run", "run-script"):
        return rest[1] if len(rest) > 1 else ""
    return rest[0] if rest and words[0] in ("yarn", "pnpm") else ""


def _bodies(scripts: dict[str, str], name: str, depth: int) -> Iterator[tuple[str, str]]:
    """A script with what runs before and after it, and the scripts that these call."""
    if depth > _DEPTH:
        return
    for own in (f"pre{name}", name, f"post{name}"):
        body = scripts.get(own)
        if body is None or _TESTED.search(body):
            continue
        yield own, body
        for command in split(body):
            called = _script(command.words)
            if called and called != own:
                yield from _bodies(scripts, called, depth + 1)


def _scripts(text: str) -> dict[str, str]:
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    rows = data.get("scripts") if isinstance(data, dict) else None
    return {k: v for k, v in rows.items() if isinstance(v, str)} if isinstance(rows, dict) else {}
