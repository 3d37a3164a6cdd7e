"""`unstick explain`: any cause, rule or sign by its id or code."""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.report.explain import Entry

HELP = "Explain any cause, rule or sign by its id or code."
EXAMPLES = """\
unstick explain C01                     by its code
unstick explain platform-stuck-state    or by its id
unstick explain                         list everything
unstick explain --format json           the same for programs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="ID", help="id or code; without one, everything is listed")
    parser.add_argument(
        "--format", choices=("terminal", "markdown", "json"), default="terminal", help="output format"
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="short for --format json"
    )


def run(args: argparse.Namespace) -> int:
    """Show the page or pages; an unknown name is an error that says what is near."""
    from unstick.report import explain

    found = explain.find(args.name) if args.name else explain.entries()
    if not found:
        raise _unknown(args.name)
    sys.stdout.write(_json(found) if args.format == "json" else _text(args.name, args.format, found))
    return 0


def _json(found: tuple[Entry, ...]) -> str:
    import json

    from unstick.report import explain
    from unstick.text import json_safe

    return json_safe(json.dumps(explain.document(found), ensure_ascii=False, indent=2)) + "\n"


def _text(name: str | None, format: str, found: tuple[Entry, ...]) -> str:
    from unstick.cli import screen
    from unstick.report import explain
    from unstick.report.pages import page
    from unstick.report.plain import terminal

    if not name:
        return explain.listing()
    pages = "\n".join(page(entry.kind, entry.id) for entry in found)
    return pages if format == "markdown" else terminal(pages, columns=screen.columns(), color=screen.color())


def _unknown(name: str) -> Exception:
    from unstick.errors import UsageError
    from unstick.report import explain
    from unstick.text import printable

    near = [f"{entry.code} {entry.id}" for entry in explain.near(name)]
    todo = f"Did you mean: {', '.join(near)}?" if near else "`unstick explain` lists everything."
    return UsageError(
        "there is no cause, rule or sign of this name",
        where=printable(name),
        todo=todo,
        reference="unknown-id",
    )
