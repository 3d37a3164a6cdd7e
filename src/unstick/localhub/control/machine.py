"""What the control loop remembers of a Space: its stage, and the versions that are there or on their way."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.localhub.store.spaces import Row

# Phases of a version.
QUEUED, BUILDING, BUILT, STARTING, READY, WAITING, RESTING = (
    "queued", "building", "built", "starting", "ready", "waiting", "resting",
)  # fmt: skip

TRANSITIONAL = ("BUILDING", "APP_STARTING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")
ALIVE = ("RUNNING", *TRANSITIONAL)
"""The stages that say that a version is there, or on its way."""

FLAGGED = "Flagged as abusive"


class Version(NamedTuple):
    """One attempt to serve a commit. Times are seconds since 1970.

    `phase`: queued, building, built (not yet given to a machine), starting, ready, waiting (for the next start
    after a crash, until `until`), resting (asleep, its image kept). `deadline` is when the phase is given up.
    `starts` counts the starts that were asked for; `accepted` says that the worker saw the port accept;
    `served` that it was ready before; `timeout` is the start-up timeout of its README block in seconds, None
    before it is known; `still` that its files are static; `hardware` the flavour it was begun for.
    """

    number: int
    commit: str
    generation: int
    factory: bool
    phase: str
    since: float
    deadline: float
    until: float = 0.0
    starts: int = 0
    accepted: bool = False
    served: bool = False
    losses: int = 0
    timeout: float | None = None
    still: bool = False
    hardware: str = "cpu-basic"


class Machine(NamedTuple):
    """A Space as its reconciler knows it: the columns that only it writes, and the versions.

    `serving` is always ready, `coming` never. `number` is that of the newest version, `note` what the history
    of changes is to say about the change that was not written yet, `doubted` that the liveness probe calls the app
    dead.
    """

    stage: str
    since: float
    deadline: float | None = None
    owner: str = ""
    message: str = ""
    note: str = ""
    seen: int = -1
    attempted: str = ""
    sha: str = ""
    restarts: int = 0
    current_hardware: str | None = None
    serving: Version | None = None
    coming: Version | None = None
    number: int = 0
    doubted: bool = False

    @property
    def versions(self) -> tuple[Version, ...]:
        """Those that are there or on their way."""
        return tuple(version for version in (self.serving, self.coming) if version is not None)

    @property
    def route(self) -> int | None:
        """The number of the version that visitors are sent to."""
        return None if self.serving is None or self.doubted else self.serving.number


OBSERVED = (
    "stage", "since", "deadline", "owner", "message", "seen", "attempted", "sha", "restarts", "current_hardware",
)  # fmt: skip
"""The columns of a Space that its reconciler writes."""

STAGE_COLUMNS = ("stage", "since", "deadline", "owner", "message", "sha", "current_hardware")
"""Those of them that tell people where it stands."""


def remembered(row: Row) -> Machine:
    """The machine after a start of the hub: what the row says, and no version."""
    return Machine(**{name: getattr(row, name) for name in OBSERVED})


class Event(NamedTuple):
    """What became known of a version.

    `kind`: refused (its block or its entry file is not usable; `stage` says which), built (`timeout` and
    `still` are known now), failed (its build did), ready, ended (its main process did; `final` when a restart
    cannot help), taken (its port is another's, on a machine without network namespaces), lost (its worker is
    gone). `start` says which start of the version it belongs to.
    """

    number: int
    kind: str
    stage: str = ""
    message: str = ""
    start: int = 0
    final: bool = False
    timeout: float = 0.0
    still: bool = False


class Timing(NamedTuple):
    """Deadlines in seconds; `start` replaces the start-up timeout of every README block when it is not None."""

    queue: float = 1800.0
    build: float = 3600.0
    start: float | None = None
    sleep: float = 172_800.0


class Inputs(NamedTuple):
    """What a step looks at: the row (of which only the wanted part counts), the newest commit of main ('' :
    none), whether the repository is disabled, the faults that are on for it, whether the queue gave its
    coming version a builder, what became known since the last step, the time in seconds since 1970."""

    row: Row
    head: str
    disabled: bool
    faults: frozenset[str]
    slot: bool
    events: tuple[Event, ...]
    now: float
    timing: Timing = Timing()
