"""Runs the rules on a Space: finds them, imports only those that apply, and keeps their answers in order."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import SEVERITIES, Row, Rule, module_name, rule_id
from unstick.rules.ignore import is_ignored
from unstick.rules.needs import applies
from unstick.space.types import Finding, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from unstick.space import Space
    from unstick.space.pushed import Pushed

INTERNAL = Rule(code="N199", title="A rule of unstick itself failed", severity="advice", confidence=1.0)
"""What an exception inside a rule becomes: a finding about unstick, so that the other rules still speak."""


def scan() -> tuple[Row, ...]:
    """The metadata of every rule, sorted by id: of each module of this package that assigns RULE."""
    from importlib import import_module
    from pathlib import Path

    from unstick import rules

    rows = []
    for path in sorted(Path(rules.__path__[0]).glob("[a-z]*.py")):
        if "\nRULE = Rule(" not in path.read_text(encoding="utf-8"):
            continue
        module = import_module(f"unstick.rules.{path.stem}")
        rows.append(Row(rule_id(path.stem), module.RULE, bool(getattr(module, "FIXABLE", False))))
    return tuple(sorted(rows))


def table() -> tuple[Row, ...]:
    """The metadata of every rule, from the generated table, or by scanning when there is none yet."""
    try:
        from unstick.rules._table import ROWS
    except ImportError:
        return scan()
    return ROWS


def matches(row: Row, selector: str) -> bool:
    """Whether `selector` names this rule: by its id, its code, or a beginning of its code ('C', 'C1',
    'C101')."""
    return selector == row.id or row.rule.code.startswith(selector.upper())


def chosen(rows: Iterable[Row], select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Iterator[Row]:
    """The rules that `select` names (all when empty) and `ignore` does not.

    The more exact word wins: `--ignore C --select port-mismatch` keeps that one rule.
    """
    select, ignore = tuple(select), tuple(ignore)
    for row in rows:
        wanted = max((len(s) for s in select if matches(row, s)), default=0)
        refused = max((len(s) for s in ignore if matches(row, s)), default=0)
        if (wanted or not select) and (not refused or wanted > refused):
            yield row


def check(
    space: Space,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    severity: Mapping[str, str] | None = None,
    resolve: Any = None,
) -> tuple[Finding, ...]:
    """Everything the rules find in a Space, sorted by place, each once.

    `select` and `ignore` hold rule ids, codes or beginnings of codes. `severity` maps rule ids or codes to
    'error', 'warning', 'advice' or 'off'. `resolve` is what a rule that may use the network resolves
    requirements with (`unstick.rules.resolve`); without it nothing leaves the machine. Where a workflow
    pushes another tree than the repository, that one is judged, and places are those in the repository.
    An exception in a rule becomes the finding `internal-error`; the others go on. Ignore comments in the
    files are honoured.
    """
    overrides = dict(severity or {})
    judged, pushed = subject(space)
    found: list[Finding] = []
    for row in chosen(table(), select, ignore):
        level = overrides.get(row.id) or overrides.get(row.rule.code) or ""
        if level == "off" or not applies(judged, row.rule.needs):
            continue
        answers = [f for f in run(row, judged, resolve) if not is_ignored(judged, f)]
        found += [f._replace(severity=level) for f in answers] if level else answers
    if pushed is not None:
        from unstick.space.pushed import in_repository

        unseen = pushed.readme is None
        found = [in_repository(f, judged) for f in found if not (unseen and f.place.path == "README.md")]
    kept = {_key(f): f for f in map(_without_secrets, found)}
    return tuple(kept[key] for key in sorted(kept))


def subject(space: Space) -> tuple[Space, Pushed | None]:
    """The Space to judge: the tree that a workflow pushes where there is one, else the repository itself."""
    if not any(name.startswith(".github/workflows/") for name in space.tree.names()):
        return space, None
    from unstick.space.pushed import judged

    return judged(space)


def run(row: Row, space: Space, resolve: Any = None) -> tuple[Finding, ...]:
    """What one rule finds, with its id filled in; an exception inside it becomes one `internal-error`."""
    from importlib import import_module

    try:
        module = import_module(module_name(row.id))
        found = module.check(space, resolve) if row.rule.network else module.check(space)
        return tuple(f._replace(rule=row.id) for f in found)
    except Exception as error:  # whatever a hostile file made the rule do, the run goes on
        return (_internal(row, error),)


def _internal(row: Row, error: Exception) -> Finding:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    at = f"{last.tb_frame.f_code.co_name}, line {last.tb_lineno}" if last else "unknown place"
    return INTERNAL.finding(
        Place(""),
        f"unstick's own rule {row.id} failed and was left out: {type(error).__name__} in {at}",
        "Please report it with the file that caused it; the other rules were run.",
        data=(("rule", row.id), ("error", f"{type(error).__name__}: {error}"[:300])),
    )._replace(rule="internal-error")


def _without_secrets(finding: Finding) -> Finding:
    """The finding with every secret that it quotes from a file redacted. Edits that would write a secret
    once more are not offered."""
    from unstick.redact import redact

    copies = any(redact(edit.text) != edit.text for edit in finding.edits)
    return finding._replace(
        message=redact(finding.message),
        remedy=redact(finding.remedy),
        data=tuple((name, redact(value)) for name, value in finding.data),
        edits=() if copies else finding.edits,
    )


def _key(finding: Finding) -> tuple[str, int, int, int, str, str, str]:
    """Order and identity of a finding: by place, then severity, then code; the same words at one place
    count once."""
    place = finding.place
    rank = SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)
    return place.path, place.line, place.column, rank, finding.code, finding.rule, finding.message
