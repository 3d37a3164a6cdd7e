"""The control loop with real Spaces on the process backend: from a commit to an answer at the door, and back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.controlled import APP, DOCKERFILE, ENDS, README, SECRET, World, app, example
from unstick.errors import UsageError
from unstick.localhub.control.loop import Control
from unstick.localhub.hub import Hub
from unstick.localhub.store import schema, spaces
from unstick.rehearse import registry

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub for the tests of this module."""
    made = World(tmp_path_factory.mktemp("hub") / "data")
    yield made
    made.close()


def test_from_a_commit_to_an_answer(world: World) -> None:
    repo = world.space("app", app())
    with world.hub.engine.begin() as connection:
        for kind, name, value in (("secret", "WORD", SECRET), ("variable", "GREETING", "hello")):
            connection.execute(schema.settings.insert().values(
                repo=repo, kind=kind, name=name, value=value, updated=0.0
            ))  # fmt: skip
    world.want(repo)
    row = world.until(repo, "RUNNING")
    assert (row.owner, row.deadline, row.current_hardware, row.message) == ("", None, "cpu-basic", "")
    world.until(repo, "RUNNING", sha=row.attempted)
    deadline = time.monotonic() + 30
    while "hello" not in world.ask(repo) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert world.ask(repo) == f"one alice/app hello {SECRET}"
    build, run = world.log(repo, "build"), world.log(repo, "run")
    assert build[0].startswith("===== Build Queued at 20") and build[0].endswith(
        f"SHA: {row.attempted[:7]} ====="
    )
    assert sum("Build Queued" in line for line in build) == 1 and build[-1] == "DONE"
    assert run[0].startswith("===== Application Startup at 20")
    assert "the word is ***" in run and SECRET not in " ".join(build + run)
    stages = [after for _, after, _ in world.changes(repo)]
    assert stages[:3] == ["BUILDING", "APP_STARTING", "RUNNING"] or stages[0] == "BUILDING"


def test_the_running_version_serves_until_the_new_one_is_ready(world: World) -> None:
    repo = world.space("successor", app("old"))
    first = world.until(repo, "RUNNING").sha
    answers, stop = [], threading.Event()

    def visit() -> None:
        while not stop.is_set():
            answers.append(world.ask(repo)[:3])
            time.sleep(0.02)

    visitor = threading.Thread(target=visit)
    visitor.start()
    second = world.push(repo, {"app.py": APP % "new"})
    seen = {first: world.until(repo, "RUNNING_BUILDING", "RUNNING_APP_STARTING").sha}
    world.until(repo, "RUNNING", sha=second)
    time.sleep(0.3)
    stop.set()
    visitor.join()
    assert seen == {first: first} and len(world.workers(repo)) == 1
    assert answers.count("old") and answers[-1] == "new"
    assert answers == sorted(answers, key=("old", "new").index), "no gap, and no way back"


def test_a_crash_is_restarted_and_said(world: World) -> None:
    repo = world.space("crash", app())
    world.until(repo, "RUNNING")
    world.ask(repo, "/die")
    world.until(repo, "APP_STARTING")
    row = world.until(repo, "RUNNING")
    assert row.restarts == 1 and world.ask(repo).startswith("one")
    assert sum("Application Startup" in line for line in world.log(repo, "run")) == 2
    assert any(
        "Exit code: 3. Reason:" in message and "about to die" in message
        for *_, message in world.changes(repo)
    )


def test_a_killed_worker_is_replaced_and_leaves_nothing(world: World) -> None:
    repo = world.space("killed", app())
    world.until(repo, "RUNNING")
    killed = world.workers(repo)[0]
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while world.workers(repo) in ([killed], []) and time.monotonic() < deadline:
        time.sleep(0.02)
    world.until(repo, "RUNNING")
    assert world.ask(repo).startswith("one")
    assert any("the container was lost" in message for *_, message in world.changes(repo))
    while registry.dead(os.listdir(registry.top())) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [name for name in os.listdir(registry.top()) if name.startswith(f"{killed}-")]
    assert not left


def test_pause_and_restart(world: World) -> None:
    repo = world.space("pause", app())
    world.until(repo, "RUNNING")
    world.want(repo, desired="paused")
    world.until(repo, "PAUSED")
    assert world.hub.routes.of(repo) is None and not world.workers(repo)
    world.push(repo, {"app.py": APP % "two"})
    time.sleep(0.3)
    assert world.row(repo).stage == "PAUSED"
    world.want(repo, desired="running")
    world.until(repo, "RUNNING")
    assert world.ask(repo).startswith("two")


def test_a_factory_rebuild_serves_again(world: World) -> None:
    repo = world.space("factory", app())
    world.until(repo, "RUNNING")
    before = world.hub.routes.of(repo)
    world.want(repo, factory=True)
    deadline = time.monotonic() + 60
    while world.hub.routes.of(repo) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    world.until(repo, "RUNNING")
    assert world.row(repo).seen == 1 and world.ask(repo).startswith("one")


