"""From what was reported and read to a case."""

from __future__ import annotations

from collections.abc import Mapping

from unstick.case import Case, Evidence, Unobserved
from unstick.errors import UsageError
from unstick.observe import derive, facts, fields, lost, words
from unstick.observe.reported import Reported
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from unstick.signs.logs import LogReading
    from unstick.space import Space
    from unstick.space.types import Finding

OF_A_WHOLE_LOG = frozenset((
    "log-empty", "log-queued-only", "log-build-complete", "log-ends-after-banner", "log-error-after-banner",
    "log-stops-mid-load", "log-no-banner-no-error", "log-ends-with-error",
))  # fmt: skip
"""Signs of how a log ends: they mean nothing of a person's sentences."""


class Parts:
    """What is gathered from several targets before it becomes a case."""

    def __init__(self) -> None:
        self.name = ""
        self.reported = Reported()
        self.space: Space | None = None
        self.space_name = ""
        self.remote = False  # `space` is what the Hub has, not what somebody has in a folder
        self.files: dict[str, str] = {}
        self.large: list[tuple[str, str]] = []
        self.observed: tuple[tuple[Evidence, ...], tuple[Unobserved, ...], dict[str, str]] = ((), (), {})

    def tell(self, **fields_told: Any) -> None:
        """Add what a target reports. Texts are joined; a field told twice with different values is an
        error."""
        told = self.reported._asdict()
        for name, value in fields_told.items():
            if not value or told[name] == value:
                continue
            if not told[name]:
                told[name] = value
            elif name in ("text", "build_log", "run_log", "tried"):
                told[name] = told[name] + value if name == "tried" else f"{told[name]}\n{value}"
            else:
                raise UsageError(f"two targets disagree on {name}", reference="contradicting-targets",
                                 todo="The targets of one call are sources of one case.")  # fmt: skip
        self.reported = Reported(**told)


def case_from(reported: Reported, *, name: str = "") -> Case:
    """The case of a report alone."""
    parts = Parts()
    parts.name, parts.reported = name, reported
    return assemble(parts)


def assemble(parts: Parts) -> Case:
    """The case: its evidence, each sign once for each source, and the facts read from it. Secrets are
    redacted first."""
    reported = redacted(parts.reported)
    found: list[Evidence] = list(fields.evidence(reported))
    values: dict[str, str] = dict(parts.observed[2])
    findings: tuple[Finding, ...] = ()
    if parts.space is not None:
        from unstick.observe import checkout

        seen, findings = checkout.observe(parts.space, values)
        found += seen
        _agree(reported, values)
    if reported.text:
        found += words.evidence(reported.text)
        found += log_evidence(words.said_once(reported.text), "description", "description", values)
    if parts.remote and any(item.sign == "push-refused" and item.present for item in found):
        # What the Hub has is not what was to be pushed: its files say nothing of that.
        found, findings = [item for item in found if item.source != "files"], ()
    if reported.build_log:
        found += log_evidence(reported.build_log, "build-log", "build", values)
    if reported.run_log:
        found += log_evidence(reported.run_log, "run-log", "run", values)
        if parts.space is not None:
            found += lost.evidence(parts.space, reported.run_log)
    for path, where in parts.large:
        found += log_file_evidence(path, where, values)
    _facts(reported, found, values)
    found += derive.derive([*found, *parts.observed[0]], values)
    found += parts.observed[0]
    if parts.space is not None or parts.large or parts.observed[0]:
        found, values = _quotes_redacted(found, values)
    return Case(
        name=parts.name,
        evidence=tuple(once(found)),
        unobserved=tuple(_reason_redacted(item) for item in parts.observed[1]),
        facts=tuple(sorted(values.items())),
        description=reported.text,
        build_log=reported.build_log,
        run_log=reported.run_log,
        tried=reported.tried,
        findings=findings,
        space=parts.space,
    )


def redacted(reported: Reported) -> Reported:
    """The report without secrets: what follows never sees them."""
    from unstick.redact import redact

    told: dict[str, Any] = {
        name: redact(value) if isinstance(value, str) else tuple(map(redact, value))
        for name, value in reported._asdict().items()
    }
    return reported._replace(**told)


def _quotes_redacted(
    found: list[Evidence], values: Mapping[str, str]
) -> tuple[list[Evidence], dict[str, str]]:
    """Evidence and facts without the secrets that files, large logs and case files brought along."""
    from unstick.redact import redact

    quoted = [item._replace(quote=redact(item.quote), place=redact(item.place)) for item in found]
    return quoted, {name: redact(value) for name, value in values.items()}


def _reason_redacted(item: Unobserved) -> Unobserved:
    from unstick.redact import redact

    return item._replace(reason=redact(item.reason))


