"""What a description says of the things that support asks for, in the person's own sentences."""

from __future__ import annotations

import re

from unstick.patterns import lazy

MOST = 4
"""So many sentences are quoted for one thing."""

LONGEST = 300

_END = lazy(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_TRIED = lazy(
    r"\b(?:restart|reboot|re-?build|re-?buil|factory|duplicat|re-?creat|re-?deploy|downgrad|reinici|red[ée]marr)\w*"
    r"|\b(?:new|empty|another) commit|\bpushed (?:again|a )|重启|重新",
    re.IGNORECASE,
)
_DIRECT = lazy(r"\bdirect(?:ly)? (?:url|link|address)|\.hf\.space\b|\benlace directo|直接", re.IGNORECASE)
_FAILURE = lazy(r"error|exception|failed|failure|denied|exceeded|timed out|refused|rejected", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """The sentences of a text, one line each, very long ones cut."""
    return [" ".join(each.split())[:LONGEST] for each in _END.split(text[:20_000]) if each.strip()]


def tried(text: str) -> list[str]:
    """The sentences that say what was tried."""
    return [each for each in sentences(text) if _TRIED.search(each)][:MOST]


def direct(text: str) -> str:
    """The sentences about the direct address; empty when there is none."""
    return " ".join([each for each in sentences(text) if _DIRECT.search(each)][:2])


def around(text: str, quote: str) -> str:
    """The sentence in which some words stand; the words themselves when it is not found."""
    wanted = " ".join(quote.split())
    return next((each for each in sentences(text) if wanted and wanted in each), wanted)


def hardware(text: str) -> str:
    """The hardware flavour that a text names ('CPU upgrade', 't4-small'); empty for none and for several."""
    from unstick.contract.hardware import HARDWARE

    spelled = re.sub(r"[\s_-]+", "-", text[:20_000].lower())
    named = {
        row.id for row in HARDWARE if re.search(rf"(?<![a-z0-9]){re.escape(row.id)}(?![a-z0-9])", spelled)
    }
    return named.pop() if len(named) == 1 else ""


def is_failure(quote: str) -> bool:
    """Whether quoted words read like an error message."""
    return _FAILURE.search(quote) is not None
