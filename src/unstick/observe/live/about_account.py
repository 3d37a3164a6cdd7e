"""What settings, account, names and the status page say."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.notes import Notes
    from unstick.space import Space

SLOW = 3.0
"""Seconds that answers of the API usually may take before that is odd; usual are a few tenths."""

FAILING = 0.1
"""Share of the calls that may fail before that is odd; one alone is none."""

REQUIRED = "env-required-no-default"
"""The rule that finds the names a program cannot start without."""


def conclude(seen: Gathered, notes: Notes, space: Space | None) -> None:
    """Signs and facts of account, settings, names, and of the platform as a whole."""
    _names(seen, notes)
    _asker(seen, notes)
    _settings(seen, notes, space)
    _platform(seen, notes)


def _names(seen: Gathered, notes: Notes) -> None:
    info = seen.info
    notes.fact("space_id", info.id)
    notes.fact("host", info.host)
    notes.fact("private", {True: "yes", False: "no"}.get(info.private) if info.private is not None else "")
    if info.renamed_from:
        notes.fact("renamed_from", info.renamed_from)
        notes.seen("live-renamed", "hub", "Space info", f"{info.renamed_from} is now {info.id}")


def _asker(seen: Gathered, notes: Notes) -> None:
    who = seen.asker
    if not who.user:
        return
    owns = who.owns(seen.info.id) or not seen.settings.reason
    notes.fact("asker", "owner" if owns else "visitor")
    notes.fact("asker_name", who.user)
    notes.fact("plan", who.plan)
    quota = seen.quota
    if quota.left is not None:
        notes.fact("zerogpu_quota", f"{quota.left} of {quota.base if quota.base is not None else '?'} s left")


def _settings(seen: Gathered, notes: Notes, space: Space | None) -> None:
    settings = seen.settings
    if settings.reason:
        notes.unknown("live-secret-missing", f"names of secrets: {settings.reason}")
        return
    notes.fact("secrets", ", ".join(settings.secrets) or "none")
    notes.fact("variables", ", ".join(settings.variables) or "none")
    if settings.twice:
        notes.seen("live-secret-twice", "hub", "secrets, variables", ", ".join(settings.twice))
    if space is None:
        return
    needed = required(space)
    missing = [(name, place) for name, place in needed if name not in settings.names]
    if missing:
        notes.seen(
            "live-secret-missing", "hub", missing[0][1],
            f"{', '.join(name for name, _ in missing[:5])}: neither a secret nor a variable of this name",
        )  # fmt: skip
    elif needed:
        notes.seen("live-secrets-set", "hub", "secrets, variables", ", ".join(name for name, _ in needed[:5]))


def required(space: Space) -> tuple[tuple[str, str], ...]:
    """Names of variables without which the program does not start, each with the place that reads it."""
    from unstick.rules import engine

    rows = [row for row in engine.table() if row.id == REQUIRED]
    items = [item for row in rows for item in engine.run(row, space)]
    found = [(dict(item.data).get("variable", ""), str(item.place)) for item in items]
    return tuple((name, place) for name, place in found if name)


def _platform(seen: Gathered, notes: Notes) -> None:
    page = seen.page
    if page.reason:
        notes.unknown("live-status-red", page.reason)
    else:
        ill = [f"{name}: {state}" for name, state in (*page.red, *page.others)]
        notes.fact("status_page", "; ".join([page.state, *ill, *page.reports]))
        if page.trouble:
            told = "; ".join(f"{name}: {state}" for name, state in page.red)
            notes.seen("live-status-red", "status-page", "status.huggingface.co", told)
    if len(seen.trouble) > max(1.0, FAILING * seen.calls):
        told = f"{len(seen.trouble)} of {seen.calls} calls failed: {seen.trouble[0]}"
        notes.seen("live-api-failing", "hub", "the Hub's API", told)
    elif seen.usual > SLOW:
        told = f"half of its answers took more than {seen.usual:.1f} s"
        notes.seen("live-api-failing", "hub", "the Hub's API", told)