def test_sleep_and_wake(world: World) -> None:
    repo = world.space("sleep", app(), hardware="cpu-upgrade", sleep=1)
    world.until(repo, "SLEEPING")
    assert world.hub.routes.of(repo) is None
    worker = world.workers(repo)
    with world.hub.engine.begin() as connection:
        spaces.touch(connection, repo, wake=True)
    world.hub.changed(repo)
    world.until(repo, "RUNNING")
    assert world.workers(repo) == worker, "the image was kept"
    assert not world.row(repo).wake


def test_a_deleted_space_leaves_nothing(world: World) -> None:
    repo = world.space("deleted", app())
    world.until(repo, "RUNNING")
    with world.hub.engine.begin() as connection:
        connection.execute(schema.repos.delete().where(schema.repos.c.id == repo))
    world.hub.changed(repo)
    deadline = time.monotonic() + 20
    while (world.hub.routes.of(repo) or world.workers(repo)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert world.hub.routes.of(repo) is None and not world.workers(repo)


@pytest.mark.parametrize(
    ("files", "stage", "message"),
    [
        (lambda: example("script-that-ends"), "RUNTIME_ERROR", "Exit code: 0. Reason: "),
        (lambda: example("readme-broken-block"), "CONFIG_ERROR", "Missing configuration in README"),
        (lambda: {"README.md": README}, "NO_APP_FILE", ""),
        (
            lambda: {"README.md": README, "Dockerfile": "FROM python:3.11\nRUN exit 7\n"}, "BUILD_ERROR",
            "Job failed with exit code: 7. Reason: ",
        ),
        (
            lambda: {**app(), "README.md": README.replace("docker", "docker\nstartup_duration_timeout: 3s"),
                     "app.py": "import time; time.sleep(60)"},
            "RUNTIME_ERROR", "Launch timed out, workload was not healthy after 0.05 min",
        ),
    ],
    ids=["ends", "block", "nothing", "build", "hangs"],
)  # fmt: skip
def test_how_it_fails(
    world: World, files: Callable[[], dict[str, str]], stage: str, message: str, request: Any
) -> None:
    repo = world.space(request.node.callspec.id, {})
    given = files()
    world.push(repo, given)
    deadline = time.monotonic() + 60
    while not world.row(repo).attempted and time.monotonic() < deadline:
        time.sleep(0.02)
    row = world.until(repo, *ENDS)
    assert (row.stage, row.message[: len(message)]) == (stage, message)
    assert row.current_hardware is None and not row.sha and world.hub.routes.of(repo) is None


def test_static_files_get_the_script_of_the_platform(world: World) -> None:
    page = "<html><head><title>a</title></head><body>b</body></html>"
    repo = world.space(
        "static", {"README.md": "---\ntitle: A\nsdk: static\n---\n", "index.html": page, "b/c.txt": "d"}
    )
    world.until(repo, "RUNNING")
    assert world.ask(repo).startswith(
        '<html><head><script>window.huggingface={"variables": {"SPACE_CREATOR_USER_ID":'
    )
    assert world.ask(repo, "/b/c.txt") == "d" and "404" in world.ask(repo, "/../../etc/passwd")
    assert world.row(repo).current_hardware is None


def test_builds_wait_for_a_builder(world: World) -> None:
    slow = {**app(), "Dockerfile": DOCKERFILE.replace("COPY", "RUN sleep 2\nCOPY")}
    made = [world.space(f"queue-{number}", slow) for number in range(3)]
    owners = []
    for _ in range(40):
        owners.append([world.row(repo).owner.partition(" of ")[0] for repo in made])
        time.sleep(0.05)
    assert any(row.count("build queue") for row in owners)
    assert all(row.count("builder") <= 2 for row in owners)
    for repo in made:
        world.until(repo, "RUNNING")
        world.want(repo, desired="paused")


def test_two_hubs_never_share_a_folder(world: World) -> None:
    with pytest.raises(UsageError, match="another hub uses"):
        Control(Hub(world.settings))


def test_after_a_stop_it_takes_up_what_it_left(tmp_path: Path) -> None:
    before = World(tmp_path / "data")
    repo = before.space("again", app())
    static = before.space("page", {"README.md": "---\nsdk: static\n---\n", "index.html": "hi"})
    for one in (repo, static):
        before.until(one, "RUNNING")
    before.close()
    after = World(tmp_path / "data")
    for one in (repo, static):
        deadline = time.monotonic() + 60
        while after.hub.routes.of(one) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        after.until(one, "RUNNING")
    assert after.ask(repo).startswith("one") and after.ask(static) == "hi"
    assert any("the hub was restarted" in message for *_, message in after.changes(repo))
    after.close()


def test_what_is_on_data_outlives_a_restart(world: World) -> None:
    text = APP.replace(
        "self.send_response(200)", "open('/data/seen', 'a').write('x'); self.send_response(200)"
    )
    text = text.replace("[%r, *words]", "[%r, open('/data/seen').read()]")
    volume = '[{"type": "bucket", "source": "alice/kept", "mountPath": "/data"}]'
    repo = world.space("data", {**app(), "app.py": text % "data"}, volumes=volume)
    world.until(repo, "RUNNING")
    assert world.ask(repo) == "data x"
    before = world.hub.routes.of(repo)
    world.want(repo)
    deadline = time.monotonic() + 60
    while world.hub.routes.of(repo) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert world.ask(repo) == "data xx"
