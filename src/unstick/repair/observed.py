"""Repairs that only an observation can suggest: the port that really listens, the folder that refused."""

from __future__ import annotations

import posixpath
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.repair.candidates import Candidate
from unstick.repair.sources import literals, reads
from unstick.rules._ports import ALL, app_port_edit, value_edit, variable_edit
from unstick.rules.host_loopback import edits_for
from unstick.space.launch import launch_of
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rehearse.types import Rehearsal
    from unstick.space import Space
    from unstick.space.launch import Launch

DENIED = lazy(
    r"(?i)(?:permission denied|EACCES[^'\"\n]*|not permitted|read-only file system|not writable)"
    r"[^'\"\n/]*['\"]?(/?[\w./@+-]+)"
)
_SDK = lazy(r"(?m)^sdk:\s*\S")
_SLOW = lazy(r"^not healthy after ")
HOST_VARIABLES = (
    ("GRADIO_SERVER_NAME", "gradio"), ("STREAMLIT_SERVER_ADDRESS", "streamlit"), ("UVICORN_HOST", "uvicorn"),
    ("HOST", "HOST"), ("HOSTNAME", "HOSTNAME"),
)  # fmt: skip
"""Variables by which servers are told their address, and the word without which nobody reads them."""

SHELL_HOME = ("/.", "/nonexistent")
"""Where programs write that take an unset HOME for the root."""


def observed(space: Space, rehearsal: Rehearsal) -> Iterator[Candidate]:
    """Candidates for what a failed rehearsal showed; their worth is relative to its cause (0: in full)."""
    from unstick.repair import packages

    if rehearsal.stage == "RUNTIME_ERROR" and rehearsal.exit is None:
        yield from _ports(space, rehearsal)
        yield from _timeout(space, rehearsal)
    if rehearsal.stage == "CONFIG_ERROR":
        yield from _conflict(space)
    if rehearsal.stage == "NO_APP_FILE":
        yield from _app_file(space)
    text = "\n".join(line.text for line in (*rehearsal.build_log[-400:], *rehearsal.run_log[-400:]))
    text = "\n".join([text, rehearsal.reason, *(session.error for session in rehearsal.sessions)])
    yield from packages.suggested(space, text)
    if rehearsal.as_root is not None or DENIED.search(text):
        yield from _permissions(space, text)


def _ports(space: Space, rehearsal: Rehearsal) -> Iterator[Candidate]:
    """The contract's port is not open: what listens instead?"""
    from unstick.rehearse import seen
    from unstick.rehearse.types import is_loopback

    port = rehearsal.plan.port
    launch = launch_of(space)
    listening = seen.servers(rehearsal)
    far = [item for item in listening if not is_loopback(item.address)]
    if any(item.port == port for item in far) and not all(":" in item.address for item in far):
        return
    for item in far:
        if item.port != port:
            yield from _other_port(space, launch, item.port, port)
    near = [item for item in listening if is_loopback(item.address) or ":" in item.address]
    if near and not any(item.port == port and ":" not in item.address for item in far):
        yield from _loopback(space, launch, {near[0].port, port, None})


def _other_port(space: Space, launch: Launch, listens: int, port: int) -> Iterator[Candidate]:
    """Another port than the contract's is open: declare it, or move the server."""
    cause = "port-mismatch"
    title = f"declare the port that listens: app_port: {listens}"
    yield Candidate(cause, "rehearsal", title, app_port_edit(space, listens))
    title = f"listen on {port}"
    for server in launch.servers:
        if server.port == listens:
            edits = value_edit(space, server.port_value, str(port), safe=False, title=title)
            yield Candidate(cause, "rehearsal", title, edits, 0.8)
    if reads(space, "PORT"):
        edits = variable_edit(space, launch, "PORT", str(port))
        yield Candidate(cause, "rehearsal", f"ENV PORT={port}", edits, 0.7)
    for edit in literals(space, rf"(?<![\w.]){listens}(?![\w.])", str(port), title):
        yield Candidate(cause, "rehearsal", title, (edit,), 0.6)


def _loopback(space: Space, launch: Launch, ports: set[int | None]) -> Iterator[Candidate]:
    """Only the container itself reaches it: every address instead, in the command, the code or a variable."""
    cause, title = "loopback-bind", f"listen on {ALL}"
    for server in launch.servers:
        if server.port in ports:
            edits = edits_for(space, launch, server)
            edits = edits or value_edit(space, server.host_value, ALL, safe=False, title=title)
            yield Candidate(cause, "rehearsal", title, edits)
    for name, word in HOST_VARIABLES:
        if reads(space, word):
            yield Candidate(
                cause, "rehearsal", f"ENV {name}={ALL}", variable_edit(space, launch, name, ALL), 0.7
            )
    for edit in literals(space, r"(?<=[\"'])(?:127\.0\.0\.1|localhost|::1?)(?=[\"'])", ALL, title):
        yield Candidate(cause, "rehearsal", title, (edit,), 0.8)


