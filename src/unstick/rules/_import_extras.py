"""Imports that fail although the distribution is named: parts that newer releases dropped, and undeclared
needs."""

from __future__ import annotations

import ast

from unstick.contract import drift_table as drift
from unstick.contract.versions import allows, release
from unstick.record import TYPE_CHECKING
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from unstick.rules.base import Rule
    from unstick.space import Finding, Space
    from unstick.space.modules import Reached
    from unstick.space.provided import Provided


def moved(space: Space, have: Provided, resolve: Any, rule: Rule) -> Iterator[Finding]:
    """Imports of a part that the release which pip takes no longer has (`moviepy.editor` in 2.x)."""
    versions = resolve.versions(space) if resolve is not None else {}
    asked = {r.name: r for r in installed(space).requirements() if r.name}
    seen: set[str] = set()
    for row in modules(space).outside:
        if row.found.guard or row.when == "optional":
            continue
        for part in drift.MOVED:
            named = {row.found.module, *(f"{row.found.module}.{name}" for name in row.found.names)}
            if part.distribution in seen or not any(
                n == part.module or n.startswith(part.module + ".") for n in named
            ):
                continue
            if part.distribution not in have.names or any(name in have.names for name in part.unless):
                continue
            requirement = asked.get(part.distribution)
            version = versions.get(part.distribution, "")
            if version:
                gone = release(version) >= release(part.gone_in)
            else:
                bounds = requirement.specifiers if requirement else ()
                gone = allows(bounds, part.newest) is not False and bool(requirement)
            if not gone:
                continue
            seen.add(part.distribution)
            source = space.python(row.path)
            place = source.place(row.found.node) if source else Place(row.path, 1)
            shown = version or f"{part.newest} or newer, which nothing excludes,"
            yield rule.finding(
                place,
                f"{part.distribution} {shown} no longer has {part.module} (gone in {part.gone_in})",
                part.remedy,
                severity="error" if row.when == "start" and _only_entry(space, row.path) else "warning",
                related=(requirement.place,) if requirement else (),
            )


def _only_entry(space: Space, path: str) -> bool:
    """Whether the file belongs to the app's one entry; beside a second server a failure leaves the other
    one up."""
    return len(modules(space).entries) < 2


def undeclared(space: Space, have: Provided, rule: Rule) -> Iterator[Finding]:
    """Needs that a distribution has at run time without declaring them."""
    by_module: dict[str, Reached] = {}
    for row in modules(space).outside:
        by_module.setdefault(row.found.module.partition(".")[0], row)
    asked = {r.name: r for r in installed(space).requirements() if r.name}
    for need in drift.UNDECLARED:
        if need.distribution not in have.names or need.needs[0] in have.names:
            continue
        if any(name in have.names for name in need.needs) or have.unknown:
            continue
        requirement = asked.get(need.distribution)
        if requirement is not None and need.bounds and allows(requirement.specifiers, need.newest) is False:
            continue
        use = by_module.get(need.module)
        if use is None or use.found.guard:
            continue
        if need.call and not _calls(space, need.call):
            continue
        source = space.python(use.path)
        place = source.place(use.found.node) if source else Place(use.path, 1)
        yield rule.finding(
            place,
            f"{need.distribution} needs {need.needs[0]} at run time without declaring it, and nothing "
            "brings it",
            f"Add {need.needs[0]} to the requirements.",
            severity=need.severity,
            confidence=0.85,
            related=(requirement.place,) if requirement else (),
        )


def _last(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _calls(space: Space, name: str) -> bool:
    """Whether a reached file uses a name, as an attribute or plainly."""
    for path in modules(space).files:
        source = space.python(path)
        if source is None or source.tree is None or name.rpartition(".")[2] not in source.text:
            continue
        for node in ast.walk(source.tree):
            if (
                isinstance(node, (ast.Attribute, ast.Name))
                and (ast.unparse(node) if "." in name else _last(node)) == name
            ):
                return True
    return False
