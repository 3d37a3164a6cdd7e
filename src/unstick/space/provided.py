"""Whether something that a Space installs provides a Python module."""

from __future__ import annotations

import re

from unstick.contract import brings, imports
from unstick.contract.versions import release
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.installed import installed
from unstick.space.requirements import Damaged, Requirement, normalise, parse_one
from unstick.space.run_installs import run_installs

if TYPE_CHECKING:
    from unstick.space import Space


class Provided(NamedTuple):
    """`named` are the distributions asked for by name, `names` these with what they bring along. `exact`
    says that `names`
    come from a resolution or a lock file and are complete; `unknown` holds reasons why more may be there."""

    named: frozenset[str]
    names: frozenset[str]
    exact: bool
    unknown: tuple[str, ...]
    python: str

    def module(self, module: str) -> str:
        """'yes' when a distribution provides `module`, 'no' when none does, 'maybe' when that cannot be
        told."""
        if imports.is_standard(module, self.python):
            return "yes"
        candidates = imports.distributions(module)
        if any(name in self.names for name in candidates):
            return "yes"
        top = module.partition(".")[0]
        own = normalise(top)
        if own in self.names and (not candidates or "." not in module):
            return "yes"
        if self._looks_alike(module, known=bool(candidates)):
            return "yes"
        if self.unknown:
            return "maybe"
        return "no"

    def _looks_alike(self, module: str, *, known: bool) -> bool:
        """Whether a distribution's name resembles the module closely enough to be its source."""
        parts = [normalise(part) for part in module.split(".")[:3]]
        if any("-".join(parts[:n]) in self.names for n in range(len(parts), 0, -1)):
            return True
        if known:
            return False
        flat = re.sub(r"[^a-z0-9]", "", parts[0])
        for name in self.named:
            bare = re.sub(r"[^a-z0-9]", "", name.partition("[")[0])
            if bare == flat or (min(len(bare), len(flat)) > 3 and (bare in flat or flat in bare)):
                return True
        return any(
            name.partition("[")[0]
            in {f"python-{parts[0]}", f"py{parts[0]}", f"{parts[0]}-python", f"{parts[0]}-py"}
            for name in self.names
        )


def provided(space: Space, resolved: frozenset[str] | None = None) -> Provided:
    """What the Space's build provides; `resolved` is the list of a resolution, when there is one."""
    build = installed(space)
    python = build.pythons[-1] if build.pythons else "3.12"
    named: set[str] = set()
    unknown = list(build.unknown)
    for requirement in build.requirements():
        if not any(requirement.applies(candidate) for candidate in build.pythons or (python,)):
            continue
        if requirement.name:
            named.add(requirement.name)
            named.update(f"{requirement.name}[{extra}]" for extra in requirement.extras)
        elif requirement.url:
            _direct(requirement.url, named, unknown)
    for line in build.damaged:
        named |= _meant(line)
    named |= build.names
    started, more = run_installs(space)
    named |= started
    if more:
        unknown.append("the app installs more with pip while it starts")
    if space.sdk in {"gradio", "streamlit"}:
        named |= {space.sdk, *brings.PLATFORM}
        if space.sdk == "gradio":
            named |= {"gradio[oauth]", "gradio[mcp]"}
            field = space.field("sdk_version")
            if field is not None and release(field.text)[:1] and release(field.text)[0] < 5:
                named.update(brings.OLD_GRADIO)
    elif build.pythons and all(int(p.partition(".")[2]) < 12 for p in build.pythons):
        named.add("setuptools")  # part of Python's own images until 3.11
    names = brings.closure(named)
    exact = resolved is not None
    if resolved is not None:
        resolved |= brings.closure(set(started))
        platform = (
            brings.closure(set(brings.PLATFORM_FIRST))
            if space.sdk in {"gradio", "streamlit"}
            else frozenset()
        )
        names = resolved | named | platform
    return Provided(frozenset(named), names, exact, tuple(unknown), python)


def _meant(line: Damaged) -> set[str]:
    """The distributions that a line which pip cannot read was meant to name: it is one fault, spoken of once."""
    if line.kind == "command":
        words = line.raw.split()
        asked = words[words.index("install") + 1 :] if "install" in words else []
        texts = [word.strip("'\"") for word in asked if not word.startswith("-")]
    elif line.repaired:
        texts = line.repaired.splitlines()
    else:
        first = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line.raw)
        texts = [first[0]] if first else []
    read = (parse_one(text, line.place) for text in texts)
    return {one.name for one in read if isinstance(one, Requirement) and one.name}


def _direct(url: str, named: set[str], unknown: list[str]) -> None:
    """What an address without a name probably provides: the last part of the path."""
    found = re.search(r"/([A-Za-z0-9._-]+?)(?:\.git)?(?:@[^/]*)?(?:#.*)?$", url)
    if found:
        named.add(normalise(found[1]))
    unknown.append(f"what {url[:60]} provides cannot be told from its address")
