"""Which troubles open, go on and close, and which belong to one incident: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unstick.record import NamedTuple
from unstick.watch.recognise import MANY, many, over, recognise, span
from unstick.watch.settings import Settings
from unstick.watch.types import Open, Record, Trouble

EVERY = "*"
"""Stands for all Spaces in troubles that are not of one Space."""

LEFT_OVER = 0.1
"""An incident is over when no more than this share of its Spaces is still down."""


class Plan(NamedTuple):
    """What changes: troubles to open, to go on with another kind or detail, to close with the reason.
    `present` are the Spaces that are down at this moment: not those on their way up again."""

    opens: tuple[Trouble, ...]
    updates: tuple[tuple[Open, Trouble], ...]
    closes: tuple[tuple[Open, str], ...]
    present: frozenset[str]


class Gathering(NamedTuple):
    """What an incident takes in: a new incident's detail ('' for none), and the Spaces that belong to it."""

    detail: str
    members: frozenset[str]


Opens = Mapping[tuple[str, str], Open]


def plan(records: Iterable[Record], opens: Opens, now: float, settings: Settings) -> Plan:
    """What the present state of the Spaces means for the troubles of single Spaces."""
    begun: list[Trouble] = []
    updates: list[tuple[Open, Trouble]] = []
    closes: list[tuple[Open, str]] = []
    present = set()
    for record in records:
        found = {trouble.family: trouble for trouble in recognise(record, now, settings)}
        if "down" in found:
            present.add(record.seen.space)
        for family in ("down", "start"):
            known, trouble = opens.get((record.seen.space, family)), found.get(family)
            if trouble is not None and known is None:
                begun.append(trouble)
            elif trouble is not None and known is not None and trouble.kind != known.kind:
                updates.append((known, trouble))
            elif trouble is None and known is not None:
                why = over(record, known, now, settings)
                if why:
                    closes.append((known, why))
    return Plan(tuple(begun), tuple(updates), tuple(closes), frozenset(present))


def gather(begun: Iterable[Trouble], opens: Opens, watched: int, now: float, settings: Settings) -> Gathering:
    """Whether the new troubles are one incident, or belong to one that goes on."""
    new = [trouble.space for trouble in begun if trouble.family == "down"]
    incident = opens.get((EVERY, "incident"))
    down = [one for one in opens.values() if one.family == "down"]
    if incident is not None:
        last = max((one.opened_at for one in down if one.incident == incident.id), default=incident.opened_at)
        joins = now - last <= settings.many_within
        return Gathering("", frozenset(new) if joins else frozenset())
    lately = [(one.space, one.opened_at) for one in down if not one.incident]
    members = many([*lately, *((space, now) for space in new)], watched, now, settings)
    if not members or not new:
        return Gathering("", frozenset())
    shown = ", ".join(sorted(members)[:5])
    more = f" and {len(members) - 5} more" if len(members) > 5 else ""
    detail = f"{len(members)} of {watched} Spaces within {span(settings.many_within)}: {shown}{more}"
    return Gathering(detail, frozenset(members))


def incident_trouble(detail: str, now: float) -> Trouble:
    """The trouble that stands for an incident."""
    return Trouble(EVERY, "incident", MANY, now, detail)


def incident_over(
    opens: Opens, members: int, now: float, settings: Settings
) -> tuple[Open, list[Open]] | None:
    """The open incident and its Spaces that are still down, once it is over; None while it goes on."""
    incident = opens.get((EVERY, "incident"))
    if incident is None:
        return None
    still = [one for one in opens.values() if one.incident == incident.id]
    if still and (len(still) > LEFT_OVER * members or now - incident.opened_at <= settings.many_within):
        return None
    return incident, still
