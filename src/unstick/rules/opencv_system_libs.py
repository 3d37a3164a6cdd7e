"""OpenCV without the libraries of the system that it loads.

What it finds: the app imports cv2, or a library that does, opencv-python (not the headless variant) gets
installed, and the
image has no libGL or GLib.

Why it matters: `import cv2` ends with ImportError: libGL.so.1: cannot open shared object file.

Example:

    FROM python:3.11-slim
    RUN pip install opencv-python

Instead:

    FROM python:3.11-slim
    RUN pip install opencv-python-headless

Repair safety: unsafe, since the headless variant has no windows: imshow and the like are gone (nobody
sees them in a Space).

Source: the error of cv2 on Docker's slim images; build logs of the platform's own image, which has libgl1.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules import _system
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.provided import provided
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B144",
    title="OpenCV without libGL and GLib",
    confidence=0.9,
    needs=("complete", "dockerfile"),
    causes=(("system-package", 6.0),),
)
FIXABLE = True

FULL = ("opencv-python", "opencv-contrib-python")
BRING_IT = {
    "ultralytics", "supervision", "deepface", "mediapipe", "insightface", "yolov5", "gfpgan", "realesrgan",
    "basicsr", "fer",
    "cvzone", "face-alignment", "paddleocr", "facexlib", "retina-face", "doclayout-yolo",
    "simple-lama-inpainting", "imutils",
}  # fmt: skip
"""Distributions that import cv2 themselves and bring the variant with windows along."""


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the requirement that brings OpenCV."""
    have = _system.packages(space)
    if have is _system.CANNOT_TELL or {"libgl1", "libglib2.0-0"} <= have:
        return
    names = provided(space).names
    full = [name for name in FULL if name in names]
    if not full:
        return
    both = any(name + "-headless" in names for name in FULL)
    asked = {r.name: r for r in installed(space).applying() if r.name}
    source = next((asked[name] for name in (*FULL, *sorted(BRING_IT)) if name in asked), None)
    reached = {
        row.found.module.partition(".")[0]
        for row in modules(space).outside
        if row.when in ("start", "later", "page")
    }
    used = "cv2" in reached or any(name.replace("-", "_") in reached for name in BRING_IT)
    if source is None or not (used or not modules(space).files):
        return
    lacking = [name for name in ("libgl1", "libglib2.0-0") if name not in have]
    edits: tuple[Edit, ...] = ()
    if source.name in FULL and source.place.path.endswith(".txt") and source.place.start >= 0:
        end = source.place.start + len(
            source.raw.partition("[")[0].split("=")[0].split(">")[0].split("<")[0].split("~")[0].strip()
        )
        edits = (
            Edit(
                source.place.path,
                source.place.start,
                end,
                f"{source.name}-headless",
                False,
                "take the variant without windows",
            ),
        )
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile else None
    yield RULE.finding(
        final.origin.place if final else source.place,
        f"{source.name} {'is' if source.name in FULL else 'brings'} OpenCV with its windows, and the "
        f"image has no {' and no '.join(lacking)}",
        f"Install {' and '.join(lacking)} with apt-get, or "
        f"{source.name if source.name in FULL else 'opencv-python'}-headless instead.",
        severity="warning" if both else "error",
        edits=edits,
        related=(source.place,),
    )
