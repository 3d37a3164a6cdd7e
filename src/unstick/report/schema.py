"""The JSON Schema of a diagnosis, published as docs/schema/diagnosis.json."""

from __future__ import annotations

from unstick.causes import DOMAINS, TURNS
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


VERSION = "unstick/diagnosis/1"
"""Its number grows when a key changes its meaning or goes; new keys may come at any time."""


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of `unstick diagnose --format json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A diagnosis by unstick",
        **_object(
            schema={"const": VERSION},
            name=_text("The case's name; empty when it has none."),
            verdict=_text("One or two sentences: what is most likely wrong, and whose turn it is."),
            turn={
                "enum": [*TURNS, "nobody"],
                "description": "Who has to act; 'owner' is the Space's owner when that is not you. 'nobody' "
                "where nothing is wrong with a live Space: the causes then say what it would be if it were.",
            },
            domain={"enum": list(DOMAINS), "description": "The fault domain of the first cause."},
            causes={
                "type": "array",
                "minItems": 1,
                "items": _cause(),
                "description": "All causes, most probable first.",
            },
            unknown=_list(_object(sign=_text("A sign's id."), reason=_text("Why it was not observed."))),
            next=_list(_observation()),
            repairs=_list(_repair()),
            facts={
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Plain values read from the sources, by name.",
            },
        ),
    }


def _cause() -> dict[str, Any]:
    return _object(
        id=_text("The cause's id, in kebab-case."),
        code={
            "type": "string",
            "pattern": "^[CBAPUNX][0-9]{2}$",
            "description": "Stable; `unstick explain` takes it.",
        },
        domain={"enum": list(DOMAINS)},
        title=_text("A noun phrase."),
        probability=_number(0, 1),
        prior_bits={
            "type": "number",
            "description": "What the cause starts from; with the bits of its evidence, its score.",
        },
        evidence=_list(
            _object(
                sign=_text("A sign's id."),
                present={
                    "type": "boolean",
                    "description": "Whether the sign was seen, or seen to be absent.",
                },
                source=_text("description, build-log, run-log, readme, dockerfile, files, …"),
                place=_text("Where exactly: file and line, line of a log or of the description."),
                quote=_text("The words or values seen there, redacted."),
                bits={"type": "number", "description": "Positive speaks for the cause, negative against."},
            )
        ),
    )


def _observation() -> dict[str, Any]:
    outcome = _object(cause=_text("The cause that would then lead."), probability=_number(0, 1))
    return _object(
        sign=_text("A sign's id."),
        question=_text("It in plain words."),
        gain={"type": "number", "minimum": 0, "description": "Expected information in bits."},
        cost={"type": "number", "minimum": 0, "description": "Effort in minutes of a person."},
        how=_text("The command or address that makes the observation."),
        if_yes=outcome,
        if_no=outcome,
    )


def _repair() -> dict[str, Any]:
    offset = {"type": "integer", "minimum": 0}
    return _object(
        cause=_text("The cause that it removes."),
        rule=_text("The rule whose finding it mends."),
        title=_text("What it does."),
        diff=_text("Unified diff."),
        edits=_list(
            _object(
                path={"type": "string"},
                start=offset,
                end=offset,
                text={"type": "string"},
                safe={"type": "boolean"},
            )
        ),
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object whose keys are all there; further ones are allowed, so that readers bear additions."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _number(least: float, most: float) -> dict[str, Any]:
    return {"type": "number", "minimum": least, "maximum": most}
