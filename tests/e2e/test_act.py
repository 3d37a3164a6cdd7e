"""`unstick wait` and `unstick act` against a hub with faults: what is cured, what is left alone, what is said."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Ran, run_unstick
from e2e.hubs import RunningHub, hub

SPACE = {
    "README.md": b"---\ntitle: Files\nsdk: docker\n---\n",
    "Dockerfile": b"FROM python:3.11-slim\nUSER 1000\nWORKDIR /home\nCMD python3 -m http.server 7860\n",
}
LONGEST = 90


@pytest.fixture(scope="module")
def running() -> Iterator[RunningHub]:
    with hub(faults=True, start_timeout="8s") as found:
        yield found


class Space:
    """One Space on the hub, and the command line for it."""

    def __init__(self, running: RunningHub, name: str) -> None:
        self.hub, self.api = running, running.api()
        self.id = f"{self.api.whoami()['name']}/{name}"
        self.api.create_repo(self.id, repo_type="space", space_sdk="docker", exist_ok=True)

    def push(self, **files: bytes) -> str:
        """Commit files; gives the commit."""
        from huggingface_hub import CommitOperationAdd

        operations = [CommitOperationAdd(path, io.BytesIO(data)) for path, data in files.items()]
        return str(self.api.create_commit(self.id, operations, commit_message="x", repo_type="space").oid)

    def unstick(self, command: str, *options: str, token: str | None = None) -> Ran:
        """Run the command on this Space."""
        env = self.hub.environment() | ({"HF_TOKEN": token} if token else {})
        return run_unstick(
            command, self.id, *options, env=env | {"UNSTICK_PACE": "0.01"}, timeout=LONGEST * 3
        )

    def fault(self, *words: str) -> None:
        """Switch a fault on or off."""
        env = self.hub.environment() | {"UNSTICK_HUB_ADMIN_TOKEN": self.hub.admin_token}
        done = run_unstick("hub", "fault", *words, "--space", self.id, env=env)
        assert done.code == 0, done.err

    def reach(self, *stages: str) -> Any:
        """Wait for one of these stages."""
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            state = self.api.get_space_runtime(self.id)
            if state.stage in stages:
                return state
            time.sleep(0.2)
        raise AssertionError(f"{state.stage} instead of {stages}: {state.raw}")


def test_wait_ends_when_the_pushed_commit_serves_and_fails_with_a_diagnosis_when_it_cannot(
    running: RunningHub,
) -> None:
    space = Space(running, "deployed")
    commit = space.push(**SPACE)
    done = space.unstick("wait", "--timeout", "60s")
    assert done.code == 0, done.out + done.err
    assert "serves: RUNNING, the app answers 200" in done.out
    state = space.api.get_space_runtime(space.id)
    assert (state.stage, state.raw["sha"]) == ("RUNNING", commit)

    space.push(Dockerfile=SPACE["Dockerfile"].replace(b"7860", b"7861"))
    done = space.unstick("wait", "--timeout", "60s")
    assert done.code == 1, done.out + done.err
    assert "does not serve: RUNTIME_ERROR: Launch timed out" in done.out
    assert "port-mismatch" in done.out


def test_wait_does_not_take_the_old_version_for_the_new_one(running: RunningHub) -> None:
    space = Space(running, "old-and-new")
    space.push(**SPACE)
    space.reach("RUNNING")
    space.fault("set", "queue-stalled")
    space.push(**{"notes.txt": b"one"})
    done = space.unstick("wait", "--timeout", "4s", "--json")
    assert done.code == 1
    assert done.json()["state"] == "late"
    space.fault("clear", "queue-stalled")
    assert space.unstick("wait", "--timeout", "60s").code == 0


def test_a_restart_cures_what_found_no_machine(running: RunningHub) -> None:
    space = Space(running, "no-machine")
    space.fault("set", "unschedulable")
    space.push(**SPACE)
    space.reach("RUNTIME_ERROR")
    space.fault("clear", "unschedulable")
    done = space.unstick("act", "--yes", "--patience", "40s")
    assert done.code == 0, done.out + done.err
    assert "restart" in done.out
    assert "cured it" in done.out
    assert space.api.get_space_runtime(space.id).stage == "RUNNING"


def test_where_nothing_helps_the_support_request_says_all_that_was_tried(running: RunningHub) -> None:
    space = Space(running, "ignored")
    space.fault("set", "unschedulable")
    space.push(**SPACE)
    space.reach("RUNTIME_ERROR")
    space.fault("clear", "unschedulable")
    space.fault("set", "restart-ignored")
    before = [repo.id for repo in space.api.list_spaces(author=space.id.split("/")[0])]
    done = space.unstick("act", "--yes", "--patience", "6s", "--rung", "restart", "--rung", "duplicate")
    assert done.code == 1, done.out + done.err
    assert "the copy serves" in done.out
    request = done.out.partition("The support request:")[2]
    assert "restart: no help" in request
    assert "duplicate: copy serves" in request
    assert [repo.id for repo in space.api.list_spaces(author=space.id.split("/")[0])] == before


def test_a_dry_run_changes_nothing_and_names_what_each_rung_risks(running: RunningHub) -> None:
    space = Space(running, "looked-at")
    space.fault("set", "proxy-503")
    space.push(**SPACE)
    state = space.reach("RUNNING")
    done = space.unstick("act", "--dry-run")
    assert done.code == 0, done.out + done.err
    assert "--allow-data-loss" in done.out
    assert "--allow-cost" in done.out
    after = space.api.get_space_runtime(space.id)
    assert (after.stage, after.raw) == (state.stage, state.raw)


def test_without_an_answer_to_its_question_nothing_is_done(running: RunningHub) -> None:
    space = Space(running, "asked")
    space.fault("set", "unschedulable")
    space.push(**SPACE)
    space.reach("RUNTIME_ERROR")
    done = space.unstick("act", "--rung", "restart")
    assert done.code == 2
    assert "--yes" in done.err
    assert space.api.get_space_runtime(space.id).stage == "RUNTIME_ERROR"


def test_an_app_that_is_at_fault_is_not_restarted(running: RunningHub) -> None:
    space = Space(running, "own-fault")
    space.push(**SPACE, **{"app.py": b"import flask\n"})
    space.push(
        Dockerfile=SPACE["Dockerfile"].replace(b"python3 -m http.server 7860", b"python3 /home/gone.py")
    )
    space.reach("RUNTIME_ERROR")
    done = space.unstick("act", "--yes")
    assert done.code == 1
    assert "No rung helps" in done.out


def test_a_token_that_may_only_read_is_refused_before_anything_is_done(running: RunningHub) -> None:
    space = Space(running, "not-mine")
    space.fault("set", "unschedulable")
    space.push(**SPACE)
    space.reach("RUNTIME_ERROR")
    user = space.id.split("/")[0]
    env = running.environment() | {"UNSTICK_HUB_ADMIN_TOKEN": running.admin_token}
    made = run_unstick(
        "hub", "token", "add", "--data", str(running.data), "--user", user, "--role", "read", env=env
    )
    assert made.code == 0, made.err
    token = next(word for word in made.out.replace("=", " ").split() if word.startswith("hf_"))
    done = space.unstick("act", "--yes", "--rung", "restart", token=token)
    assert done.code == 3, done.out + done.err
    assert "403" in done.err
    assert token not in done.out + done.err
