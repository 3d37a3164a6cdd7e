"""What a rule is: metadata, and a function that reads a Space and yields findings."""

from __future__ import annotations

from unstick.record import NamedTuple
from unstick.space.types import Edit, Finding, Place

SEVERITIES = ("error", "warning", "advice")


class Rule(NamedTuple):
    """The metadata of one rule. The id is not here: it is the module's name in kebab-case.

    `code` is a letter for the layer and a number that never changes its meaning; `title` one line for lists.
    `severity` and `confidence` are what a finding has when the rule does not say otherwise. `needs` names
    what must exist before the rule is even imported (`unstick.rules.needs.NEEDS` is the vocabulary).
    `network` rules run only when asked for. `causes` says what a finding tells the diagnosis: pairs of
    cause id and bits (base-2 logarithm of the factor by which the odds of the cause grow; negative speaks
    against it).
    """

    code: str
    title: str
    severity: str = "error"
    confidence: float = 0.9
    needs: tuple[str, ...] = ()
    network: bool = False
    since: str = "0.1"
    causes: tuple[tuple[str, float], ...] = ()

    def finding(
        self,
        place: Place,
        message: str,
        remedy: str = "",
        *,
        severity: str = "",
        confidence: float = -1.0,
        edits: tuple[Edit, ...] = (),
        related: tuple[Place, ...] = (),
        data: tuple[tuple[str, str], ...] = (),
    ) -> Finding:
        """A finding of this rule with the rule's own severity and confidence, unless given.

        `message` states what is wrong with the value seen and the values allowed, `remedy` what to do. The
        engine fills in the rule's id.
        """
        return Finding(
            rule="",
            code=self.code,
            place=place,
            message=message,
            remedy=remedy,
            severity=severity or self.severity,
            confidence=self.confidence if confidence < 0 else confidence,
            edits=edits,
            related=related,
            data=data,
        )


class Row(NamedTuple):
    """One rule in the table: its id, its metadata, and whether its source builds edits."""

    id: str
    rule: Rule
    fixable: bool = False


def module_name(rule_id: str) -> str:
    """The module that holds a rule: `port-mismatch` -> `unstick.rules.port_mismatch`."""
    return "unstick.rules." + rule_id.replace("-", "_")


def rule_id(module: str) -> str:
    """The id of the rule in a module: `port_mismatch` or `unstick.rules.port_mismatch` -> `port-mismatch`."""
    return module.rpartition(".")[2].replace("_", "-")
