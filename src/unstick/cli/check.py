"""`unstick check`: the static checks of one or more Spaces."""

from __future__ import annotations

import os
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.report.findings import Checked
    from unstick.rules.resolve import Resolver
    from unstick.space import Finding, Space

HELP = "check a Space's files against what the platform asks for"
EXAMPLES = """\
unstick check .                         what is wrong in this Space
unstick check . --resolve               also resolve its requirements (uses the network)
unstick check . --format sarif          for code scanning
unstick fix . --diff                    what can be mended"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_filters(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "sarif", "github"), default="text", help="output format"
    )
    parser.add_argument(
        "--json", action="store_const", const="json", dest="format", help="short for --format json"
    )
    parser.add_argument("--statistics", action="store_true", help="count the findings of each rule")
    parser.add_argument("--baseline", metavar="FILE", help="leave out the findings that FILE knows")
    parser.add_argument(
        "--write-baseline", action="store_true", help="write all findings to the baseline and exit 0"
    )


def add_filters(parser: argparse.ArgumentParser) -> None:
    """The arguments that check and fix share."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folder of a Space")
    parser.add_argument(
        "--select",
        metavar="RULES",
        action="append",
        default=[],
        help="only these rules: ids, codes or beginnings of codes, with commas between",
    )
    parser.add_argument("--ignore", metavar="RULES", action="append", default=[], help="all but these rules")
    parser.add_argument(
        "--resolve", action="store_true", help="resolve the requirements too (uses the network)"
    )  # fmt: skip
    parser.add_argument(
        "--resolve-urls",
        action="store_true",
        help="also fetch what the requirements name by address (git+https, URLs, other indexes)",
    )


def run(args: argparse.Namespace) -> int:
    """Check, print, and give the exit code: 1 for errors and warnings, except in SARIF."""
    from unstick.errors import UsageError
    from unstick.report.findings import Checked, exit_code, render

    if args.write_baseline and not args.baseline:
        raise UsageError("--write-baseline needs --baseline FILE", where="check")
    checked = []
    for path, space in open_spaces(args.paths):
        resolver = resolver_of(args)
        found = findings_of(space, args, resolver)
        checked.append(Checked(path, found, note_of(space), _unobserved(resolver)))
    if args.write_baseline:
        return _write_baseline(args.baseline, checked)
    if args.baseline:
        checked = _without_known(args.baseline, checked)
    if args.format != "json":
        tell_unobserved(checked)
    sys.stdout.write(render(args.format, checked, statistics=args.statistics, color=_color()))
    return exit_code(args.format, checked)


def _unobserved(resolver: Resolver | None) -> tuple[str, ...]:
    """Why something could not be resolved; an address of an index may hold a password."""
    from unstick.redact import redact

    return tuple(map(redact, resolver.unobserved)) if resolver else ()


def open_spaces(paths: list[str]) -> list[tuple[str, Space]]:
    """The Spaces of all paths; raises before anything is checked when one of them cannot be read."""
    from unstick.errors import UnreadableError, UsageError
    from unstick.space import Space
    from unstick.text import printable

    spaces = []
    for path in paths:
        where = printable(path)
        if not os.path.exists(path):
            raise UsageError("there is no such folder", where=where, reference="no-such-path")
        if not os.path.isdir(path):
            raise UsageError(
                "is not a folder", where=where, todo="Give the folder of the Space.", reference="not-a-folder"
            )
        if not os.access(path, os.R_OK | os.X_OK):
            raise UnreadableError("may not be read", where=where)
        space = Space.open(path)
        if not _looks_like_a_space(space):
            what = "holds no README.md, Dockerfile, Python, HTML or requirements file"
            raise UnreadableError(
                what, where=where, todo="Give the folder of a Space.", reference="not-a-space"
            )
        spaces.append((path, space))
    return spaces


def _looks_like_a_space(space: Space) -> bool:
    names = ("readme.md", "dockerfile", "requirements.txt", "package.json", "pyproject.toml")
    return any(
        n.lower() in names or n.endswith((".py", ".html", ".ipynb", "README.md")) for n in space.tree.names()
    )


def note_of(space: Space) -> str:
    """Which tree was judged, when a workflow pushes another one than the repository; else ''."""
    from unstick.rules.engine import subject

    what = subject(space)[1]
    return what.note if what else ""


def tell_unobserved(checked: list[Checked]) -> None:
    """On standard error what --resolve could not find out; JSON has it in `unobserved`."""
    from unstick.report.findings import shown_path
    from unstick.text import printable

    for one in checked:
        for reason in one.unobserved:
            sys.stderr.write(f"{printable(shown_path(one, ''))}: not observed: {printable(reason)}\n")


def findings_of(
    space: Space, args: argparse.Namespace, resolver: Resolver | None = None
) -> tuple[Finding, ...]:
    """The findings of one Space under the command's filters and the Space's own settings."""
    from unstick.rules.config import known, load
    from unstick.rules.engine import check

    select, ignore = _split(args.select), _split(args.ignore)
    config = load(space)
    return check(
        space,
        select=known(select, "--select") or config.select,
        ignore=(*known(ignore, "--ignore"), *config.ignore),
        severity=dict(config.severity),
        resolve=resolver or resolver_of(args),
    )


def _split(values: list[str]) -> tuple[str, ...]:
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def resolver_of(args: argparse.Namespace) -> Resolver | None:
    """What resolves the requirements, or None where that was not asked for."""
    if not (args.resolve or args.resolve_urls):
        return None
    from unstick.rules.resolve import Resolver

    return Resolver(urls=args.resolve_urls)


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _write_baseline(path: str, checked: list[Checked]) -> int:
    from unstick.errors import UnreadableError
    from unstick.rules.baseline import dump

    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(dump(f for c in checked for f in c.findings))
    except OSError as error:
        raise UnreadableError(f"cannot be written ({error.strerror})", where=path) from None
    return 0


def _without_known(path: str, checked: list[Checked]) -> list[Checked]:
    from unstick.errors import UsageError
    from unstick.rules.baseline import parse, subtract

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            known = parse(file.read(64 * 1024 * 1024), path)
    except OSError as error:
        todo = "Write one with --write-baseline."
        raise UsageError(f"cannot be read ({error.strerror})", where=path, todo=todo) from None
    return [c._replace(findings=subtract(c.findings, known)) for c in checked]
