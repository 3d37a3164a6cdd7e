"""Signs from a person's words."""

from __future__ import annotations

import re

from unstick.case import Evidence
from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.signs import matching

MOST = 64 * 1024
"""Characters of a description that are read; a longer text is a log, and read as one."""

_SAME_LENGTH = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
_NEGATION = lazy(
    r"(?:\b(?:no|not|never|nor|neither|without|isn't|aren't|wasn't|weren't|cannot|can't|don't|doesn't|didn't|nobody|nothing)"
    r"(?: (?:a|an|any|the|been|be|is|really|even|my|own|such|yet"
    r"|of|for|to|in|from|due to|because of|using|use|related to)){0,3}"
    r"|没有|不是|不)\s*[\"'`*(]*$",
    re.IGNORECASE,
)
_DENIED_INSIDE = lazy(r"\b(?:not|never|no|nothing|cannot|neither|fails?|failed)\b|n't\b", re.IGNORECASE)
_SENTENCE = lazy(r"([.!?。！？]\s+|\n)")
_CLAUSE = lazy(r"[.!?;:,\n]\s|\b(?:but|although|though|yet|while|whereas|however)\b", re.IGNORECASE)


class Words(NamedTuple):
    """One phrase found: the sign it shows, whether it was denied, and the span of the words."""

    sign: str
    denied: bool
    start: int
    end: int


def normalise(text: str) -> str:
    """The text with typographic quotes, dashes and spaces made plain, and each sentence said once; every
    offset stays what it was."""
    return said_once(text[:MOST].translate(_SAME_LENGTH))


def said_once(text: str) -> str:
    """The text with each repeated sentence or line blanked: its end and a second beginning would together
    look like words that nobody said. Every offset stays what it was."""
    parts = _SENTENCE.split(text)
    seen: set[str] = set()
    for index, part in enumerate(parts):
        if part in seen and not _SENTENCE.fullmatch(part):
            parts[index] = "!" * len(part)
        seen.add(part)
    return "".join(parts)


def find(text: str) -> list[Words]:
    """Every phrase of the vocabulary in a normalised text: the first occurrence that is not denied,
    or else the first that is."""
    from unstick.signs._table import ACROSS, LITERALS, PHRASES, PLAIN

    found = []
    for index in matching.phrases(text, LITERALS, ACROSS):
        sign, pattern = PHRASES[index]
        denied = None
        for match in matching.compile(pattern).finditer(text):
            if sign in PLAIN and _DENIED_INSIDE.search(match.group(0)):
                continue
            words = Words(sign, is_denied(text, match.start()), match.start(), match.end())
            if not words.denied:
                found.append(words)
                break
            denied = denied or words
        else:
            if denied:
                found.append(denied)
    return found


def is_denied(text: str, start: int) -> bool:
    """Whether the words just before `start`, in the same clause, deny what follows."""
    before = text[max(0, start - 60) : start]
    clause = _CLAUSE.split(before)[-1]
    return _NEGATION.search(clause) is not None


def evidence(text: str) -> list[Evidence]:
    """One piece of evidence for each sign that the words show; a sign both claimed and denied is claimed."""
    best: dict[str, Words] = {}
    for words in find(normalise(text)):
        known = best.get(words.sign)
        if (
            known is None
            or (known.denied and not words.denied)
            or (known.denied == words.denied and words.end - words.start > known.end - known.start)
        ):
            best[words.sign] = words
    return [
        Evidence(words.sign, not words.denied, "description", place(text, words.start), quote(text, words))
        for words in best.values()
    ]


def place(text: str, start: int) -> str:
    """'description, line 2', for a person."""
    return f"description, line {text.count(chr(10), 0, start) + 1}"


def quote(text: str, words: Words) -> str:
    """The words themselves, widened to whole words and shortened."""
    start = text.rfind(" ", 0, words.start) + 1 if words.start else 0
    start = max(start, text.rfind("\n", 0, words.start) + 1)
    end = min(
        [at for at in (text.find(" ", words.end), text.find("\n", words.end)) if at >= 0] or [len(text)]
    )
    return " ".join(text[start:end].split())[:160]
