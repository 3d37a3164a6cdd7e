"""From what was reported and read to a case."""

from __future__ import annotations

from unstick.case import Case, Evidence
from unstick.observe import derive, facts, fields, words
from unstick.observe.reported import Reported

DERIVED = frozenset((
    "port-differs", "port-differs-perhaps", "port-agrees", "streamlit-port-sdk-unknown", "binds-loopback", "no-host-given",
    "ready-then-nothing", "transition-no-error", "healthy-but-unlisted", "serves-but-stage-lags", "stuck-hours",
))  # fmt: skip
"""Signs that `derive` gives: taken out and derived anew when something is added to a case."""

OF_A_WHOLE_LOG = frozenset((
    "log-empty", "log-queued-only", "log-build-complete", "log-ends-after-banner", "log-error-after-banner",
    "log-stops-mid-load", "log-no-banner-no-error", "log-ends-with-error",
))  # fmt: skip
"""Signs of how a log ends: they mean nothing of a person's sentences."""


def case_from(reported: Reported, *, name: str = "") -> Case:
    """The case of a report: its evidence, each sign once for each source, and the facts read from it."""
    found: list[Evidence] = list(fields.evidence(reported))
    values: dict[str, str] = {}
    if reported.text:
        found += words.evidence(reported.text)
        found += log_evidence(reported.text, "description", "description", values)
    if reported.build_log:
        found += log_evidence(reported.build_log, "build-log", "build", values)
    if reported.run_log:
        found += log_evidence(reported.run_log, "run-log", "run", values)
    _facts(reported, found, values)
    found += derive.derive(found, values)
    return Case(
        name=name,
        evidence=tuple(once(found)),
        facts=tuple(sorted(values.items())),
        description=reported.text,
        build_log=reported.build_log,
        run_log=reported.run_log,
        tried=reported.tried,
    )


def rederive(case: Case) -> Case:
    """The case with its derived signs worked out again, after evidence or facts were added."""
    values = dict(case.facts)
    kept = [item for item in case.evidence if item.sign not in DERIVED or item.source == "answer"]
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
    """The signs that a log (or the log lines in a description) shows; what it announces goes into `values`."""
    from unstick.signs import logs

    reading = logs.scan(text, where)
    if reading.banner and reading.banner.port and "listens" not in values:
        values.update(listens=str(reading.banner.port), listens_source=source, listens_place=_line(source, reading.banner.line))
        values["banner"] = reading.banner.text
        if facts.is_loopback(reading.banner.address):
            values.update(loopback=reading.banner.address, loopback_source=source, loopback_place=_line(source, reading.banner.line))
    if reading.decisive:
        values["log_error"] = reading.decisive
    return [
        Evidence(sign.sign, True, source, _line(source, sign.line), sign.quote[:160])
        for sign in logs.shown(reading)
        if source != "description" or sign.line and sign.sign not in OF_A_WHOLE_LOG
    ]


def _line(source: str, line: int) -> str:
    name = source.replace("-", " ")
    return f"{name}, line {line}" if line else name


def _facts(reported: Reported, evidence: list[Evidence], values: dict[str, str]) -> None:
    present = {item.sign for item in evidence if item.present}
    sdk = reported.sdk.strip().lower() if fields.known(reported.sdk) else ""
    values["sdk"] = sdk if sdk in fields.SDKS else next((name for name in fields.SDKS if f"sdk-{name}" in present), "")
    declared = facts.app_port(reported.readme_yaml) or facts.app_port(reported.text)
    if declared:
        values["app_port"] = str(declared)
    if "port-not-declared" in present:
        values["no_app_port"] = "yes"
    for source, text in (("dockerfile", reported.dockerfile), ("run-log", reported.run_log), ("description", reported.text)):
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
    for name in [name for name, value in values.items() if not value]:
        del values[name]
