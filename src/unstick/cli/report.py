"""`unstick report`: the support request."""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.report.support import Request

HELP = "Write the support request: what is wrong, whose turn it is, and all that support asks for."
EXAMPLES = """\
unstick report ./my-space build.log container.log problem.txt     a mail
unstick report problem.txt --format forum                         a topic for the forum
unstick report problem.txt --format json                          with what is missing, for programs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    from unstick.cli.diagnose import KINDS

    parser.add_argument("targets", nargs="+", metavar="TARGET", help="what `unstick diagnose` takes")
    parser.add_argument("--as", dest="kind", choices=KINDS, default="", help="take the targets for this")
    parser.add_argument(
        "--format", choices=("mail", "forum", "markdown", "json"), default="mail", help="output format"
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="short for --format json"
    )


def run(args: argparse.Namespace) -> int:
    """Diagnose and print the request; what concerns the sender alone goes to the other stream."""
    from unstick.cli.live import observer
    from unstick.diagnose import diagnose
    from unstick.observe.targets import case_of
    from unstick.report import support

    case, reported = case_of(args.targets, args.kind, observer())
    request = support.request(diagnose(case), reported)
    for line in notes(request):
        print(f"note: {line}", file=sys.stderr)
    sys.stdout.write(support.render(args.format, request))
    return 0


def notes(request: Request) -> list[str]:
    """What the sender should know before it is sent."""
    said = [request.note] if request.note else []
    if request.missing:
        names = ", ".join(item.name for item in request.missing)
        said.append(f"{len(request.missing)} things that support asks for are missing and marked: {names}")
    return said
