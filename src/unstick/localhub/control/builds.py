"""The build queue: how many builds run at once, in the order in which they were asked for."""

from __future__ import annotations

import threading

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class BuildQueue:
    """Gives `most` builders to Spaces. `free(repo)` is called when it may be a Space's turn; it has to ask again."""

    def __init__(self, most: int, free: Callable[[int], None]) -> None:
        self._most, self._free = max(1, most), free
        self._lock = threading.Lock()
        self._waiting: dict[int, bool] = {}
        self._building: set[int] = set()

    def ask(self, repo: int, *, stalled: bool = False) -> bool:
        """Whether a Space has a builder now; if not, it waits. A stalled one keeps its place and gets none."""
        with self._lock:
            if stalled:  # the builder of a version before is not one for the next
                self._building.discard(repo)
            if repo in self._building:
                return True
            self._waiting[repo] = stalled
            if repo not in self._next():
                return False
            del self._waiting[repo]
            self._building.add(repo)
            return True

    def release(self, repo: int) -> None:
        """The Space's build is over, or it does not wait any more."""
        with self._lock:
            if repo not in self._building and repo not in self._waiting:
                return
            self._building.discard(repo)
            self._waiting.pop(repo, None)
            found = self._next()
        for other in found:
            self._free(other)

    def _next(self) -> list[int]:
        """Whose turn it is."""
        places = self._most - len(self._building)
        return [repo for repo, stalled in self._waiting.items() if not stalled][: max(0, places)]