def _timeout(space: Space, rehearsal: Rehearsal) -> Iterator[Candidate]:
    """It was still at work when a short timeout of its own was over."""
    from unstick.contract.timeouts import STARTUP_SECONDS

    field = space.field("startup_duration_timeout")
    asked = rehearsal.plan.options.timeout
    if field is None or asked is not None or rehearsal.early or rehearsal.plan.timeout >= STARTUP_SECONDS:
        return
    if _SLOW.search(rehearsal.reason) and not field.items:
        title = f"allow {STARTUP_SECONDS // 60} minutes to start"
        edit = Edit(
            "README.md", field.value.start, field.value.end, f"{STARTUP_SECONDS // 60}m", False, title
        )
        yield Candidate("slow-start", "rehearsal", title, (edit,))


def _conflict(space: Space) -> Iterator[Candidate]:
    """A merge conflict in README.md of which only one side has the block: that side."""
    from unstick.rules.merge_conflict import conflicts

    title = "keep the side of the conflict that has the block"
    edits = []
    for found in conflicts(space.readme.text):
        kept = max((found.ours, found.theirs), key=lambda side: bool(_SDK.search(side)))
        edits.append(Edit("README.md", found.start, found.end, kept, False, title))
    if edits:
        yield Candidate("readme-config", "rehearsal", title, tuple(edits))


def _app_file(space: Space) -> Iterator[Candidate]:
    """The only file that can be the entry file."""
    from unstick.rules._guess import guess_sdk

    ends = ".html" if space.sdk == "static" else ".py"
    found = [n for n in space.tree.names() if n.endswith(ends) and n.count("/") < 3]
    sdk, guessed = guess_sdk(space)
    name = found[0] if len(found) == 1 else guessed if sdk == space.sdk else ""
    field = space.field("app_file")
    if not name:
        return
    title = f"app_file: {name}"
    if field is None:
        at, text = space.readme.insert_field(title)
        yield Candidate("app-file", "rehearsal", title, (Edit("README.md", at, at, text, False, title),))
    elif not field.items:
        edit = Edit("README.md", field.value.start, field.value.end, name, False, title)
        yield Candidate("app-file", "rehearsal", title, (edit,))


def _permissions(space: Space, text: str) -> Iterator[Candidate]:
    """Folders that refused a write, given to uid 1000 in the Dockerfile."""
    from unstick.rules._image import open_folders, set_variable
    from unstick.space.image import image_of

    image = image_of(space)
    if space.dockerfile is None or space.sdk != "docker" or image is None:
        return
    denied = [posixpath.normpath(posixpath.join(image.workdir or "/", m)) for m in DENIED.findall(text)]
    cause = "permission-denied"
    chown = tuple(_copies(space))
    for path in dict.fromkeys(denied):
        if path.startswith(SHELL_HOME) or re.match(r"/home/\w+/\.|/root/", path):
            yield Candidate(
                cause, "rehearsal", "a home to write in", set_variable(space, image, "HOME", "/tmp")
            )
            continue
        folder = path if path == image.workdir else posixpath.dirname(path)
        edits = open_folders(space, image, [folder])
        yield Candidate(cause, "rehearsal", f"give {folder} to uid 1000", edits)
        if not path.startswith(image.workdir.rstrip("/") + "/"):
            yield Candidate(
                cause, "rehearsal", f"give {path} to uid 1000", open_folders(space, image, [path]), 0.8
            )
    yield Candidate(cause, "rehearsal", "copy the files for uid 1000", chown, 0.9)
    whole = open_folders(space, image, [image.workdir]) if image.workdir not in ("", "/") else ()
    yield Candidate(cause, "rehearsal", f"give {image.workdir} to uid 1000", whole, 0.8)
    if chown and whole:
        yield Candidate(
            cause, "rehearsal", f"give {image.workdir} and its files to uid 1000", (*whole, *chown), 0.7
        )


def _copies(space: Space) -> Iterator[Edit]:
    """--chown for every COPY of the final stage that has none."""
    stage = space.dockerfile.final if space.dockerfile is not None else None
    for step in stage.instructions if stage is not None else ():
        if step.keyword in ("COPY", "ADD") and step.flag("chown") is None:
            at = step.place.start + len(step.keyword)
            yield Edit("Dockerfile", at, at, " --chown=1000:1000", False, "copy the files for uid 1000")
