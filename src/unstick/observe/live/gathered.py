"""Everything that one observation of a Space brought, before anything is concluded from it."""

from __future__ import annotations

from itertools import pairwise

from unstick.observe.live.access import Asker
from unstick.observe.live.account import Quota, Settings
from unstick.observe.live.files import Files
from unstick.observe.live.history import History
from unstick.observe.live.info import Info
from unstick.observe.live.logs import Log
from unstick.observe.live.runtime import Runtime
from unstick.observe.live.statuspage import StatusPage
from unstick.observe.live.url import Probe
from unstick.record import NamedTuple

FALLS = (("RUNNING", "APP_STARTING"), ("RUNNING", "RUNNING_APP_STARTING"))


class Gathered(NamedTuple):
    """What every source gave. `reasons` holds, by source, why one gave nothing.

    `stages` are the stages at each look, in order; `now` the Hub's clock; `trouble` what the Hub's API did
    badly in `calls` calls; `usual` the median of its answers' times, in seconds; `disabled` the Hub's words when
    moderation took the Space away.
    """

    info: Info
    runtime: Runtime | None = None
    stages: tuple[str, ...] = ()
    asker: Asker = Asker()
    files: Files = Files(None, "not asked for")
    build: Log = Log("build", reason="not asked for")
    run: Log = Log("run", reason="not asked for")
    probe: Probe | None = None
    page: StatusPage = StatusPage(reason="not asked for")
    history: History = History(reason="not asked for")
    settings: Settings = Settings(reason="not asked for")
    quota: Quota = Quota()
    now: float = 0.0
    trouble: tuple[str, ...] = ()
    calls: int = 0
    usual: float = 0.0
    disabled: str = ""
    reasons: tuple[tuple[str, str], ...] = ()

    def reason(self, source: str) -> str:
        """Why a source gave nothing, or ''."""
        return dict(self.reasons).get(source, "")

    @property
    def moves(self) -> list[tuple[str, str]]:
        """Each change of the stage between two looks."""
        return [pair for pair in pairwise(self.stages) if pair[0] != pair[1]]

    @property
    def fell(self) -> bool:
        """Whether the app went down while it was looked at, once: RUNNING, then starting again."""
        return len(self.moves) == 1 and self.moves[0] in FALLS
