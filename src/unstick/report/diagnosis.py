"""What all renderers of a diagnosis share: what is shown, in which words."""

from __future__ import annotations

from collections.abc import Sequence

from unstick import causes as cause_files
from unstick.causes import NONE_OF_THESE, Cause
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.case import Case
    from unstick.diagnose.types import Diagnosis, Observation, Ranked, Weight

FORMATS = ("terminal", "json", "markdown")

LISTED = 5
"""So many causes are listed by name at most; the rest is summed up."""

LISTED_FROM = 0.02
EXPLAINED = 3
EXPLAINED_FROM = 0.1
"""Causes with less than this get no account of their evidence."""

CLOSE = 0.5
"""The second cause's remedy is shown, too, when it has at least this share of the first one's probability."""

SEEN = 8
"""So many things that were seen are listed of a Space that is well."""

NEGLIGIBLE = 0.15
"""Evidence that says less than this, in bits, is left out for a person."""


ARTICLES = frozenset(
    ("A", "An", "The", "No", "It", "This", "Nothing", "Something", "There", "One", "Two", "Some")
)
"""Words that a title may begin with, and that are small within a line."""


class Shown(NamedTuple):
    """The evidence of one cause that is worth a line each, and what the rest sums up to."""

    speaking_for: tuple[Weight, ...]
    against: tuple[Weight, ...]
    rest: int
    rest_bits: float


def render(
    format: str, diagnosis: Diagnosis, *, columns: int = 80, color: bool = False, targets: Sequence[str] = ()
) -> str:
    """The diagnosis in one of `FORMATS`, ending in a newline.

    `columns` and `color` are for the terminal; `targets` are the arguments of the call, for the commands
    that the page names.
    """
    if format == "json":
        from unstick.report import json

        return json.render(diagnosis)
    if format == "markdown":
        from unstick.report import markdown

        return markdown.render(diagnosis, targets=targets)
    from unstick.report import terminal

    return terminal.render(diagnosis, columns=columns, color=color, targets=targets)


def percent(probability: float) -> str:
    """A probability for a person: never 0 % or 100 %, as nothing here is impossible or certain."""
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.005 else f"{probability:.0%}"


def bits(value: float) -> str:
    """Bits with their sign, one decimal."""
    return f"{'+' if value >= 0 else '−'}{abs(value):.1f}"


def listed(diagnosis: Diagnosis) -> tuple[Ranked, ...]:
    """The causes that are named in the ranking: the leading ones, at least two."""
    causes = diagnosis.causes
    named = [item for item in causes[:LISTED] if item.probability >= LISTED_FROM]
    return tuple(named if len(named) >= 2 else causes[:2])


def explained(diagnosis: Diagnosis) -> tuple[Ranked, ...]:
    """The causes whose evidence is shown: the first, and the next ones that are probable enough."""
    first, *others = diagnosis.causes
    more = [item for item in others[: EXPLAINED - 1] if item.probability >= EXPLAINED_FROM]
    return first, *(item for item in more if item.cause != NONE_OF_THESE)


