"""The newest commits of a Space."""

from __future__ import annotations

from unstick.observe.live import times
from unstick.observe.live.fields import items, mapping, text
from unstick.observe.live.hub import Hub
from unstick.record import NamedTuple

MOST = 100


class Commit(NamedTuple):
    """One commit: id, first line of its message, when (seconds since 1970, or None)."""

    id: str
    title: str
    at: float | None


class History(NamedTuple):
    """The newest commits, the newest first; `reason` says why there are none."""

    commits: tuple[Commit, ...] = ()
    reason: str = ""

    def behind(self, sha: str) -> int | None:
        """How many commits came after `sha`; None when it is not among those known."""
        return next((n for n, commit in enumerate(self.commits) if sha and commit.id == sha), None)

    def since(self, moment: float) -> int:
        """How many of the known commits came after a moment."""
        return sum(commit.at is not None and commit.at > moment for commit in self.commits)


async def read(hub: Hub, space: str, revision: str = "main") -> History:
    """The newest commits of a branch."""
    got = await hub.json(f"/api/spaces/{space}/commits/{revision}?limit={MOST}")
    if got.reason:
        return History(reason=got.reason)
    rows = [mapping(item) for item in items(got.data)[:MOST]]
    return History(
        tuple(
            Commit(
                text(row.get("id"), 64), text(row.get("title"), 200), times.moment(text(row.get("date"), 40))
            )
            for row in rows
            if row.get("id")
        )
    )
