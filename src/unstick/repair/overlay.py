"""A Space's files with some of them replaced in memory, to look at a repair before anything is written."""

from __future__ import annotations

from functools import cached_property

from unstick.record import TYPE_CHECKING
from unstick.space.files import Entry, Tree, normal
from unstick.space.text_file import encode

if TYPE_CHECKING:
    from collections.abc import Mapping


class OverlayTree(Tree):
    """The tree `base` with the texts `changed` (by path) over it; `encodings` by path, UTF-8 where not
    given."""

    def __init__(self, base: Tree, changed: Mapping[str, str], encodings: Mapping[str, str]) -> None:
        self.base = base
        self.complete = base.complete
        self.truncated = base.truncated
        self.root = base.root
        self.changed = {
            normal(path): encode(text, encodings.get(path, "utf-8")) for path, text in changed.items()
        }

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted."""
        out = dict(self.base.entries)
        for path, data in self.changed.items():
            mode = out[path].mode if path in out else 0o644
            out[path] = Entry("file", len(data), mode)
        return dict(sorted(out.items()))

    def _look(self, path: str) -> Entry | None:
        return self.entries.get(path) or self.base._look(path)

    def _read(self, path: str, limit: int) -> bytes | None:
        data = self.changed.get(path)
        return self.base._read(path, limit) if data is None else data[:limit]

    def _target(self, path: str) -> str | None:
        return self.base._target(path)
