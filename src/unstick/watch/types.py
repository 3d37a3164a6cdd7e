"""What the watcher knows of a Space: plain frozen data, times in seconds since 1970 (UTC)."""

from __future__ import annotations

from unstick.record import NamedTuple

GONE = "GONE"
"""Stands for a stage where the Hub no longer knows the Space, or hides it from this token."""


class Seen(NamedTuple):
    """One Space in one answer of the Hub. Empty and None mean *not in the answer*.

    `at` is when the Hub was asked, `heard` when its answer had come (0: at once): what it says was so at some
    moment in between. `sha` is the repository's head, `served` the commit that runs. `sleeps` is whether a
    sleep time is set, `timeout` the declared start-up timeout in seconds, `url` where the app is reached.
    """

    space: str
    at: float
    stage: str
    error: str = ""
    hardware: str = ""
    sha: str = ""
    served: str = ""
    sdk: str = ""
    sleeps: bool | None = None
    timeout: int | None = None
    url: str = ""
    private: bool = False
    heard: float = 0.0


class Stay(NamedTuple):
    """An uninterrupted time in one stage. `until` is None for the present one; `exact` says whether its
    beginning was observed: if not, it has lasted at least since `since`."""

    stage: str
    since: float
    until: float | None = None
    exact: bool = True
    sha: str = ""
    error: str = ""


class Url(NamedTuple):
    """What the direct URL last answered: one of `ANSWERS` ('' before the first probe), since when, in how
    many probes in a row, and when it lately went from good to bad."""

    answer: str = ""
    since: float = 0.0
    probes: int = 0
    falls: tuple[float, ...] = ()
    detail: str = ""


ANSWERS = {
    "app": True,
    "app-error": False,
    "edge": False,
    "unreachable": False,
    "unknown": None,
}
"""What may answer a direct URL, and whether that is good: the app; the app with a 5xx; the platform's own
page in its place; nobody. None: nothing can be said (an address that is refused, too many requests)."""


class Log(NamedTuple):
    """The movement of a Space's log: the time stamp of the newest line, when that was first seen, and when
    it was last looked at."""

    newest: str = ""
    since: float = 0.0
    looked: float = 0.0


class Record(NamedTuple):
    """Everything kept in memory of one Space. `stays` are the latest ones, oldest first; the last is the
    present one. `sighted` is since when it has been in sight without a gap."""

    seen: Seen
    stays: tuple[Stay, ...]
    url: Url = Url()
    log: Log = Log()
    sighted: float = 0.0

    @property
    def now_in(self) -> Stay:
        """The present stay."""
        return self.stays[-1]


class Change(NamedTuple):
    """A change of one field of a Space: stage, url, sha, served, hardware or error."""

    space: str
    at: float
    field: str
    old: str
    new: str


class Trouble(NamedTuple):
    """Something recognised as wrong with one Space (or, with `space` '*', with many).

    `family` is what can be open only once for a Space, `since` the beginning of the condition, `detail` a
    clause for a person.
    """

    space: str
    family: str
    kind: str
    since: float
    detail: str


class Open(NamedTuple):
    """A trouble in the database. `incident` is the id of the incident it belongs to, 0 for none."""

    id: int
    space: str
    family: str
    kind: str
    since: float
    opened_at: float
    detail: str
    cause: str = ""
    domain: str = ""
    sentence: str = ""
    incident: int = 0


class Said(NamedTuple):
    """A diagnosis in one sentence, with the leading cause and its fault domain ('' when nothing leads)."""

    sentence: str
    cause: str = ""
    domain: str = ""
