"""Pairs that install and then break, module clashes, interpreters that are too old, and what age has
moved."""

from __future__ import annotations

from unstick.contract import drift_table as drift
from unstick.contract.versions import allows, release
from unstick.record import TYPE_CHECKING
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.contract.drift import Pair
    from unstick.rules.base import Rule
    from unstick.rules.resolve import Resolver
    from unstick.space import Finding, Space
    from unstick.space.requirements import Requirement


def drifted(space: Space, resolve: Resolver | None, rule: Rule) -> Iterator[Finding]:
    """Known pairs: by the resolved versions of each Python, or by exact pins alone. One finding for each
    thing that broke."""
    build = installed(space)
    asked = {r.name: r for r in build.applying() if r.name and not r.url}
    if resolve is not None:
        cases = [
            (r.python, r.versions)
            for _, results in resolve.results(space)
            for r in results
            if r.state == "solved"
        ]
        merged: dict[str, dict[str, str]] = {}
        for python, versions in cases:
            merged.setdefault(python, {}).update(versions)
    else:
        merged = {python: _pins(space, asked) for python in build.pythons or ("3.12",)}
    block = _pins(space, {}).get(space.sdk, "")
    contradicted = block and space.sdk in asked and allows(asked[space.sdk].specifiers, block) is False
    said: set[str] = set()
    for pair in drift.PAIRS:
        hits = [python for python, versions in merged.items() if _breaks(pair, python, versions)]
        if not hits or pair.distribution in said or not _used(space, pair):
            continue
        if pair.distribution == space.sdk and contradicted:
            continue  # nothing is installed before sdk-version-vs-requirements is settled, and with which version?
        if is_of_python(pair) and len(hits) < len(merged):
            continue  # nothing conflicts: python-version-bad says that a python_version is missing
        said.add(pair.distribution)
        yield _finding(space, pair, merged[hits[0]], asked, all(p in hits for p in merged), rule)


def is_of_python(pair: Pair) -> bool:
    """Whether a distribution breaks by itself, because a newer Python dropped what it imports."""
    return not pair.other and bool(pair.python)


def dropped(space: Space) -> Iterator[tuple[Pair, str, Place]]:
    """Pinned releases that fit only one of the two Pythons that the platform may take: pair, version,
    place."""
    build = installed(space)
    if len(build.pythons) < 2:
        return
    asked = {r.name: r for r in build.applying() if r.name and not r.url}
    versions = _pins(space, asked)
    field = space.field("sdk_version")
    for pair in drift.PAIRS:
        hits = [python for python in build.pythons if _breaks(pair, python, versions)]
        if not is_of_python(pair) or not hits or len(hits) == len(build.pythons) or not _used(space, pair):
            continue
        requirement = asked.get(pair.distribution)
        place = requirement.place if requirement else field.value if field else Place("README.md", 1)
        yield pair, versions[pair.distribution], place


def _pins(space: Space, asked: dict[str, Requirement]) -> dict[str, str]:
    versions = {name: r.pin for name, r in asked.items() if r.pin}
    field = space.field("sdk_version")
    if field is not None and space.sdk in ("gradio", "streamlit"):
        versions.setdefault(space.sdk, field.text.strip().strip("'\""))
    return versions


def _breaks(pair: Pair, python: str, versions: dict[str, str]) -> bool:
    own = versions.get(pair.distribution)
    if own is None or allows(pair.versions, own) is False:
        return False
    if any(name in versions for name in pair.unless):
        return False
    if pair.python and allows(pair.python, python) is False:
        return False
    if not pair.other:
        return True
    other = versions.get(pair.other)
    return other is not None and allows(pair.other_versions, other) is True


def _used(space: Space, pair: Pair) -> bool:
    """Whether the app imports what breaks; when nothing could be followed, whatever breaks at import
    counts."""
    reached = modules(space)
    if not reached.files:
        if space.sdk in ("gradio", "streamlit"):
            return False
        return pair.effect != "call" and not pair.uses and not pair.parts
    if pair.parts:
        from unstick.rules import _parts

        if not _parts.used(space, pair.distribution, frozenset(pair.parts)):
            return False
    from unstick.contract.imports import distributions

    wanted = pair.uses or ""
    for row in reached.outside:
        top = row.found.module.partition(".")[0]
        if wanted:
            if top == wanted:
                return True
        elif (
            pair.distribution in distributions(row.found.module)
            or top.replace("_", "-").lower() == pair.distribution
        ):
            return True
    return False


