"""What has changed between what was known of a Space and a new answer: pure functions."""

from __future__ import annotations

from math import inf

from unstick.watch.recognise import SERVING, TRANSIENT
from unstick.watch.types import ANSWERS, GONE, Change, Log, Record, Seen, Stay, Url

FIELDS = ("sha", "served", "hardware", "error")
"""Fields of `Seen` whose changes are kept besides the stage."""

LOST_TRACK = 900.0
"""Seconds out of sight, for who looks now and then: who watches without pause knows its own gap."""

KEPT_STAYS = 60
KEPT_FALLS = 20


def absent(record: Record, at: float) -> Seen:
    """What is seen of a Space that the Hub no longer knows."""
    return record.seen._replace(at=at, heard=at, stage=GONE, error="", hardware="", served="")


def merge(record: Record | None, seen: Seen, gap: float = inf) -> tuple[Record, tuple[Change, ...]]:
    """The record with a new answer in it, and the changes to keep.

    After more than `gap` seconds out of sight a Space counts as in sight only since now, and a stage that ends
    by itself may have ended and begun again (the Hub gives no time stamp of a stage, and a restart keeps the
    commit): how long it has lasted is not known, so a new stay begins whose beginning was not observed.
    A new commit in a stage that ends by itself begins a new stay: the push began anew. An answer without a
    stage changes nothing but the time of the last sight.
    """
    if record is None:
        at = seen.heard or seen.at
        stay = Stay(seen.stage, at, None, False, seen.sha, seen.error)
        first = (("stage", seen.stage), *((field, getattr(seen, field)) for field in FIELDS))
        changes = [Change(seen.space, at, field, "", value) for field, value in first if value]
        return Record(seen, (stay,), sighted=at), tuple(changes)
    old = record.seen
    if not seen.stage:
        seen = old._replace(at=seen.at, heard=seen.heard)
    lost = seen.at - old.at > (LOST_TRACK if gap == inf else gap)
    if seen.at - old.at > gap:
        record = _sighted_anew(record, seen.at)
    at = seen.heard or seen.at
    changes = [
        Change(seen.space, at, field, before, after)
        for field in FIELDS
        if (before := getattr(old, field)) != (after := getattr(seen, field))
    ]
    pushed = seen.stage in TRANSIENT and old.sha != seen.sha and bool(old.sha and seen.sha)
    anew = lost and seen.stage == old.stage and seen.stage in TRANSIENT and not pushed
    if seen.stage == old.stage and not pushed and not anew:
        return record._replace(seen=seen), tuple(changes)
    changes.insert(0, Change(seen.space, at, "stage", "" if anew else old.stage, seen.stage))
    ended = record.now_in._replace(until=at)
    begun = Stay(seen.stage, at, None, not anew, seen.sha, seen.error)
    stays = (*record.stays[:-1], ended, begun)[-KEPT_STAYS:]
    url = record.url
    if (old.stage in SERVING) != (seen.stage in SERVING):
        url = Url(falls=_falls_before(record))
    return Record(seen, stays, url, Log(), record.sighted), tuple(changes)


def _sighted_anew(record: Record, at: float) -> Record:
    """The record after a time out of sight: a URL that was bad before may have been good meanwhile."""
    url = record.url
    if ANSWERS.get(url.answer) is False:
        url = url._replace(since=at, probes=0)
    return record._replace(sighted=at, url=url)


def _falls_before(record: Record) -> tuple[float, ...]:
    """The falls of the URL without the one that the stage now follows: it is the same fall, or was no fall."""
    url = record.url
    up = inf
    for stay in reversed(record.stays):
        if stay.stage not in SERVING:
            break
        up = stay.since
    same = ANSWERS.get(url.answer) is False and url.falls and url.falls[-1] >= up
    return url.falls[:-1] if same else url.falls


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
