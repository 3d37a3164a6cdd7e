"""Prisma's configuration asks for a variable when the client is generated in the build."""

from __future__ import annotations

import posixpath

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rules.base import Rule
    from unstick.space import Finding, Space

_NAMES = ("prisma.config.ts", "prisma.config.mts", "prisma.config.js", "prisma.config.mjs")
_ASKED = lazy(r"(?<![\w.])env(?:<[^>\n]{0,40}>)?\(\s*['\"]([A-Za-z_]\w*)['\"]\s*\)")
_GENERATES = lazy(r"\bprisma\s+(?:generate|migrate|db)\b")


def build_variables(space: Space, rule: Rule) -> Iterator[Finding]:
    """Variables that `env()` of prisma.config names and no line before `prisma generate` sets.

    Secrets exist only at run time; `env()` of prisma/config raises where a variable is missing (Prisma's
    reference, prisma.config.ts).
    """
    from unstick.space.copied import Copies

    dockerfile = space.dockerfile
    if dockerfile is None or space.sdk in ("gradio", "streamlit", "static"):
        return
    said: set[str] = set()
    for stage in dockerfile.stages:
        for step in stage.instructions:
            if step.keyword != "RUN" or not _GENERATES.search(step.text):
                continue
            copies = Copies(space.tree, dockerfile, stage, step)
            path = next((p for p in map(copies.find, _NAMES) if p), None)
            text = space.text(path) or "" if path else ""
            if not path or "prisma/config" not in text:
                continue
            known = dockerfile.environment(stage, step).build
            local = space.text(posixpath.join(posixpath.dirname(path), ".env")) or ""
            for name in dict.fromkeys(_ASKED.findall(text)):
                if name in known or name in said or f"{name}=" in step.text or f"{name}=" in local:
                    continue
                said.add(name)
                yield rule.finding(
                    step.place,
                    f"prisma reads {path} here, which raises when {name} is not set; a Space's secrets "
                    "are not there in the build",
                    f"Give the step a stand-in: {name}=… before the command.",
                    severity="error",
                    confidence=0.85,
                    data=(("variable", name),),
                )
