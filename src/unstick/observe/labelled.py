"""Labelled cases: for fitting and scoring only."""

from __future__ import annotations

import os

from unstick.case import Case
from unstick.errors import UnreadableError, UsageError
from unstick.observe import build, casefile
from unstick.observe.reported import Reported
from unstick.record import NamedTuple


class Labelled(NamedTuple):
    """A case made from `reported` alone, and what turned out to be wrong.

    `right` holds the label and every acceptable cause; `project` is what keeps cases of one project together;
    `reported` is what the case was made from.
    """

    case: Case
    label: str
    right: frozenset[str]
    domain: str
    confirmed_by: str
    project: str
    reported: Reported = Reported()


def read(folder: str) -> list[Labelled]:
    """Every labelled case of a folder, sorted by id.

    Raises UsageError when there is none, UnreadableError for a file that is no case.
    """
    if not os.path.isdir(folder):
        raise UsageError(
            "no such folder", where=folder, todo="Name a folder of case files with an `outcome`."
        )
    found = []
    for name in sorted(os.listdir(folder)):
        if name.endswith((".yaml", ".yml")):
            labelled = _one(os.path.join(folder, name))
            if labelled:
                found.append(labelled)
    if not found:
        raise UsageError(
            "no labelled case in this folder", where=folder, todo="A labelled case has an `outcome`."
        )
    return sorted(found, key=lambda item: item.case.name)


def _one(path: str) -> Labelled | None:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"cannot be read: {error}", where=path) from None
    parsed = casefile.decode(text, path)
    if parsed.outcome is None:
        return None
    reported = casefile.reported_of(parsed)
    case = build.case_from(reported, name=parsed.id or os.path.basename(path))
    outcome = parsed.outcome
    ref = str((parsed.source or {}).get("ref") or parsed.id)
    site = str((parsed.source or {}).get("site") or "")
    return Labelled(
        case=case,
        label=outcome.cause,
        right=frozenset((outcome.cause, *outcome.also_acceptable)),
        domain=outcome.domain,
        confirmed_by=outcome.confirmed_by,
        project=project(site, ref),
        reported=reported,
    )


def project(site: str, ref: str) -> str:
    """The project of a source: 'owner/name' of a repository's issue, else the reference itself."""
    parts = ref.replace("#", "/").split("/")
    if "github" in site and len(parts) >= 2:
        return "/".join(parts[:2]).lower()
    return ref.lower()
