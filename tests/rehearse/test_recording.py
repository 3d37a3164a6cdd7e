"""Logs and timelines are bounded and hold no secret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unstick.rehearse.recording import HEAD, LONGEST, TAIL, Recording

SECRET = "correct-horse-battery"


@given(st.text(), st.text())
def test_a_given_secret_is_never_kept(before: str, after: str) -> None:
    recording = Recording(hidden=[SECRET])
    recording.line("run", before + SECRET + after)
    recording.event("note", before + SECRET + after)
    assert SECRET not in recording.log("run")[0].text
    assert SECRET not in recording.timeline()[0].text


def test_tokens_are_found_without_being_given() -> None:
    recording = Recording()
    recording.line("run", "using hf_" + "a1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwX")
    assert "a1B2c3D4" not in recording.log("run")[0].text


def test_a_flood_keeps_its_ends() -> None:
    recording = Recording()
    for number in range(HEAD + TAIL + 500):
        recording.line("run", f"line {number}")
    lines = [line.text for line in recording.log("run")]
    assert lines[0] == "line 0" and lines[-1] == f"line {HEAD + TAIL + 499}"
    assert "[500 lines left out]" in lines and len(lines) == HEAD + TAIL + 1


def test_a_long_line_is_cut() -> None:
    recording = Recording()
    recording.line("build", "x" * 10 * LONGEST)
    assert len(recording.log("build")[0].text) <= LONGEST
