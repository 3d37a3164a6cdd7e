"""Repairs proved by rehearsal: tried on copies until one serves, then made as small as it can be."""

from __future__ import annotations

import os
import shutil
import tempfile

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.rehearsal import rehearse as rehearse_one
from unstick.rehearse.types import Rehearsal
from unstick.repair.candidates import Candidate, candidates
from unstick.repair.fix import Change, Files, Fix, diff
from unstick.repair.write import write
from unstick.space.edits import moved_back, moved_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.rehearse.backend import Backend
    from unstick.rehearse.recording import Listener
    from unstick.rehearse.types import Options
    from unstick.space import Edit, Space

    Rehearse = Callable[[str, Backend, Options, "Listener | None"], Rehearsal]

MOST = 8
"""Rehearsals that build anything, the untouched one not counted."""

MOST_SMALLER = 4
"""Rehearsals more, to leave out what a repair that serves does not need."""

MOST_REFUSED = 30
"""Rehearsals that ended before a build; they cost next to nothing."""

STAGES = ("CONFIG_ERROR", "NO_APP_FILE", "BUILD_ERROR", "RUNTIME_ERROR", "RUNNING")
"""How far a Space came, the worst first."""

_NUMBERS = lazy(r"0x[0-9a-f]+|(?<!\w)\d+(?:\.\d+)?(?!\w)")
_ERROR = lazy(r"^(?:\w+\.)*\w*(?:Error|Exception|NotFound)\b.*|.*\b(?:ERROR|error|fatal|Fatal):.*")


class Trial(NamedTuple):
    """Repairs applied together on a copy, and what came out."""

    repairs: tuple[Candidate, ...]
    rehearsal: Rehearsal


class Verified(NamedTuple):
    """A repair whose rehearsal serves while the untouched Space's does not. `fix` holds the changed files,
    `diff` the same as a unified diff without secrets."""

    repairs: tuple[Candidate, ...]
    fix: Fix
    diff: str
    rehearsal: Rehearsal


class Verification(NamedTuple):
    """What trying gave: `root` is the folder that was judged, `verified` None with a `reason`."""

    root: str
    untouched: Rehearsal
    tried: tuple[Trial, ...]
    verified: Verified | None
    reason: str


def verify(
    root: str,
    backend: Backend,
    options: Options,
    listener: Listener | None = None,
    untouched: Rehearsal | None = None,
    *,
    rehearse: Rehearse = rehearse_one,
    most: int = MOST,
) -> Verification:
    """Find the smallest repair with which a Space serves that does not serve as it is.

    Every trial runs on a copy; the folder itself is never written (see `apply`). `untouched` is its
    rehearsal where there is one already, `most` the number of trials that build.
    """
    from unstick.redact import redact
    from unstick.space import Space

    untouched = untouched or rehearse(root, backend, options, listener)
    where = untouched.plan.root or root
    if untouched.impossible:
        return Verification(
            where, untouched, (), None, f"it cannot be rehearsed here: {untouched.impossible}"
        )
    if serves(untouched):
        return Verification(where, untouched, (), None, "it serves as it is: there is nothing to repair")
    files = untouched.plan.files

    def attempt(fix: Fix) -> Rehearsal:
        with tempfile.TemporaryDirectory(prefix="unstick-repair-") as folder:
            copy = _copied(where, files, os.path.join(folder, os.path.basename(where) or "space"))
            write(Space.open(copy), fix)
            return rehearse(copy, backend, options, listener)

    search = _Search(Space.open(where), attempt, files, most)
    found = search.from_state((), untouched)
    if found is None:
        reason = search.why_not()
        return Verification(where, untouched, tuple(search.tried), None, reason)
    trial = search.smallest(found)
    fix = search.fix_of(trial.repairs)
    verified = Verified(trial.repairs, fix, redact(diff(fix)), trial.rehearsal)
    return Verification(where, untouched, tuple(search.tried), verified, "")


def apply(verification: Verification) -> tuple[str, ...]:
    """Write the verified repair into the Space's folder and give the paths written.

    Raises UnreadableError when a file changed since, ValueError when nothing was verified.
    """
    from unstick.space import Space

    if verification.verified is None:
        raise ValueError("there is no verified repair to write")
    return write(Space.open(verification.root), verification.verified.fix)


def serves(rehearsal: Rehearsal) -> bool:
    """Whether the Space is RUNNING and answers visitors, also after a restart where that was tried."""
    again = rehearsal.second is None or serves(rehearsal.second)
    return rehearsal.passed and again


def signature(rehearsal: Rehearsal) -> str:
    """What failed, without the numbers that differ from run to run."""
    lines = [line.text.strip() for line in (*rehearsal.build_log[-200:], *rehearsal.run_log[-200:])]
    error = next((line for line in reversed(lines) if _ERROR.match(line)), "")
    broken = next((session.error for session in rehearsal.sessions if not session.opened), "")
    return _NUMBERS.sub("#", f"{rehearsal.stage}|{rehearsal.reason}|{error}|{broken}")


