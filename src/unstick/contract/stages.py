"""The stages of a Space and the moves between them."""

from __future__ import annotations

from unstick.record import NamedTuple

_CLIENT = "huggingface_hub 2.4 _space_api"
_TYPES = "huggingface.js types/api/api-collection.ts"


class Stage(NamedTuple):
    """One stage: what it means, what the Space's page shows, whether it ends by itself and whether
    something serves."""

    id: str
    meaning: str
    page: str
    transient: bool
    serving: bool
    failed: bool
    source: str


STAGES = (
    Stage("NO_APP_FILE", "there is no entry file", "No application file", False, False, True, _CLIENT),
    Stage(
        "CONFIG_ERROR", "the README block cannot be used", "Configuration error", False, False, True, _CLIENT
    ),
    Stage("BUILDING", "the image is being built, nothing serves", "Building", True, False, False, _CLIENT),
    Stage("BUILD_ERROR", "the build failed", "Build error", False, False, True, _CLIENT),
    Stage(
        "APP_STARTING", "image ready: scheduling, pulling, starting", "Starting", True, False, False, _CLIENT
    ),
    Stage("RUNNING", "healthy", "Running", False, True, False, _CLIENT),
    Stage(
        "RUNNING_BUILDING",
        "the old version serves, a new one is built",
        "Building",
        True,
        True,
        False,
        _CLIENT,
    ),
    Stage(
        "RUNNING_APP_STARTING",
        "the old version serves, a new one starts",
        "Starting",
        True,
        True,
        False,
        _CLIENT,
    ),
    Stage(
        "RUNTIME_ERROR",
        "the container died, was never healthy, or found no machine",
        "Runtime error",
        False,
        False,
        True,
        _CLIENT,
    ),
    Stage("SLEEPING", "idle; a visit wakes it", "Sleeping", False, False, False, _TYPES),
    Stage("STOPPED", "stopped", "Stopped", False, False, False, _CLIENT),
    Stage("PAUSED", "paused by its owner, a quota or moderation", "Paused", False, False, False, _CLIENT),
    Stage("DELETING", "being removed", "", True, False, False, _CLIENT),
)

PAGE_WORDS = (
    ("preparing", "APP_STARTING"),
    ("preparing space", "APP_STARTING"),
    ("starting", "APP_STARTING"),
)
"""Words of the page that are no stage, and the stage they stand for (reports of users)."""

TRANSITIONS = (
    ("", "BUILDING", "observed"),
    ("", "NO_APP_FILE", "observed"),
    ("", "CONFIG_ERROR", "observed"),
    ("", "RUNNING", "observed: static without a build"),
    ("NO_APP_FILE", "BUILDING", "inferred: a push that mends it"),
    ("NO_APP_FILE", "CONFIG_ERROR", "inferred"),
    ("CONFIG_ERROR", "BUILDING", "inferred: a push that mends it"),
    ("CONFIG_ERROR", "NO_APP_FILE", "inferred"),
    ("BUILDING", "APP_STARTING", "documented"),
    ("BUILDING", "BUILD_ERROR", "documented"),
    ("BUILDING", "CONFIG_ERROR", "documented"),
    ("BUILDING", "RUNNING", "inferred: static with a build command"),
    ("BUILDING", "PAUSED", "observed: account or moderation"),
    ("BUILD_ERROR", "BUILDING", "documented"),
    ("APP_STARTING", "RUNNING", "documented"),
    ("APP_STARTING", "RUNTIME_ERROR", "documented"),
    ("APP_STARTING", "BUILDING", "documented: restart or push"),
    ("APP_STARTING", "PAUSED", "documented"),
    ("RUNNING", "RUNNING_BUILDING", "documented"),
    ("RUNNING", "RUNTIME_ERROR", "observed"),
    ("RUNNING", "SLEEPING", "documented"),
    ("RUNNING", "STOPPED", "inferred"),
    ("RUNNING", "PAUSED", "documented"),
    ("RUNNING", "BUILDING", "documented: restart"),
    ("RUNNING", "CONFIG_ERROR", "inferred: a push that spoils the block"),
    ("RUNNING", "NO_APP_FILE", "inferred: a push that removes the file"),
    ("RUNNING_BUILDING", "RUNNING_APP_STARTING", "documented"),
    ("RUNNING_BUILDING", "RUNNING", "inferred: the build failed, the old version stays"),
    ("RUNNING_BUILDING", "BUILD_ERROR", "inferred"),
    ("RUNNING_BUILDING", "RUNTIME_ERROR", "inferred"),
    ("RUNNING_BUILDING", "PAUSED", "documented"),
    ("RUNNING_APP_STARTING", "RUNNING", "documented"),
    ("RUNNING_APP_STARTING", "RUNTIME_ERROR", "inferred"),
    ("RUNNING_APP_STARTING", "RUNNING_BUILDING", "inferred: another push"),
    ("RUNNING_APP_STARTING", "PAUSED", "documented"),
    ("RUNTIME_ERROR", "BUILDING", "documented: restart or push"),
    ("RUNTIME_ERROR", "APP_STARTING", "observed: restart"),
    ("RUNTIME_ERROR", "PAUSED", "documented"),
    ("BUILD_ERROR", "PAUSED", "documented"),
    ("SLEEPING", "APP_STARTING", "observed: a visit or a restart"),
    ("SLEEPING", "BUILDING", "observed: a visit or a restart"),
    ("SLEEPING", "PAUSED", "documented"),
    ("STOPPED", "APP_STARTING", "inferred"),
    ("STOPPED", "BUILDING", "inferred"),
    ("PAUSED", "BUILDING", "observed: restart"),
    ("PAUSED", "APP_STARTING", "inferred: restart served from the cache"),
)
"""Legal moves: from, to, and how well the move is known. '' is the creation or first push; any stage may go
to DELETING."""


def stage(name: str) -> Stage | None:
    """The stage of this name, or None: the client passes unknown stages through, so must everybody."""
    return next((s for s in STAGES if s.id == name), None)


def may_follow(before: str, after: str) -> bool:
    """Whether a Space may go from one stage to the other ('' for one that is just being created)."""
    return before == after or after == "DELETING" or any(t[:2] == (before, after) for t in TRANSITIONS)
