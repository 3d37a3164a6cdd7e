"""Resolving what a Space installs, with what the platform adds, for its Python on Linux, x86-64.

This is the only part of `check` that uses the network, and only when asked for. Nothing is built or run:
a distribution
without a wheel is left out and named as not observed. Addresses (git+, URLs, other indexes) are not
fetched unless `urls`.
"""

from __future__ import annotations

import re

from unstick.contract.builds import HEAVY
from unstick.contract.versions import allows
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules import _uv
from unstick.space import zerogpu
from unstick.space.installed import Group, installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unstick.space import Place, Space
    from unstick.space.requirements import Requirement

_ROUNDS = 15
_UNKNOWN = "was not found in the package registry"
_NEEDED = lazy(r"Wheels are required for `([^`]+)`")
_NO_WHEELS = lazy(
    r"(?:versions of )?([a-z0-9][a-z0-9-]*)(?:[<>=!~][^ ]*)? ha(?:s|ve) no (?:usable wheels|wheels with)"
)
_ADDRESS = lazy(r"(?:git\+)?https?://")
_NAMES = lazy(r"\b([a-z0-9][a-z0-9-]*[a-z0-9])(?:\[[^\]]*\])?(?=[<>=!~]=?[0-9*]| depends on)")


class Result(NamedTuple):
    """One group of requirements on one Python. `state` is solved, unsolved or unobserved; `names` are the
    distributions that
    uv's explanation speaks of, `missing` what the index does not have, `wheel` the heavy distribution
    without a wheel."""

    python: str
    state: str
    versions: dict[str, str]
    text: str = ""
    names: tuple[str, ...] = ()
    missing: str = ""
    wheel: str = ""
    skipped: tuple[str, ...] = ()


