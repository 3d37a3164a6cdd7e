"""A hundred thousand hostile inputs, inputs that grow, and inputs that are huge.

    .venv/bin/python benchmarks/robustness.py [--inputs 100000] [--json]

Three parts. 1: hypothesis makes README blocks, Dockerfiles, logs, descriptions and case files; an exception
other than UnstickError, or a finding that reports a broken rule, is a failure. 2: one unit repeated n and
4 n times, after a start or none; what takes more than 8 times as long at 4 n is not linear. 3: the real
command on YAML bombs and on files of 1 GB, with the peak memory of the whole process; the limit is 300 MB.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hostile import FRAGMENTS, damaged, seeds, texts
from huge import measure_huge
from unstick.errors import UnstickError


class Kind(NamedTuple):
    """One kind of input: how it is made and what reads it."""

    name: str
    strategy: st.SearchStrategy[str]
    read: Callable[[str], object]


class Slow(NamedTuple):
    """The slowest input of a kind."""

    seconds: float
    characters: int
    start: str


def check_readme(text: str) -> object:
    """All rules on a Space that has only this README."""
    return check_files({"README.md": text})


def check_dockerfile(text: str) -> object:
    """All rules on a Docker Space with this Dockerfile."""
    return check_files({"README.md": "---\nsdk: docker\napp_port: 8501\n---\n", "Dockerfile": text})


def check_files(files: dict[str, str]) -> object:
    """All rules; a rule that broke is an error here."""
    from unstick.rules import check
    from unstick.space import Space

    findings = tuple(check(Space.from_files(files, complete=True)))
    broken = [finding for finding in findings if finding.rule == "internal-error"]
    if broken:
        raise AssertionError(broken[0].message)
    return findings


def diagnose_text(text: str = "", run_log: str = "") -> object:
    """From a reported text to the whole diagnosis."""
    from unstick.diagnose.engine import diagnose
    from unstick.observe.build import case_from
    from unstick.observe.reported import Reported

    return diagnose(case_from(Reported(text=text, run_log=run_log)))


def read_case(text: str) -> object:
    """A case file, and the diagnosis of what it holds."""
    from unstick.diagnose.engine import diagnose
    from unstick.observe.build import case_from
    from unstick.observe.casefile import decode, reported_of

    return diagnose(case_from(reported_of(decode(text, "case.yaml"))))


def kinds() -> list[Kind]:
    """Every kind of input that people hand in."""
    cases = seeds("corpus/cases/*.yaml")
    logs = seeds("examples/preparing-12h/*/*.log", "corpus/cases/*.yaml")
    return [
        Kind("README block", texts("readme") | damaged(seeds("examples/**/README.md")), check_readme),
        Kind("Dockerfile", texts("dockerfile") | damaged(seeds("examples/**/Dockerfile")), check_dockerfile),
        Kind("log", texts("log") | damaged(logs), lambda text: diagnose_text(run_log=text)),
        Kind("description", texts("description") | damaged(cases), lambda text: diagnose_text(text=text)),
        Kind("case file", texts("case") | damaged(cases), read_case),
    ]


def fuzz(kind: Kind, inputs: int) -> tuple[int, list[str], Slow]:
    """How many inputs were tried, the failures (at most ten), and the slowest."""
    failures: list[str] = []
    slowest = Slow(0, 0, "")
    tried = 0

    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind.strategy)
    def one(text: str) -> None:
        nonlocal slowest, tried
        tried += 1
        began = time.perf_counter()
        try:
            kind.read(text)
        except UnstickError:
            pass
        except Exception:
            if len(failures) < 10:
                failures.append(f"{text[:200]!r}\n{traceback.format_exc(limit=-3)}")
        taken = time.perf_counter() - began
        if taken > slowest.seconds:
            slowest = Slow(taken, len(text), text[:60])

    timed(kind, "warm up: everything is imported now")
    one()
    return tried, failures, slowest


def growth(kind: Kind, size: int = 8000, enough: float = 2.0) -> list[str]:
    """What takes more than its share of time when it is four times as long: a unit, alone or after a start.

    A pair of lengths that takes `enough` seconds at the first is named without trying the second.
    """
    found = []
    for start, unit in itertools.product(FRAGMENTS["starts"], FRAGMENTS["units"]):
        name = f"{start!r} and {unit!r} again and again"
        short = timed(kind, start + unit * (size // 8 // len(unit)))
        if short > enough:
            found.append(f"{name}: {short:.1f} s for {size // 8} characters")
            continue
        times = [
            min(timed(kind, start + unit * (n // len(unit))) for _ in range(2)) for n in (size, 4 * size)
        ]
        if times[1] > 8 * times[0] and times[1] > 0.1:
            found.append(f"{name}: {times[0] * 1000:.0f} ms, four times as long: {times[1] * 1000:.0f} ms")
    return found


def timed(kind: Kind, text: str) -> float:
    """Seconds for one input."""
    began = time.perf_counter()
    with contextlib.suppress(UnstickError):
        kind.read(text)
    return time.perf_counter() - began


def try_kind(kind: Kind, inputs: int) -> dict[str, object]:
    """Parts 1 and 2 for one kind, printed and returned."""
    began = time.perf_counter()
    tried, failures, slowest = fuzz(kind, inputs)
    curved = growth(kind)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{kind.name}: {tried} inputs in {time.perf_counter() - began:.0f} s, {len(failures)} failures")
    print(f"  slowest: {slowest.seconds * 1000:.0f} ms, {slowest.characters} characters {slowest.start!r}")
    print(f"  not linear: {'; '.join(curved) or 'nothing'}; peak memory so far {peak:.0f} MB", flush=True)
    for failure in failures[:3]:
        print(failure)
    return {"tried": tried, "failures": failures, "not_linear": curved, "slowest": slowest._asdict()}


def main() -> int:
    """Run the three parts; 1 when something failed."""
    parser = argparse.ArgumentParser(description="Feed unstick what nobody should.")
    parser.add_argument("--inputs", type=int, default=100_000, help="how many inputs, over all kinds")
    parser.add_argument("--kind", default="", help="only the kind whose name begins so")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    options = parser.parse_args()
    chosen = [kind for kind in kinds() if kind.name.startswith(options.kind)]
    result: dict[str, object] = {}
    fine = True
    for kind in chosen:
        result[kind.name] = report = try_kind(kind, options.inputs // len(chosen))
        fine = fine and not report["failures"] and not report["not_linear"]
    for row in () if options.kind else measure_huge():
        fine = fine and row.fine
        result[row.name] = row._asdict()
        verdict = "fine" if row.fine else "NOT FINE"
        print(f"{row.name}: exit {row.code}, {row.seconds:.1f} s, peak {row.megabytes:.0f} MB: {verdict}")
    if options.json:
        print(json.dumps(result))
    print("all fine" if fine else "failed")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
