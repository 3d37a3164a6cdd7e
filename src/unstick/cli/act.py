"""`unstick act`: the ladder of steps that set stuck Spaces free, one rung at a time."""

from __future__ import annotations

import sys
import time

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.act.ladder import Situation, Step, Watcher
    from unstick.act.rungs import Rung
    from unstick.act.types import Look, Verdict
    from unstick.case import Case
    from unstick.diagnose.types import Diagnosis
    from unstick.observe.live.options import Options

HELP = """\
Try what sets stuck Spaces free, gentlest first: restart, no-op commit, factory rebuild, pause and resume, other
hardware and back, a private duplicate. Asks before each rung, waits for its effect, stops at success, and ends
with the support request. What may cost money or lose data needs a flag of its own."""
EXAMPLES = """\
unstick act OWNER/NAME --dry-run                  what would be done, and what it risks
unstick act OWNER/NAME                            one rung at a time, asked for
unstick act OWNER/NAME --yes --rung restart       only this rung, without asking
unstick act OWNER/NAME --yes --save case.yaml     keep what was seen and done, for support"""

SURE = 0.8
"""A cause that is the owner's and this probable: no rung will help."""

BUILD_RULES = ("version-conflict", "python-version-bad", "requirement-invalid")
"""The rules whose errors mean that a build with today's packages fails."""

WORDS = {
    "cured": "cured it",
    "no-help": "no help",
    "refused": "refused",
    "skipped": "left out",
    "declined": "not wanted",
    "planned": "would be done",
    "copy-serves": "the copy serves",
    "copy-fails": "the copy fails too",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    from unstick.act.rungs import RUNGS

    parser.add_argument("space", metavar="OWNER/NAME", help="the Space, or its address")
    parser.add_argument("--yes", action="store_true", help="do not ask before each rung")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--rung", action="append", default=[], metavar="RUNG", dest="rungs",
        help=f"only these ({', '.join(row.id for row in RUNGS)})",
    )  # fmt: skip
    parser.add_argument("--allow-cost", action="store_true", help="also rungs that may cost money")
    parser.add_argument(
        "--allow-data-loss", action="store_true", help="also stop a version that serves: its own disk is lost"
    )
    parser.add_argument(
        "--allow-broken-build", action="store_true",
        help="also rebuild when today's packages do not build: the running image may not come back",
    )  # fmt: skip
    parser.add_argument(
        "--anyway", action="store_true", help="also when the diagnosis says that the app is at fault"
    )
    parser.add_argument("--patience", default="", metavar="TIME", help="wait so long for each rung's effect")
    parser.add_argument("--save", metavar="FILE", help="keep the case, redacted, as a case file")


def run(args: argparse.Namespace) -> int:
    """Climb; exit 0 when the Space serves, 1 when it does not."""
    import os

    from unstick.act import looking
    from unstick.act.ladder import Allowed, Ladder, chosen
    from unstick.act.platform import Platform
    from unstick.cli.live import shown
    from unstick.cli.run_options import duration
    from unstick.diagnose import diagnose
    from unstick.observe import live
    from unstick.observe.build import Parts, assemble

    chosen(args.rungs)
    patience = duration(args.patience, "--patience") if args.patience else None
    options = live.from_environment(os.environ)
    parts = Parts()
    seen = live.observe(args.space, options)
    live.add_to(parts, seen, options)
    case = assemble(parts)
    look = looking.look_of(seen.info, seen.runtime, seen.probe, seen.now, visited=seen.probe is not None)
    if look.stage == "RUNNING" and look.answered_by == "app" and look.sha in ("", look.head):
        print(f"{shown(args.space)} is RUNNING and {look.answer}: nothing to do.")
        return 0
    diagnosis = diagnose(case)
    print(_leading(shown(args.space), look, diagnosis))
    if diagnosis.turn == "nobody" and not (args.anyway or args.dry_run):
        print("Nothing is wrong so far: `unstick wait` waits for it. (--anyway climbs all the same.)")
        return 1
    if _futile(diagnosis) and not (args.anyway or args.dry_run):
        print(
            "No rung helps against that; `unstick diagnose` says what does. (--anyway climbs all the same.)"
        )
        return 1
    platform = Platform(case.fact("space_id") or args.space, options.endpoint, options.token)
    if not args.dry_run:
        platform.may_write()
    situation = _situation(case, look)
    allowed = Allowed(args.allow_cost, args.allow_data_loss, args.allow_broken_build, tuple(args.rungs))
    ladder = Ladder(
        platform, _waiter(options, patience), ask=lambda rung, risk: args.yes or _ask(rung, risk),
        clock=time.time, heard=_tell,
    )  # fmt: skip
    steps = ladder.climb(situation, allowed, dry=args.dry_run)
    return _end(args, case, steps)


