"""`unstick history`: what a watched Space went through."""

from __future__ import annotations

import os
import sys
import time

from unstick.observe.live import times
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from unstick.watch.summary import History

HELP = "Show what a watched Space went through: time in each stage, starts and how long they took, troubles."
EXAMPLES = """\
unstick history acme/chat                  the last 30 days
unstick history acme/chat --last 1d --json
unstick history acme/chat --database postgresql://user@host/unstick"""

MOST_STAYS = 20
BAR = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("space", metavar="OWNER/NAME", help="a Space that `unstick watch` watches")
    parser.add_argument(
        "--database", default="", metavar="URL", help="the history (default: watch's default)"
    )
    parser.add_argument("--last", default="30d", metavar="TIME", help="how far back (default 30d)")
    parser.add_argument("--json", action="store_true", help="everything as JSON, times as seconds since 1970")


def run(args: argparse.Namespace) -> int:
    """Print the history; 3 when there is none."""
    from unstick.cli.watch import check_libraries

    check_libraries(("sqlalchemy", "alembic"))
    from unstick.contract.timeouts import seconds
    from unstick.errors import UnreadableError, UsageError
    from unstick.watch.database import connect
    from unstick.watch.setup import default_database
    from unstick.watch.summary import history

    back = seconds(args.last)
    if back is None:
        raise UsageError(f"{args.last} is no duration", where="--last", todo="Write 12h, 30d.")
    database = args.database or default_database(os.environ)
    engine = connect(database, create=False)
    now = time.time()
    try:
        with engine.connect() as connection:
            found = history(connection, args.space, now - back, now)
    finally:
        engine.dispose()
    if found is None:
        raise UnreadableError("was never watched", where=args.space, reference="no-history",
                              todo=f"`unstick watch {args.space}` begins.")  # fmt: skip
    sys.stdout.write(_json(found) if args.json else _text(found))
    return 0


def _json(found: History) -> str:
    import json

    from unstick.text import json_safe

    plain: dict[str, Any] = found._asdict()
    for name in ("stays", "incidents", "actions"):
        plain[name] = [row._asdict() for row in plain[name]]
    plain["answers"] = [{"at": at, "answer": answer} for at, answer in found.answers]
    return json_safe(json.dumps(plain, indent=2, ensure_ascii=False)) + "\n"


def _text(found: History) -> str:
    from unstick.text import one_line
    from unstick.watch.recognise import span

    lines = [found.space, ""]
    lines += [f"In each stage, of {span(found.watched)} watched since {times.day(found.since)}:"]
    for stage, taken in sorted(found.in_stage.items(), key=lambda item: -item[1]):
        share = taken / found.watched if found.watched else 0.0
        bar = "█" * max(1, round(share * BAR)) if taken else ""
        lines.append(f"  {stage:<22}{span(taken):>12}  {share:6.1%}  {bar}")
    if found.unwatched >= 60:
        lines.append(f"  {'(nobody watched)':<22}{span(found.unwatched):>12}")
    for word, taken_each in (("Starts", found.starts), ("Builds", found.builds)):
        if taken_each:
            latest = ", ".join(span(one) for one in taken_each[-8:])
            middle = sorted(taken_each)[len(taken_each) // 2]
            lines += [
                "",
                f"{word}, {len(taken_each)} seen to their end, usually {span(middle)}; latest: {latest}",
            ]
    lines += ["", "Troubles:" if found.incidents else "No trouble."]
    for incident in found.incidents:
        lines += _incident(incident, found.until)
    if found.actions:
        lines += ["", "Actions:"]
        lines += [
            f"  {times.day(one.begun_at)}  {one.rung}: {one.outcome} {one.detail}".rstrip()
            for one in found.actions
        ]
    lines += ["", "Stages:"]
    left_out = len(found.stays) - MOST_STAYS
    if left_out > 0:
        lines.append(f"  ({left_out} earlier ones: --json shows them)")
    for stay in found.stays[-MOST_STAYS:]:
        lasted = span((stay.until or found.until) - stay.since)
        begun = times.day(stay.since) if stay.exact else f"{times.day(stay.since)} or before"
        error = f"  {one_line(stay.error)[:80]}" if stay.error else ""
        lines.append(f"  {begun}  {stay.stage}, {lasted}{' so far' if stay.until is None else ''}{error}")
    return "".join(f"{_safe(line)}\n" for line in lines)


def _incident(incident: Any, now: float) -> list[str]:
    from unstick.watch.recognise import TITLES, span

    lasted = span((incident.closed_at or now) - incident.opened_at)
    end = f"over after {lasted}: {incident.ended_by}" if incident.closed_at else f"open for {lasted}"
    many = " (one of many)" if incident.of_many else ""
    title = TITLES.get(incident.kind, incident.kind)
    first = f"  {times.day(incident.opened_at)}  {title}{many}: {incident.detail}; {end}"
    return [first, f"      {incident.sentence}"] if incident.sentence else [first]


def _safe(line: str) -> str:
    from unstick.text import printable

    return printable(line)
