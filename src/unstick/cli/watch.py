"""`unstick watch`: watch Spaces, tell when one is stuck or down, and act as a policy says."""

from __future__ import annotations

import os
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from unstick.watch.policy import Policy
    from unstick.watch.setup import Wanted
    from unstick.watch.watcher import Watcher

HELP = "Watch Spaces: remember every change of state, say when one is stuck or down and why, act by a policy."
EXAMPLES = """\
unstick watch acme/chat acme/search                two Spaces, once a minute
unstick watch 'acme/*' --alert $SLACK_URL          everything of an owner; any address that apprise knows
unstick watch spaces.txt --policy policy.toml      a file of targets, and a policy
unstick watch 'acme/*' --listen 127.0.0.1:9464     /metrics, /healthz and badges
unstick watch 'acme/*' --once                      one round, for cron
unstick watch 'acme/*' --policy p.toml --dry-run   write down what would be done, do nothing"""

LIBRARIES = ("sqlalchemy", "alembic", "apprise")
"""What the extra `watch` brings; `prometheus_client`, `starlette` and `uvicorn` only with --listen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "targets", nargs="+", metavar="TARGET", help="OWNER/NAME, OWNER/*, or a file of such lines"
    )
    parser.add_argument("--policy", metavar="FILE", help="what is done how often, as TOML or YAML")
    parser.add_argument(
        "--database",
        default="",
        metavar="URL",
        help="the history: a file, or postgresql://… (default: a file)",
    )
    parser.add_argument("--every", metavar="TIME", help="time between two rounds (default 1m)")
    parser.add_argument(
        "--probe", choices=("never-sleeping", "all", "none"),
        help="whose URL is asked; a visit keeps a Space awake (default: those that never sleep)",
    )  # fmt: skip
    parser.add_argument(
        "--alert", action="append", default=[], metavar="URL", help="who is told; may be given several times"
    )
    parser.add_argument("--listen", default="", metavar="HOST:PORT", help="serve /metrics, /healthz, /badge")
    parser.add_argument("--once", action="store_true", help="one round, then end")
    parser.add_argument(
        "--exit-code", action="store_true", help="with --once: exit 1 while something is wrong"
    )
    parser.add_argument("--dry-run", action="store_true", help="act on nothing, only write it down")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C or SIGTERM; with --once 0, or 3 when the Hub did not answer."""
    check_libraries(LIBRARIES)
    from unstick.cli.staying import stay
    from unstick.cli.watch_lines import Lines
    from unstick.watch.database import connect, held
    from unstick.watch.setup import default_database, watcher

    wanted = _wanted(args)
    lines = Lines(args.json)
    engine = connect(args.database or default_database(os.environ))
    try:
        with held(engine):
            made = watcher(wanted, engine, lines.tell)
            if args.once:
                return _once(made, lines, args.exit_code)
            stay()
            return _watch(made, lines, args.listen)
    finally:
        engine.dispose()


def check_libraries(names: tuple[str, ...]) -> None:
    """Raise UsageError when a library of an extra is not installed."""
    from importlib.util import find_spec

    from unstick.errors import UsageError

    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(f"needs {', '.join(missing)}", where="watch", reference="needs-extra",
                         todo="Install unstick[watch].")  # fmt: skip


def _wanted(args: argparse.Namespace) -> Wanted:
    from unstick.observe.live.options import from_environment
    from unstick.watch.setup import Wanted, with_flags

    policy = with_flags(_policy(args.policy), args.every, args.probe)
    return Wanted(
        targets=tuple(args.targets),
        policy=policy,
        options=from_environment(os.environ),
        alerts=tuple(args.alert),
        dry_run=args.dry_run,
    )


def _policy(path: str | None) -> Policy:
    from unstick.watch.policy import Policy, load

    return load(path) if path else Policy()


def _once(made: Watcher, lines: Any, exit_code: bool) -> int:
    import asyncio

    async def work() -> bool:
        await made.start()
        return await made.once()

    answered = asyncio.run(work())
    opens = sorted(made.parts.ledger.opens.values(), key=lambda one: one.id)
    lines.summary(made.parts.ledger.records, opens)
    if not answered:
        from unstick.redact import redact

        where = redact(made.parts.hub.options.endpoint)
        print(f"unstick: {where}: {redact(made.asker.why) or 'nothing answered'}.", file=sys.stderr)
        return 3
    return 1 if exit_code and opens else 0


def _watch(made: Watcher, lines: Any, listen: str) -> int:
    import asyncio
    import signal

    from unstick.watch.systemd import Notices

    notices = Notices(os.environ)

    async def work() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, made.stop)
        serving = await _serve(made, listen)
        await made.start()
        lines.begun(made, listen)
        notices.ready()
        lines.after_round = notices.alive
        try:
            await made.run()
        finally:
            if serving is not None:
                await serving()

    asyncio.run(work())
    return 0


async def _serve(made: Watcher, listen: str) -> Any:
    """Serve what --listen asks for; gives what ends it."""
    if not listen:
        return None
    check_libraries(("prometheus_client", "starlette", "uvicorn"))
    from unstick.watch.server import serve

    return await serve(made, listen)
