"""What has changed between what was known of a Space and a new answer: pure functions."""

from __future__ import annotations

from math import inf

from unstick.watch.recognise import SERVING, TRANSIENT
from unstick.watch.types import ANSWERS, GONE, Change, Log, Record, Seen, Stay, Url

FIELDS = ("sha", "served", "hardware", "error")
"""Fields of `Seen` whose changes are kept besides the stage."""

LOST_TRACK = 900.0
"""Seconds out of sight."""

KEPT_STAYS = 60
KEPT_FALLS = 20


def absent(record: Record, at: float) -> Seen:
    """What is seen of a Space that the Hub no longer knows."""
    return record.seen._replace(at=at, stage=GONE, error="", hardware="", served="")


def merge(record: Record | None, seen: Seen, gap: float = inf) -> tuple[Record, tuple[Change, ...]]:
    """The record with a new answer in it, and the changes to keep.

    After more than `gap` seconds out of sight a Space counts as in sight only since now. After `LOST_TRACK`
    a stage that ends by itself may have ended and begun again: how long it has lasted is then not known.
    A new commit in a stage that ends by itself begins a new stay: the push began anew. An answer without a
    stage changes nothing but the time of the last sight.
    """
    if record is None:
        stay = Stay(seen.stage, seen.at, None, False, seen.sha, seen.error)
        first = (("stage", seen.stage), *((field, getattr(seen, field)) for field in FIELDS))
        changes = [Change(seen.space, seen.at, field, "", value) for field, value in first if value]
        return Record(seen, (stay,), sighted=seen.at), tuple(changes)
    old = record.seen
    if not seen.stage:
        seen = old._replace(at=seen.at)
    record = _sighted(record, seen, gap)
    changes = [
        Change(seen.space, seen.at, field, before, after)
        for field in FIELDS
        if (before := getattr(old, field)) != (after := getattr(seen, field))
    ]
    pushed = seen.stage in TRANSIENT and old.sha != seen.sha and bool(old.sha and seen.sha)
    if seen.stage == old.stage and not pushed:
        return record._replace(seen=seen), tuple(changes)
    changes.insert(0, Change(seen.space, seen.at, "stage", old.stage, seen.stage))
    ended = record.now_in._replace(until=seen.at)
    begun = Stay(seen.stage, seen.at, None, True, seen.sha, seen.error)
    stays = (*record.stays[:-1], ended, begun)[-KEPT_STAYS:]
    url = record.url
    if (old.stage in SERVING) != (seen.stage in SERVING):
        url = Url(falls=url.falls)
    return Record(seen, stays, url, Log(), record.sighted), tuple(changes)


def _sighted(record: Record, seen: Seen, gap: float) -> Record:
    """The record after a time out of sight."""
    unseen = seen.at - record.seen.at
    if unseen > gap:
        record = record._replace(sighted=seen.at)
    stay = record.now_in
    if unseen > LOST_TRACK and stay.stage in TRANSIENT:
        begun = Stay(stay.stage, seen.at, None, False, stay.sha)
        record = record._replace(stays=(*record.stays[:-1], begun))
    return record


def probed(
    record: Record, at: float, answer: str, detail: str, sighted: float = inf
) -> tuple[Record, tuple[Change, ...]]:
    """The record with a probe of its direct URL in it, begun `at`. `unknown` says nothing and changes nothing,
    and neither does a Space that starts and does not answer yet.

    `sighted` is when the stage had last been seen then. A further bad answer counts only if the stage was
    seen since the first one: else the Space may just have been on its way through other stages."""
    url = record.url
    good = ANSWERS.get(answer)
    if at < record.now_in.since:
        return record, ()  # asked in an earlier stage
    if good is None or (not good and not url.answer and record.now_in.stage not in SERVING):
        return record, ()
    counts = int(good or sighted >= url.since)
    if answer == url.answer:
        return record._replace(url=url._replace(probes=url.probes + counts, detail=detail)), ()
    was = ANSWERS.get(url.answer)
    # Another way of being bad is still the same time of being bad.
    since, probes = (url.since, url.probes + counts) if was == good else (at, 1)
    falls = url.falls
    if was and not good and record.now_in.stage in SERVING:
        falls = (*falls, at)[-KEPT_FALLS:]
    changed = Url(answer, since, probes, falls, detail)
    return record._replace(url=changed), (Change(record.seen.space, at, "url", url.answer, answer),)


def log_looked(record: Record, at: float, newest: str) -> Record:
    """The record with a look at its log in it: the time stamp of the newest line, '' for an empty log."""
    log = record.log
    if newest == log.newest:
        return record._replace(log=log._replace(looked=at))
    return record._replace(log=Log(newest, at, at))
