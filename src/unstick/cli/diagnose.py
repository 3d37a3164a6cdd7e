"""`unstick diagnose`: rank what can be wrong with one Space."""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.diagnose.types import Diagnosis

HELP = "Rank what can be wrong with a Space, say whose turn it is, and what to observe next."
EXAMPLES = """\
unstick diagnose OWNER/NAME                        a Space on the Hub, or its address
unstick diagnose OWNER/NAME --rehearse             built and run here as well
unstick diagnose ./my-space                        a checkout
unstick diagnose container.log                     a log
unstick diagnose ./my-space container.log -        several sources of one case; - reads what you type
unstick diagnose corpus/cases/some-case.yaml       a case file
unstick diagnose problem.txt --ask                 let it ask you what would settle most
unstick diagnose problem.txt --format markdown     for an issue or the forum"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="a Space on the Hub (OWNER/NAME or an address), a Space's folder, a log, a description, a case "
        "file, or -",
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=KINDS,
        default="",
        help="take the targets for this, instead of recognising them",
    )
    parser.add_argument(
        "--format", choices=("terminal", "json", "markdown"), default="terminal", help="output format"
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="short for --format json"
    )
    parser.add_argument(
        "--ask", action="store_true", help="ask the most informative questions, one at a time"
    )
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="build and run the Space's files here, and weigh what comes out",
    )
    parser.add_argument(
        "--no-visit", action="store_true", help="leave the Space's own address alone (OWNER/NAME only)"
    )
    parser.add_argument(
        "--for", dest="look_for", default="", metavar="TIME",
        help="look at the stage for so long (10s, 1m): one that flips needs it (OWNER/NAME only)",
    )  # fmt: skip
    parser.add_argument("--save", metavar="FILE", help="keep the case, redacted, as a case file")
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="exit 1 unless the leading cause is the platform's or nothing is wrong",
    )


KINDS = ("checkout", "description", "build-log", "container-log", "case")


def run(args: argparse.Namespace) -> int:
    """Diagnose, print, exit 0 (with --exit-code: 1 when the Space's owner has something to do)."""
    from unstick.cli.live import observer
    from unstick.diagnose import diagnose
    from unstick.observe.targets import case_of

    if args.ask:
        from unstick.cli.ask import require_terminal

        require_terminal(args.targets)
    look_for = _seconds(args.look_for) if args.look_for else 0.0
    case, reported = case_of(args.targets, args.kind, observer(not args.no_visit, look_for))
    if args.ask:
        from unstick.cli.ask import ask

        case = ask(case)
    if args.rehearse:
        from unstick.cli.diagnose_rehearse import rehearsed

        case, reported = rehearsed(args, case, reported)
    if args.save:
        from unstick.cli.saving import save

        save(args.save, case, reported)
    diagnosis = diagnose(case)
    write(diagnosis, args.format, args.targets)
    return int(args.exit_code and diagnosis.turn not in ("platform", "nobody"))


def _seconds(text: str) -> float:
    from unstick.cli.run_options import duration

    return duration(text, "--for")


def write(diagnosis: Diagnosis, format: str, targets: list[str]) -> None:
    """Print a diagnosis in one of the formats of `unstick.report.diagnosis`."""
    from unstick.cli.screen import color, columns
    from unstick.report.diagnosis import render

    sys.stdout.write(render(format, diagnosis, columns=columns(), color=color(), targets=targets))
