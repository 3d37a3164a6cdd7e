"""`unstick wait`: after a push, wait until the new commit really serves."""

from __future__ import annotations

import sys
import time

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.act.types import Look, Verdict
    from unstick.observe.live.options import Options

HELP = """\
Wait until the pushed commit of a Space really serves: its stage is RUNNING, the serving commit is the
repository's newest, and the app itself answers at the Space's address. When it fails, or takes too long, the
diagnosis is printed and the exit code is 1: for the end of a deployment in CI."""
EXAMPLES = """\
unstick wait OWNER/NAME                    after git push or an upload
unstick wait OWNER/NAME --timeout 20m      give up, with the diagnosis, after 20 minutes
unstick wait OWNER/NAME --commit 1a2b3c4   wait for this commit
unstick wait OWNER/NAME --json             one JSON object at the end"""

USUAL = "45m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("space", metavar="OWNER/NAME", help="the Space, or its address")
    parser.add_argument(
        "--timeout", default=USUAL, metavar="TIME", help=f"give up after so long (20s, 5m; default {USUAL})"
    )
    parser.add_argument(
        "--commit", default="", metavar="SHA", help="wait for this commit, not for the newest"
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")


def run(args: argparse.Namespace) -> int:
    """Wait; exit 0 when the commit serves, 1 when it failed or is late, 3 when nothing could be observed."""
    import os

    from unstick.act import looking
    from unstick.act.waiting import wait
    from unstick.cli.run_options import duration
    from unstick.observe import live

    timeout = duration(args.timeout, "--timeout")
    options = live.from_environment(os.environ)
    first = looking.look(args.space, options)
    if first.failed:
        # Says in its own words what is wrong with the name, the token or the Hub.
        live.observe(args.space, options._replace(ask_url=False))
    commit = _commit(args.commit, first)
    progress = Progress(args.space, commit, not (args.quiet or args.json))
    began = time.time()
    verdict, looks = wait(
        lambda visit: looking.look(args.space, options, visit), commit, timeout,
        clock=time.time, sleep=time.sleep, heard=progress,
    )  # fmt: skip
    _tell(args, verdict, looks, commit, time.time() - began)
    if verdict.state == "serving":
        return 0
    if not args.json:
        _diagnose(args.space, options)
    return 1


class Progress:
    """Says each change once; on a terminal the time goes on in between."""

    def __init__(self, space: str, commit: str, on: bool) -> None:
        from unstick.cli.live import shown

        self._on, self._said, self._began = on, "", time.time()
        if on:
            print(
                f"waiting for {shown(space)}" + (f" to serve {commit[:7]}" if commit else ""), file=sys.stderr
            )

    def __call__(self, look: Look, verdict: Verdict) -> None:
        """One look."""
        from unstick.text import one_line

        if self._on and verdict.reason != self._said:
            self._said = verdict.reason
            print(f"{time.time() - self._began:6.0f} s  {one_line(verdict.reason)[:160]}", file=sys.stderr)


def _commit(wanted: str, first: Look) -> str:
    """The whole name of the commit to wait for."""
    from unstick.errors import UsageError

    if not wanted:
        return first.head
    if first.head.startswith(wanted) and len(wanted) >= 7:
        return first.head
    if len(wanted) == 40:
        return wanted
    raise UsageError(
        f"{wanted!r} is not the newest commit, and not a whole one", where="--commit",
        todo="Give all 40 characters.",
    )  # fmt: skip


def _tell(args: argparse.Namespace, verdict: Verdict, looks: list[Look], commit: str, seconds: float) -> None:
    from unstick.cli.live import shown
    from unstick.text import one_line

    if args.json:
        import json

        last = looks[-1]
        print(
            json.dumps(
                {
                    "space": shown(args.space), "state": verdict.state, "reason": verdict.reason, "commit": commit,
                    "stage": last.stage, "sha": last.sha, "answered_by": last.answered_by,
                    "seconds": round(seconds, 1),
                }
            )
        )  # fmt: skip
        return
    word = {"serving": "serves", "failed": "does not serve", "late": "does not serve yet"}[verdict.state]
    print(f"{shown(args.space)} {word}: {one_line(verdict.reason)} ({seconds:.0f} s)")


def _diagnose(space: str, options: Options) -> None:
    from unstick.cli.diagnose import write
    from unstick.diagnose import diagnose
    from unstick.observe import live

    print()
    write(diagnose(live.observe_live(space, options)), "terminal", [space])
