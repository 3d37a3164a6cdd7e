"""The contract's tables: sound in themselves, and right where a second source can be asked."""

from __future__ import annotations

import pytest

from unstick.contract import hardware, limits, messages, network, readme, releases, sdks, stages, timeouts


def test_every_row_names_its_source() -> None:
    tables = (readme.FIELDS, sdks.SDKS, stages.STAGES, hardware.HARDWARE, limits.LIMITS, messages.MESSAGES)
    assert all(row.source for table in tables for row in table)


def test_ids_are_unique() -> None:
    for rows in (sdks.SDKS, stages.STAGES, hardware.HARDWARE, limits.LIMITS):
        assert len({row.id for row in rows}) == len(rows)
    assert len({f.name for f in readme.FIELDS}) == len(readme.FIELDS)
    assert len({m.text for m in messages.MESSAGES}) == len(messages.MESSAGES)


def test_fields_speak_of_known_types_and_sdks() -> None:
    types = {"string", "boolean", "integer", "list", "map"}
    names = {sdk.id for sdk in sdks.SDKS}
    for field in readme.FIELDS:
        assert set(field.types) <= types and set(field.sdks) <= names
        assert not (field.allowed and field.default) or field.default in field.allowed


@pytest.mark.parametrize(
    ("sdk", "port"), [("gradio", 7860), ("streamlit", 8501), ("docker", 7860), ("static", 0)]
)
def test_ports(sdk: str, port: int) -> None:
    found = sdks.sdk(sdk)
    assert found is not None and found.port == port
    assert found.port_field == (sdk == "docker")


def test_an_sdk_that_does_not_exist() -> None:
    assert (
        sdks.sdk("python") is None and readme.field("hardware") is None and stages.stage("PREPARING") is None
    )


def test_moves_are_between_stages_that_exist_and_no_move_leaves_deleting() -> None:
    names = {s.id for s in stages.STAGES} | {""}
    assert all(a in names and b in names for a, b, _ in stages.TRANSITIONS)
    assert not any(a == "DELETING" for a, _, _ in stages.TRANSITIONS)


@pytest.mark.parametrize(
    ("before", "after", "legal"),
    [
        ("BUILDING", "APP_STARTING", True), ("APP_STARTING", "RUNNING", True),
        ("RUNNING", "RUNNING_BUILDING", True), ("BUILD_ERROR", "RUNNING", False),
        ("PAUSED", "RUNNING", False), ("RUNNING", "DELETING", True), ("RUNNING", "RUNNING", True),
        ("", "RUNNING", True), ("SLEEPING", "APP_STARTING", True), ("RUNTIME_ERROR", "RUNNING", False),
        ("NO_APP_FILE", "RUNNING", False),
    ],
)  # fmt: skip
def test_legal_moves(before: str, after: str, legal: bool) -> None:
    assert stages.may_follow(before, after) == legal


def test_every_stage_but_the_last_can_be_left_and_every_one_reached() -> None:
    left = {a for a, _, _ in stages.TRANSITIONS}
    reached = {b for _, b, _ in stages.TRANSITIONS} | {"DELETING"}
    names = {s.id for s in stages.STAGES}
    assert names - left == {"DELETING"} and names <= reached


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800), ("1h", 3600), ("90s", 90), ("2d", 172800), ("", None), ("h", None), ("30", None),
        ("1.5h", None), ("-5m", None), ("5 m", None), ("0m", None), ("1h30m", None), ("30min", None),
        ("٣m", None), ("9" * 30 + "m", None),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: int | None) -> None:
    assert timeouts.seconds(text) == seconds


@pytest.mark.parametrize(
    ("owner", "name", "sdk", "host"),
    [
        ("user", "tmp_test_space", "docker", "user-tmp-test-space.hf.space"),
        ("microsoft", "TRELLIS.2", "", "microsoft-trellis-2.hf.space"),
        ("a", "b-c", "static", "a-b-c.static.hf.space"),
        ("ü", "x", "", "--x.hf.space"),
    ],
)
def test_host_names(owner: str, name: str, sdk: str, host: str) -> None:
    assert network.host(owner, name, sdk) == host


def test_no_usual_victim_is_an_open_port() -> None:
    assert not {port for port, _ in network.USUAL_VICTIMS} & set(network.OUTBOUND_PORTS)


def test_suggested_hardware_is_known_hardware() -> None:
    assert all(hardware.hardware(name) for name in hardware.SUGGESTED)
    basic = hardware.hardware("cpu-basic")
    assert basic is not None and (basic.cpus, basic.memory, basic.disk, basic.gpu) == (2, 16, 50, False)


@pytest.mark.parametrize(
    ("sdk", "version", "exists", "nearest"),
    [
        ("gradio", "5.9.2", False, "5.9.1"),
        ("gradio", "3.70.0", False, "3.50.2"),
        ("gradio", "4.44.1", True, "4.44.1"),
        ("gradio", "4.0", True, "4.0.2"),
        ("gradio", "99.1", None, "6.31.0"),
        ("gradio", "5.0.0b1", None, ""),
        ("streamlit", "1.2.9", False, "1.2.0"),
        ("docker", "1.0", None, ""),
    ],
)
def test_releases(sdk: str, version: str, exists: bool | None, nearest: str) -> None:
    assert releases.exists(sdk, version) is exists
    if exists is not None:
        assert releases.nearest(sdk, version) == nearest


def test_releases_are_sorted() -> None:
    for sdk in releases.RELEASES:
        numbers = [releases.parts(v) or () for v in releases.releases(sdk)]
        assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)


def test_limits() -> None:
    assert limits.limit("short-description-characters") == 60
    assert all(
        message.fault in ("app", "build", "config", "platform", "account", "client")
        for message in messages.MESSAGES
    )
