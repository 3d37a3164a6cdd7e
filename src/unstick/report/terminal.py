"""A diagnosis as a page for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unstick.record import TYPE_CHECKING
from unstick.report import diagnosis as view
from unstick.report.paint import Painter
from unstick.text import one_line, pad, printable, shorten, width, wrap

if TYPE_CHECKING:
    from unstick.diagnose.types import Diagnosis, Observation, Ranked, Repair, Weight

NARROWEST, WIDEST = 40, 110
BAR = 20
EVIDENCE_LINES = (6, 4, 3)
"""So many pieces of evidence for the first, second and third cause."""

ALONE = 8
"""So many when only one cause has its evidence shown."""

REMEDY_LINES = (8, 3)
"""So many lines of steps for the first and the second cause, half of it below a repair."""

WORTH_ASKING = 0.05
"""An observation that promises less information, in bits, is not offered on the page."""

DIFF_LINES = 14
UNKNOWN_LINES = 2


def render(
    diagnosis: Diagnosis, *, columns: int = 80, color: bool = False, targets: Sequence[str] = ()
) -> str:
    """The page: verdict, ranking, evidence, what is unknown, what to observe next, remedy, repair, commands.

    `columns` is the terminal's width (lines are kept between 40 and 110), `targets` the arguments of the
    call. Nothing of what was read can drive the terminal: only this module writes escape sequences.
    """
    columns = min(max(columns, NARROWEST), WIDEST)
    paint = Painter(color)
    if diagnosis.turn == "nobody":
        return _well(diagnosis, columns, paint, targets)
    explained = view.explained(diagnosis)
    lines = EVIDENCE_LINES if len(explained) > 1 else (ALONE,)
    parts = [
        [paint("bold", line) for line in wrap(one_line(diagnosis.verdict), columns)],
        list(_ranking(diagnosis, columns, paint)),
        *(
            list(_account(ranked, most, columns, paint))
            for ranked, most in zip(explained, lines, strict=False)
        ),
        [*_unknown(diagnosis, columns, paint), *_next(diagnosis, columns, paint)],
        *_what_to_do(diagnosis, columns, paint),
        list(_commands(diagnosis, targets, columns, paint)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _well(diagnosis: Diagnosis, columns: int, paint: Painter, targets: Sequence[str]) -> str:
    """The page of a live Space with which nothing is wrong: verdict, what was seen, what was not."""
    parts = [
        [paint("bold", line) for line in wrap(one_line(diagnosis.verdict), columns)],
        [
            shorten(f"  {one_line(view.sign_title(sign))}  {one_line(place)}: {one_line(quote)}", columns)
            for sign, place, quote in view.seen_live(diagnosis)
        ],
        list(_unknown(diagnosis, columns, paint)),
        list(_commands(diagnosis, targets, columns, paint)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _ranking(diagnosis: Diagnosis, columns: int, paint: Painter) -> Iterator[str]:
    """One line a cause: probability, bar, code, id; the others in one."""
    shown = view.listed(diagnosis)
    bar = BAR if columns >= 60 else 10
    longest = max(width(one_line(item.cause)) for item in shown)
    domain = max(len(item.domain) for item in shown)
    room = columns - bar - 15
    if longest + 2 + domain > room:
        longest = 0
    for item in shown:
        yield (
            f"  {view.percent(item.probability):>4}  {paint('bar', bar_of(item.probability, bar))}"
            f"  {item.code}  {_named(item, longest, room, paint)}"
        )
    others = len(diagnosis.causes) - len(shown)
    if others:
        rest = sum(item.probability for item in diagnosis.causes[len(shown) :])
        yield paint("dim", f"  {view.percent(rest):>4}  {' ' * bar}  {others} others together")


def _named(ranked: Ranked, longest: int, columns: int, paint: Painter) -> str:
    """A cause's id and its domain, the domains below each other; without them when `longest` is 0."""
    name = one_line(ranked.cause)
    if not longest:
        return shorten(name, columns)
    return f"{pad(name, longest)}  {paint('dim', ranked.domain)}"


def bar_of(probability: float, columns: int) -> str:
    """A bar of blocks in eighths, padded to `columns`."""
    eighths = round(min(max(probability, 0.0), 1.0) * columns * 8)
    full, part = divmod(eighths, 8)
    return pad("█" * full + (" ▏▎▍▌▋▊▉"[part] if part else ""), columns)


def _account(ranked: Ranked, most: int, columns: int, paint: Painter) -> Iterator[str]:
    """The evidence for and against one cause."""
    total = sum(weight.bits for weight in ranked.weights)
    sums = f"prior {view.bits(ranked.prior_bits)}, evidence {view.bits(total)} bits"
    title = shorten(f"{ranked.code} {one_line(ranked.title)}", columns - len(sums) - 2)
    yield f"{paint('bold', title)}  {paint('dim', sums)}"
    shown = view.evidence(ranked, most)
    for weight in shown.speaking_for:
        yield from _piece(weight, "for", columns, paint)
    for weight in shown.against:
        yield from _piece(weight, "against", columns, paint)
    if shown.rest and abs(shown.rest_bits) >= view.NEGLIGIBLE:
        yield paint("dim", f"  {view.bits(shown.rest_bits):>5}  from {shown.rest} more")
    elif not ranked.weights:
        yield paint("dim", "         nothing that was observed speaks for or against it")


