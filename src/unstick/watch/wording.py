"""What alerts say."""

from __future__ import annotations

from unstick.record import NamedTuple
from unstick.watch.planning import EVERY
from unstick.watch.recognise import TITLES, span
from unstick.watch.types import Open, Said


class Message(NamedTuple):
    """Title and text of an alert."""

    title: str
    body: str


def opened(trouble: Open, said: Said | None, endpoint: str) -> Message:
    """What is told of a trouble: what was seen, the diagnosis in a sentence, where to look."""
    parts = [f"{trouble.detail}."]
    if said is not None and said.sentence:
        parts.append(said.sentence)
    body = " ".join(part for part in parts if part != ".")
    if trouble.space != EVERY:
        body += f"\n{endpoint}/spaces/{trouble.space}"
    return Message(title(trouble), f"{body} [{trouble.id}]")


def cleared(trouble: Open, why: str, now: float, endpoint: str) -> Message:
    """What is told of a trouble that is over."""
    lasted = f"over after {span(now - trouble.opened_at)}"
    body = f"{title(trouble)}: {lasted}; {why}."
    if trouble.space != EVERY:
        body += f"\n{endpoint}/spaces/{trouble.space}"
    return Message(f"over: {title(trouble)}", f"{body} [{trouble.id}]")


def title(trouble: Open) -> str:
    """The trouble in a few words."""
    words = TITLES.get(trouble.kind, trouble.kind)
    return words if trouble.space == EVERY else f"{trouble.space} {words}"
