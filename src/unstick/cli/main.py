"""The command line: one parser, commands imported only when called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from unstick import __version__
from unstick.errors import UnstickError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from typing import Any

# Command → the one line of --help. A command is the module of this package with its name.
COMMANDS = {
    "diagnose": "rank what can be wrong, from a checkout, a log, a description or a case file",
    "check": "check a Space's files against what the platform asks for",
    "fix": "mend what check found and can be mended",
    "run": "build and run a Space here as the platform would; --repair finds what mends it",
    "wait": "after a push, wait until the new commit really serves; for CI",
    "act": "try what sets stuck Spaces free, one rung at a time",
    "report": "write the support request",
    "watch": "watch Spaces: who is stuck or down since when and why; act by a policy",
    "history": "what a watched Space went through: stages, starts, troubles",
    "hub": "a Hub for Spaces on this machine, faults included",
    "explain": "explain a rule, a sign or a cause",
    "evaluate": "measure the diagnosis on labelled cases",
}

HELP = """\
usage: unstick [--version] COMMAND ...
       unstick TARGET...          short for: unstick diagnose TARGET...

Finds out why a Hugging Face Space is stuck, and what to do about it.

commands:
{commands}

examples:
  unstick ./my-space                       what is wrong with this checkout
  unstick diagnose container.log           ... with the Space that wrote this log
  echo "Preparing for 12 hours, log says 8501" | unstick -
  unstick check ./my-space                 before you push
  unstick run ./my-space                   ... and prove that it starts

`unstick COMMAND --help` says more. Exit codes: 0 fine; 1 check found an error or a warning;
2 the call was wrong; 3 something could not be read or observed.
"""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        print(
            HELP.format(commands="\n".join(f"  {name:10} {text}" for name, text in COMMANDS.items())), end=""
        )
        return 0 if given else 2
    if given[0] in ("-V", "--version"):
        print(f"unstick {__version__}")
        return 0
    name = given.pop(0) if given[0] in COMMANDS else "diagnose"
    debug = "--debug" in given
    if debug:
        given.remove("--debug")
    try:
        return _command(name, given)
    except UnstickError as error:
        if debug:
            show_traceback()
        else:
            print(f"unstick: {_printable(str(error))}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        _silence()
        return 0
    except KeyboardInterrupt:
        print("unstick: interrupted", file=sys.stderr)
        return 130


def parser_of(name: str) -> tuple[argparse.ArgumentParser, Any]:
    """The parser and the module of one command."""
    import argparse
    from importlib import import_module

    module = import_module(f"unstick.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"unstick {name}",
        description=module.HELP,
        epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES.strip().splitlines()),
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show a traceback for an error")
    return parser, module


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Keeps the lines of the examples, and is told the width, for which argparse would import `shutil`."""
    from argparse import RawDescriptionHelpFormatter

    from unstick.cli.screen import columns

    return RawDescriptionHelpFormatter(prog, width=columns() - 2)


def _command(name: str, given: list[str]) -> int:
    parser, module = parser_of(name)
    args = _parsed(parser, given)
    _sweep()
    return int(module.run(args))


def _parsed(parser: argparse.ArgumentParser, given: list[str]) -> argparse.Namespace:
    """The arguments of a call. What is said of wrong ones repeats them, whatever was pasted there."""
    import io

    stream, sys.stderr = sys.stderr, io.StringIO()
    try:
        return parser.parse_args(given)
    finally:
        said, sys.stderr = sys.stderr.getvalue(), stream
        if said:
            from unstick.redact import redact
            from unstick.text import printable

            stream.write(printable(redact(said), lines=True))


def _sweep() -> None:
    """Remove what a killed `unstick run` left behind; without one it costs a look into one folder."""
    import os

    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    try:
        if not os.listdir(os.path.join(cache, "unstick", "rehearsals")):
            return
        from unstick.rehearse.sweeping import sweep

        sweep()
    except (OSError, UnstickError):
        return


def show_traceback() -> None:
    """The traceback of the error that is being handled, on standard error: without secrets, and without
    anything that a terminal would obey."""
    import traceback

    from unstick.redact import redact
    from unstick.text import printable

    sys.stderr.write(printable(redact(traceback.format_exc()), lines=True))


def _printable(text: str) -> str:
    """An error in one line; an address in it may hold a password, words of a server anything."""
    from unstick.redact import redact
    from unstick.text import printable

    return printable(redact(text))


def _silence() -> None:
    """The reader went away: write the rest to nowhere, so that no second error comes at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
