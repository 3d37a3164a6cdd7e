"""The Space starts, but nothing in it serves the web.

What it finds: a Dockerfile without CMD and ENTRYPOINT on a base image whose own command is a prompt, and an
entry file that makes a web app (Gradio, FastAPI, Flask and others) which nothing launches.

Why it matters: the process ends at once with code 0, and the Space with RUNTIME_ERROR.

Example:

    demo = gr.Interface(answer, "text", "text")

Instead:

    demo = gr.Interface(answer, "text", "text")
    demo.launch()

Repair safety: none is proposed: what should be started is for the author to say.

Source: Hub docs spaces-sdks-docker, spaces-sdks-gradio.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.launch import launch_of
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A110",
    title="Nothing is started that serves the web",
    confidence=0.9,
    causes=(("no-http-server", 5.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the base image or the start command."""
    launch = launch_of(space)
    if launch.servers or launch.cannot_tell or launch.port == 0 or launch.sdk not in ("docker", "gradio"):
        return
    if launch.sdk == "docker" and not launch.started:
        if not space.complete:
            return
        file = space.dockerfile
        stage = file.final if file is not None else None
        if file is None or stage is None or any(not p.certain for p in file.problems):
            return
        last = stage.instructions[-1] if stage.instructions else stage.origin
        yield RULE.finding(
            Place(file.path, last.place.line, last.place.column, last.place.start, last.place.end),
            "the Dockerfile has neither CMD nor ENTRYPOINT, and the base image starts nothing that serves",
            "Add a CMD that starts the app.",
        )
    elif launch.app_made:
        what = space.app_file if launch.sdk == "gradio" else "the start command"
        place = Place(space.app_file, 1, 1, 0, 0) if launch.sdk == "gradio" else launch.entry
        yield RULE.finding(
            place,
            f"{what} makes a web app, but nothing launches it",
            "Call launch() (or run a server with it) where the file is started.",
            confidence=0.85,
        )
