"""Versions that cannot be installed together, or that break each other once installed.

What it finds: requirements without a common solution (with --resolve, by uv, with what the platform
adds); no build for
the Space's Python; pairs that install and then break at import or launch; distributions that write over
each other's module;
a project that wants another Python or Node.js than the image has. Without --resolve only exact pins are
compared.

Why it matters: pip ends with ResolutionImpossible, or the app ends at its first import. Files that ran
when they were
deployed fail on a rebuild, because something unpinned moved.

Example:

    sdk_version: 4.44.0          # README.md, and nothing bounds huggingface_hub

Instead:

    huggingface_hub<1            # requirements.txt

Repair safety: unsafe, the edit adds the bound that mends a known pair, or the versions of the last
commit's date.

Source: uv's resolution of the index's own metadata; ../contract/drift.toml with a source for each pair.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.start import start
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rules.resolve import Resolver, Result
    from unstick.space import Finding, Space
    from unstick.space.installed import Group

RULE = Rule(
    code="B149",
    title="Versions that do not fit together",
    confidence=0.9,
    needs=("complete",),
    network=True,
    causes=(("dependency-conflict", 6.0),),
)
FIXABLE = True


def check(space: Space, resolve: Resolver | None = None) -> Iterator[Finding]:
    """Conflicts first, then pairs that break, then clashes and interpreters."""
    from unstick.rules import _version_pairs as pairs

    if resolve is not None:
        for group, results in resolve.results(space):
            yield from _unsolved(space, group, results)
    yield from pairs.drifted(space, resolve, RULE)
    yield from pairs.clashes(space, RULE)
    yield from pairs.interpreters(space, RULE)
    if resolve is not None:
        yield from pairs.aged(space, resolve, RULE)


def _unsolved(space: Space, group: Group, results: list[Result]) -> Iterator[Finding]:
    from unstick.rules.resolve import excludes_sdk

    failed = [r for r in results if r.state == "unsolved"]
    if not failed or failed[0].missing:
        return  # what the index does not have is requirement-invalid
    if any(line.kind == "merge-conflict" for line in installed(space).damaged):
        return  # both sides of a merge conflict were read
    result = failed[0]
    certain = len(failed) == len(results) and bool(installed(space).pythons)
    platform = space.sdk in ("gradio", "streamlit")
    if (
        not certain
        and len(results) > 1
        and (not platform or space.readme.state != "top" or not start(space).entries)
    ):
        return  # what is wrong there comes first
    if not certain and any(r.name == space.sdk and excludes_sdk(space, r) for r in group.requirements):
        return  # sdk-version-vs-requirements comes first
    place = _place(space, group, result)
    where = " and ".join(r.python for r in failed)
    others = [r.python for r in results if r.state == "solved"]
    only = f" (on {', '.join(others)} they do; without python_version either may be used)" if others else ""
    if result.wheel:
        message = (
            f"on Python {where} there is no build of {result.wheel} that the requirements allow{only}: "
            + _shorten(result.text)
        )
        remedy = (
            "Set python_version (quoted) to one that has them, or raise the bounds."
            if space.sdk != "docker"
            else "Take a base image with a Python that has them, or raise the bounds."
        )
    else:
        message = f"the requirements have no common solution on Python {where}{only}: {_shorten(result.text)}"
        remedy = "Loosen or change one of the named bounds."
    yield RULE.finding(
        place,
        message,
        remedy,
        severity="error" if certain else "warning",
        confidence=0.95 if certain else 0.85,
    )


def _place(space: Space, group: Group, result: Result) -> Place:
    """The first requirement that takes part in the conflict, else the SDK's version, else the command."""
    named = [r for r in group.requirements if r.name in result.names or r.name == result.wheel]
    bounded = [r for r in named if r.specifiers]
    for requirement in sorted(bounded, key=lambda r: (r.name == space.sdk, not r.pin, r.place.line)):
        return requirement.place
    field = space.field("sdk_version") if space.sdk in ("gradio", "streamlit") else None
    return field.value if field else named[0].place if named else group.place


def _shorten(text: str) -> str:
    """The first reason of uv's explanation."""
    start = text.find("Because ")
    reason = text[start + 8 :] if start >= 0 else text
    for stop in (", we can conclude", " And because"):
        reason = reason.partition(stop)[0]
    return reason[:240].strip()