def _agree(reported: Reported, values: Mapping[str, str]) -> None:
    told = reported.sdk.strip().lower()
    if told in fields.SDKS and values.get("sdk") in fields.SDKS and told != values["sdk"]:
        raise UsageError(
            f"the targets contradict each other: sdk {values['sdk']} in README.md, {told} in the report",
            reference="contradicting-targets",
            todo="The targets of one call are sources of one case.",
        )


def rederive(case: Case) -> Case:
    """The case with its derived signs worked out again, after evidence or facts were added."""
    values = dict(case.facts)
    kept = [item for item in case.evidence if item.sign not in derive.SIGNS or item.source == "answer"]
    present = {item.sign for item in kept if item.present}
    values["sdk"] = next((name for name in fields.SDKS if f"sdk-{name}" in present), values.get("sdk", ""))
    if "port-not-declared" in present:
        values["no_app_port"] = "yes"
    kept += derive.derive(kept, values)
    return case._replace(evidence=tuple(once(kept)), facts=tuple(sorted(values.items())))


def once(evidence: list[Evidence]) -> list[Evidence]:
    """Each sign once for each source; what a source both claims and denies is claimed."""
    best: dict[tuple[str, str], Evidence] = {}
    for item in evidence:
        key = (item.sign, item.source)
        if key not in best or (item.present and not best[key].present):
            best[key] = item
    return list(best.values())


def log_evidence(text: str, source: str, where: str, values: dict[str, str]) -> list[Evidence]:
    """The signs that a log (or the log lines in a description) shows; what it announces goes into
    `values`."""
    from unstick.signs import logs

    found = _read(logs.scan(text, where), source, values)
    return [item._replace(quote=from_a_word(item.quote, text)) for item in found]


def from_a_word(quote: str, text: str) -> str:
    """A quote that was cut out of a long line, without blanked repeats and without the half of a word that it
    begins with."""
    quote = quote.rpartition("!!!")[2].lstrip("!. ") or quote
    at = text.find(quote[:24]) if quote else -1
    cut = at > 0 and text[at].isalnum() and text[at - 1].isalnum()
    return quote.partition(" ")[2] or quote if cut else quote


def log_file_evidence(path: str, where: str, values: dict[str, str]) -> list[Evidence]:
    """The same for a large file, read in pieces."""
    from unstick.signs import logs

    return _read(logs.scan_file(path, where), f"{where}-log", values)


def _read(reading: LogReading, source: str, values: dict[str, str]) -> list[Evidence]:
    from unstick.redact import redact
    from unstick.signs import logs

    if reading.banner and reading.banner.port and "listens" not in values:
        values.update(
            listens=str(reading.banner.port),
            listens_source=source,
            listens_place=_line(source, reading.banner.line),
        )
        values["banner"] = reading.banner.text
        if facts.is_unreachable(reading.banner.address, reading.banner.text):
            values.update(
                loopback=reading.banner.address,
                loopback_source=source,
                loopback_place=_line(source, reading.banner.line),
            )
    if reading.decisive:
        values["log_error"] = reading.decisive
    return [
        Evidence(sign.sign, True, source, _line(source, sign.line), redact(sign.quote)[:160])
        for sign in logs.shown(reading)
        if source != "description" or (sign.line and sign.sign not in OF_A_WHOLE_LOG)
    ]


def _line(source: str, line: int) -> str:
    name = source.replace("-", " ")
    return f"{name}, line {line}" if line else name


def _facts(reported: Reported, evidence: list[Evidence], values: dict[str, str]) -> None:
    present = {item.sign for item in evidence if item.present}
    sdk = reported.sdk.strip().lower() if fields.known(reported.sdk) else ""
    if not values.get("sdk"):
        values["sdk"] = (
            sdk
            if sdk in fields.SDKS
            else next((name for name in fields.SDKS if f"sdk-{name}" in present), "")
        )
    declared = (
        None
        if "app_port" in values
        else facts.app_port(reported.readme_yaml) or facts.app_port(reported.text)
    )
    if declared:
        values["app_port"] = str(declared)
    if "port-not-declared" in present:
        values["no_app_port"] = "yes"
    for source, text in (
        ("dockerfile", reported.dockerfile),
        ("run-log", reported.run_log),
        ("description", reported.text),
    ):
        ports = facts.listening_ports(text)
        if ports and "listens" not in values:
            values.update(listens=" ".join(map(str, ports)), listens_source=source, listens_place=source)
        if "loopback" not in values and facts.binds_loopback(text):
            values.update(loopback="127.0.0.1", loopback_source=source, loopback_place=source)
    hours = facts.longest_wait(reported.text)
    if hours:
        values["waited_hours"] = f"{hours:g}"
    for name in ("stage", "hardware"):
        value = getattr(reported, name).strip()
        if fields.known(value):
            values[name] = value[:80]
    if reported.text:
        values.pop("health", None)  # somebody says that something is wrong
    for name in [name for name, value in values.items() if not value]:
        del values[name]
