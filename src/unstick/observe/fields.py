"""Signs from the fields of a report or of the Hub's answer: stage, SDK, hardware, what was tried."""

from __future__ import annotations

from collections.abc import Iterator

from unstick.case import Evidence
from unstick.observe.reported import Reported

UNKNOWN = frozenset({"", "unknown", "none", "n/a", "?", "-", "not reported"})

SDKS = ("docker", "gradio", "streamlit", "static")

# A part of the lower-cased stage → the sign. Several may hold: 'Preparing (badge says Running)'.
STAGES = (
    ("prepar", "stage-preparing"),
    ("starting", "stage-starting"),
    ("restarting", "stage-starting"),
    ("no_app_file", "stage-no-app-file"),
    ("application file", "stage-no-app-file"),
    ("app file", "stage-no-app-file"),
    ("config", "stage-config-error"),
    ("build error", "stage-build-error"),
    ("build_error", "stage-build-error"),
    ("runtime", "stage-runtime-error"),
    ("crash", "stage-runtime-error"),
    ("paused", "stage-paused"),
    ("sleep", "stage-sleeping"),
    ("stopped", "stage-sleeping"),
)

HARDWARE = (
    ("zero", "hardware-zerogpu"),
    ("cpu-basic", "hardware-cpu"),
    ("free", "hardware-cpu"),
    ("t4", "hardware-gpu"),
    ("a10g", "hardware-gpu"),
    ("a100", "hardware-gpu"),
    ("l4", "hardware-gpu"),
    ("gpu", "hardware-gpu"),
    ("upgrade", "paid-plan"),
    ("null", "hardware-none"),
    ("none", "hardware-none"),
)

# Part of what was tried → sign, and whether that a person tried it says it did not help.
TRIED = (
    ("factory", "rebuild-no-help"),
    ("rebuild", "rebuild-no-help"),
    ("restart", "restart-no-help"),
    ("reboot", "restart-no-help"),
    ("recreate", "recreated-no-help"),
    ("new-space", "recreated-no-help"),
    ("new-account", "recreated-no-help"),
    ("duplicate", "after-duplicate"),
    ("commit", "commit-no-help"),
    ("redeploy", "commit-no-help"),
    ("other-spaces-work", "only-this-space"),
    ("several-spaces", "others-affected"),
    ("local", "works-locally"),
    ("other-browser", "browser-kind"),
    ("incognito", "browser-kind"),
    ("cookies", "browser-cookies"),
    ("other-computer", "client-network-words"),
    ("other-hardware", "hardware-no-help"),
    ("hardware-upgrade", "hardware-no-help"),
)


def known(value: str) -> bool:
    """Whether a field says anything."""
    return value.strip().lower() not in UNKNOWN


def evidence(reported: Reported) -> Iterator[Evidence]:
    """Evidence from stage, SDK, hardware and what was tried."""
    if known(reported.stage):
        yield from _stage(reported.stage)
    if known(reported.sdk) and reported.sdk.strip().lower() in SDKS:
        sdk = reported.sdk.strip().lower()
        yield Evidence(f"sdk-{sdk}", True, "stage", "reported SDK", sdk)
    if known(reported.hardware):
        yield from _first(HARDWARE, reported.hardware, "hardware", "reported hardware")
    for step in reported.tried:
        yield from _first(TRIED, step, "tried", "what was tried")


def _stage(stage: str) -> Iterator[Evidence]:
    lowered = stage.lower()
    signs = {sign for part, sign in STAGES if part in lowered}
    if "building" in lowered and "stage-build-error" not in signs:
        signs.add("stage-building")
    if "running" in lowered:
        signs.add("stage-running")
    for sign in sorted(signs):
        yield Evidence(sign, True, "stage", "reported stage", stage[:80])


def _first(table: tuple[tuple[str, str], ...], value: str, source: str, place: str) -> Iterator[Evidence]:
    lowered = value.lower()
    for part, sign in table:
        if part in lowered:
            yield Evidence(sign, True, source, place, value[:80])
            return
