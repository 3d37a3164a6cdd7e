"""The support request: what is wrong, why it looks like whose turn, and all that support asks for."""

from __future__ import annotations

from collections.abc import Iterator

from unstick.causes import NONE_OF_THESE
from unstick.contract.network import SUPPORT
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.redact import redact
from unstick.report import diagnosis as view
from unstick.report.markdown import fence, prose
from unstick.report.support_items import LISTS, NOTHING, Item, items, space_id
from unstick.text import json_safe, one_line, printable, wrap

if TYPE_CHECKING:
    from typing import Any

    from unstick.diagnose.types import Diagnosis, Weight
    from unstick.observe.reported import Reported

FORMATS = ("mail", "forum", "markdown", "json")
VERSION = "unstick/support-request/1"
COLUMNS = 78
SURE = 0.5
MOST_EVIDENCE = 6
WORDS = 70
"""So much of the description is repeated in the opening."""

_ADDRESSES = {purpose: address for purpose, address, _ in SUPPORT}
_ASKS = {
    "platform-stuck-state": "Could you look at the state of this Space on your side and set it free?",
    "platform-incident": "Could you confirm whether there is an incident, and say when to restart?",
    "platform-regression": "Could you tell me whether this change is meant, and what to do instead?",
    "platform-proxy": "Could you look at what the router does with requests to this Space?",
    "scheduling-capacity": "Could you look at why it is not scheduled?",
    "flagged-or-moderated": "Could you review the block, and tell me what has to change for it to be lifted?",
    "billing-or-quota": "Could you check which limit of the account stops it?",
}
_ASK = "Could you tell me what you see on your side?"


class Request(NamedTuple):
    """A support request. `note` is for the sender alone and empty when nothing is to be said."""

    to: str
    forum: str
    subject: str
    note: str
    opening: tuple[str, ...]
    items: tuple[Item, ...]
    evidence: tuple[str, ...]

    @property
    def missing(self) -> tuple[Item, ...]:
        """What support asks for and nobody has given yet."""
        return tuple(item for item in self.items if item.value is None)


def request(diagnosis: Diagnosis, reported: Reported = NOTHING) -> Request:
    """The request for a diagnosis and what was reported, secrets redacted."""
    first = diagnosis.causes[0]
    about = _ADDRESSES["safety"] if first.cause == "flagged-or-moderated" else ""
    return Request(
        to=", ".join(address for address in (_ADDRESSES["general"], about) if address),
        forum=_ADDRESSES["forum"],
        subject=_subject(diagnosis),
        note=note(diagnosis),
        opening=tuple(_safe(text) for text in _opening(diagnosis)),
        items=items(diagnosis, reported),
        evidence=tuple(_safe(_spoken(weight)) for weight in _speaking(diagnosis)),
    )


def note(diagnosis: Diagnosis) -> str:
    """What the sender should know first: that support will send it back. Empty when it is support's turn."""
    if diagnosis.turn == "nobody":
        return "nothing is wrong that can be seen: say in it what you see, or support will send this back"
    if diagnosis.turn not in ("you", "owner"):
        return ""
    first = diagnosis.causes[0]
    if first.cause == NONE_OF_THESE or first.probability < SURE:
        return "support may send this back: it is not settled whether the platform is at fault. " + _next(
            diagnosis
        )
    whose = "yours" if diagnosis.turn == "you" else "the Space owner's"
    steps = view.cause_of(first).remedy[:1]
    todo = f" First: {view.filled(steps[0], diagnosis.case)}" if steps else ""
    percent = view.percent(first.probability)
    return _safe(
        f"support will send this back: most likely the turn is {whose} ({first.cause}, {percent}).{todo}"
    )


def _next(diagnosis: Diagnosis) -> str:
    if not diagnosis.next:
        return "Say below what is missing."
    observation = diagnosis.next[0]
    return _safe(f"First find out: {observation.question} ({view.filled(observation.how, diagnosis.case)})")


def _safe(text: str) -> str:
    return one_line(redact(text, emails=True))


def _subject(diagnosis: Diagnosis) -> str:
    """Space, trouble, hardware."""
    case = diagnosis.case
    name = space_id(case) or "OWNER/NAME"
    first = diagnosis.causes[0]
    trouble = (
        first.title if first.probability >= SURE and first.cause != NONE_OF_THESE else "does not come up"
    )
    hours = case.fact("waited_hours")
    since = f" for {hours} hours" if hours and diagnosis.turn == "platform" else ""
    hardware = f" ({case.fact('hardware')})" if case.fact("hardware") else ""
    return _safe(f"Space {name}: {trouble}{since}{hardware}")


