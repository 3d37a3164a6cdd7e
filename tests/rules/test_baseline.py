"""Baselines: what is known stays quiet."""

from __future__ import annotations

import pytest

from unstick.errors import UnreadableError
from unstick.rules import baseline, check
from unstick.space import Space

ONE = "---\nsdk: docker\ncolorTo: cyan\n---\n"


def found(text: str):
    return check(Space.from_files({"README.md": text}))


def test_known_findings_stay_quiet_when_their_lines_move() -> None:
    known = baseline.parse(baseline.dump(found(ONE)), "b.json")
    moved = found(ONE.replace("sdk", "title: x\nsdk"))
    assert moved and baseline.subtract(moved, known) == ()


def test_new_findings_speak() -> None:
    known = baseline.parse(baseline.dump(found(ONE)), "b.json")
    both = found(ONE.replace("sdk: docker", "sdk: docker\ncolorFrom: teal"))
    assert [f.message.split()[0] for f in baseline.subtract(both, known)] == ["colorFrom"]


def test_two_alike_have_to_be_known_twice() -> None:
    twice = found(ONE) * 2
    known = baseline.parse(baseline.dump(found(ONE)), "b.json")
    assert len(baseline.subtract(twice, known)) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"known": 3}', '{"known": [{}]}', "[" * 100_000])
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="not a baseline"):
        baseline.parse(text, "b.json")