def _piece(weight: Weight, side: str, columns: int, paint: Painter) -> Iterator[str]:
    """One piece of evidence: bits, sign, place, quote; on two lines when one is too short."""
    seen = weight.evidence
    title = one_line(view.sign_title(seen.sign, seen.present))
    where, quote = one_line(view.place(weight)), one_line(seen.quote)
    detail = f"{where}: {quote}" if quote and quote != where else where
    head = f"  {view.bits(weight.bits):>5}  "
    room = columns - len(head)
    if width(title) + 2 + width(detail) <= room:
        yield f"{paint(side, head)}{title}  {paint('dim', detail)}"
        return
    yield paint(side, head) + shorten(title, room)
    yield " " * len(head) + paint("dim", shorten(detail, room))


def _unknown(diagnosis: Diagnosis, columns: int, paint: Painter) -> Iterator[str]:
    """What was not observed, in at most `UNKNOWN_LINES` lines."""
    words = [one_line(text) for text in view.unknown(diagnosis)]
    for taken in range(len(words), 0, -1):
        more = f"; {len(words) - taken} more" if taken < len(words) else ""
        lines = wrap("; ".join(words[:taken]) + more, columns, first="Unknown whether: ", rest="   ")
        if len(lines) <= UNKNOWN_LINES or taken == 1:
            for line in lines[:UNKNOWN_LINES]:
                yield paint("bold", line[:16]) + line[16:] if line.startswith("Unknown") else line
            return


def _next(diagnosis: Diagnosis, columns: int, paint: Painter) -> Iterator[str]:
    """The observation that would settle most."""
    for observation in diagnosis.next[:1]:
        if observation.gain < WORTH_ASKING:
            return
        lines = wrap(_question(diagnosis, observation), columns, first="Next: ", rest="      ")
        first, *rest = paint.code(lines)
        yield paint("bold", first[:5]) + first[5:]
        yield from rest
        yield from wrap(f"({one_line(view.outcomes(observation))})", columns, first="      ", rest="       ")


def _question(diagnosis: Diagnosis, observation: Observation) -> str:
    """Question and how to answer it."""
    how = one_line(view.filled(observation.how, diagnosis.case))
    return f"{one_line(observation.question)} — {how}" if how else one_line(observation.question)


def _what_to_do(diagnosis: Diagnosis, columns: int, paint: Painter) -> Iterator[list[str]]:
    """Remedy and repair of the first cause, and of the second when it is close."""
    for (ranked, cause), most in zip(view.remedies(diagnosis), REMEDY_LINES, strict=False):
        repairs = [repair for repair in diagnosis.repairs if repair.cause == ranked.cause][:1]
        for repair in repairs:
            yield list(_repair(repair, columns, paint))
        steps = [view.filled(step, diagnosis.case) for step in cause.remedy]
        if steps:
            head = paint("bold", f"What to do about {one_line(ranked.cause)}")
            yield [head, *_steps(steps, most // 2 if repairs else most, columns, paint)]


def _steps(steps: Sequence[str], most: int, columns: int, paint: Painter) -> Iterator[str]:
    """Numbered steps in about `most` lines; a step that is begun is shown whole."""
    used = 0
    for number, step in enumerate(steps, 1):
        lines = wrap(one_line(step), columns, first=f"  {number}. ", rest="     ")
        if used and used + len(lines) > most:
            left = len(steps) - number + 1
            yield paint("dim", f"     and {left} more step{'s' if left > 1 else ''}")
            return
        used += len(lines)
        yield from paint.code(lines)


def _repair(repair: Repair, columns: int, paint: Painter) -> Iterator[str]:
    """A repair as a diff, and the command that writes it."""
    writes = "unstick fix" if all(edit.safe for edit in repair.edits) else "unstick fix --unsafe"
    title = f"Repair ({writes}): {one_line(repair.title)}"
    yield from (paint("bold", line) for line in wrap(title, columns))
    lines = printable(repair.diff, lines=True).split("\n")
    while lines and not lines[-1]:
        lines.pop()
    for line in lines[:DIFF_LINES]:
        short = shorten(line, columns - 2)
        kind = {"+": "added", "-": "removed", "@": "hunk"}.get(line[:1], "")
        yield "  " + (paint(kind, short) if kind else short)
    if len(lines) > DIFF_LINES:
        yield paint("dim", f"  and {len(lines) - DIFF_LINES} more lines")


def _commands(diagnosis: Diagnosis, targets: Sequence[str], columns: int, paint: Painter) -> Iterator[str]:
    """The next commands, each with what it is for."""
    rows = [
        (printable(words), one_line(purpose)) for words, purpose in view.next_commands(diagnosis, targets)
    ]
    longest = max(width(words) for words, _ in rows)
    for words, purpose in rows:
        fits = longest + 2 + width(purpose) <= columns
        yield (pad(words, longest) + "  " + paint("dim", purpose)) if fits else words