def _finding(
    space: Space,
    pair: Pair,
    versions: dict[str, str],
    asked: dict[str, Requirement],
    always: bool,
    rule: Rule,
) -> Finding:
    requirement = asked.get(pair.distribution)
    field = space.field("sdk_version") if pair.distribution == space.sdk else None
    place = (
        requirement.place
        if requirement and (requirement.pin or field is None)
        else field.value
        if field
        else Place("requirements.txt", 1)
    )
    other = f" with {pair.other} {versions.get(pair.other, '')}" if pair.other else " on this Python"
    when = {"import": "at import", "launch": "at launch", "call": "when it is first used"}[pair.effect]
    target = next((f.path for f in installed(space).files), "requirements.txt")
    edits: tuple[Edit, ...] = ()
    text = space.tree.read(target)
    if text is not None and "\x00" not in text.text:
        end = len(text.text)
        lead = "" if not text.text or text.text.endswith("\n") else "\n"
        edits = (Edit(target, end, end, f"{lead}{pair.pin}\n", False, f"add {pair.pin}"),)
    return rule.finding(
        place,
        f"{pair.distribution} {versions.get(pair.distribution, '')}{other} breaks {when}: {pair.symptom}",
        f"Add {pair.pin} to {target}, or take a newer {pair.distribution}.",
        severity=pair.severity if always else "warning",
        confidence=0.92,
        edits=edits,
        data=(("pin", pair.pin),),
    )


def clashes(space: Space, rule: Rule) -> Iterator[Finding]:
    """Two requirements that install the same module."""
    asked = {r.name: r for r in installed(space).applying() if r.name}
    for clash in drift.CLASHES:
        both = [asked[name] for name in clash.distributions if name in asked]
        if len(both) < 2:
            continue
        wrong = next((r for r in both if r.name != clash.right), both[0])
        line = wrong.place
        edits = (
            (Edit(line.path, line.start, line.end, "", False, "remove the line"),)
            if line.path.endswith(".txt")
            else ()
        )
        yield rule.finding(
            line,
            f"{' and '.join(r.name for r in both)} both install the module {clash.module} and "
            "overwrite each other",
            f"Keep {clash.right} alone.",
            severity="warning",
            edits=edits,
        )


def interpreters(space: Space, rule: Rule) -> Iterator[Finding]:
    """A project that wants a newer Python than the image has; npm packages that want a newer Node.js."""
    from unstick.space import projects

    build = installed(space)
    for path in dict.fromkeys(build.projects):
        project = projects.read(space.tree, path.rpartition("/")[0])
        if project is None or not project.python or len(build.pythons) != 1:
            continue
        bounds = projects.bounds(project.python)
        python = build.pythons[0]
        if (
            bounds
            and allows(bounds, python) is False
            and allows(bounds, python + ".99") is False
            and space.dockerfile is not None
        ):
            final = space.dockerfile.final
            place = next(
                (g.place for g in build.groups), final.origin.place if final else Place("Dockerfile", 1)
            )
            yield rule.finding(
                place,
                f"{path} asks for Python {project.python}, the image has {python}",
                f"Take a base image with Python {project.python}.",
            )
    if space.dockerfile is not None:
        from unstick.rules import _node

        yield from _node.engines(space, rule)


def aged(space: Space, resolve: Resolver, rule: Rule) -> Iterator[Finding]:
    """What moved since the last commit, where that now has no solution or breaks; a checkout without .git
    says nothing."""
    from unstick.rules._commit_date import last_commit

    date = last_commit(space.root)
    results = [r for _, rows in resolve.results(space) for r in rows]
    if (
        not date
        or not results
        or (all(r.state == "solved" for r in results) and not list(drifted(space, resolve, rule)))
    ):
        return
    then = resolve.then(space, date)
    now = resolve.versions(space)
    asked = {r.name: r for r in installed(space).applying() if r.name and not r.pin and not r.url}
    moved = [
        (name, then[name], now.get(name, ""))
        for name in sorted(then)
        if release(then[name])[:1] != release(now.get(name, ""))[:1]
    ]
    if not then or not moved:
        return
    shown = ", ".join(f"{name} {old} → {new or 'none'}" for name, old, new in moved[:6])
    place = next(iter(asked.values())).place if asked else Place("requirements.txt", 1)
    edits = tuple(
        Edit(
            r.place.path,
            r.place.end,
            r.place.end,
            f"=={then[name]}",
            False,
            "pin to the release of the last commit",
        )
        for name, r in asked.items()
        if name in then
        and not r.specifiers
        and not r.marker
        and not r.extras
        and r.place.path.endswith(".txt")
    )
    yield rule.finding(
        place,
        f"on the day of the last commit ({date[:10]}) these requirements had a solution; since then "
        f"have moved: {shown}",
        "Pin the versions of that day.",
        severity="advice",
        edits=edits,
    )
