"""The judge of the long soak: it fails what is wrong, and excuses only what nobody could have seen."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
NAME = "owner0/space-0"
IS, OVER = f"{NAME} is stuck", f"over: {NAME} is stuck"


def verdict(
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    lasts: float,
    told: list[tuple[float, str]],
    disturbed: list[tuple[float, float]],
) -> tuple[list[str], int]:
    """What the judge says of one fault that began at 1000, with times counted from then, and how many it
    excuses."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import watch_soak  # type: ignore[import-not-found, unused-ignore]

    kind = next(one for one in watch_soak.KINDS if one.fault == fault)
    soak: Any = object.__new__(watch_soak.Soak)
    soak.names, soak.incidents, soak.excused = [NAME], 0, Counter()
    soak.episodes = [watch_soak.Episode(NAME, kind, 1000.0, 1000.0 + lasts, 0)]
    soak.told = SimpleNamespace(got=[(1000.0 + at, title) for at, title in told])
    soak.disturbed = [(1000.0 + first, 1000.0 + last) for first, last in disturbed]
    for name in ("watch_soak", "watching"):
        sys.modules.pop(name, None)
    return soak.verdict(), soak.excused.total()


RIGHT = [(17.0, IS), (40.0, OVER)]


@pytest.mark.parametrize(
    ("fault", "lasts", "told", "disturbed", "wrong"),
    [
        ("stuck", 30.0, RIGHT, [], False),
        ("stuck", 30.0, [], [], True),
        ("stuck", 30.0, RIGHT[:1], [], True),
        ("stuck", 30.0, [*RIGHT, (42.0, IS), (50.0, OVER)], [], True),
        ("stuck", 30.0, [(29.0, IS), (40.0, OVER)], [], True),
        ("stuck", 30.0, [(17.0, IS), (70.0, OVER)], [], True),
        ("stuck", 40.0, [(33.0, IS), (50.0, OVER)], [(10.0, 18.0)], False),
        ("stuck", 60.0, [(46.0, IS), (70.0, OVER)], [(10.0, 18.0)], True),
        ("stuck", 60.0, [], [(10.0, 18.0)], True),
        ("crash", 9.0, [], [(20.0, 30.0)], True),
        ("late", 9.0, [], [], False),
        ("late", 9.0, RIGHT, [], True),
        ("deploy", 0.0, [(12.0, IS), (24.0, OVER)], [], True),
        ("deploy", 0.0, [(12.0, IS), (24.0, OVER)], [(0.0, 9.0)], True),
        ("crash", 9.0, [(-5.0, IS), (2.0, IS), (20.0, OVER)], [], True),
    ],
)
def test_the_judge(
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    lasts: float,
    told: list[tuple[float, str]],
    disturbed: list[tuple[float, float]],
    wrong: bool,
) -> None:
    said, excused = verdict(monkeypatch, fault, lasts, told, disturbed)
    assert bool(said) == wrong, said
    assert excused == 0


@pytest.mark.parametrize(
    ("fault", "lasts", "disturbed"),
    [("crash", 9.0, [(-1.0, 8.0)]), ("stuck", 30.0, [(12.0, 20.0)]), ("late", 20.0, [])],
)
def test_what_is_not_judged_is_counted(
    monkeypatch: pytest.MonkeyPatch, fault: str, lasts: float, disturbed: list[tuple[float, float]]
) -> None:
    assert verdict(monkeypatch, fault, lasts, [], disturbed) == ([], 1)
