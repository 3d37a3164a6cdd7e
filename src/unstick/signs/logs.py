"""What a log says: which signatures it shows, what it announces, and how it ends.

    reading = scan(text, "run")         # "build", "run", "push", "any" or "description"
    reading = scan_file(path, "run")    # any size, memory bounded

Signatures are data (signatures/*.toml). One sign counts once, however often and in however many variants
its message comes. Text is taken as it was copied: time stamps, colours, progress bars do no harm.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import os

SMALL = 262_144
"""Up to this many bytes a log is matched pattern by pattern; beyond it all patterns go in one pass."""


class Hit(NamedTuple):
    """One sign that a log shows. Lines count from 1.

    `line`, `text` and `groups` are of its first occurrence, `text` shortened to the part around it, and
    `signature` is the one that matched there. `lines` is the number of lines that show it, in logs above
    `SMALL` bytes a lower bound.
    """

    signature: str
    sign: str
    kind: str
    line: int
    text: str
    groups: tuple[tuple[str, str], ...]
    lines: int
    last_line: int


class Banner(NamedTuple):
    """A server's announcement. `address` is empty where the line names none, or only a host to click on."""

    address: str
    port: int
    line: int
    text: str


class LogReading(NamedTuple):
    """What a log shows.

    `hits` in the order of their first lines, `banners` all announcements, `banner` the last one that names a
    port (else the last). `decisive` is the sign of the last error that is not just 'something failed'.
    `last_line` is the last line that is neither blank nor a known harmless note. `state` is one of: empty,
    queued-only, build-complete, ends-after-banner, error-after-banner, stops-mid-load, error,
    no-banner-no-error.
    """

    hits: tuple[Hit, ...]
    banner: Banner | None
    banners: tuple[Banner, ...]
    decisive: str
    last_line: str
    state: str


class Shown(NamedTuple):
    """A sign that a reading shows, with its line (0: the log as a whole) and the words."""

    sign: str
    line: int
    quote: str


def scan(text: str, where: str = "any") -> LogReading:
    """Read a log, or a person's description that quotes one, given as text.

    `where` leaves out signatures that mean something else in the other log; with "description" a message
    may run over the end of a line. Never raises for any text.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > SMALL:
        import io

        from unstick.signs.log_pieces import read_pieces

        return read_pieces(io.BytesIO(data), where)
    from unstick.signs.log_lines import Lines
    from unstick.signs.log_state import reading

    lines = Lines(data)
    lines.match_candidates(where)
    return reading([lines], where)


def scan_file(path: str | os.PathLike[str], where: str = "any") -> LogReading:
    """Read a log file of any size in pieces: its memory does not grow with the file.

    Raises UnreadableError when it is no regular file or cannot be read.
    """
    from unstick.signs.log_pieces import read_path

    return read_path(path, where)


def shown(log: LogReading) -> tuple[Shown, ...]:
    """All signs of a reading: those of its lines, those of its banners, and the one of its state.

    Notes and plain progress are left out, except where the state says that the log stops there.
    """
    from unstick.signs.log_state import all_signs

    return all_signs(log)