class _Search:
    """Depth first: where a repair changes the failure, the next one is looked for behind it."""

    def __init__(
        self, space: Space, attempt: Callable[[Fix], Rehearsal], pushed: tuple[str, ...], most: int
    ) -> None:
        self.files = Files(space.tree)
        self.pushed = frozenset(pushed)
        self.attempt, self.most = attempt, most
        self.tried: list[Trial] = []
        self.seen: dict[tuple[tuple[str, str], ...], Rehearsal] = {}
        self.failures: set[str] = set()
        self.impossible = ""

    def from_state(self, repairs: tuple[Candidate, ...], rehearsal: Rehearsal) -> Trial | None:
        """The first trial that serves, with these repairs made already and this rehearsal of them."""
        self.failures.add(signature(rehearsal))
        for candidate in candidates(self.files.space(self.texts(repairs)), rehearsal):
            trial = self.tries((*repairs, candidate))
            if trial is None or trial.rehearsal.impossible:
                continue
            if serves(trial.rehearsal):
                return trial
            if self._goes_on(rehearsal, trial.rehearsal):
                found = self.from_state(trial.repairs, trial.rehearsal)
                if found is not None:
                    return found
        return None

    def _goes_on(self, before: Rehearsal, after: Rehearsal) -> bool:
        """Whether the failure is another one, as far along at least, and not met before."""
        same_or_further = STAGES.index(after.stage) >= STAGES.index(before.stage)
        return same_or_further and signature(after) not in self.failures

    def tries(self, repairs: tuple[Candidate, ...]) -> Trial | None:
        """One trial; None when it was made before, would change a file that no push brings, or there were
        enough."""
        if self.exhausted():
            return None
        fix = self.fix_of(repairs)
        key = tuple((change.path, change.after) for change in fix.changes)
        unseen = any(c.before is not None and c.path not in self.pushed for c in fix.changes)
        if not key or key in self.seen or unseen:
            return None
        self.seen[key] = self.attempt(fix)
        trial = Trial(repairs, self.seen[key])
        self.tried.append(trial)
        self.impossible = self.impossible or trial.rehearsal.impossible
        return trial

    def exhausted(self) -> bool:
        """Whether so many trials were made that no more are."""
        refused = sum(STAGES.index(t.rehearsal.stage) < 2 for t in self.tried if t.rehearsal.stage in STAGES)
        return len(self.tried) - refused >= self.most or refused >= MOST_REFUSED

    def texts(self, repairs: tuple[Candidate, ...]) -> dict[str, str]:
        """The changed files after the repairs; each one's offsets are those after the ones before it."""
        self.files.after = {}
        for repair in repairs:
            if all(self.files.editable(edit.path) for edit in repair.edits):
                self.files.after = self.files.with_edits(repair.edits)
        texts, self.files.after = self.files.after, {}
        return texts

    def fix_of(self, repairs: tuple[Candidate, ...]) -> Fix:
        """The changes of these repairs."""
        files = self.files
        changes = tuple(
            Change(path, files.before[path], text, files.encodings.get(path, "utf-8"))
            for path, text in sorted(self.texts(repairs).items())
            if text != files.before[path]
        )
        return Fix(changes, (), ())

    def smallest(self, trial: Trial) -> Trial:
        """The trial without the repairs and the single edits that it does not need.

        Repairs on which a later one builds stay with it.
        """
        self.most += MOST_SMALLER
        for at in range(len(trial.repairs) - 2, -1, -1):
            trial = self._if_it_serves(trial, without(trial.repairs, at))
        for at in range(len(trial.repairs) - 1, -1, -1):
            for edit in trial.repairs[at].edits:
                if len(trial.repairs[at].edits) > 1:
                    trial = self._if_it_serves(trial, _without_edit(trial.repairs, at, edit))
        return trial

    def _if_it_serves(self, trial: Trial, fewer: tuple[Candidate, ...] | None) -> Trial:
        shorter = self.tries(fewer) if fewer is not None else None
        return shorter if shorter is not None and serves(shorter.rehearsal) else trial

    def why_not(self) -> str:
        """Why nothing was verified."""
        if self.impossible:
            return f"a repair cannot be rehearsed here: {self.impossible}"
        if not self.tried:
            return "neither the findings nor what was observed suggest an edit"
        what = "1 repair was" if len(self.tried) == 1 else f"{len(self.tried)} repairs were"
        return f"{what} tried, and with none of them it serves"


def without(repairs: tuple[Candidate, ...], at: int) -> tuple[Candidate, ...] | None:
    """The repairs without one of them, the later ones moved; None when one of those builds on it."""
    dropped = repairs[at].edits
    later = []
    for repair in repairs[at + 1 :]:
        edits = moved_back(repair.edits, dropped)
        if edits is None:
            return None
        later.append(repair._replace(edits=edits))
        dropped = moved_on(dropped, edits)
    return (*repairs[:at], *later)


def _without_edit(repairs: tuple[Candidate, ...], at: int, edit: Edit) -> tuple[Candidate, ...] | None:
    """The repairs without one edit of one of them, the later repairs moved; None when those build on it."""
    fewer = repairs[at]._replace(edits=tuple(e for e in repairs[at].edits if e != edit))
    alone = Candidate("", "", "", moved_on((edit,), fewer.edits))
    return without((*repairs[:at], fewer, alone, *repairs[at + 1 :]), at + 1)


def _copied(root: str, files: tuple[str, ...], to: str) -> str:
    """A copy of the files that a push would bring, links as links, and of git's list of what it tracks."""
    index = os.path.join(".git", "index")
    extra = (index,) if os.path.isfile(os.path.join(root, index)) else ()
    os.makedirs(to)
    for path in (*files, *extra):
        source, target = os.path.join(root, path), os.path.join(to, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(source) or os.path.isfile(source):
            shutil.copy2(source, target, follow_symlinks=False)
    return to
