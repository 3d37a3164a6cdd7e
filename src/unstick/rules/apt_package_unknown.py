"""A Debian package that the image's release does not have.

What it finds: names in `apt-get install` lines, and in packages.txt, that the release below the base image no
longer has (libgl1-mesa-glx, openjdk-11-jdk, python3-distutils, software-properties-common and others). Base
images move: `python:3.11-slim` has been Debian 13 since August 2025.

Why it matters: "E: Package 'libgl1-mesa-glx' has no installation candidate", "E: Unable to locate package":
the build ends.

Example:

    FROM python:3.11-slim
    RUN apt-get update && apt-get install -y libgl1-mesa-glx

Instead:

    RUN apt-get update && apt-get install -y libgl1

Repair safety: safe where the package was only renamed; otherwise none is offered.

Source: the package indexes of the Debian and Ubuntu releases.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space

RULE = Rule(
    code="A106",
    title="Package that the image's release does not have",
    severity="error",
    confidence=0.9,
    causes=(("system-package", 5.0), ("dockerfile-error", 2.0)),
)
FIXABLE = True

_THEIR_OWN = ("openjdk", "python3.", "libssl1.1", "mysql", "chromium")
"""Packages that further sources are usually added for."""


def check(space: Space) -> Iterator[Finding]:
    """One finding for each package that is gone."""
    if space.sdk in ("gradio", "streamlit"):
        yield from _packages_txt(space)
    elif space.dockerfile is not None:
        yield from _dockerfile(space)


def _dockerfile(space: Space) -> Iterator[Finding]:
    from unstick.rules._apt import apt_packages, other_sources
    from unstick.space.image_base import base_image

    dockerfile = space.dockerfile
    for stage in dockerfile.stages if dockerfile is not None else ():
        base = base_image(dockerfile.base_image(stage)) if dockerfile is not None else None
        if dockerfile is None or base is None or not base.release:
            continue
        for found in apt_packages(dockerfile, stage):
            if found.forgiven or (other_sources(stage) and found.name.startswith(_THEIR_OWN)):
                continue
            yield from _judge(
                found.name, base.release, found.place, f"{base.name}:{base.tag or 'latest'}", "Dockerfile"
            )


def _packages_txt(space: Space) -> Iterator[Finding]:
    from unstick.space.image_base import base_image
    from unstick.space.lines import Lines

    text = space.text("packages.txt")
    if text is None:
        return
    field = space.field("python_version")
    version = field.text.strip() if field is not None and not field.items else ""
    base = base_image(f"python:{version}" if version else "python")
    lines = Lines(text, "packages.txt")
    for number in range(1, len(lines.starts) + 1):
        row = lines.line_text(number)
        at = lines.starts[number - 1]
        for word in row.partition("#")[0].split():
            start = at + row.index(word)
            yield from _judge(
                word,
                base.release,
                lines.place(start, start + len(word)),
                "the platform's image",
                "packages.txt",
            )


def _judge(name: str, release: str, place: Place, image: str, path: str) -> Iterator[Finding]:
    from unstick.contract.debian import gone

    row = gone(name, release)
    if row is None:
        return
    exact = bool(row.instead) and not row.package.endswith("*") and place.end - place.start == len(name)
    edits = (
        (Edit(path, place.start, place.end, row.instead, title=f"{name} -> {row.instead}"),) if exact else ()
    )
    yield RULE.finding(
        place,
        f"{name} is not in {release}, the release of {image}: apt stops the build.",
        f"Install {row.instead} instead."
        if row.instead
        else "Leave it out, or use a base image of an older release by name.",
        edits=edits,
        data=(("package", name), ("release", release), ("instead", row.instead)),
    )
