"""The flow of a rehearsal, on real processes of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearse.host_backend import HostBackend, free_port
from unstick.rehearse.recording import Listener
from unstick.rehearse.rehearsal import rehearse
from unstick.rehearse.types import Event, Line, Options, Rehearsal

SERVER = """
import http.server, os, sys
print("listening", flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS); self.end_headers(); self.wfile.write(b"hello")
    do_HEAD = do_GET
http.server.HTTPServer(("HOST", PORT), Handler).serve_forever()
"""


def space(folder: Path, app: str, readme: str = "", **files: str) -> tuple[Path, int]:
    port = free_port()
    block = f"---\ntitle: t\nsdk: docker\napp_port: {port}\n{readme}---\n"
    texts = {"README.md": block, "Dockerfile": "FROM python\nCMD python app.py\n", "app.py": app, **files}
    for name, text in texts.items():
        (folder / name).write_text(text.replace("PORT", str(port)))
    return folder, port


def served(host: str = "0.0.0.0", status: int = 200) -> str:
    return SERVER.replace("HOST", host).replace("STATUS", str(status))


def run(folder: Path, **options: object) -> Rehearsal:
    given = {"settle": 0.3, "patience": 1.0, **options}
    return rehearse(str(folder), HostBackend(), Options(**given))  # type: ignore[arg-type]


def stages(result: Rehearsal) -> list[str]:
    return [event.text for event in result.timeline if event.kind == "stage"]


def test_a_server_on_the_port_runs_and_serves(tmp_path: Path) -> None:
    result = run(space(tmp_path, served())[0])
    assert (result.stage, result.serves, result.impossible) == ("RUNNING", True, "")
    assert stages(result) == ["BUILDING", "APP_STARTING", "RUNNING"]
    assert result.ready_at is not None and [a.status for a in result.answers] == [200, 200]
    assert "listening" in [line.text for line in result.run_log]
    assert result.passed_over == ("no confinement in this test",)


def test_404_is_an_answer_and_500_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert run(space(tmp_path / "a", served(status=404))[0]).serves
    broken = run(space(tmp_path / "b", served(status=500))[0])
    assert (broken.stage, broken.serves) == ("RUNNING", False)
    assert "answered 500" in broken.reason


def test_loopback_is_not_ready_and_said(tmp_path: Path) -> None:
    folder, port = space(tmp_path, served("127.0.0.1"))
    result = run(folder)
    assert (result.stage, result.serves, result.ready_at) == ("RUNTIME_ERROR", False, None)
    assert f"127.0.0.1:{port}" in result.reason and result.early
    assert any(answer.status == 200 for answer in result.answers), "it answers where it listens"


@pytest.mark.parametrize(
    ("app", "code", "signal"),
    [("raise SystemExit(3)", 3, 0), ("import os; os.kill(os.getpid(), 11)", -1, 11), ("print('done')", 0, 0)],
)
def test_an_app_that_ends(tmp_path: Path, app: str, code: int, signal: int) -> None:
    result = run(space(tmp_path, app)[0])
    assert result.stage == "RUNTIME_ERROR" and result.exit is not None
    assert (result.exit.code, result.exit.signal) == (code, signal)


def test_a_crash_after_the_port_opened(tmp_path: Path) -> None:
    app = "import threading, os\nthreading.Timer(1.2, os._exit, (1,)).start()\n" + served()
    result = run(space(tmp_path, app)[0], settle=3.0)
    assert (result.stage, result.serves) == ("RUNTIME_ERROR", False)
    assert result.ready_at is not None and "after it was ready" in result.reason


def test_the_timeout_of_the_block_counts(tmp_path: Path) -> None:
    app = "import time\ntime.sleep(60)"
    result = run(space(tmp_path, app, "startup_duration_timeout: 1s\n")[0], patience=0)
    assert result.stage == "RUNTIME_ERROR" and "not healthy after 1 s" in result.reason and not result.early


def test_no_patience_left_with_a_silent_app(tmp_path: Path) -> None:
    result = run(space(tmp_path, "import time\ntime.sleep(60)")[0])
    assert result.early and "nothing moved" in result.reason and result.seconds < 30


def test_a_failed_build(tmp_path: Path) -> None:
    result = run(space(tmp_path, "", **{"fails-to-build": ""})[0])
    assert (result.stage, result.serves) == ("BUILD_ERROR", None)
    assert "exit code 1" in result.reason and [line.text for line in result.build_log] == ["--> COPY . ."]


@pytest.mark.parametrize(
    ("readme", "stage"),
    [
        ("no block at all", "CONFIG_ERROR"),
        ("---\nsdk: [\n---\n", "CONFIG_ERROR"),
        ("---\nsdk: cobol\n---\n", "CONFIG_ERROR"),
        ("---\nsdk: gradio\napp_file: main.py\n---\n", "NO_APP_FILE"),
        ("---\nsdk: docker\n---\n", "NO_APP_FILE"),
    ],
)
def test_what_is_refused_before_any_build(tmp_path: Path, readme: str, stage: str) -> None:
    (tmp_path / "README.md").write_text(readme)
    (tmp_path / "app.py").write_text("")
    result = run(tmp_path)
    assert (result.stage, stages(result)) == (stage, [stage])


def test_a_file_that_git_ignores_is_not_there(tmp_path: Path) -> None:
    folder, _ = space(tmp_path, "open('model.bin')", **{"model.bin": "x", ".gitignore": "*.bin\n"})
    result = run(folder)
    assert "model.bin" not in result.plan.files and result.exit is not None and result.exit.code == 1


def test_secrets_are_given_and_never_kept(tmp_path: Path) -> None:
    app = "import os\nprint('key is', os.environ['KEY'])\nraise SystemExit(1)"
    result = run(space(tmp_path, app)[0], secrets=(("KEY", "s3cret-value-77"),))
    assert [line.text for line in result.run_log] == ["key is ***"]
    assert "s3cret-value-77" not in repr([result.timeline, result.reason, result.run_log])


def test_a_missing_permission_is_tried_again_as_root(tmp_path: Path) -> None:
    backend = HostBackend()
    folder, _ = space(tmp_path, "raise PermissionError(13, 'Permission denied')")
    result = rehearse(str(folder), backend, Options(settle=0.1))
    assert backend.users == ["contract", "root"]
    assert result.as_root is not None and result.as_root.serves is False


def test_twice_from_the_same_image(tmp_path: Path) -> None:
    (tmp_path / "space").mkdir()
    marker = tmp_path / "volume"
    app = f"import pathlib\nm = pathlib.Path({str(marker)!r})\n"
    app += "if m.exists(): open('/nonexistent/database')\nm.write_text('x')\n" + served()
    folder, _ = space(tmp_path / "space", app)
    result = rehearse(str(folder), HostBackend(), Options(settle=0.1), twice=True)
    assert result.serves is False and "not after a restart" in result.reason
    assert result.second is not None and result.second.stage == "RUNTIME_ERROR"


def test_the_listener_hears_everything_as_it_happens(tmp_path: Path) -> None:
    heard: list[str] = []

    class Hearing(Listener):
        def event(self, event: Event) -> None:
            heard.append(event.text)

        def line(self, log: str, line: Line) -> None:
            heard.append(f"{log}: {line.text}")

    stayed: list[Rehearsal] = []
    folder, _ = space(tmp_path, served())
    rehearse(
        str(folder),
        HostBackend(),
        Options(settle=0.1),
        Hearing(),
        stay=lambda _, so_far: stayed.append(so_far),
    )
    assert [h for h in heard if h in ("BUILDING", "APP_STARTING", "RUNNING")] == [
        "BUILDING", "APP_STARTING", "RUNNING",
    ]  # fmt: skip
    # The line was written before the port opened, and may be heard after.
    assert heard.index("run: listening") > heard.index("APP_STARTING")
    assert [s.stage for s in stayed] == ["RUNNING"] and stayed[0].serves
