"""Badges: a Space's state as a small SVG, drawn here, with no font or script from elsewhere."""

from __future__ import annotations

from html import escape

from unstick.watch.recognise import FAILED, SERVING, TRANSIENT
from unstick.watch.types import ANSWERS, Open, Record

COLORS = {"up": "#2a7d2a", "down": "#b3261e", "moving": "#8a6100", "resting": "#5f6368"}
"""All have a contrast of at least 4.5 with the white text on them."""

WORDS = {
    "RUNNING": "up", "RUNNING_BUILDING": "up, building", "RUNNING_APP_STARTING": "up, starting",
    "APP_STARTING": "starting", "BUILDING": "building", "RUNTIME_ERROR": "runtime error",
    "BUILD_ERROR": "build error", "CONFIG_ERROR": "configuration error", "NO_APP_FILE": "no app file",
    "SLEEPING": "sleeping", "PAUSED": "paused", "STOPPED": "stopped", "GONE": "gone",
}  # fmt: skip
LETTER = 6.6
"""About the width of a letter at 11 px, in px."""


def state_of(record: Record, trouble: Open | None) -> tuple[str, str]:
    """The word for a Space's state, and its colour."""
    stage = record.now_in.stage
    word = WORDS.get(stage, stage.lower().replace("_", " ")[:30])
    if trouble is not None and stage not in FAILED:
        return {"stuck": f"stuck: {word}", "flapping": "unstable"}.get(trouble.kind, "down"), COLORS["down"]
    if stage in FAILED or (stage in SERVING and ANSWERS.get(record.url.answer) is False):
        return ("down" if stage in SERVING else word), COLORS["down"]
    if stage in SERVING:
        return word, COLORS["up"]
    return word, COLORS["moving" if stage in TRANSIENT else "resting"]


def svg(label: str, word: str, color: str) -> str:
    """A badge with a label and a word."""
    left, right = (round(len(text) * LETTER) + 12 for text in (label, word))
    shown_label, shown_word = escape(label), escape(word)
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{shown_label}: {shown_word}"><title>{shown_label}: {shown_word}</title>'
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{color}"/>'
        f'<g {font}><text x="{left / 2}" y="14">{shown_label}</text>'
        f'<text x="{left + right / 2}" y="14">{shown_word}</text></g></svg>'
    )
