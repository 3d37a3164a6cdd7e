"""What a rehearsal will do, from the Space and the contract alone."""

from __future__ import annotations

import os
import posixpath

from unstick.contract import sdks, timeouts
from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING
from unstick.rehearse.types import MIB, Limits, Options, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space

STREAMLIT = (
    ("STREAMLIT_SERVER_HEADLESS", "true"),
    ("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false"),
    ("STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION", "false"),
)
"""What the Streamlit SDK very likely sets: uploads pass in the frame there (Hub docs:
spaces-cookie-limitations), and nobody is asked for a mail address."""

OAUTH = (
    ("OAUTH_CLIENT_ID", "00000000-0000-0000-0000-000000000000"),
    ("OAUTH_CLIENT_SECRET", "rehearsal"),
    ("OAUTH_SCOPES", "openid profile"),
    ("OPENID_PROVIDER_URL", "https://huggingface.co"),
)
"""Stand-ins for the variables of `hf_oauth: true`: the app starts as on the platform, nobody can sign in."""

STATIC_PORT = 7860
"""Where the files of a static Space are served here; on the platform nothing of the Space listens."""

NOT_IMITATED = {
    "gpu": "no GPU: the platform gives {hardware} one",
    "zerogpu": "no ZeroGPU: @spaces.GPU functions run without one",
    "preload": "preload_from_hub is not done: models are fetched when the app asks for them",
    "oauth": "signing in with the Hub cannot be tried: the OAUTH_ variables are stand-ins",
}


def plan_of(space: Space, options: Options | None = None) -> Plan:
    """The plan for a Space on disk whose block can be used. Raises UnreadableError for one in memory."""
    options = options or Options()
    if not space.root:
        raise UnreadableError("only a Space in a folder can be rehearsed", where="run")
    sdk = next((known for known in sdks.SDKS if known.id == space.sdk), sdks.SDKS[2])
    return Plan(
        root=os.path.abspath(space.root),
        sdk=sdk.id,
        sdk_version=_text(space, "sdk_version"),
        app_file=posixpath.normpath(space.app_file) if space.app_file else "",
        port=_port(space, sdk),
        base_path=_base_path(space),
        timeout=options.timeout if options.timeout is not None else _timeout(space),
        python=_text(space, "python_version"),
        command=tuple(part.format(app_file=space.app_file) for part in sdk.start.split()),
        workdir=sdk.workdir,
        environment=tuple(_environment(space, sdk, options)),
        files=pushed_files(space),
        options=options,
        passed_over=tuple(_passed_over(space, options)),
    )


def pushed_files(space: Space) -> tuple[str, ...]:
    """The paths that a push would bring: everything that git tracks or does not ignore."""
    tree, ignored = space.tree, space.git_ignore
    return tuple(path for path in tree.names() if not ignored.ignores(path) or tree.tracked(path) is True)


def limits_of(hardware: str) -> Limits | None:
    """Memory, CPU and disk of a flavour of the contract's table, or None when its figures are not known."""
    from unstick.contract.hardware import hardware as flavour

    known = flavour(hardware)
    if known is None or not known.memory:
        return None
    return Limits(known.id, float(known.cpus), int(known.memory * 1024 * MIB), int(known.disk * 1024 * MIB))


def _text(space: Space, name: str) -> str:
    field = space.field(name)
    return field.text.strip() if field is not None and not field.items else ""


def _port(space: Space, sdk: sdks.Sdk) -> int:
    if sdk.port_field and space.app_port is not None and 0 < space.app_port < 65536:
        return space.app_port
    return sdk.port or STATIC_PORT


def _base_path(space: Space) -> str:
    given = _text(space, "base_path")
    return given if given.startswith("/") and space.sdk != "static" else "/"


def _timeout(space: Space) -> float:
    given = timeouts.seconds(_text(space, "startup_duration_timeout"))
    return float(given or timeouts.STARTUP_SECONDS)


def _environment(space: Space, sdk: sdks.Sdk, options: Options) -> Iterator[tuple[str, str]]:
    """All variables that the platform sets, later ones winning: presets, the Space's own, variables, secrets."""
    limits = options.limits
    owner, name = "owner", posixpath.basename(os.path.abspath(space.root)) or "name"
    known = {
        "CPU_CORES": f"{limits.cpus:g}",
        "MEMORY": f"{limits.memory // (1024 * MIB) or 1}Gi",
        "SPACE_ID": f"{owner}/{name}",
        "SPACE_AUTHOR_NAME": owner,
        "SPACE_REPO_NAME": name,
        "SPACE_TITLE": _text(space, "title") or name,
        "SPACE_HOST": _host(owner, name),
    }
    values = dict(sdks.RUN_TIME)
    values.update(known)
    values.update(options.identity)
    values.update(sdk.environment)
    if sdk.id == "streamlit":
        values.update(STREAMLIT)
    if _text(space, "hf_oauth").lower() == "true":
        values.update(OAUTH)
    values.update(options.variables)
    values.update(options.secrets)
    yield from values.items()


def _host(owner: str, name: str) -> str:
    from unstick.contract.network import host

    return host(owner, name)


def _passed_over(space: Space, options: Options) -> Iterator[str]:
    from unstick.contract.hardware import hardware as flavour

    known = flavour(options.limits.hardware)
    if known is not None and known.id == "zero-a10g":
        yield NOT_IMITATED["zerogpu"]
    elif known is not None and known.gpu:
        yield NOT_IMITATED["gpu"].format(hardware=known.id)
    if _text(space, "hf_oauth").lower() == "true":
        yield NOT_IMITATED["oauth"]
    if space.field("preload_from_hub") is not None:
        yield NOT_IMITATED["preload"]
