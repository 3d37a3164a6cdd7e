"""A base image on a release whose packages are gone.

What it finds: stages that run apt-get on a Debian or Ubuntu release that has moved to the archive (buster and
older, interim releases of Ubuntu), or on CentOS, whose mirrors are off. Without apt-get it is only an advice.

Why it matters: "404 Not Found", "The repository … does not have a Release file": the build ends at apt-get
update.

Example:

    FROM python:3.9-slim-buster
    RUN apt-get update && apt-get install -y ffmpeg

Instead:

    FROM python:3.9-slim-bookworm

Repair safety: unsafe: the edit names a newer release of the same image, which may bring other versions of
everything.

Source: Debian's and Ubuntu's release pages; their archives.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.dockerfile_types import Stage

RULE = Rule(
    code="A105",
    title="Base image whose release is gone",
    severity="error",
    confidence=0.85,
    needs=("dockerfile",),
    causes=(("dockerfile-error", 3.0), ("system-package", 2.0)),
)
FIXABLE = True

NEWER = {
    "jessie": "bookworm",
    "stretch": "bookworm",
    "buster": "bookworm",
    "oracular": "noble",
    "plucky": "noble",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding for each stage that begins with such an image."""
    from unstick.contract.debian import release
    from unstick.rules._apt import other_sources, uses_apt
    from unstick.space.image_base import base_image

    dockerfile = space.dockerfile
    if dockerfile is None or space.sdk in ("gradio", "streamlit"):
        return
    for stage in dockerfile.stages:
        if dockerfile.stage(stage.base, stage.number) is not None:
            continue
        base = base_image(stage.base)
        row = release(base.release)
        step = uses_apt(stage)
        if base.name == "centos" and any(
            "yum" in s.text or "dnf" in s.text for s in stage.instructions if s.keyword == "RUN"
        ):
            yield RULE.finding(
                stage.origin.place,
                f"{stage.base}: CentOS has ended, its mirrors are off, and yum finds no packages.",
                "Use rockylinux or almalinux.",
            )
        if row is None or not row.moved:
            continue
        gone = step is not None and not other_sources(stage)
        told = f"since {row.moved} its packages are only in the archive" + (
            ", so apt-get update fails" if gone else ""
        )
        yield RULE.finding(
            stage.origin.place,
            f"{stage.base} is built on {row.shown}, whose support ended in {row.ended}; {told}.",
            f"Use a tag of the same image on {NEWER[row.name]}.",
            severity="error" if gone else "advice",
            edits=_newer(stage, row.name),
            related=(step.place,) if step is not None else (),
            data=(("release", row.name), ("image", stage.base)),
        )


def _newer(stage: Stage, name: str) -> tuple[Edit, ...]:
    at = stage.origin.text.find(name)
    if at < 0:
        return ()
    word = next((w for w in stage.origin.words if name in w.text), None)
    if word is None:
        return ()
    start = word.place.start + word.text.index(name)
    return (
        Edit(
            word.place.path,
            start,
            start + len(name),
            NEWER[name],
            safe=False,
            title=f"{name} -> {NEWER[name]}",
        ),
    )
