"""From a Space to its launch: the contract that applies, and the start command followed."""

from __future__ import annotations

from unstick.contract.sdks import PRESET, RUN_TIME, sdk
from unstick.record import TYPE_CHECKING
from unstick.space.docker_variables import expand
from unstick.space.launch.commands import run
from unstick.space.launch.image import Image
from unstick.space.launch.images import ENTRYPOINTS, IDLE_IMAGES, SERVER_IMAGES
from unstick.space.launch.types import NOWHERE, Launch, Server, Value, port_number
from unstick.space.launch.variables import Variables
from unstick.space.launch.walk import Argument, Context, Walk, add_server
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Instruction
    from unstick.space.space import Space

DEFAULT_PORT = 7860


def launch_of(space: Space) -> Launch:
    """What the Space's start command starts. Cached on the Space: several rules ask."""
    cached: Launch | None = getattr(space, "_launch", None)
    if cached is None:
        cached = _launch(space)
        space._launch = cached  # type: ignore[attr-defined]
    return cached


def _launch(space: Space) -> Launch:
    kind = space.sdk.lower()
    if kind in ("gradio", "streamlit"):
        return _platform(space, kind)
    if kind == "static":
        return Launch("static", 0)
    if space.dockerfile is None or (kind and kind != "docker"):
        return Launch(kind, 0, cannot_tell=("there is no Dockerfile",))
    return _docker(space, space.dockerfile)


def _platform(space: Space, kind: str) -> Launch:
    """Gradio and Streamlit Spaces: the platform starts the entry file."""
    known = sdk(kind)
    port = known.port if known is not None else DEFAULT_PORT
    walk = Walk(space, Image(space, None))
    field = space.field("app_file")
    entry = field.value if field is not None else Place(space.app_file, 1, 1, 0, 0)
    if kind == "streamlit":
        config = space.streamlit_config
        said = config.get("server.port") if config is not None else None
        value = (
            Value(said.text, "literal", said.place, True) if said is not None else Value(str(port), "default")
        )
        server = Server(
            "streamlit", port_number(value.text), value.known, "", entry, value, Value("", "default")
        )
        return Launch(kind, port, (server,), started=True, entry=entry)
    preset = {name: Value(value, "default", variable=name) for name, value in (*RUN_TIME, *PRESET)}
    if not space.tree.is_file(space.app_file):
        return Launch(kind, port, cannot_tell=(f"{space.app_file} is not at hand",), entry=entry)
    from unstick.space.launch.python_start import run_file

    context = Context(Variables(preset), "/app", entry)
    python = run_file(walk, context, space.app_file, ())
    if python is not None and python.blind:
        walk.cannot_tell("a call could not be followed")
    return Launch(
        kind,
        port,
        tuple(walk.servers),
        tuple(walk.reasons),
        (),
        True,
        entry,
        tuple(walk.flags),
        walk.app_made,
    )


def _docker(space: Space, dockerfile: Dockerfile) -> Launch:
    said = space.app_port
    field = space.field("app_port")
    port = said if said is not None else DEFAULT_PORT
    stage = dockerfile.final
    if field is not None and said is None:
        port = 0
    if stage is None:
        return Launch("docker", port, cannot_tell=("the Dockerfile has no stage",))
    walk = Walk(space, Image(space, dockerfile))
    environment = dockerfile.environment(stage)
    base = image_name(dockerfile.base_image(stage))
    variables = Variables(
        {
            **{n: Value(v, "default", variable=n) for n, v in RUN_TIME},
            **{
                n: Value(v, "literal", environment.places[n], False, n) for n, v in environment.values.items()
            },
        }
    )
    entrypoint, command = start_steps(dockerfile)
    first = entrypoint or command
    context = Context(variables, walk.image.workdir, first.place if first else NOWHERE)
    if first is None:
        _base_image(walk, context, dockerfile)
    else:
        _start(walk, context, entrypoint, command, base)
    return Launch(
        "docker",
        port,
        tuple(walk.servers),
        tuple(walk.reasons),
        _exposed(dockerfile),
        first is not None or bool(walk.servers) or bool(walk.reasons),
        first.place if first else NOWHERE,
        tuple(walk.flags),
        walk.app_made,
    )


