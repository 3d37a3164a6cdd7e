"""npm packages that need a newer Node.js than the image has."""

from __future__ import annotations

import posixpath
import re

from unstick.contract import drift_table as drift
from unstick.contract.versions import allows, release
from unstick.record import TYPE_CHECKING
from unstick.space.commands import split
from unstick.space.copied import Copies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from unstick.rules.base import Rule
    from unstick.space import Finding, Place, Space
    from unstick.space.dockerfile_types import Stage

_PROGRAMS = {"npm", "pnpm", "yarn", "npx", "node", "next", "vite"}


def engines(space: Space, rule: Rule) -> Iterator[Finding]:
    """One finding for each package that does not start on the stage's Node.js."""
    dockerfile = space.dockerfile
    if dockerfile is None:
        return
    said: set[str] = set()
    for stage in dockerfile.stages:
        node = _node(dockerfile.base_image(stage))
        if not node:
            continue
        for package, wanted, place in _packages(space, stage):
            for engine in drift.ENGINES:
                version = wanted or engine.newest
                if (
                    engine.package != package
                    or package in said
                    or not version
                    or allows(engine.versions, version) is not True
                ):
                    continue
                if _enough(node, engine.node):
                    continue
                said.add(package)
                yield rule.finding(
                    place,
                    f"the image has Node.js {'.'.join(map(str, node))}, and {package} {version} needs "
                    f"{' or '.join(engine.node)} or newer",
                    f"Take a base image with Node.js {engine.node[0].partition('.')[0]} or newer, or "
                    f"an older {package}.",
                    severity="error",
                    confidence=0.85,
                )


def _node(image: str) -> tuple[int, ...]:
    """The Node.js release of a base image: its major, with the minor when the tag says so."""
    name = image.split("@")[0].rpartition("/")[2]
    found = re.match(r"node:(\d+(?:\.\d+)*)", name)
    return release(found[1]) if found else ()


def _enough(node: tuple[int, ...], wanted: tuple[str, ...]) -> bool:
    """A tag with the major alone is the newest release of that major."""
    have = node if len(node) > 1 else (node[0], 999)
    rows = sorted(release(w) for w in wanted)
    same = [row for row in rows if row[0] == have[0]]
    return have >= same[0] if same else have >= rows[0]


def _packages(space: Space, stage: Stage) -> Iterator[tuple[str, str, Place]]:
    """What a stage installs by npm: name, lowest version that the range allows (empty: the newest), place."""
    dockerfile = space.dockerfile
    for step in stage.instructions if dockerfile is not None else ():
        if step.keyword != "RUN" or dockerfile is None:
            continue
        copies = Copies(space.tree, dockerfile, stage, step)
        for command in split(step.text):
            words = command.words
            if words[0] == "cd" and len(words) > 1:
                copies.workdir = posixpath.normpath(posixpath.join(copies.workdir, words[1]))
            if words[0] not in _PROGRAMS or len(words) < 2:
                continue
            if words[1] in {"install", "i", "add", "ci", "run", "build"} or words[0] == "yarn":
                named = (
                    [w for w in words[2:] if not w.startswith("-")]
                    if words[1] in {"install", "i", "add"}
                    else []
                )
                for word in named:
                    name, _, version = word.rpartition("@") if "@" in word[1:] else (word, "", "")
                    yield name, _lowest(version), step.place
                folder = copies.find(".") or ""
                yield from ((n, v, step.place) for n, v in _manifest(space, folder))


def _manifest(space: Space, folder: str) -> Iterator[tuple[str, str]]:
    prefix = f"{folder}/" if folder else ""
    data = _json(space.text(prefix + "package.json"))
    lock = _json(space.text(prefix + "package-lock.json")).get("packages")
    locked = lock if isinstance(lock, dict) else {}
    for key in ("dependencies", "devDependencies"):
        rows = data.get(key)
        for name, wanted in rows.items() if isinstance(rows, dict) else ():
            row = locked.get(f"node_modules/{name}")
            version = row.get("version") if isinstance(row, dict) else None
            yield name, str(version) if version else _lowest(str(wanted))


def _lowest(wanted: str) -> str:
    """The lowest version of an npm range; empty for what names none ('latest', '*')."""
    found = re.search(r"\d+(?:\.\d+)*", wanted)
    return found[0] if found else ""


def _json(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
