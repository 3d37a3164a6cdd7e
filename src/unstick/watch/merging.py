"""What one round found, merged into what was known: pure."""

from __future__ import annotations

from collections.abc import Mapping

from unstick.record import NamedTuple
from unstick.watch import change
from unstick.watch.probe import Probed, wanted
from unstick.watch.recognise import TRANSIENT
from unstick.watch.types import GONE, Change, Record, Seen, Url


class Found(NamedTuple):
    """What one round found: Spaces seen; URLs probed and logs looked at, each with its time."""

    seen: tuple[Seen, ...] = ()
    probed: tuple[tuple[str, float, Probed], ...] = ()
    logs: tuple[tuple[str, float, str], ...] = ()


class Merged(NamedTuple):
    """The records that are new or were seen again, the changes, and the Spaces whose state is to be written."""

    fresh: dict[str, Record]
    changes: tuple[Change, ...]
    changed: tuple[str, ...]


def merged(records: Mapping[str, Record], found: Found, probe: str, gap: float) -> Merged:
    """Take in what was found. `probe` is the policy's word for whose URL is asked, `gap` as in `merge`."""
    fresh: dict[str, Record] = {}
    changes: list[Change] = []
    changed: dict[str, None] = {}
    for seen in found.seen:
        before = fresh.get(seen.space) or records.get(seen.space)
        if before is not None and seen.stage == GONE:
            seen = change.absent(before, seen.at)
        record, made = change.merge(before, seen, gap)
        changes += made
        # An answer of a URL that nobody will ask for again says nothing for long.
        unasked = bool(record.url.answer) and not wanted(record, probe)
        fresh[seen.space] = record._replace(url=Url(falls=record.url.falls)) if unasked else record
        # When a stage that ends by itself was last seen must outlive a kill: a gap is told by it.
        passing = record.now_in.stage in TRANSIENT
        if made or unasked or passing or before is None or _lasting(before.seen) != _lasting(record.seen):
            changed[seen.space] = None
    for space, at, probed in found.probed:
        before = fresh.get(space) or records.get(space)
        if before is not None:
            fresh[space], made = change.probed(before, at, *probed)
            changes += made
            if made:
                changed[space] = None
    for space, at, newest in found.logs:
        before = fresh.get(space) or records.get(space)
        if before is not None:
            fresh[space] = change.log_looked(before, at, newest)
    return Merged(fresh, tuple(changes), tuple(changed))


def _lasting(seen: Seen) -> Seen:
    """Without the time, of which a change is no change."""
    return seen._replace(at=0.0, heard=0.0)
