"""`unstick hub` as people use it: the real command line, the real client."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import COMMAND, Ran, run_unstick
from e2e.hubs import RunningHub, hub


@pytest.fixture(scope="module")
def running() -> Iterator[RunningHub]:
    with hub(faults=True) as started:
        yield started


def said(running: RunningHub, *args: str, **more: Any) -> Ran:
    """A subcommand for the hub of the test, through its data folder."""
    return run_unstick("hub", *args, "--data", running.data, **more)


def test_it_prints_what_to_export_and_the_client_is_served(running: RunningHub) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", running.endpoint)
    assert re.fullmatch(r"hf_[A-Za-z]{34}", running.token)
    assert re.fullmatch(r"hf_[A-Za-z]{34}", running.admin_token)
    assert running.api().whoami()["name"] == "user"


def test_the_tokens_are_for_their_owners_eyes(running: RunningHub) -> None:
    assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
    for name in ("token", "admin-token", "endpoint", "hub.db", "hub.db-wal"):
        assert stat.S_IMODE((running.data / name).stat().st_mode) == 0o600
    database = (running.data / "hub.db").read_bytes() + (running.data / "hub.db-wal").read_bytes()
    assert running.token.encode() not in database


def test_a_restart_gives_the_same_token_a_lost_one_is_replaced() -> None:
    with hub(user="ada") as one:
        token = one.token
        assert one.stop() == 0
        assert not (one.data / "endpoint").exists()
        one.start()
        assert one.token == token
        one.kill()
        one.start()
        assert one.token == token
        one.stop()
        (one.data / "token").unlink()
        one.start()
        assert one.token != token
        assert one.api().whoami()["name"] == one.api(token).whoami()["name"] == "ada"
        assert one.admin_token == ""
        assert "Traceback" not in one.said()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_politely_though_a_stream_is_open(how: signal.Signals) -> None:
    with hub() as one:
        one.api().create_repo("user/app", repo_type="space", space_sdk="static")
        with socket.create_connection(("127.0.0.1", int(one.endpoint.rpartition(":")[2]))) as connection:
            path = "/api/spaces/user/app/logs/run"
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {one.token}\r\n\r\n".encode()
            )
            assert b" 200 " in connection.recv(20)
            one.process.send_signal(how)
            assert one.process.wait(30) == 0
        assert "Traceback" not in one.said(), one.said()


def test_a_folder_that_others_may_read_keeps_its_secrets(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with hub(data=tmp_path) as one:
        one.api().create_repo("user/app", repo_type="space", space_sdk="static")
        one.api().add_space_secret("user/app", "KEY", "value-of-a-secret")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    for path in tmp_path.iterdir():
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077 or not path.stat().st_size, path.name


def test_what_cannot_be_meant_is_said(running: RunningHub, tmp_path: Path) -> None:
    port = running.endpoint.rpartition(":")[2]
    taken = run_unstick("hub", "--data", tmp_path / "a", "--port", port)
    assert taken.code == 2 and f"127.0.0.1:{port}" in taken.err and "--port" in taken.err
    second = run_unstick("hub", "--data", running.data, "--port", "0")
    assert second.code == 2 and "another hub" in second.err
    assert (running.data / "endpoint").exists()
    assert run_unstick("hub", "--data", tmp_path / "b", "--user", "a--b").code == 2
    assert run_unstick("hub", "--data", tmp_path / "b", "--port", "70000").code == 2
    assert run_unstick("hub", "--data", tmp_path / "b", "--start-timeout", "soon").code == 2
    (tmp_path / "file").write_text("x")
    assert run_unstick("hub", "--data", tmp_path / "file" / "x").code == 3
    assert run_unstick("hub", "--data", tmp_path / "c", "--port", "0", "--database", "mysql://x/y").code == 2


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nold = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'starlette' else old(name, *a)\n"
    )
    ran = run_unstick("hub", "--data", tmp_path / "d", "--port", "0", env={"PYTHONPATH": str(tmp_path)})
    assert ran.code == 2
    assert "starlette" in ran.err and "unstick[hub]" in ran.err


def test_a_missing_git_is_named(tmp_path: Path) -> None:
    ran = run_unstick("hub", "--data", tmp_path / "d", "--port", "0", env={"PATH": str(tmp_path)})
    assert ran.code == 2 and "git" in ran.err


def test_starting_and_help_of_other_commands_import_nothing_of_the_hub() -> None:
    code = (
        "import sys\nfrom unstick.cli.main import run\n"
        "run(['--help']); run(['check', '/nonexistent'])\n"
        "assert not {'sqlalchemy', 'starlette', 'uvicorn', 'huggingface_hub'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_output_is_for_a_shell(running: RunningHub) -> None:
    command = 'eval "$(head -n 2)"; echo "$HF_ENDPOINT $HF_TOKEN"'
    with subprocess.Popen(
        [str(COMMAND), "hub", "--data", f"{running.data}-shell", "--port", "0"], stdout=subprocess.PIPE
    ) as process:
        shell = subprocess.run(
            ["sh", "-c", command],
            stdin=process.stdout,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        process.terminate()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+ hf_\w+\n", shell.stdout)


def test_faults_are_set_listed_and_cleared(running: RunningHub) -> None:
    assert said(running, "fault", "list").out == "no fault is on\n"
    done = said(running, "fault", "set", "api-failing", "--for", "10m")
    assert done.code == 0 and "api-failing" in done.out
    assert [fault["kind"] for fault in said(running, "fault", "list", "--json").json()] == ["api-failing"]
    failures = 0
    for _ in range(4):
        try:
            running.api().whoami()
        except Exception:
            failures += 1
    assert failures == 2
    assert said(running, "fault", "clear").out == "1 switched off\n"
    assert running.api().whoami()["name"] == "user"


def test_faults_from_another_shell_need_the_exported_token(running: RunningHub, tmp_path: Path) -> None:
    exported = {"HF_ENDPOINT": running.endpoint, "UNSTICK_HUB_ADMIN_TOKEN": running.admin_token}
    home = {"XDG_DATA_HOME": str(tmp_path)}
    assert run_unstick("hub", "fault", "list", env={**home, **exported}).code == 0
    wrong = run_unstick(
        "hub", "fault", "list", env={**home, **exported, "UNSTICK_HUB_ADMIN_TOKEN": running.token}
    )
    assert wrong.code == 2 and "admin token" in wrong.err
    assert run_unstick("hub", "fault", "list", env=home).code == 3


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("set", "nothing"), "stage-frozen"),
        (("set", "incident", "--space", "user/x"), "whole hub"),
        (("set", "evicted", "--space", "user/none"), "not found"),
        (("set", "evicted", "--for", "soon"), "--for"),
        (("clear", "nothing"), "stage-frozen"),
    ],
)
def test_a_wrong_fault_is_explained(running: RunningHub, args: tuple[str, ...], words: str) -> None:
    ran = said(running, "fault", *args)
    assert ran.code == 2 and words in ran.err


def test_faults_need_the_switch_and_do_not_outlive_it() -> None:
    with hub(faults=True) as one:
        assert said(one, "fault", "set", "api-failing").code == 0
        assert one.stop() == 0
        with hub(data=one.data) as plain:
            refused = said(plain, "fault", "list")
            assert refused.code == 2 and "without faults" in refused.err
        one.start()
        assert said(one, "fault", "list").out == "no fault is on\n"


def test_more_users_and_tokens(running: RunningHub) -> None:
    assert said(running, "user", "add", "grace").code == 0
    assert said(running, "user", "add", "Grace").code == 2
    assert (
        said(running, "user", "add", "lab", "--org", "--member", "grace=admin", "--member", "user").code == 0
    )
    token = said(running, "token", "add", "--user", "grace", "--role", "read", "--for", "7d").out.strip()
    me = running.api(token).whoami()
    assert (me["name"], [org["name"] for org in me["orgs"]]) == ("grace", ["lab"])
    assert said(running, "token", "add", "--user", "nobody").code == 2
    short = said(running, "token", "add", "--user", "grace", "--for", "1s").out.strip()
    time.sleep(1.1)
    from huggingface_hub.errors import HfHubHTTPError

    with pytest.raises(HfHubHTTPError):
        running.api(short).whoami()


def test_kinds_are_listed_without_a_hub() -> None:
    from unstick.localhub.faults import KINDS

    listed = run_unstick("hub", "fault", "kinds", "--json")
    assert [kind["id"] for kind in json.loads(listed.out)] == [kind.id for kind in KINDS]