def evidence(ranked: Ranked, most: int) -> Shown:
    """The weightiest evidence for and against a cause: at most `most` pieces, a third of them against."""
    plus = [weight for weight in ranked.weights if weight.bits >= NEGLIGIBLE]
    minus = [weight for weight in ranked.weights if weight.bits <= -NEGLIGIBLE]
    against = minus[: max(1, most // 3, most - len(plus))]
    speaking = plus[: most - len(against)]
    kept = {id(weight) for weight in (*speaking, *against)}
    rest = [weight.bits for weight in ranked.weights if id(weight) not in kept]
    return Shown(tuple(speaking), tuple(against), len(rest), sum(rest))


def cause_of(ranked: Ranked) -> Cause:
    """The cause's text; one that the files do not know (any more) has only its names."""
    known = cause_files.load().get(ranked.cause)
    if known is not None:
        return known
    return Cause(ranked.cause, ranked.code, ranked.title, ranked.domain, "you", ranked.title, "", (), "")


def remedies(diagnosis: Diagnosis) -> tuple[tuple[Ranked, Cause], ...]:
    """The causes whose remedy is shown: the first, and the second when it is close."""
    first, second = diagnosis.causes[0], diagnosis.causes[1:2]
    close = [item for item in second if item.probability >= CLOSE * first.probability]
    shown = (first, *(item for item in close if item.cause != NONE_OF_THESE))
    return tuple((item, cause_of(item)) for item in shown)


def sign_title(sign: str, present: bool = True) -> str:
    """A sign in plain words; an absent one is denied."""
    from unstick.signs.vocabulary import signs

    known = signs().get(sign)
    title = known.title if known else rule_title(sign.removeprefix("rule:"))
    first, space, rest = title.partition(" ")
    title = first.lower() + space + rest if first in ARTICLES else title
    return title if present else f"not: {title}"


def seen_live(diagnosis: Diagnosis) -> list[tuple[str, str, str]]:
    """What a live Space showed, for one that is well: sign, place, words."""
    sources = ("hub", "url", "status-page")
    found = [item for item in diagnosis.case.evidence if item.present and item.source in sources]
    return [(item.sign, item.place, item.quote) for item in found[:SEEN] if item.quote]


def rule_title(rule: str) -> str:
    """What a rule looks for, when a finding of it is the evidence."""
    from unstick.rules.engine import table

    found = next((row.rule.title for row in table() if row.id == rule), "")
    return f"check: {found}" if found else rule.replace("-", " ")


def unknown(diagnosis: Diagnosis) -> list[str]:
    """What was not observed, each in one clause with its reason when that says something."""
    return [
        sign_title(item.sign) + (f" ({item.reason})" if item.reason not in ("", "not reported") else "")
        for item in diagnosis.unknown
    ]


def outcomes(observation: Observation) -> str:
    """What an observation would settle: 'yes → port-mismatch 93%, no → …'."""
    parts = []
    for answer, (cause, probability) in (("yes", observation.if_yes), ("no", observation.if_no)):
        named, _, rest = cause.partition(": ")
        answer, cause = (named, rest) if rest else (answer, cause)
        parts.append(f"{answer} → {cause} {percent(probability)}")
    return ", ".join(parts)


def place(weight: Weight) -> str:
    """Where a piece of evidence was seen; the source when the exact place is not known."""
    return weight.evidence.place or weight.evidence.source.replace("-", " ")


def filled(text: str, case: Case) -> str:
    """A command or address with the Space's real name in the place of OWNER/NAME, where that is known."""
    owner, slash, name = case.fact("space_id").partition("/")
    if not slash or "OWNER" not in text:
        return text
    from unstick.contract.network import subdomain

    text = text.replace("OWNER-NAME", subdomain(owner, name))
    return text.replace("OWNER/NAME", f"{owner}/{name}")


def command(*words: str) -> str:
    """A command line with its words quoted for a shell where they need it."""
    safe = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_")
    quoted = [
        word if word and set(word) <= safe else "'" + word.replace("'", "'\\''") + "'" for word in words
    ]
    return " ".join(quoted)


def next_commands(diagnosis: Diagnosis, targets: Sequence[str]) -> list[tuple[str, str]]:
    """The commands that come next, each with what it is for; the first one is the one to do."""
    first = diagnosis.causes[0]
    from unstick.redact import redact

    named = [redact(target) for target in targets] or ["TARGET"]
    if diagnosis.turn == "nobody":
        told = command("unstick", "diagnose", *named, "-")
        return [(told, "if you see trouble all the same: say in a sentence what you see")]
    report = (command("unstick", "report", *named, "--format", "mail"), "the support request, ready to send")
    explain = (command("unstick", "explain", first.code), f"all about {first.cause}")
    return [report, explain] if diagnosis.turn in ("platform", "account") else [explain, report]
