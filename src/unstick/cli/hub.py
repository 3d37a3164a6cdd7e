"""`unstick hub`: a Hub for Spaces on this machine."""

from __future__ import annotations

import contextlib
import os
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from unstick.localhub.hub import Hub
    from unstick.localhub.settings import Settings

HELP = "Run a Hub for Spaces on this machine; the official client and `hf` work against it unchanged."
EXAMPLES = """\
unstick hub                                start it; export what it prints
unstick hub --data ./hub --port 0          its state in a folder, on a port that is free
unstick hub --database postgresql://user@localhost/hub
unstick hub --faults                       with faults that can be switched on
unstick hub fault set no-capacity --space user/app --for 10m
unstick hub fault list
unstick hub token add --user user --role read --for 1d"""

PORT = 7979
LIBRARIES = ("sqlalchemy", "starlette", "uvicorn", "h11", "python_multipart")
"""What the extra `hub` brings."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "--data", default="", metavar="DIR", help="the folder of its state (default: one in ~/.local)"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"the port on loopback; 0: any (default {PORT})"
    )
    parser.add_argument("--database", default="", metavar="URL", help="PostgreSQL instead of SQLite in DIR")
    parser.add_argument(
        "--backend", choices=("auto", "process", "docker"), default="auto", help="what builds and runs Spaces"
    )
    parser.add_argument("--builds", type=int, default=2, metavar="N", help="builds at a time (default 2)")
    parser.add_argument("--user", default="user", metavar="NAME", help="the first user (default: user)")
    parser.add_argument("--rate-limits", action="store_true", help="limit calls as the platform does")
    parser.add_argument("--plan-checks", action="store_true", help="ask for a plan where the platform does")
    parser.add_argument(
        "--large-files", choices=("regular", "lfs"), default="regular",
        help="how large and binary files come: within commits, or by LFS (clients then set HF_HUB_DISABLE_XET=1)",
    )  # fmt: skip
    parser.add_argument(
        "--memory", default="", metavar="SIZE", help="what a Space gets, instead of its hardware's (512M, 2G)"
    )
    parser.add_argument("--disk", default="", metavar="SIZE", help="the same of disk")
    _times(parser)
    parser.add_argument(
        "--faults", action="store_true", help="let faults be switched on, with a token of their own"
    )
    _subcommands(parser)


def _times(parser: argparse.ArgumentParser) -> None:
    for name, text in (
        ("start-timeout", "start-up timeout of every Space, instead of its README's"),
        ("build-timeout", "a build may take so long (default 1h)"),
        ("queue-timeout", "a build may wait so long (default 30m)"),
        ("sleep-after", "idle time after which cpu-basic sleeps (default 48h)"),
        ("answer-timeout", "an app has to begin its answer within this (default 60s)"),
    ):
        parser.add_argument(f"--{name}", default="", metavar="TIME", help=text)


def _subcommands(parser: argparse.ArgumentParser) -> None:
    from unstick.cli import hub_admin

    hub_admin.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C, or do what the subcommand says at a hub that runs."""
    if args.action:
        from unstick.cli import hub_admin

        return hub_admin.run(args)
    check_machine()
    from unstick.cli.staying import stay
    from unstick.localhub import credentials
    from unstick.localhub.server import serve

    settings = settings_of(args)
    user = credentials.checked_user(args.user)
    _end_politely()
    credentials.prepare(settings)
    stay()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a hub ends
        serve(settings, _announce(user))
    credentials.forget_endpoint(settings.data)
    return 0


def settings_of(args: argparse.Namespace) -> Settings:
    """What the hub is started with. Raises UsageError for what cannot be meant."""
    from unstick.errors import UsageError
    from unstick.localhub.settings import Settings

    if not 0 <= args.port <= 65535:
        raise UsageError(f"is no port: {args.port}", where="--port", todo="Give 0 to 65535.")
    if not 1 <= args.builds <= 64:
        raise UsageError(f"cannot be {args.builds}", where="--builds", todo="Give 1 to 64.")
    settings = Settings(
        data=data_folder(args.data), port=args.port, database=args.database, backend=args.backend,
        builds=args.builds, rate_limits=args.rate_limits, plan_checks=args.plan_checks, faults=args.faults,
        large_files=args.large_files, memory=_size(args.memory, "--memory"), disk=_size(args.disk, "--disk"),
    )  # fmt: skip
    return settings._replace(**_given_times(args))


def _size(text: str, option: str) -> int:
    from unstick.cli.run_options import size

    return size(text, option) if text else 0


def _given_times(args: argparse.Namespace) -> dict[str, Any]:
    from unstick.cli.run_options import duration

    names = ("start_timeout", "build_timeout", "queue_timeout", "sleep_after", "answer_timeout")
    return {
        name: duration(getattr(args, name), f"--{name.replace('_', '-')}")
        for name in names
        if getattr(args, name)
    }


def data_folder(given: str) -> str:
    """The data folder: the one that was named, or this user's."""
    if given:
        return os.path.abspath(given)
    home = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(home, "unstick", "hub")


def check_machine() -> None:
    """Raises UsageError where a hub cannot run at all."""
    from shutil import which

    from unstick.errors import UsageError

    if os.name == "nt":
        raise UsageError("runs on Linux and macOS", where="hub", todo="On Windows use WSL.")
    check_libraries()
    if which("git") is None:
        raise UsageError(
            "keeps repositories with git, which is not installed", where="hub", todo="Install git."
        )


def check_libraries() -> None:
    """Raises UsageError when a library of the extra `hub` is not installed."""
    from importlib.util import find_spec

    from unstick.errors import UsageError

    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"needs libraries that are not installed: {', '.join(missing)}", where="hub",
            todo='Install them with `pip install "unstick[hub]"`.',
        )  # fmt: skip


def _announce(user: str) -> Callable[[Hub], None]:
    """What is printed once the hub answers: lines for a shell, nothing else on standard output."""

    def ready(hub: Hub) -> None:
        from unstick.localhub import credentials

        keys = credentials.first_of(hub, user)
        if not hub.settings.faults:
            hub.faults.clear()
        endpoint = hub.settings.endpoint
        credentials.write(os.path.join(hub.settings.data, credentials.ENDPOINT), endpoint)
        lines = [f"export HF_ENDPOINT={endpoint}", f"export HF_TOKEN={keys.token}"]
        if keys.admin_token:
            lines.append(f"export UNSTICK_HUB_ADMIN_TOKEN={keys.admin_token}")
        with contextlib.suppress(BrokenPipeError):  # a reader that has enough does not end the hub
            for line in lines:
                print(line, flush=True)
        if sys.stderr.isatty():
            print(f"The hub runs; {endpoint} lists its Spaces. Ctrl-C ends it.", file=sys.stderr, flush=True)

    return ready


def _end_politely() -> None:
    """Take a request to end (SIGTERM) as Ctrl-C, so that everything is taken down."""
    import signal

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
