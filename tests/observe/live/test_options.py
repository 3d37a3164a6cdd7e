"""Whose Hub and which token, as the official client finds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unstick.contract.network import HUB, STATUS_JSON
from unstick.observe.live.options import from_environment

TOKEN = "hf_" + "x" * 34


def test_without_anything_it_is_the_real_hub_and_nobody(tmp_path: Path) -> None:
    options = from_environment({"HF_HOME": str(tmp_path)})
    assert (options.endpoint, options.token, options.status_address) == (HUB, "", STATUS_JSON)


def test_the_variable_wins_over_the_stored_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_stored\n")
    assert from_environment({"HF_HOME": str(tmp_path), "HF_TOKEN": f" {TOKEN}\n"}).token == TOKEN
    assert from_environment({"HF_HOME": str(tmp_path)}).token == "hf_stored"
    assert from_environment({"HF_TOKEN_PATH": str(tmp_path / "token")}).token == "hf_stored"


def test_the_same_token_as_the_official_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    (tmp_path / "token").write_text("hf_stored\n")
    for value in ("", TOKEN, f"  {TOKEN}\r\n"):
        monkeypatch.setenv("HF_TOKEN", value)
        assert (client.get_token() or "") == from_environment(
            {"HF_TOKEN": value, "HF_HOME": str(tmp_path)}
        ).token


def test_the_stored_token_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    environ = {"HF_HOME": str(tmp_path), "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    assert from_environment(environ).token == ""


@pytest.mark.parametrize("token", ["a\x00b", "hf_\u00e9", "a\tb"])
def test_a_token_that_could_break_out_of_a_header_is_none(token: str, tmp_path: Path) -> None:
    assert from_environment({"HF_TOKEN": token, "HF_HOME": str(tmp_path)}).token == ""


def test_a_fifo_in_the_place_of_the_stored_token_blocks_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token")
    assert from_environment({"HF_HOME": str(tmp_path)}).token == ""


def test_a_hub_on_this_machine_has_its_own_status_page(tmp_path: Path) -> None:
    environ = {"HF_ENDPOINT": "http://127.0.0.1:7979/", "HF_HOME": str(tmp_path)}
    assert from_environment(environ).status_address == "http://127.0.0.1:7979/index.json"
    assert from_environment({**environ, "UNSTICK_STATUS_PAGE": "http://x/y"}).status_address == "http://x/y"
