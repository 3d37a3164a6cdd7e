"""The subcommands of `unstick hub`, for one that runs: faults, users, tokens."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands and their arguments."""
    parser.set_defaults(action="")


def run(args: argparse.Namespace) -> int:
    """Do what the subcommand says."""
    return 0
