"""What a climb shows, as evidence of the case and for the support request."""

from __future__ import annotations

from unstick.observe import fields
from unstick.observe.live import times
from unstick.observe.reported import Reported
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.act.ladder import Step
    from unstick.case import Case

DONE = ("cured", "no-help", "refused", "copy-serves", "copy-fails")
TOLD = {
    # Outcome → the word for it among what was tried (observe/fields), which gives the sign.
    "no-help": "{tried}",
    "copy-serves": "other-spaces-work",
    "copy-fails": "recreated",
}


def with_steps(case: Case, steps: Sequence[Step]) -> Case:
    """The case after a climb: what was tried, in words with times and request ids, and the signs it gives."""
    done = [step for step in steps if step.outcome in DONE]
    words = [TOLD[step.outcome].format(tried=step.rung.tried) for step in done if step.outcome in TOLD]
    known = {item.sign for item in case.evidence}
    new = [item for item in fields.evidence(Reported(tried=tuple(words))) if item.sign not in known]
    return case._replace(evidence=(*case.evidence, *new), tried=(*case.tried, *map(sentence, done)))


def sentence(step: Step) -> str:
    """One step in a line: '2026-11-24 18:20 UTC restart: no help (RUNNING, nobody answers after 600 s)'."""
    ident = f", request id {step.request_id}" if step.request_id else ""
    return (
        f"{times.day(step.began)} {step.rung.title}: {step.outcome.replace('-', ' ')} ({step.detail}{ident})"
    )
