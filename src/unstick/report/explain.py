"""What `unstick explain` shows: pages by id or code, what is near a wrong name, and the list of all."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.report import pages

if TYPE_CHECKING:
    from typing import Any


KINDS = ("cause", "rule", "sign")
NEAR = 5


class Entry(NamedTuple):
    """One thing that can be explained. `kind` is one of `KINDS`, `also` further words it can be found by."""

    kind: str
    id: str
    code: str
    title: str
    also: tuple[str, ...] = ()


def entries() -> tuple[Entry, ...]:
    """Everything that can be explained: causes, rules, signs, each kind sorted by code."""
    from unstick.causes import load
    from unstick.rules.engine import table
    from unstick.signs.vocabulary import signs

    causes = [Entry("cause", cause.id, cause.code, cause.title, cause.aliases) for cause in load().values()]
    rules = [Entry("rule", row.id, row.rule.code, row.rule.title) for row in table()]
    known = [Entry("sign", sign.id, sign.code, sign.title) for sign in signs().values()]
    return tuple(
        entry for kind in (causes, rules, known) for entry in sorted(kind, key=lambda item: item.code)
    )


def find(name: str) -> tuple[Entry, ...]:
    """What has this id or code, in any case; a rule and a cause may share one."""
    found = set(pages.find(name))
    return tuple(entry for entry in entries() if (entry.kind, entry.id) in found)


def near(name: str) -> tuple[Entry, ...]:
    """What could have been meant: words of titles and aliases first, then similar spellings; at most five."""
    from difflib import SequenceMatcher

    wanted = name.strip().lower().replace("_", "-")
    scored = []
    for order, entry in enumerate(entries()):
        words = " ".join((entry.id, entry.title, *entry.also)).lower()
        spelling = max(
            SequenceMatcher(None, wanted, known).ratio() for known in (entry.id, entry.code.lower())
        )
        score = spelling + (
            0.5 if len(wanted) > 2 and (wanted in words or wanted.replace("-", " ") in words) else 0
        )
        scored.append((-score, order, entry))
    return tuple(entry for score, _, entry in sorted(scored)[:NEAR] if score <= -0.6)


def document(found: tuple[Entry, ...]) -> dict[str, Any]:
    """The entries as plain values, each with its page in Markdown."""
    return {
        "entries": [
            {
                "kind": entry.kind,
                "id": entry.id,
                "code": entry.code,
                "title": entry.title,
                "markdown": pages.page(entry.kind, entry.id),
            }
            for entry in found
        ]
    }


def listing() -> str:
    """All causes, rules and signs by kind, one line each."""
    everything = entries()
    longest = max(len(entry.id) for entry in everything)
    lines = []
    for kind in KINDS:
        some = [entry for entry in everything if entry.kind == kind]
        lines += [f"{len(some)} {kind}s", ""]
        lines += [f"  {entry.code:<5} {entry.id:<{longest}}  {entry.title}".rstrip() for entry in some]
        lines.append("")
    return "\n".join([*lines, "unstick explain ID   all about one of them", ""])
