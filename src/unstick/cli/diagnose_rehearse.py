"""`unstick diagnose --rehearse`: what the same files do when they are built and run here."""

from __future__ import annotations

import os
import sys
import tempfile

from unstick.case import Case
from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.observe.reported import Reported
    from unstick.rehearse.types import Options, Rehearsal


def rehearsed(args: argparse.Namespace, case: Case, reported: Reported) -> tuple[Case, Reported]:
    """The case with what a rehearsal of its files shows beside what was known. The logs stay those of the
    place where the trouble is."""
    if case.space is None or not case.space.complete:
        raise UsageError(
            "--rehearse needs all files of a Space", where="diagnose",
            todo="Name its folder, or the Space on the Hub (OWNER/NAME).",
        )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="unstick-live-") as folder:
        root = case.space.root
        if not root:
            root = os.path.join(folder, case.fact("space_id").rpartition("/")[2] or "space")
            os.mkdir(root)
            _fetch(case, root)
        result = _run(args, case, root)
    return _together(case, result), reported


def _fetch(case: Case, root: str) -> None:
    from unstick.observe.live import from_environment
    from unstick.observe.live.download import to_folder

    options = from_environment(os.environ)
    to_folder(case.fact("space_id"), case.fact("sha") or "main", root, options)


def _run(args: argparse.Namespace, case: Case, root: str) -> Rehearsal:
    from unstick.cli.run_screen import Screen
    from unstick.rehearse.choose import choose
    from unstick.rehearse.rehearsal import rehearse

    screen = Screen(args.format == "terminal" and sys.stdout.isatty(), logs=False)
    with screen:
        return rehearse(root, choose("auto"), _options(case), screen)


def _options(case: Case) -> Options:
    """Limits of the Space's hardware, and its name. Values of secrets are nobody's to read: a program that
    needs one fails here, and the rehearsal says at which."""
    from unstick.rehearse.plan import limits_of
    from unstick.rehearse.types import Options

    options = Options()
    limits = limits_of(case.fact("hardware"))
    if limits is not None:
        options = options._replace(limits=limits)
    owner, slash, name = case.fact("space_id").partition("/")
    if slash:
        host = case.fact("host").partition("://")[2]
        identity = (("SPACE_ID", f"{owner}/{name}"), ("SPACE_HOST", host), ("SPACE_AUTHOR_NAME", owner),
                    ("SPACE_REPO_NAME", name))  # fmt: skip
        options = options._replace(identity=tuple(pair for pair in identity if pair[1]))
    return options


def _together(case: Case, result: Rehearsal) -> Case:
    """Both: evidence of the rehearsal beside that of the Space. Only where nothing was announced there does
    what listens here count as the port."""
    from unstick.observe.build import rederive
    from unstick.rehearse.evidence import evidence

    found, unobserved, facts = evidence(result)
    told = dict(case.facts)
    if told.get("listens"):
        facts = {name: value for name, value in facts.items() if name.startswith("rehearsal")}
    return rederive(
        case._replace(
            evidence=(*case.evidence, *found),
            unobserved=(*case.unobserved, *unobserved),
            facts=tuple(sorted({**told, **facts}.items())),
        )
    )