class Resolver:
    """What `check --resolve` hands to the rules: answers are worked out once a Space.

    `run` is what resolves (`_uv.compile_` by default), `day` today's date, which makes older answers
    stale. `unobserved`
    collects why something could not be resolved.
    """

    def __init__(
        self,
        *,
        urls: bool = False,
        timeout: float = _uv.TIMEOUT,
        day: str = "",
        run: Callable[..., _uv.Answer] | None = None,
    ) -> None:
        self.urls = urls
        self.timeout = timeout
        self.day = day or _today()
        self.run = run or _uv.compile_
        self.unobserved: list[str] = []

    def results(self, space: Space) -> list[tuple[Group, list[Result]]]:
        """Every group of the Space's requirements with one result for each Python that may be used."""
        known = space.__dict__.get("_resolved")
        if known is None:
            known = space.__dict__["_resolved"] = self._all(space)
        return known

    def names(self, space: Space) -> frozenset[str] | None:
        """Every distribution that gets installed, or None when that could not be resolved."""
        out: set[str] = set()
        for _, results in self.results(space):
            solved = [r for r in results if r.state == "solved"]
            if not solved or any(r.skipped for r in solved):
                return None
            for result in solved:
                out.update(result.versions)
        if not out or any(group.locked for group in installed(space).groups):
            return None
        return frozenset(out)

    def versions(self, space: Space) -> dict[str, str]:
        """The releases that the build takes, as far as they could be resolved; later groups win, as with
        pip."""
        out: dict[str, str] = {}
        for _, results in self.results(space):
            solved = [r for r in results if r.state == "solved"]
            if solved:
                out.update(solved[-1].versions)
        return out

    def unknown_releases(self, space: Space) -> list[tuple[Place, str, str]]:
        """Requirements on releases or distributions that do not exist: place, message, remedy."""
        out = []
        for group, results in self.results(space):
            for result in results[:1]:
                requirement = next(
                    (r for r in group.requirements if result.missing and r.name == result.missing), None
                )
                if requirement is None:
                    continue
                if requirement.specifiers and _UNKNOWN not in result.text:
                    message = f"{requirement.raw[:60]!r} asks for a release that does not exist"
                    remedy = "Name a release that exists, or leave the version open."
                else:
                    message = f"{requirement.name!r} is not on the package index"
                    remedy = "Mend the name, or take what it stands for from its repository or folder."
                out.append((requirement.place, message, remedy))
        return out

    def sdk_conflicts(self, space: Space) -> list[tuple[Place, str, str]]:
        """The SDK's own version when the index does not have it."""
        field = space.field("sdk_version")
        out = []
        for _, results in self.results(space):
            if (
                field is not None
                and results
                and all(r.state == "unsolved" and r.missing == space.sdk for r in results)
            ):
                message = f"{space.sdk} {field.text} does not exist on the package index"
                out.append((field.value, message, "Name a release that exists."))
        return out

    def _all(self, space: Space) -> list[tuple[Group, list[Result]]]:
        """Group after group: what an earlier command installed stays where a later one allows it, as with
        pip."""
        out = []
        there: dict[str, dict[str, str]] = {}
        for group in groups(space):
            results = []
            for python in () if group.no_deps or group.locked else installed(space).pythons or ("3.12",):
                result = self._after(space, group, python, there.get(python, {}))
                there.setdefault(python, {}).update(result.versions)
                results.append(result)
            for reason in self._left_out(group, results):
                self._not_observed(reason)
            out.append((group, results))
        return out

    def _not_observed(self, reason: str) -> None:
        if reason not in self.unobserved:
            self.unobserved.append(reason)

    def _left_out(self, group: Group, results: list[Result]) -> Iterator[str]:
        """What took no part in a group's resolution, in words."""
        for requirement in group.requirements if results else ():
            if requirement.url and not (self.urls and _ADDRESS.match(requirement.url)):
                shown = re.sub(r"//[^/@]*@", "//", requirement.url)[:120]
                asked = "is no address of the web" if self.urls else "is fetched only with --resolve-urls"
                yield f"{requirement.place}: {shown} {asked}, so what it needs is not observed"
        if group.indexes and results and not self.urls:
            yield f"{group.place}: other indexes are asked only with --resolve-urls"
        for name in dict.fromkeys(name for result in results for name in result.skipped):
            yield f"{group.place}: {name} has no wheel; only a build would tell what it needs"

    def _after(self, space: Space, group: Group, python: str, there: dict[str, str]) -> Result:
        lines = tuple(_lines(space, group, urls=self.urls))
        constraints = tuple(_line(r) for r in group.constraints if r.name and not r.url)
        if there:
            kept = tuple(f"{name}=={version}" for name, version in sorted(there.items()))
            result = self._python(lines, (*constraints, *kept), group, python)
            if result.state == "solved":
                return result
        return self._python(lines, constraints, group, python)

    def _python(
        self,
        lines: tuple[str, ...],
        constraints: tuple[str, ...],
        group: Group,
        python: str,
        newest: str = "",
    ) -> Result:
        skip: list[str] = []
        text = ""
        for _ in range(_ROUNDS):
            answer = self.run(
                lines, python, constraints=constraints, skip=tuple(skip), newest=newest, index=group.indexes,
                urls=self.urls,
                day=self.day, timeout=self.timeout,
            )  # fmt: skip
            if answer.state != "unsolved":
                if answer.state == "unobserved":
                    self._not_observed(answer.text)
                return Result(python, answer.state, answer.versions, answer.text, skipped=tuple(skip))
            text = answer.text
            light = next((name for name in _wheelless(text) if name not in HEAVY and name not in skip), "")
            if not light:
                break
            skip.append(light)
        return explain(python, text, tuple(skip))

    def then(self, space: Space, newest: str) -> dict[str, str]:
        """The releases that the same requirements took at a date (RFC 3339); empty when that has no
        solution."""
        out: dict[str, str] = {}
        for group, results in self.results(space):
            python = results[-1].python if results else ""
            if python:
                lines = tuple(_lines(space, group, urls=self.urls))
                out.update(self._python(lines, (), group, python, newest).versions)
        return out


