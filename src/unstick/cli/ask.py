"""`unstick diagnose … --ask`: one question at a time, the most informative first."""

from __future__ import annotations

import sys

from unstick.case import Case, Unobserved
from unstick.errors import UsageError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.diagnose.engine import Scored
    from unstick.signs.vocabulary import Sign

ENOUGH = 0.95
"""No more questions once one cause holds this much."""

ANSWERS = {"y": True, "yes": True, "n": False, "no": False}
DO_NOT_KNOW = frozenset(("?", "", "d", "don't know", "dont know"))


def require_terminal(targets: Sequence[str]) -> None:
    """Raises UsageError where nobody can be asked: stdin holds a target, or is not a terminal."""
    if "-" in targets:
        raise UsageError(
            "cannot ask while a target is read from standard input", where="--ask",
            todo="Put the text into a file and name that instead of `-`.",
        )  # fmt: skip
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "needs a terminal for questions and answers", where="--ask",
            todo="Leave --ask out: the diagnosis says what to observe next.",
        )  # fmt: skip


def ask(case: Case) -> Case:
    """The case with the answers of the person at the terminal.

    Asks until one cause holds 95 %, nothing informative is left, or the input ends (Ctrl-D). What the person
    does not know is kept as unobserved. Raises UsageError when there is no terminal.
    """
    from unstick.diagnose import model as likelihood
    from unstick.diagnose.engine import score
    from unstick.diagnose.following import observations
    from unstick.signs.vocabulary import signs

    require_terminal(())
    model = likelihood.load()
    print("Answer y, n or ? (don't know); Ctrl-D ends the questions.")
    while True:
        scored = score(case, model)
        print(f"  so far: {_leading(scored)}\n")
        if max(scored.probabilities.values()) >= ENOUGH:
            return case
        following = observations(case, model, scored, 1)
        if not following:
            print("Nothing else that you could be asked would settle more.\n")
            return case
        print(f"{following[0].question}\n  ({following[0].how})")
        try:
            case = _answered(case, signs()[following[0].sign])
        except EOFError:
            print("\n")
            return case


def _leading(scored: Scored) -> str:
    """The leading cause with its probability."""
    cause = min(scored.probabilities, key=lambda name: (-scored.probabilities[name], name))
    return f"{cause} ({scored.probabilities[cause]:.0%})"


def _answered(case: Case, sign: Sign) -> Case:
    """The case with one question answered. Raises EOFError when the input ends."""
    from unstick.diagnose.following import answer

    if sign.group:
        chosen = _among(sign)
        return answer(case, chosen.id, True) if chosen else _not_known(case, sign)
    while True:
        typed = input("y / n / ? > ").strip().lower()
        if typed in ANSWERS:
            return answer(case, sign.id, ANSWERS[typed])
        if typed in DO_NOT_KNOW:
            return _not_known(case, sign)
        print("Please answer y, n or ?.")


def _among(first: Sign) -> Sign | None:
    """Which of a group's answers holds, or None when the person does not know."""
    from unstick.signs.vocabulary import signs

    members = [sign for sign in signs().values() if sign.group == first.group]
    for number, sign in enumerate(members, 1):
        print(f"  {number}  {sign.answer or sign.title}")
    while True:
        typed = input(f"1-{len(members)} / ? > ").strip().lower()
        if typed in DO_NOT_KNOW:
            return None
        if typed.isascii() and typed.isdecimal() and 0 < int(typed) <= len(members):
            return members[int(typed) - 1]
        named = [sign for sign in members if typed == sign.answer.lower()]
        if named:
            return named[0]
        print(f"Please answer with a number from 1 to {len(members)}, or ?.")


def _not_known(case: Case, sign: Sign) -> Case:
    """The case that remembers what was asked in vain."""
    return case._replace(unobserved=(*case.unobserved, Unobserved(sign.id, "asked")))
