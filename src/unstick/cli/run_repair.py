"""`unstick run --repair`: a repair that is proved, shown as a diff, written only when asked."""

from __future__ import annotations

import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.rehearse.backend import Backend
    from unstick.rehearse.types import Options
    from unstick.repair.verify import Verification


def run(args: argparse.Namespace, root: str, backend: Backend, options: Options) -> int:
    """Try repairs on copies; 0 when one is verified or none is needed, 1 when none was found, 3 when the Space
    cannot be rehearsed here."""
    from functools import partial

    from unstick.cli.run import case_of, keep
    from unstick.cli.run_screen import Screen
    from unstick.rehearse.rehearsal import rehearse
    from unstick.repair.verify import apply, serves, verify

    screen = Screen(args.format == "text", logs=not args.quiet)
    with screen:
        verification = verify(root, backend, options, screen, rehearse=partial(rehearse, twice=args.twice))
    if args.save:
        keep(args.save, case_of(root, verification.untouched), verification.untouched)
    written = apply(verification) if args.apply and verification.verified is not None else ()
    if args.format == "json":
        _json(root, verification, written)
    else:
        sys.stdout.write(_text(verification, written))
    if verification.untouched.impossible:
        return 3
    return int(verification.verified is None and not serves(verification.untouched))


def _text(verification: Verification, written: tuple[str, ...]) -> str:
    from unstick.cli.screen import columns
    from unstick.report.rehearsal import headline
    from unstick.text import one_line, printable, wrap

    width = columns()
    lines = ["", "untouched: " + one_line(headline(verification.untouched))]
    for trial in verification.tried:
        what = " and ".join(repair.title for repair in trial.repairs)
        lines.append(f"tried: {one_line(what)}: {one_line(headline(trial.rehearsal))}")
    found = verification.verified
    if found is None:
        lines += wrap(f"No repair was verified: {one_line(verification.reason)}.", width)
        return "\n".join(lines) + "\n"
    what = " and ".join(repair.title for repair in found.repairs)
    when = f" after {found.rehearsal.ready_at:.1f} s" if found.rehearsal.ready_at is not None else ""
    lines += ["", *wrap(f"verified: with {one_line(what)} the Space is RUNNING{when} and serves", width), ""]
    lines += [printable(line) for line in found.diff.splitlines()]
    if written:
        lines += ["", f"written: {', '.join(printable(path) for path in written)}"]
    else:
        lines += ["", "`--apply` writes it."]
    return "\n".join(lines) + "\n"


def _json(root: str, verification: Verification, written: tuple[str, ...]) -> None:
    from unstick.cli.run import case_of, json_of, print_json
    from unstick.repair.verify import serves

    untouched = verification.untouched
    failed = not serves(untouched) and not untouched.impossible
    out = json_of(untouched, case_of(root, untouched) if failed else None)
    found = verification.verified
    out["repair"] = {
        "verified": found is not None,
        "reason": verification.reason,
        "tried": [
            {
                "repairs": [repair.title for repair in trial.repairs],
                "stage": trial.rehearsal.stage,
                "serves": trial.rehearsal.serves,
                "reason": trial.rehearsal.reason,
            }
            for trial in verification.tried
        ],
        "repairs": [repair.title for repair in found.repairs] if found else [],
        "diff": found.diff if found else "",
        "ready_after": found.rehearsal.ready_at if found else None,
        "written": list(written),
    }
    print_json(out)