def start_steps(dockerfile: Dockerfile) -> tuple[Instruction | None, Instruction | None]:
    """The ENTRYPOINT and CMD that count: the last of each, where an ENTRYPOINT drops what an earlier
    stage's CMD said.
    """
    entrypoint: Instruction | None = None
    command: Instruction | None = None
    for stage in dockerfile.chain(dockerfile.final) if dockerfile.final else ():
        own = [s for s in stage.instructions if s.keyword in ("ENTRYPOINT", "CMD")]
        if any(s.keyword == "ENTRYPOINT" for s in own):
            command = None
        for step in own:
            if step.keyword == "CMD":
                command = step if step.text not in ("[]", '[""]') else None
            else:
                entrypoint = step if step.text not in ("[]", '[""]') else None
    return entrypoint, command


def _start(
    walk: Walk, context: Context, entrypoint: Instruction | None, command: Instruction | None, base: str
) -> None:
    before = tuple(Argument(Value(w), context.place) for w in ENTRYPOINTS.get(base, ()))
    if entrypoint is not None and entrypoint.form == "shell":
        _shell(walk, context, entrypoint)
    elif entrypoint is not None:
        arguments = _list(entrypoint)
        if command is not None and command.form == "shell":
            arguments += (
                Argument(Value("/bin/sh"), command.place),
                Argument(Value("-c"), command.place),
                Argument(Value(command.text), command.place),
            )
        elif command is not None:
            arguments += _list(command)
        run(walk, context, arguments)
    elif command is not None and command.form == "shell":
        _shell(walk, context, command)
    elif command is not None:
        given = _list(command)
        if given and given[0].text.startswith("-") and not before:
            walk.cannot_tell("the arguments of CMD go to a program of the base image")
            return
        run(walk, context, (*before, *given))


def _list(step: Instruction) -> tuple[Argument, ...]:
    """The words of a JSON list: no shell, so variables stay as they are."""
    return tuple(
        Argument(Value(w.text, "literal", w.place, w.place.end - w.place.start == len(w.text)), w.place)
        for w in step.words
    )


def _shell(walk: Walk, context: Context, step: Instruction) -> None:
    from unstick.space.launch.scripts import run_text

    lines = walk.image.dockerfile.lines if walk.image.dockerfile else None

    def place_of(start: int, end: int) -> Place:
        if lines is None:
            return step.place
        return lines.place(step.offset_of(start), step.offset_of(max(end - 1, start)) + 1)

    run_text(walk, context, step.text, step.place, place_of)


def _base_image(walk: Walk, context: Context, dockerfile: Dockerfile) -> None:
    """No command of its own: the base image's counts."""
    stage = dockerfile.final
    if stage is None:
        return
    name = image_name(dockerfile.base_image(stage))
    known = SERVER_IMAGES.get(name)
    place = dockerfile.chain(stage)[0].origin.place
    if known is None:
        if name not in IDLE_IMAGES:
            walk.cannot_tell(f"the command of the base image {name} is not known here")
        return
    if known[0] in ("nginx", "caddy", "apache"):
        from unstick.space.launch.configurations import start

        program = {"apache": "httpd-foreground"}.get(known[0], known[0])
        arguments = (Argument(Value("run"), place),) if known[0] == "caddy" else ()
        start(walk, context._replace(place=place), program, arguments)
        return
    port = context.variables.get("PORT") if known[0] in ("open-webui", "tgi") else None
    add_server(
        walk,
        context,
        known[0],
        port or Value(str(known[1]), "default", place),
        Value("", "default", place),
        place,
    )


def image_name(reference: str) -> str:
    """An image's name without registry host of Docker Hub, tag and digest."""
    name = reference.split("@", 1)[0]
    head, colon, tail = name.rpartition(":")
    if colon and "/" not in tail:
        name = head
    for prefix in (
        "docker.io/",
        "index.docker.io/",
        "library/",
        "registry.hub.docker.com/",
        "public.ecr.aws/docker/",
    ):
        name = name.removeprefix(prefix)
    return name.removeprefix("library/").lower()


def _exposed(dockerfile: Dockerfile) -> tuple[tuple[int, Place], ...]:
    out = []
    for stage in dockerfile.chain(dockerfile.final) if dockerfile.final else ():
        for step in stage.instructions:
            if step.keyword == "EXPOSE":
                known = dockerfile.environment(stage, step).build if "$" in step.text else {}
                for word in step.words:
                    number = port_number(expand(word.text, known).strip("\"'"))
                    if number is not None:
                        out.append((number, word.place))
    return tuple(out)
