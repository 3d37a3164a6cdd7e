"""What is seen of a live Space while it is waited for: plain frozen data. Times are seconds since 1970."""

from __future__ import annotations

from unstick.record import NamedTuple


class Look(NamedTuple):
    """One look. `stage`, `message`, `sha` (the commit that serves) and `hardware` are the Hub's; '' is not
    said. `head` is the newest commit of the repository. `answered_by` is who answers at the Space's address:
    'app', 'edge' (the platform's own page), 'nobody', or '' for not asked; `answer` says it in words.
    `failed` says why the Hub could not be asked ('' : it was), `pause` for how many seconds it wants no
    more questions.
    """

    at: float
    stage: str = ""
    message: str = ""
    sha: str = ""
    head: str = ""
    hardware: str = ""
    answered_by: str = ""
    answer: str = ""
    failed: str = ""
    pause: float = 0.0


class Verdict(NamedTuple):
    """Where waiting stands: `state` is 'waiting', 'serving', 'failed' or 'late'; `reason` one clause."""

    state: str
    reason: str