def explain(python: str, text: str, skipped: tuple[str, ...]) -> Result:
    """uv's explanation as a result: what is missing on the index, which heavy wheel, which names take
    part."""
    flat = " ".join(text.split())
    wheel = next((name for name in _wheelless(text) if name in HEAVY), "")
    missing = ""
    if not wheel and "depends on" not in flat:
        found = re.search(
            r"no versions? of ([a-z0-9.-]+?)(?:\[[^\]]*\])?[<>=!~]"
            r"|Because only ([a-z0-9][a-z0-9-]*)[<>=!~]\S* is available"
            r"|([a-z0-9][a-z0-9-]*) was not found in the package registry"
            r"|only the following versions? of ([a-z0-9-]+)",
            flat,
        )
        missing = next((g for g in found.groups() if g), "") if found else ""
    names = tuple(dict.fromkeys(m[1] for m in _NAMES.finditer(flat)))
    return Result(python, "unsolved", {}, flat, names, missing, wheel, skipped)


def _wheelless(text: str) -> list[str]:
    """Names that uv could not take for want of a wheel."""
    flat = " ".join(text.split())
    return list(dict.fromkeys([*_NEEDED.findall(flat), *(m[1] for m in _NO_WHEELS.finditer(flat))]))


def groups(space: Space) -> list[Group]:
    """What is resolved together: for the platform's SDKs requirements.txt with what the platform adds,
    else each command."""
    build = installed(space)
    if space.sdk not in ("gradio", "streamlit"):
        return list(build.groups)
    rows = tuple(r for group in build.groups for r in group.requirements)
    index = tuple(i for group in build.groups for i in group.indexes)
    place = build.groups[-1].place if build.groups else None
    if place is None:
        field = space.field("sdk_version") or space.field("sdk")
        if field is None:
            return []
        place = field.value
    return [Group(rows, place, indexes=index)]


def platform_lines(space: Space) -> list[str]:
    """What the platform adds to the one pip command (its build logs, 2026)."""
    field = space.field("sdk_version")
    version = field.text.strip().strip("'\"") if field and not field.items else ""
    name = "gradio[oauth,mcp]" if space.sdk == "gradio" else space.sdk
    pinned = f"{name}=={version}" if re.fullmatch(r"\d+(\.\d+)*[\w.]*", version) else name
    return [
        pinned,
        "uvicorn>=0.14.0",
        "websockets>=10.4",
        "spaces",
        *([zerogpu.TORCH] if zerogpu.brings_torch(space) else ()),
    ]


def _lines(space: Space, group: Group, *, urls: bool) -> list[str]:
    lines = platform_lines(space) if space.sdk in ("gradio", "streamlit") else []
    for requirement in group.requirements:
        if requirement.name == space.sdk and excludes_sdk(space, requirement):
            continue  # sdk-version-vs-requirements speaks of that
        if requirement.url:
            if urls and _ADDRESS.match(requirement.url):
                lines.append(requirement.raw)
            continue
        if requirement.name:
            lines.append(_line(requirement, foreign_index=bool(group.indexes)))
    return lines


def excludes_sdk(space: Space, requirement: Requirement) -> bool:
    """Whether a requirement on the SDK itself excludes the block's sdk_version."""
    field = space.field("sdk_version") if space.sdk in ("gradio", "streamlit") else None
    version = field.text.strip().strip("'\"") if field else ""
    return bool(version) and allows(requirement.specifiers, version) is False


def _line(requirement: Requirement, *, foreign_index: bool = False) -> str:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    bounds = [
        f"{operator}{version.partition('+')[0] if foreign_index else version}"
        for operator, version in requirement.specifiers
    ]
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{','.join(bounds)}{marker}"


def _today() -> str:
    import datetime

    return datetime.datetime.now(datetime.UTC).date().isoformat()
