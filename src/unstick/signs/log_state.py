"""From the occurrences of signatures to what a log says, and how it ends."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.signs.logs import Banner, Hit, LogReading, Shown
from unstick.signs.signatures._table import FALLBACKS, GENERAL, IDS, KINDS, MUTES, SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from unstick.signs.log_lines import Lines, Occurrence

GENERIC = frozenset(
    f"log-{name}"
    for name in ("traceback", "exit-with-reason", "job-failed", "startup-handler-failed", "request-500")
)
"""Errors that only say that something failed, besides those of fall-back signatures."""

FAILURES = ("error", "platform")
TELLING = (*FAILURES, "banner")
RANKED = (*TELLING, "warning")
MOST_BANNERS = 1000
MUTED = ("error", "warning", "progress")
NEAR = 200
"""Matches this many bytes apart on a line may speak of two things."""

WIDE = 800
"""So far a note makes its line harmless; it matters where a whole log has become one line."""

SILENT = frozenset(("log-note", "log-starting", "log-install-progress", "log-load-progress"))
LOOPBACK = ("127.", "localhost", "::1", "[::1]")
STATE_SIGNS = {"error": "log-ends-with-error"}
"""The sign of a state, where it is not `log-` and the state's name."""


def reading(pieces: Iterable[Lines], where: str) -> LogReading:
    """The reading of a log, from its pieces in order: at least one. Pieces in which nothing occurs for the
    first or the last time may be missing, the last one may not."""
    hits: dict[str, Hit] = {}
    banners: dict[tuple[str, int], Banner] = {}
    notes: set[int] = set()
    decisive = (False, 0, "")
    for lines in pieces:
        notes |= {o.line for o in lines.occurrences if KINDS[o.signature] == "noise"}
        announced: dict[tuple[str, int], Occurrence] = {}
        for occurrence in _kept(lines.occurrences):
            index = occurrence.signature
            sign = SIGNS[index]
            hits[sign] = _with(hits.get(sign), lines, occurrence)
            if KINDS[index] == "banner":
                announced.pop(_listens(occurrence), None)
                announced[_listens(occurrence)] = occurrence
            if KINDS[index] in FAILURES:
                specific = not FALLBACKS[index] and sign not in GENERIC
                decisive = max(decisive, (specific, occurrence.line, sign))
        for key, occurrence in announced.items():
            if banners.pop(key, None) or len(banners) < MOST_BANNERS:
                banners[key] = Banner(*key, occurrence.line, lines.quote(occurrence))
    last = lines.last(notes) or (0, "")
    ordered = tuple(sorted(hits.values(), key=lambda hit: (hit.line, hit.sign)))
    state = _state(ordered, lines, last, where)
    return LogReading(
        ordered, _chosen(list(banners.values())), tuple(banners.values()), decisive[2], last[1], state
    )


def _chosen(banners: list[Banner]) -> Banner | None:
    """The last banner with a port. Who listens on all addresses prints the loopback one too."""
    with_port = [banner for banner in banners if banner.port] or banners
    if not with_port:
        return None
    last = with_port[-1]
    wider = [b for b in banners if b.address and not _is_loopback(b) and b.port in (0, last.port)]
    return last._replace(address=wider[-1].address) if wider and _is_loopback(last) else last


def _is_loopback(banner: Banner) -> bool:
    return banner.address.startswith(LOOPBACK)


def _kept(occurrences: list[Occurrence]) -> list[Occurrence]:
    """What counts: on a harmless line no error, and of matches close together only the most telling ones.

    A fall-back yields to every other failure near it on its line, a general signature to one that is not.
    """
    muted: dict[int, list[Occurrence]] = {}
    for occurrence in occurrences:
        if MUTES[occurrence.signature]:
            muted.setdefault(occurrence.line, []).append(occurrence)
    telling: dict[int, list[Occurrence]] = {}
    for occurrence in occurrences:
        if KINDS[occurrence.signature] in TELLING and _rank(occurrence.signature):
            telling.setdefault(occurrence.line, []).append(occurrence)
    kept = []
    for occurrence in occurrences:
        kind = KINDS[occurrence.signature]
        notes = muted.get(occurrence.line, ()) if kind in MUTED else ()
        harmless = any(_near(occurrence, note, WIDE) for note in notes)
        if not harmless and not (kind in RANKED and _yields(occurrence, telling.get(occurrence.line, []))):
            kept.append(occurrence)
    return sorted(kept, key=lambda o: (o.line, o.start, o.signature))


