"""`unstick run`: build and run a Space here as the platform would."""

from __future__ import annotations

import os
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from unstick.case import Case
    from unstick.cli.run_screen import Screen
    from unstick.rehearse.backend import Backend, Running
    from unstick.rehearse.types import Options, Rehearsal

HELP = "Build and run a Space here as the platform would, from a clean state, and say what comes out."
EXAMPLES = """\
unstick run .                              build, start, and serve it until Ctrl-C
unstick run . --until running              end at the verdict, for scripts and CI
unstick run . --repair                     find the smallest repair that makes it serve
unstick run . --secret OPENAI_API_KEY=x    with a secret, which is never shown
unstick run . --memory 512M --twice        with less memory, and restarted from its image
unstick run https://huggingface.co/spaces/OWNER/NAME"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("target", metavar="PATH|URL", help="a Space's folder, or the git URL of one")
    parser.add_argument(
        "--backend", choices=("auto", "process", "docker"), default="auto",
        help="docker: containers; process: uv, without an engine; auto: docker where an engine answers",
    )  # fmt: skip
    parser.add_argument(
        "--until", choices=("running", "interrupted"), default="interrupted",
        help="running: stop at the verdict; interrupted: serve until Ctrl-C (default)",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json ends at the verdict")
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="short for --format json"
    )
    parser.add_argument("--quiet", action="store_true", help="do not show the logs as they come")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the local port to serve on")
    _limits(parser)
    _variables(parser)
    parser.add_argument("--factory", action="store_true", help="build without any cache")
    parser.add_argument(
        "--twice", action="store_true", help="start it again from its image, with the same /data"
    )
    parser.add_argument(
        "--timeout", metavar="TIME", help="start-up timeout, instead of the README's (20s, 5m)"
    )
    parser.add_argument(
        "--patience", metavar="TIME", default="60s",
        help="give a start up after so long without a sign of life; 0 waits for the timeout (default 60s)",
    )  # fmt: skip
    parser.add_argument("--repair", action="store_true", help="try repairs on copies until one is verified")
    parser.add_argument("--apply", action="store_true", help="with --repair: write the verified repair")
    parser.add_argument("--save", metavar="FILE", help="keep what was observed as a case file, redacted")


def _limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hardware", default="cpu-basic", metavar="NAME", help="memory, CPU and disk of a flavour"
    )
    parser.add_argument("--memory", metavar="SIZE", help="less or more memory: 512M, 2G")
    parser.add_argument("--cpus", type=float, metavar="N", help="so many CPUs")
    parser.add_argument("--disk", metavar="SIZE", help="so much disk: 100M, 5G")


def _variables(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--secret", action="append", default=[], metavar="K=V", help="a secret, never shown")
    parser.add_argument("--variable", action="append", default=[], metavar="K=V", help="a public variable")
    parser.add_argument("--env-file", metavar="FILE", help="secrets, one K=V a line")
    parser.add_argument(
        "--data", default="", metavar="DIR|new", help="a folder for /data; `new` is an empty one"
    )


def run(args: argparse.Namespace) -> int:
    """Rehearse; 0 when it serves, 1 when it does not, 3 when it cannot be rehearsed here."""
    from unstick.cli.run_options import options_of
    from unstick.errors import UsageError
    from unstick.rehearse.choose import choose

    _end_politely()
    if args.apply and not args.repair:
        raise UsageError("--apply needs --repair", where="run")
    options = options_of(args)
    with _folder(args.target) as root:
        backend = choose(args.backend)
        if args.repair:
            from unstick.cli.run_repair import run as repair

            return repair(args, root, backend, options)
        return _once(args, root, backend, options)


def _end_politely() -> None:
    """Take a request to end (SIGTERM) as Ctrl-C, so that everything is taken down."""
    import signal

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)


def _folder(target: str) -> AbstractContextManager[str]:
    """The folder to rehearse: the target itself, or a clone that goes away afterwards."""
    from contextlib import contextmanager, nullcontext

    from unstick.errors import UsageError
    from unstick.rehearse import fetched
    from unstick.text import printable

    if fetched.is_url(target):
        return contextmanager(fetched.clone)(target)
    if not os.path.isdir(target):
        what = "is not a folder" if os.path.lexists(target) else "there is no such folder"
        raise UsageError(what, where=printable(target), todo="Give a Space's folder or a git URL.")
    return nullcontext(target)


def _once(args: argparse.Namespace, root: str, backend: Backend, options: Options) -> int:
    from unstick.cli.run_screen import Screen
    from unstick.rehearse.rehearsal import rehearse

    screen = Screen(args.format == "text", logs=not args.quiet)
    stay = _stay(args, screen) if args.until == "interrupted" and args.format == "text" else None
    with screen:
        rehearsal = rehearse(root, backend, options, screen, stay=stay, twice=args.twice)
    return finish(args, root, rehearsal)


def _stay(args: argparse.Namespace, screen: Screen) -> Callable[[Running, Rehearsal], None]:
    """What keeps the app up: a local address, until Ctrl-C or until the app ends."""
    from unstick.rehearse.serve import serve

    def stay(running: Running, rehearsal: Rehearsal) -> None:
        port = rehearsal.plan.port
        server = serve(lambda: running.dial(port), args.port)
        try:
            screen.serving(rehearsal, f"http://127.0.0.1:{server.port}{rehearsal.plan.base_path}")
            while running.wait(1.0) is None:
                pass
            screen.say("the app has ended")
        except KeyboardInterrupt:
            screen.say("stopping")
        finally:
            server.close()

    return stay


def finish(args: argparse.Namespace, root: str, rehearsal: Rehearsal) -> int:
    """Print what came out, save it, and give the exit code."""
    from unstick.cli.run_screen import kept_logs

    failed = not rehearsal.passed
    case = case_of(root, rehearsal) if args.save or (failed and not rehearsal.impossible) else None
    if args.save and case is not None:
        keep(args.save, case, rehearsal)
    folder = kept_logs(rehearsal)
    if args.format == "json":
        print_json(json_of(rehearsal, case if failed else None))
    else:
        _text(args, rehearsal, case if failed else None, folder)
    return 3 if rehearsal.impossible else int(failed)


def keep(path: str, case: Case, rehearsal: Rehearsal) -> None:
    """Save what was observed as a case file."""
    from unstick.cli.saving import save
    from unstick.rehearse.evidence import reported_of

    save(path, case, reported_of(rehearsal))


def case_of(root: str, rehearsal: Rehearsal) -> Case:
    """The case that the rehearsal makes, with the Space's files beside it."""
    from unstick.rehearse.evidence import case_of as made
    from unstick.space import Space

    return made(Space.open(root), rehearsal)


