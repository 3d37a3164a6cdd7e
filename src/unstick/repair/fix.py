"""Repairs of a Space's files: the edits of its findings, applied together, looked at again, then written."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.repair.apply import choose
from unstick.repair.overlay import OverlayTree
from unstick.space import Space
from unstick.space.edits import apply_to_text, unified
from unstick.space.text_file import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unstick.space import Edit, Finding, Tree

    Check = Callable[[Space], tuple[Finding, ...]]

MAX_PASSES = 8
"""A mended block shows what stood hidden behind it; each pass mends the next layer."""

BREAKING = frozenset(
    {"yaml-invalid", "block-unclosed", "duplicate-key", "merge-conflict", "dockerfile-syntax", "syntax-error"}
)
"""Rules that must not begin to speak of a file after an edit, unless they can mend it."""


class Change(NamedTuple):
    """One file before and after. `before` is None for a file that did not exist."""

    path: str
    before: str | None
    after: str
    encoding: str = "utf-8"


class Fix(NamedTuple):
    """What a repair does: the changed files, the findings it mends, and what is still found afterwards."""

    changes: tuple[Change, ...]
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


class Files:
    """The texts being edited, each read once and in full, or not at all."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.before: dict[str, str | None] = {}
        self.after: dict[str, str] = {}
        self.encodings: dict[str, str] = {}

    def editable(self, path: str) -> bool:
        """Whether the file can be written back byte for byte (not cut, not binary, decodable), or does not
        exist."""
        if path in self.before:
            return True
        if not self.tree.exists(path):
            self.before[path] = None
            return True
        data = self.tree.read_bytes(path)
        if data is None:
            return False
        file = decode(path, data)
        if file.binary or len(data) < self.tree.size(path) or encode(file.text, file.encoding) != data:
            return False
        self.before[path], self.encodings[path] = file.text, file.encoding
        return True

    def with_edits(self, edits: Sequence[Edit]) -> dict[str, str]:
        """All texts after the edits, whose offsets are those of the texts now."""
        texts = dict(self.after)
        for path in {e.path for e in edits}:
            now = texts.get(path, self.before[path] or "")
            texts[path] = apply_to_text(now, [e for e in edits if e.path == path])
        return texts

    def space(self, texts: dict[str, str]) -> Space:
        """The Space as it would be with these texts."""
        return Space(OverlayTree(self.tree, texts, self.encodings))


def plan(space: Space, check: Check, *, unsafe: bool = False) -> Fix:
    """What `fix` would do to a Space: nothing is written.

    `check` gives the findings of a Space. Safe edits are applied, with `unsafe` all; the result is parsed
    and checked again, and edits that do not mend their finding, or that break the file, are left out.
    """
    files = Files(space.tree)
    mended: list[Finding] = []
    refused: set[tuple[str, str]] = set()
    found = check(space)
    for _ in range(MAX_PASSES):
        open_ = [
            f for f in found
            if f.edits and _name(f) not in refused and all(files.editable(e.path) for e in f.edits)
        ]  # fmt: skip
        edits, owners = choose(open_, unsafe=unsafe)
        if not owners:
            break
        step = _step(files, check, found, edits, owners)
        if step is None:
            step = _one_by_one(files, check, found, owners, refused, unsafe)
        if step is None:
            continue
        files.after, found, done = step
        mended += done
    changes = tuple(
        Change(path, files.before[path], text, files.encodings.get(path, "utf-8"))
        for path, text in sorted(files.after.items())
        if text != files.before[path]
    )
    return Fix(changes, tuple(mended), found)


_Step = tuple[dict[str, str], tuple["Finding", ...], list["Finding"]]


def _step(
    files: Files, check: Check, found: Sequence[Finding], edits: list[Edit], owners: list[Finding]
) -> _Step | None:
    """The texts and findings after the edits, or None when they did not mend or broke something."""
    texts = files.with_edits(edits)
    now = check(files.space(texts))
    before, after = [f.rule for f in found], [f.rule for f in now]
    for rule in {f.rule for f in owners}:
        if after.count(rule) >= before.count(rule):
            return None
    hard = [f.rule for f in now if not f.edits]
    broken = any(after.count(rule) > before.count(rule) and rule in hard for rule in BREAKING)
    return None if broken else (texts, now, owners)


def _one_by_one(
    files: Files,
    check: Check,
    found: Sequence[Finding],
    owners: list[Finding],
    refused: set[tuple[str, str]],
    unsafe: bool,
) -> _Step | None:
    """The first finding of `owners` whose edits hold on their own; those that do not are refused for good."""
    for finding in owners:
        edits, _ = choose([finding], unsafe=unsafe)
        step = _step(files, check, found, edits, [finding])
        if step is not None:
            return step
        refused.add(_name(finding))
    return None


def _name(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


def diff(fix: Fix) -> str:
    """The changes as a unified diff; line ends that are not a plain newline stay visible as they are."""
    return "".join(unified(change.path, change.before, change.after) for change in fix.changes)