def _end(args: argparse.Namespace, case: Case, steps: tuple[Step, ...]) -> int:
    from unstick.act.evidence import with_steps
    from unstick.cli.live import shown
    from unstick.diagnose import diagnose
    from unstick.report import support

    done = with_steps(case, steps)
    if args.save:
        from unstick.cli.saving import save
        from unstick.observe.reported import Reported

        save(args.save, done, Reported())
    if args.dry_run:
        return 0
    if steps and steps[-1].outcome == "cured":
        print(f"\n{shown(args.space)} serves again: {steps[-1].rung.tells}.")
        return 0
    print("\nThe support request:\n")
    sys.stdout.write(support.render("mail", support.request(diagnose(done))))
    return 1


def _futile(diagnosis: Diagnosis) -> bool:
    leading = diagnosis.causes[0]
    return diagnosis.turn in ("you", "owner") and leading.probability >= SURE


def _leading(space: str, look: Look, diagnosis: Diagnosis) -> str:
    from unstick.text import one_line

    cause = diagnosis.causes[0]
    said = f": {one_line(look.message)[:120]}" if look.message else ""
    where = f"{space} is {look.stage or 'in a stage that the Hub does not name'}{said}"
    if diagnosis.turn == "nobody":
        return f"{where}\n"
    return f"{where}\nmost likely {cause.title} ({cause.probability:.0%})\n"


def _situation(case: Case, look: Look) -> Situation:
    """What the ladder has to know; resolving the requirements says whether today's packages still build."""
    from unstick.act.ladder import Situation
    from unstick.contract.timeouts import STARTUP_SECONDS, seconds

    declared = seconds(case.fact("startup_duration_timeout") or "")
    return Situation(
        look, case.fact("sdk") == "static", float(declared or STARTUP_SECONDS),
        case.fact("dev_mode") in ("true", "yes", "on"), _build_fails(case),
    )  # fmt: skip


def _build_fails(case: Case) -> str:
    """What `check --resolve` says against building anew today, or ''."""
    if case.space is None:
        return ""
    from unstick.rules.engine import check
    from unstick.rules.resolve import Resolver

    print("looking whether today's packages still build ...", file=sys.stderr)
    for finding in check(case.space, select=BUILD_RULES, resolve=Resolver()):
        if finding.severity == "error":
            return f"{finding.place.path}:{finding.place.line}: {finding.message}"
    return ""


def _waiter(options: Options, patience: float | None) -> Watcher:
    from unstick.act import looking
    from unstick.act.waiting import wait

    def waiter(space: str, commit: str, seconds: float) -> tuple[Verdict, list[Look]]:
        return wait(
            lambda visit: looking.look(space, options, visit), commit, patience or seconds,
            clock=time.time, sleep=time.sleep,
        )  # fmt: skip

    return waiter


def _ask(rung: Rung, risk: str) -> bool:
    from unstick.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            "asks before each rung, and nobody is there to answer", where="act",
            todo="Add --yes, or --dry-run to see what would be done.",
        )  # fmt: skip
    warning = f" It {risk}." if risk else ""
    answer = input(f"{rung.title}: {rung.does}.{warning} Go? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _tell(step: Step) -> None:
    from unstick.text import one_line

    took = f" ({step.seconds:.0f} s)" if step.seconds >= 1 else ""
    ident = f" [{step.request_id}]" if step.request_id else ""
    print(
        f"  {step.rung.title:24} {WORDS[step.outcome]}: {one_line(step.detail)[:200]}{ident}{took}",
        flush=True,
    )
