"""A diagnosis as Markdown, for issues, forums and pull requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unstick.record import TYPE_CHECKING
from unstick.report import diagnosis as view
from unstick.text import one_line, printable

if TYPE_CHECKING:
    from unstick.diagnose.types import Diagnosis, Ranked, Weight

EVIDENCE_LINES = 8
_ACTIVE = str.maketrans({c: "\\" + c for c in "\\`*_[]<>|#~"})


def render(diagnosis: Diagnosis, *, targets: Sequence[str] = ()) -> str:
    """The whole diagnosis; what was read from outside stands in code spans or is escaped."""
    if diagnosis.turn == "nobody":
        rows = [f"- {prose(view.sign_title(sign))} ({prose(place)}): {code(quote)}"
                for sign, place, quote in view.seen_live(diagnosis)]  # fmt: skip
        return "\n\n".join(filter(None, [f"## {prose(diagnosis.verdict)}", "\n".join(rows),
                                         "\n".join(_unknown(diagnosis))])) + "\n"  # fmt: skip
    parts = [
        f"## {prose(diagnosis.verdict)}",
        "\n".join(_ranking(diagnosis)),
        *("\n".join(_account(ranked)) for ranked in view.explained(diagnosis)),
        "\n".join(_unknown(diagnosis)),
        "\n".join(_next(diagnosis)),
        *_what_to_do(diagnosis),
        "\n".join(
            f"- {code(words)}: {prose(purpose)}" for words, purpose in view.next_commands(diagnosis, targets)
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def prose(text: str) -> str:
    """One line of text in which nothing is markup; code spans of our own texts stay."""
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:
        return one_line(text).translate(_ACTIVE)
    return "".join(
        code(piece) if index % 2 and piece else piece.translate(_ACTIVE) for index, piece in enumerate(pieces)
    )


def code(text: str) -> str:
    """One line as a code span, whatever backquotes it holds; an empty one as nothing."""
    text = one_line(text)
    if not text:
        return ""
    ticks = "`" * (longest_run(text, "`") + 1)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def fence(text: str, language: str = "") -> str:
    """Lines as a fenced block, whatever backquotes they hold."""
    text = printable(text, lines=True).rstrip()
    ticks = "`" * max(3, longest_run(text, "`") + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def longest_run(text: str, character: str) -> int:
    """The length of the longest run of one character."""
    longest = run = 0
    for each in text:
        run = run + 1 if each == character else 0
        longest = max(longest, run)
    return longest


def _ranking(diagnosis: Diagnosis) -> Iterator[str]:
    shown = view.listed(diagnosis)
    yield "| probability | code | cause | domain |"
    yield "| ---: | --- | --- | --- |"
    for item in shown:
        name = f"{item.cause}: {item.title}"
        yield f"| {view.percent(item.probability)} | {item.code} | {prose(name)} | {prose(item.domain)} |"
    others = len(diagnosis.causes) - len(shown)
    if others:
        rest = sum(item.probability for item in diagnosis.causes[len(shown) :])
        yield f"| {view.percent(rest)} | | {others} others together | |"


def _account(ranked: Ranked) -> Iterator[str]:
    shown = view.evidence(ranked, EVIDENCE_LINES)
    total = sum(weight.bits for weight in ranked.weights)
    yield f"### {prose(ranked.code + ' ' + ranked.title)}, {view.percent(ranked.probability)}"
    yield ""
    yield f"Prior {view.bits(ranked.prior_bits)} bits, evidence {view.bits(total)} bits."
    yield ""
    for weight in (*shown.speaking_for, *shown.against):
        yield _piece(weight)
    if shown.rest:
        yield f"- {view.bits(shown.rest_bits)} from {shown.rest} more"


def _piece(weight: Weight) -> str:
    seen = weight.evidence
    quote = f": {code(seen.quote)}" if seen.quote.strip() else ""
    title = prose(view.sign_title(seen.sign, seen.present))
    return f"- **{view.bits(weight.bits)}** {title} ({prose(view.place(weight))}){quote}"


def _unknown(diagnosis: Diagnosis) -> Iterator[str]:
    words = view.unknown(diagnosis)
    if words:
        yield "**Unknown:** " + "; ".join(prose(text) for text in words) + "."


def _next(diagnosis: Diagnosis) -> Iterator[str]:
    for observation in diagnosis.next[:1]:
        how = prose(view.filled(observation.how, diagnosis.case))
        yield f"**Next:** {prose(observation.question)}" + (f" — {how}" if how else "")
        yield f"({prose(view.outcomes(observation))})"


def _what_to_do(diagnosis: Diagnosis) -> Iterator[str]:
    for ranked, cause in view.remedies(diagnosis):
        steps = [prose(view.filled(step, diagnosis.case)) for step in cause.remedy]
        if steps:
            yield f"### What to do about {prose(ranked.cause)}"
            yield "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
        for repair in diagnosis.repairs:
            if repair.cause == ranked.cause:
                yield f"Repair: {prose(repair.title)}"
                yield fence(repair.diff, "diff")
