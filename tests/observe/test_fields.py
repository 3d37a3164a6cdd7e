"""Signs from fields, and those that follow from several facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.case import SOURCES, Evidence
from unstick.observe import build, fields
from unstick.observe.derive import SIGNS, derive
from unstick.observe.fields import evidence
from unstick.observe.reported import Reported
from unstick.signs.vocabulary import signs


def shown(**told: object) -> set[str]:
    """The signs that fields show."""
    return {item.sign for item in evidence(Reported(**told)) if item.present}  # type: ignore[arg-type]


STAGES = [
    ("Preparing", {"stage-preparing"}),
    ("RUNTIME_ERROR", {"stage-runtime-error"}),
    ("BUILD_ERROR", {"stage-build-error"}),
    ("Building", {"stage-building"}),
    ("Build error", {"stage-build-error"}),
    ("Preparing (badge says Running)", {"stage-preparing", "stage-running"}),
    ("NO_APP_FILE", {"stage-no-app-file"}),
    ("CONFIG_ERROR", {"stage-config-error"}),
    ("RUNNING", {"stage-running"}),
    ("PAUSED", {"stage-paused"}),
    ("SLEEPING", {"stage-sleeping"}),
    ("unknown", set()),
    ("", set()),
]


@pytest.mark.parametrize(("stage", "found"), STAGES)
def test_stage(stage: str, found: set[str]) -> None:
    assert shown(stage=stage) == found


@pytest.mark.parametrize("sdk", fields.SDKS)
def test_sdk(sdk: str) -> None:
    assert shown(sdk=f" {sdk.title()} ") == {f"sdk-{sdk}"}


@pytest.mark.parametrize("sdk", ["unknown", "", "n/a", "flask"])
def test_no_sdk(sdk: str) -> None:
    assert shown(sdk=sdk) == set()


HARDWARE = [
    ("cpu-basic", {"hardware-cpu"}),
    ("t4-small", {"hardware-gpu"}),
    ("zero-a10g", {"hardware-zerogpu"}),
    ("cpu-upgrade", {"paid-plan"}),
    ("unknown", set()),
]


@pytest.mark.parametrize(("hardware", "found"), HARDWARE)
def test_hardware(hardware: str, found: set[str]) -> None:
    assert shown(hardware=hardware) == found


def test_what_was_tried() -> None:
    assert shown(tried=("factory-rebuild", "restart", "sang-to-it")) == {"rebuild-no-help", "restart-no-help"}


def test_every_sign_of_the_tables_exists() -> None:
    named = {sign for table in (fields.STAGES, fields.HARDWARE, fields.TRIED) for _, sign in table}
    assert named | SIGNS | build.OF_A_WHOLE_LOG <= signs().keys()


PORTS = [
    ({"sdk": "docker", "app_port": "8501", "listens": "8501"}, "port-agrees"),
    ({"sdk": "docker", "app_port": "8501", "listens": "7860"}, "port-differs"),
    ({"sdk": "docker", "no_app_port": "yes", "listens": "8501"}, "port-differs"),
    ({"sdk": "docker", "no_app_port": "yes", "listens": "7860"}, "port-agrees"),
    ({"sdk": "docker", "listens": "3000"}, "port-differs-perhaps"),
    ({"sdk": "docker", "listens": "7860"}, ""),
    ({"sdk": "gradio", "listens": "7860"}, "port-agrees"),
    ({"sdk": "streamlit", "listens": "8501"}, "port-agrees"),
    ({"sdk": "streamlit", "listens": "9000"}, "port-differs"),
    ({"sdk": "streamlit", "app_port": "9000", "listens": "8501"}, "port-agrees"),
    ({"listens": "8501"}, "streamlit-port-sdk-unknown"),
    ({"listens": "8501", "app_port": "8501"}, "port-agrees"),
    ({"sdk": "static", "listens": "8501"}, ""),
    ({"sdk": "docker", "app_port": "8501"}, ""),
]


@pytest.mark.parametrize(("known", "sign"), PORTS)
def test_ports_compared(known: dict[str, str], sign: str) -> None:
    assert [item.sign for item in derive([], known)] == ([sign] if sign else [])


def seen(*names: str) -> list[Evidence]:
    """These signs, as seen."""
    return [Evidence(name, True, "stage") for name in names]


FOLLOWS = [
    (seen("stage-preparing"), {"waited_hours": "12"}, {"stuck-hours", "transition-no-error"}),
    (seen("stage-preparing"), {"waited_hours": "0.2"}, {"transition-no-error"}),
    (seen("stage-runtime-error"), {"waited_hours": "12"}, set()),
    (seen("stage-starting"), {"banner": "ready"}, {"ready-then-nothing", "transition-no-error"}),
    (seen("stage-starting"), {"banner": "ready", "log_error": "MemoryError"}, set()),
    (seen("stage-starting", "log-stops-mid-load"), {"banner": "ready"}, set()),
    (seen("stage-starting", "direct-url-works"), {}, {"serves-but-stage-lags", "transition-no-error"}),
    (seen("stage-running", "stage-preparing"), {}, {"healthy-but-unlisted", "transition-no-error"}),
    ([], {"loopback": "127.0.0.1"}, {"binds-loopback"}),
]


@pytest.mark.parametrize(("evidence", "known", "signs_found"), FOLLOWS)
def test_what_follows(evidence: list[Evidence], known: dict[str, str], signs_found: set[str]) -> None:
    assert {item.sign for item in derive(evidence, known)} == signs_found


told = st.sampled_from(
    ["Preparing", "Running", "Building", "docker", "app.py on 8501", "unknown", "12 hours stuck", ""]
)


@given(told, told, told, told)
def test_a_case_holds_each_sign_once_for_each_source(text: str, stage: str, sdk: str, hardware: str) -> None:
    case = build.case_from(Reported(text=text, stage=stage, sdk=sdk, hardware=hardware))
    keys = [(item.sign, item.source) for item in case.evidence]
    assert len(keys) == len(set(keys))
    assert {source for _, source in keys} <= set(SOURCES)
    assert build.rederive(case).evidence is not None
    assert set(build.rederive(case).evidence) == set(case.evidence)


def test_a_quote_from_a_long_line_begins_with_a_whole_word() -> None:
    told = "Everything installed and the image was pushed in the end, so that part is fine I would say. "
    case = build.case_from(
        Reported(text=told * 3 + "Uvicorn running on http://0.0.0.0:8000 is the last line.")
    )
    quotes = [
        item.quote for item in case.evidence if item.sign == "log-banner" and item.source == "description"
    ]
    assert quotes
    assert all(quote.split()[0] in [*told.split(), "Uvicorn"] for quote in quotes)