def _opening(diagnosis: Diagnosis) -> Iterator[str]:
    """What is wrong, and honestly how sure it is that the platform has to act."""
    case = diagnosis.case
    first, second = diagnosis.causes[0], diagnosis.causes[1:2]
    name = space_id(case)
    if case.description:
        words = case.description.split()
        told = " ".join(words[:WORDS]) + (" …" if len(words) > WORDS else "")
        yield f"This is about my Space{' ' + name if name else ''}. In my words: {told}"
    else:
        yield f"This is about my Space{' ' + name if name else ''}."
    says = view.cause_of(first).says
    sure = view.percent(first.probability)
    other = (
        f" (next: {second[0].title}, {view.percent(second[0].probability)})"
        if second and second[0].cause != NONE_OF_THESE
        else ""
    )
    if diagnosis.turn in ("platform", "account") and first.cause != NONE_OF_THESE:
        where = (
            "the platform's side" if diagnosis.turn == "platform" else "the account rather than at the code"
        )
        yield f"What I can see points at {where}: most likely {says}, {sure} as unstick counts{other}."
    elif first.cause == NONE_OF_THESE or first.probability < SURE:
        yield f"I could not settle whose fault it is: perhaps {says}, {sure} as unstick counts{other}."
    else:
        yield f"What I can see points at my own Space: most likely {says}, {sure} as unstick counts{other}."
    yield _ASKS.get(first.cause, _ASK)


def _speaking(diagnosis: Diagnosis) -> tuple[Weight, ...]:
    shown = view.evidence(diagnosis.causes[0], MOST_EVIDENCE)
    return (*shown.speaking_for, *shown.against)


def _spoken(weight: Weight) -> str:
    """One piece of evidence in a line: sign, place, quote; what speaks against it says so."""
    seen = weight.evidence
    quote = f": “{seen.quote}”" if seen.quote.strip() else ""
    title = view.sign_title(seen.sign, seen.present)
    return f"{'' if weight.bits > 0 else 'against it: '}{title} ({view.place(weight)}{quote})"


def render(format: str, wanted: Request) -> str:
    """A request in one of `FORMATS`, ending in a newline, without secrets and without control characters.

    'mail' is plain text with its header lines, 'forum' a topic in Markdown, 'markdown' the request with
    address and note, 'json' all of its parts.
    """
    if format == "json":
        import json

        return json_safe(json.dumps(document(wanted), ensure_ascii=False, indent=2)) + "\n"
    lines = _mail(wanted) if format == "mail" else _markdown(wanted, forum=format == "forum")
    return printable("\n".join(lines), lines=True).strip("\n") + "\n"


def document(wanted: Request) -> dict[str, Any]:
    """The request as plain values; `items` says of each what is missing and how to get it."""
    return {
        "schema": VERSION,
        "to": wanted.to,
        "forum": wanted.forum,
        "subject": wanted.subject,
        "note": wanted.note,
        "opening": list(wanted.opening),
        "items": [
            {"key": i.key, "name": i.name, "value": i.value, "missing": i.value is None, "how": i.how}
            for i in wanted.items
        ],
        "evidence": list(wanted.evidence),
    }


def _mail(wanted: Request) -> Iterator[str]:
    yield f"To: {wanted.to}"
    yield f"Subject: {wanted.subject}"
    yield from ("", "Hello,")
    for paragraph in wanted.opening:
        yield ""
        yield from wrap(paragraph, COLUMNS)
    yield from ("", "The facts", "")
    short = [item for item in wanted.items if not item.block]
    longest = max(len(item.name) for item in short) + 1
    for item in short:
        value = item.value if item.value is not None else f"[MISSING: {item.how}]"
        yield from wrap(value, COLUMNS, first=f"  {item.name + ':':<{longest}} ", rest=" " * (longest + 3))
    for item in wanted.items:
        if item.block:
            yield from ("", item.name, "")
            text = item.value if item.value is not None else f"[MISSING: {item.how}]"
            if item.value is None:
                yield from wrap(text, COLUMNS, first="  ", rest="  ")
            else:
                yield from (f"  {line}".rstrip() for line in text.splitlines())
    if wanted.evidence:
        yield from ("", "What this rests on", "")
        for line in wanted.evidence:
            yield from wrap(line, COLUMNS, first="  - ", rest="    ")
    yield from ("", "Kind regards,", "[your name and Hugging Face user name]")


def _markdown(wanted: Request, *, forum: bool) -> Iterator[str]:
    if forum:
        yield from (f"# {prose(wanted.subject)}", "")
    else:
        yield from (
            f"# Support request: {prose(wanted.subject)}",
            "",
            f"To: {wanted.to} · Forum: <{wanted.forum}>",
            "",
        )
        if wanted.note:
            yield from (f"> **Note:** {prose(wanted.note)}", "")
    yield "Hello,"
    for paragraph in wanted.opening:
        yield from ("", prose(paragraph))
    yield from ("", "## The facts", "")
    for item in wanted.items:
        if not item.block:
            value = prose(item.value) if item.value is not None else f"**missing**: {prose(item.how)}"
            yield f"- {item.name}: {value}"
    for item in wanted.items:
        if item.block:
            yield from ("", f"## {item.name}", "")
            yield from _block(item)
    if wanted.evidence:
        yield from ("", "## What this rests on", "")
        yield from (f"- {prose(line)}" for line in wanted.evidence)


def _block(item: Item) -> Iterator[str]:
    """A value of several lines: a list as a list, everything else in a fence."""
    if item.value is None:
        yield f"**missing**: {prose(item.how)}"
    elif item.key in LISTS:
        yield from (f"- {prose(line.removeprefix('- '))}" for line in item.value.splitlines())
    else:
        yield fence(item.value)
