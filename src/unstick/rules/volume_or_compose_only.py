"""A service or a folder that only a compose file would provide.

What it finds: host names of compose services (`db`, `redis`, …) that the app or the image uses by default; a
Dockerfile that copies no code because compose mounts it.

Why it matters: the platform starts one container from the Dockerfile and reads no compose file.
`redis://redis:6379` is then a name that nobody answers: "Name or service not known".

Example:

    REDIS_URL = os.getenv("REDIS_URL", "redis://redis:6379/0")     # redis: a service of docker-compose.yml

Instead: a hosted service with its address in a secret, or the program started inside the same container.

Repair safety: none is offered.

Source: Hub docs spaces-sdks-docker (one Dockerfile, one container).
"""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space

RULE = Rule(
    code="A104",
    title="Needs what only a compose file provides",
    severity="warning",
    confidence=0.75,
    needs=("compose", "dockerfile"),
    causes=(("network-blocked", 1.0), ("app-crash", 1.5), ("hang-on-start", 1.0)),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding for each compose service that the app looks for by name, one for code that only a mount
    brings.
    """
    if space.sdk in ("gradio", "streamlit", "static"):
        return
    name = next(
        (n for n in space.tree.names() if re.fullmatch(r"(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml", n)), ""
    )
    text = space.text(name) or "" if name else ""
    started = _started_text(space)
    for service in _services(text)[:20]:
        found = None if re.search(rf"\b{re.escape(service)}\b", started) else _used(space, service)
        if found is not None:
            place, words = found
            yield RULE.finding(
                place,
                f"{words!r} names {service}, a service of {name}; the platform starts only the"
                " Dockerfile's container.",
                "Use a hosted service with its address in a secret, or start the program inside the"
                " container.",
                data=(("service", service),),
            )
    yield from _mounted(space, name, text)


def _started_text(space: Space) -> str:
    """The start scripts: a program that they start or wait for is inside the container."""
    from unstick.space.start import start

    return "\n".join(space.text(name) or "" for name in start(space).scripts)[:200_000].lower()


def _services(text: str) -> list[str]:
    """The names of services that compose would start from an image of their own."""
    out: list[str] = []
    inside, name, body = False, "", ""
    for line in [*text.splitlines(), "end:"]:
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line.startswith("services:")
        match = (
            re.match(r" {2,4}([A-Za-z0-9_.-]+):\s*(?:#.*)?$", line)
            if len(line) - len(line.lstrip()) in (2, 4)
            else None
        )
        if (match and inside and (not body or len(line) - len(line.lstrip()) <= 2)) or not inside:
            if name and "image:" in body and "build:" not in body:
                out.append(name)
            name, body = (match.group(1), "") if match and inside else ("", "")
        elif inside:
            body += line + "\n"
    return out


def _used(space: Space, service: str) -> tuple[Place, str] | None:
    """Where the image or the program names the service as a host."""
    from unstick.space.image import image_of
    from unstick.space.modules import modules

    pattern = re.compile(
        rf"(?:://|@)(?:[^\s\"'@/]*@)?{re.escape(service)}(?::\d+|/)|(?<![\w.-]){re.escape(service)}:\d{{4,5}}(?!\d)"
    )
    image = image_of(space)
    for name, value in (image.environment if image is not None else {}).items():
        if pattern.search(value) and image is not None and name in image.layers.env_places:
            return image.layers.env_places[name], value[:80]
    for path in modules(space).files:
        source = space.python(path)
        if source is None or service not in source.text:
            continue
        for match in pattern.finditer(source.text):
            row = source.lines.line_text(source.lines.position(match.start())[0])
            if not row.lstrip().startswith("#"):
                return source.lines.place(match.start(), match.end()), match.group().strip("@:/")
    return None


def _mounted(space: Space, name: str, text: str) -> Iterator[Finding]:
    """A final stage without any COPY, while compose mounts the repository over the working folder."""
    dockerfile = space.dockerfile
    stage = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or stage is None:
        return
    if any(s.keyword in ("COPY", "ADD") for part in dockerfile.chain(stage) for s in part.instructions):
        return
    if re.search(r"-\s*[\"']?\.(?:/[\w-]*)?:/\w+", text) and not any(
        "git clone" in s.text for s in stage.instructions
    ):
        yield RULE.finding(
            stage.origin.place,
            f"no COPY brings the code into the image; {name} mounts it, and the platform reads no compose"
            " file.",
            "Copy the code: `COPY . .`",
            severity="error",
        )
