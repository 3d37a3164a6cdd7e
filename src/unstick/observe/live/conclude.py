"""From what was gathered to the parts of a case."""

from __future__ import annotations

from unstick.observe.live import about_account, about_logs, about_state, about_url
from unstick.observe.live.notes import Notes
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.build import Parts
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.options import Options
    from unstick.space import Space

ILL = (
    "live-session-fails", "live-session-raises", "live-session-import-fails", "live-frame-refused",
    "live-stage-flaps", "live-old-commit", "live-disabled", "live-secret-twice", "live-domain-not-ready",
    "live-replicas-short",
)  # fmt: skip
"""Signs with which a Space that serves is not well all the same."""

UNDER_WAY = ("BUILDING", "APP_STARTING", "RUNNING_BUILDING", "RUNNING_APP_STARTING", "RUNNING")


def conclude(parts: Parts, seen: Gathered, options: Options) -> None:
    """Put files, logs, evidence and facts among the parts."""
    space = space_of(seen)
    notes = Notes()
    if space is None and not seen.disabled:
        notes.unknown("sdk-docker", f"the repository: {seen.files.reason}")
    elif seen.files.missing:
        notes.fact("files_missing", ", ".join(seen.files.missing[:10]))
    about_state.conclude(seen, notes, options)
    about_logs.conclude(seen, notes, space, options)
    about_url.conclude(seen, notes, space)
    about_account.conclude(seen, notes, space)
    notes.fact("health", health(seen, notes))
    if _serves(seen, notes):
        notes.seen(
            "live-serves", "url", f"GET {notes.facts['url']}", f"stage RUNNING; {notes.facts['direct_url']}"
        )
    parts.name = parts.name or seen.info.id
    build_log, run_log = about_logs.current(seen)
    parts.tell(build_log=build_log, run_log=_with(run_log, notes.facts.get("session_error", "")))
    if parts.space is None:
        parts.space, parts.space_name, parts.remote = space, seen.info.id, True
    evidence, unobserved, facts = parts.observed
    parts.observed = (
        (*evidence, *notes.evidence),
        (*unobserved, *notes.unobserved),
        {**facts, **notes.facts},
    )


def _with(run_log: str, raised: str) -> str:
    """The log with what the visit's session ended in: the app may say it there only later, or not at all."""
    said = {line.strip() for line in run_log.splitlines()}
    return (
        "\n".join(filter(None, (run_log.rstrip("\n"), raised))) if raised and raised not in said else run_log
    )


def space_of(seen: Gathered) -> Space | None:
    """The Space at the newest commit, or None where its files are not known."""
    if seen.files.tree is None:
        return None
    from unstick.space import Space

    return Space(seen.files.tree)


def _serves(seen: Gathered, notes: Notes) -> bool:
    """Whether the Space itself is as it should be, whatever is around it."""
    running = seen.runtime is not None and seen.runtime.stage == "RUNNING"
    return running and notes.has("direct-url-works") and not notes.has(*ILL)


def health(seen: Gathered, notes: Notes) -> str:
    """'serves' for a Space with nothing wrong that can be seen from outside, 'in-time' for one that is on its
    way and not late, else ''."""
    stage = seen.runtime.stage if seen.runtime else ""
    if notes.has(*ILL):
        return ""
    if _serves(seen, notes):
        return "serves"
    if (
        stage in UNDER_WAY
        and notes.facts.get("in_time")
        and not notes.has("direct-url-fails", "live-app-404")
    ):
        return "in-time"
    return ""
