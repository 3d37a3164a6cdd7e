"""The page of a rule, a sign or a cause, in Markdown: what `unstick explain` shows and what docs/ holds."""

from __future__ import annotations

import re
from collections.abc import Callable

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.causes import Cause
    from unstick.rules.base import Row
    from unstick.signs.vocabulary import Sign

Link = Callable[[str, str], str]
"""Gives the text of a reference to a page: its kind ('rule', 'sign' or 'cause') and its id."""

LAYERS = {
    "C": "configuration",
    "B": "build",
    "A": "app",
    "P": "platform",
    "U": "account",
    "N": "client and network",
}
TURNS = {
    "you": "you",
    "owner": "the Space's owner",
    "platform": "the platform",
    "account": "the account's holder",
}
SECTIONS = ("What it finds", "Why it matters", "Example", "Instead", "Repair safety", "Source")


def plain(kind: str, name: str) -> str:
    """A reference for a terminal: the id alone."""
    del kind
    return f"`{name}`"


def find(name: str) -> list[tuple[str, str]]:
    """The kind and id of everything with this id or code, in any case; a rule and a cause may share one."""
    from unstick.causes import load
    from unstick.rules.engine import table
    from unstick.signs.vocabulary import signs

    wanted = name.strip().lower().replace("_", "-")
    known = [("rule", row.id, row.rule.code) for row in table()]
    known += [("cause", cause.id, cause.code) for cause in load().values()]
    known += [("sign", sign.id, sign.code) for sign in signs().values()]
    return [(kind, id_) for kind, id_, code in known if wanted in (id_, code.lower())]


def page(kind: str, name: str, link: Link = plain) -> str:
    """The Markdown page of one rule, sign or cause. Raises KeyError for an id that does not exist."""
    from unstick.causes import load
    from unstick.rules.engine import table
    from unstick.signs.vocabulary import signs

    if kind == "cause":
        return cause_page(load()[name], link)
    if kind == "sign":
        return sign_page(signs()[name], link)
    rows = {row.id: row for row in table()}
    return rule_page(rows[name], link)


def rule_page(row: Row, link: Link) -> str:
    """A rule's docstring with its sections as headings, below what its metadata says."""
    from importlib import import_module
    from inspect import cleandoc

    module = import_module(f"unstick.rules.{row.id.replace('-', '_')}")
    _, sections = split_docstring(cleandoc(module.__doc__ or ""))
    repair = "can be repaired by `unstick fix`" if row.fixable else "has to be repaired by hand"
    lines = [
        f"# {row.rule.code} {row.id}",
        f"**{row.rule.title}.** A rule of the layer '{LAYERS[row.rule.code[0]]}': {row.rule.severity}, "
        f"confidence {row.rule.confidence:.0%}, {repair}.",
    ]
    for title, text in sections:
        lines += [f"## {title}", text]
    if row.rule.causes:
        told = ", ".join(f"{link('cause', cause)} ({bits:+g} bits)" for cause, bits in row.rule.causes)
        lines += ["## What it tells a diagnosis", told]
    return "\n\n".join(lines) + "\n"


def split_docstring(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The first paragraph, and each named section with its text, in the order of the docstring."""
    parts = re.split(rf"^({'|'.join(SECTIONS)})[^\n:]*:[ \n]", text, flags=re.MULTILINE)
    titles, texts = parts[1::2], parts[2::2]
    sections = [
        (title, capital(body.strip("\n").rstrip())) for title, body in zip(titles, texts, strict=True)
    ]
    return parts[0].strip(), sections


def capital(text: str) -> str:
    """The text with a capital first letter, unless it begins with a name or an indented example."""
    word = text.split(" ", 1)[0].rstrip(".,;:")
    return text[:1].upper() + text[1:] if word.isalpha() and word.islower() else text


def cause_page(cause: Cause, link: Link) -> str:
    """A cause: whose turn it is, what happens, what to do, what proves it, what speaks for it."""
    lines = [
        f"# {cause.code} {cause.id}",
        f"**{cause.title[:1].upper()}{cause.title[1:]}.** A cause of the domain '{cause.domain}'; "
        f"to act: {TURNS[cause.turn]}.",
        cause.explanation.strip(),
        "## What to do",
        "\n".join(f"{number}. {step}" for number, step in enumerate(cause.remedy, 1)),
        "## What proves it",
        cause.observe,
    ]
    told = telling(cause.id, link)
    if told:
        lines += ["## What speaks for it", "\n".join(told)]
    if cause.neighbours:
        lines += ["## Easily mistaken for", ", ".join(link("cause", name) for name in cause.neighbours)]
    if cause.references:
        lines += ["## Sources", "\n".join(f"- {reference}" for reference in cause.references)]
    return "\n\n".join(lines) + "\n"


def telling(cause: str, link: Link, most: int = 12) -> list[str]:
    """The rules and signs that speak loudest for a cause, as list items with an expert's bits."""
    from unstick.rules.engine import table
    from unstick.signs.vocabulary import signs

    found = [(dict(row.rule.causes).get(cause, 0.0), "rule", row.id, row.rule.title) for row in table()]
    found += [(dict(sign.says).get(cause, 0.0), "sign", sign.id, sign.title) for sign in signs().values()]
    loudest = sorted((item for item in found if item[0] > 0), key=lambda item: (-item[0], item[2]))[:most]
    return [f"- {link(kind, name)}: {title} ({bits:+g} bits)" for bits, kind, name, title in loudest]


def sign_page(sign: Sign, link: Link) -> str:
    """A sign: its question, how it is observed, and what it says about which cause."""
    said = sorted(sign.says, key=lambda item: (-item[1], item[0]))
    lines = [
        f"# {sign.code} {sign.id}",
        f"**{sign.title[:1].upper()}{sign.title[1:]}.** A sign of the layer '{LAYERS[sign.code[0]]}'.",
        f"Question: {sign.question}" if sign.question else "",
        f"Observed by: {sign.how} (about {sign.cost:g} min)" if sign.how else "",
    ]
    if said:
        lines.append(
            "Speaks for: " + ", ".join(f"{link('cause', name)} ({bits:+g} bits)" for name, bits in said)
        )
    return "\n\n".join(line for line in lines if line) + "\n"
