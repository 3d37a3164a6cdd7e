"""Shell text as simple commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space.image_shell import LIMIT, UNKNOWN, shell_commands

CASES = [
    ("a b && c", [(("a", "b"), ";"), (("c",), "&&")]),
    ("a \\\n  b; c # rest\nd", [(("a", "b"), ";"), (("c",), ";"), (("d",), ";")]),
    ("a &&\n b || c", [(("a",), ";"), (("b",), "&&"), (("c",), "||")]),
    ("echo 'a $X' \"b $X\" c\\ d", [(("echo", "a $X", "b 1", "c d"), ";")]),
    ('run ${P:-7860} ${Q:-"x"} $NONE', [(("run", "7860", "x", UNKNOWN), ";")]),
    ("a $(date -u +%s)x `b`", [(("a", UNKNOWN + "x", UNKNOWN), ";")]),
    ("cd ~/x", [(("cd", "/h/x"), ";")]),
    ("A=2; echo $A", [((), ";"), (("echo", "2"), ";")]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_words_and_operators(text: str, expected: list[tuple[tuple[str, ...], str]]) -> None:
    found = shell_commands(text, {"X": "1", "HOME": "/h"})
    assert [(c.words, c.joined) for c in found] == expected


def test_conditions_and_loops_are_not_certain() -> None:
    text = (
        "first\nif [ $A ]; then\n inside\nelse\n other\nfi\nlast\n"
        "for i in a b; do loop $i; done\ncase $x in\n a) one;;\nesac\nend"
    )
    certain = [c.words[0] for c in shell_commands(text) if c.certain and c.words]
    assert certain == ["first", "last", "end"]


def test_redirects_and_assignments() -> None:
    (found,) = shell_commands("A=1 cmd x > out.txt 2>&1 < in")
    assert found.words == ("cmd", "x") and found.assigned == (("A", "1"),)
    assert found.redirects[0] == (">", "out.txt") and ("<", "in") in found.redirects


@given(st.text(alphabet="ab $(){}'\"`\\;|&<>#\n=~!:-", max_size=120))
def test_nothing_breaks_it(text: str) -> None:
    for command in shell_commands(text):
        assert 0 <= command.start <= len(text)


def test_long_texts_are_cut() -> None:
    assert len(shell_commands("a;" * LIMIT)) == LIMIT // 2


def test_defaults_nested_deeper_than_anybody_writes_are_unknown() -> None:
    (found,) = shell_commands("run ${A:-${B:-${C:-7860}}}")
    assert found.words == ("run", "7860")
    assert shell_commands("run " + "${A:-" * 20_000)[0].words == ("run", UNKNOWN)