def json_of(rehearsal: Rehearsal, case: Case | None) -> dict[str, Any]:
    """The rehearsal as plain values, with the diagnosis of the case where there is one."""
    from unstick.report.rehearsal import document

    out = document(rehearsal)
    out["diagnosis"] = None
    if case is not None:
        from unstick.diagnose import diagnose
        from unstick.report.json import document as diagnosed

        out["diagnosis"] = diagnosed(diagnose(case))
    return out


def print_json(out: dict[str, Any]) -> None:
    """Print plain values, with nothing in them that could drive a terminal."""
    import json

    from unstick.text import json_safe

    sys.stdout.write(json_safe(json.dumps(out, ensure_ascii=False, indent=2)) + "\n")


def _text(args: argparse.Namespace, rehearsal: Rehearsal, case: Case | None, folder: str) -> None:
    from unstick.cli.screen import color, columns
    from unstick.report.rehearsal import summary

    sys.stdout.write("\n" + summary(rehearsal, columns=columns(), color=color()))
    if folder:
        sys.stdout.write(f"  logs: {folder}\n")
    if case is not None:
        from unstick.diagnose import diagnose
        from unstick.report.diagnosis import render

        sys.stdout.write(
            "\n" + render("terminal", diagnose(case), columns=columns(), color=color(), targets=[args.target])
        )
    sys.stdout.flush()
