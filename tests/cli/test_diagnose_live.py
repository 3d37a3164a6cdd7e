"""`unstick diagnose OWNER/NAME` and `unstick report OWNER/NAME` through the real command line."""

from __future__ import annotations

from pathlib import Path

from conftest import Ran, run_unstick
from observe.live.fake_hub import TOKEN, FakeHub, moved, serving


def live(hub: FakeHub, *args: str | Path, cwd: Path, token: str = TOKEN) -> Ran:
    """A call with the Hub's address and a token in the environment, as the official client reads them."""
    env = {"HF_ENDPOINT": hub.endpoint, "HF_TOKEN": token, "HF_HOME": str(cwd)}
    return run_unstick(*args, env=env, cwd=cwd)


def test_one_that_serves(tmp_path: Path) -> None:
    with serving(FakeHub()) as hub:
        ran = live(hub, "diagnose", "owner/name", "--exit-code", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "Nothing is wrong that can be seen from outside" in " ".join(ran.out.split())


def test_every_format_and_the_request_for_support(tmp_path: Path) -> None:
    hub = FakeHub()
    hub.stage, hub.runtime = "RUNTIME_ERROR", {"errorMessage": "Scheduling failure: unable to schedule"}
    with serving(hub):
        found = live(hub, "diagnose", "owner/name", "--json", cwd=tmp_path).json()
        markdown = live(hub, "diagnose", "owner/name", "--format", "markdown", cwd=tmp_path)
        mail = live(hub, "report", f"{hub.endpoint}/spaces/owner/name", cwd=tmp_path)
    assert found["causes"][0]["id"] == "scheduling-capacity"
    assert found["facts"]["error_message"] == "Scheduling failure: unable to schedule"
    assert "owner/name" in mail.out and "unable to schedule" in mail.out
    assert (markdown.code, mail.code) == (0, 0)


def test_a_saved_case_is_read_back(tmp_path: Path) -> None:
    hub = FakeHub()
    hub.stage, hub.runtime = "RUNTIME_ERROR", {"errorMessage": "Memory limit exceeded (16Gi)"}
    with serving(hub):
        first = live(hub, "diagnose", "owner/name", "--save", "case.yaml", "--json", cwd=tmp_path).json()
    again = run_unstick("diagnose", "case.yaml", "--json", cwd=tmp_path).json()
    assert again["verdict"] == first["verdict"]
    assert TOKEN not in (tmp_path / "case.yaml").read_text()


def test_a_refusal_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    with serving(FakeHub()) as hub:
        ran = live(hub, "diagnose", "owner/none", cwd=tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert len(ran.err.splitlines()) == 1 and "there is no such Space" in ran.err


def test_a_new_name_is_said(tmp_path: Path) -> None:
    hub = FakeHub()
    hub.override["/api/spaces/owner/before"] = moved("/api/spaces/owner/name")
    with serving(hub):
        ran = live(hub, "diagnose", "owner/before", cwd=tmp_path)
    assert "owner/before has been renamed: it is owner/name now." in ran.err


def test_the_address_is_left_alone_when_asked(tmp_path: Path) -> None:
    with serving(FakeHub()) as hub:
        live(hub, "diagnose", "owner/name", "--no-visit", cwd=tmp_path)
    assert not [host for _, host, _ in hub.asked if "hf.localhost" in host]
