"""`unstick fix`: mends what can be mended in one or more Spaces."""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.repair.fix import Fix

HELP = "mend what `unstick check` found, as far as it can be mended"
EXAMPLES = """\
unstick fix . --diff                    show what would change
unstick fix .                           make the safe changes
unstick fix . --unsafe                  also those that a person should look at"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    from unstick.cli.check import add_filters

    add_filters(parser)
    parser.add_argument("--diff", action="store_true", help="print the changes as a diff and write nothing")
    parser.add_argument(
        "--unsafe", action="store_true", help="also make changes that a person should look at"
    )


def run(args: argparse.Namespace) -> int:
    """Plan the repair, show or write it; 1 when errors or warnings are left."""
    from unstick.cli.check import findings_of, open_spaces
    from unstick.repair.fix import plan
    from unstick.report.findings import Checked, exit_code, shown_path
    from unstick.text import printable

    left = []
    for path, space in open_spaces(args.paths):
        fix = plan(space, lambda changed: findings_of(changed, args), unsafe=args.unsafe)
        checked = Checked(path, fix.left)
        left.append(checked)
        if args.diff:
            sys.stdout.write(_visible(fix))
            continue
        if fix.changes:
            from unstick.repair.write import write

            for name in write(space, fix):
                sys.stdout.write(f"mended {printable(shown_path(checked, name))}\n")
            for finding in fix.mended:
                sys.stdout.write(f"  {finding.code} {finding.rule}: {printable(finding.message)}\n")
    return exit_code("text", left)


def _visible(fix: Fix) -> str:
    """The diff; for a terminal without anything that could drive it, in a pipe as it is, so that it
    applies. Lines that hold a secret are shown without it, and a word on standard error says so."""
    from unstick.redact import redact
    from unstick.repair.fix import diff
    from unstick.text import printable

    whole = diff(fix)
    text = redact(whole)
    if text != whole:
        sys.stderr.write(
            "unstick: secrets in the diff are redacted, so it does not apply as a patch; "
            "`unstick fix` without --diff makes the change.\n"
        )
    if not sys.stdout.isatty():
        return text.encode("utf-8", "replace").decode()
    return "".join(printable(line) + "\n" for line in text.split("\n")[:-1])