def _yields(occurrence: Occurrence, others: list[Occurrence]) -> bool:
    rank = _rank(occurrence.signature)
    return any(_rank(other.signature) > rank and _near(occurrence, other, NEAR) for other in others)


def _near(one: Occurrence, other: Occurrence, distance: int) -> bool:
    return other.end + distance > one.start and other.start - distance < one.end


def _rank(index: int) -> int:
    return 0 if FALLBACKS[index] else 1 if GENERAL[index] else 2


def _with(hit: Hit | None, lines: Lines, occurrence: Occurrence) -> Hit:
    index, line = occurrence.signature, occurrence.line
    if hit is None:
        quote = lines.quote(occurrence)
        return Hit(IDS[index], SIGNS[index], KINDS[index], line, quote, occurrence.groups, 1, line)
    more = 1 if line > hit.last_line else 0
    return hit._replace(lines=hit.lines + more, last_line=max(hit.last_line, occurrence.line))


def _listens(occurrence: Occurrence) -> tuple[str, int]:
    """The address and the port that a ready line announces."""
    groups = dict(occurrence.groups)
    port = int(groups.get("port") or 0)
    return groups.get("address", ""), port if port < 65536 else 0


def _state(hits: Sequence[Hit], end: Lines, last: tuple[int, str], where: str) -> str:
    if not last[1] and not hits:
        return "empty"
    by_sign = {hit.sign: hit for hit in hits}
    error, banner = _last(hits, "error"), _last(hits, "banner")
    queued, pushed = by_sign.get("log-build-queued-head"), by_sign.get("log-image-pushed")
    if queued and not error and _nothing_after(end, queued.last_line):
        return "queued-only"
    if pushed and where != "run" and pushed.last_line > max(error, banner):
        return "build-complete"
    # Servers go on starting workers after they are ready; a model that still loads is another matter.
    going_on = (
        ("log-load-progress",) if banner else ("log-load-progress", "log-install-progress", "log-starting")
    )
    if error < last[0] and any(sign in by_sign and by_sign[sign].last_line == last[0] for sign in going_on):
        return "stops-mid-load"
    if banner:
        return "error-after-banner" if error > banner else "ends-after-banner"
    return "error" if error else "no-banner-no-error"


def _last(hits: Sequence[Hit], kind: str) -> int:
    return max((hit.last_line for hit in hits if hit.kind == kind), default=0)


def _nothing_after(end: Lines, line: int) -> bool:
    """Whether all lines after this one are blank."""
    numbers = range(max(line + 1, end.first), end.first + len(end.starts))
    return not any(end.content(number).strip() for number in numbers)


def all_signs(log: LogReading) -> tuple[Shown, ...]:
    """The signs of the lines, of the banners and of the state."""
    found = [Shown(hit.sign, hit.line, hit.text) for hit in log.hits if hit.sign not in SILENT]
    named = [banner for banner in log.banners if banner.address]
    if named and all(map(_is_loopback, named)):
        found.append(Shown("log-banner-loopback", named[-1].line, named[-1].text))
    ports = {banner.port: banner for banner in log.banners if banner.port}
    if ports:
        port = next((p for p in (7860, 8501) if p in ports), log.banner.port if log.banner else 0)
        name = f"log-banner-port-{port}" if port in (7860, 8501) else "log-banner-port-other"
        found.append(Shown(name, ports[port].line, ports[port].text))
    by_sign = {hit.sign: hit for hit in log.hits}
    loading, installing = by_sign.get("log-load-progress"), by_sign.get("log-install-progress")
    if loading:
        found.append(Shown(loading.sign, loading.line, loading.text))
    state = STATE_SIGNS.get(log.state, f"log-{log.state}")
    if (
        log.state == "stops-mid-load"
        and installing
        and not (loading and loading.last_line >= installing.last_line)
    ):
        state = "log-stops-mid-build"
    found.append(Shown(state, 0, log.last_line))
    return tuple(found)
