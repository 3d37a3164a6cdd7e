"""The plan follows from the Space and the contract alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.errors import UnreadableError
from unstick.rehearse.plan import limits_of, plan_of
from unstick.rehearse.types import Limits, Options
from unstick.space import Space


def made(folder: Path, block: str, **files: str) -> Space:
    (folder / "README.md").write_text(f"---\n{block}\n---\n")
    for name, text in files.items():
        (folder / name).write_text(text)
    return Space.open(str(folder))


@pytest.mark.parametrize(
    ("block", "port", "command"),
    [
        ("sdk: docker", 7860, ()),
        ("sdk: docker\napp_port: 8501", 8501, ()),
        ("sdk: docker\napp_port: 99999", 7860, ()),
        ("sdk: gradio\napp_port: 8501", 7860, ("python", "app.py")),
        ("sdk: gradio\napp_file: src/main.py", 7860, ("python", "src/main.py")),
        ("sdk: streamlit", 8501, ("streamlit", "run", "app.py")),
        ("sdk: static", 7860, ()),
    ],
)
def test_port_and_command(tmp_path: Path, block: str, port: int, command: tuple[str, ...]) -> None:
    plan = plan_of(made(tmp_path, block))
    assert (plan.port, plan.command) == (port, command)


@pytest.mark.parametrize(("given", "seconds"), [("", 1800), ("1h", 3600), ("5s", 5), ("soon", 1800)])
def test_timeout(tmp_path: Path, given: str, seconds: float) -> None:
    block = f"sdk: docker\nstartup_duration_timeout: {given}" if given else "sdk: docker"
    assert plan_of(made(tmp_path, block)).timeout == seconds
    assert plan_of(made(tmp_path, block), Options(timeout=7)).timeout == 7


def test_no_port_variable_in_a_docker_space(tmp_path: Path) -> None:
    names = dict(plan_of(made(tmp_path, "sdk: docker")).environment)
    assert "PORT" not in names and "GRADIO_SERVER_NAME" not in names and names["SYSTEM"] == "spaces"


def test_environment_order(tmp_path: Path) -> None:
    options = Options(
        variables=(("A", "variable"), ("B", "variable"), ("SYSTEM", "own")), secrets=(("B", "secret"),)
    )
    names = dict(plan_of(made(tmp_path, "sdk: gradio"), options).environment)
    assert (names["A"], names["B"], names["SYSTEM"]) == ("variable", "secret", "own")
    assert names["GRADIO_SERVER_NAME"] == "0.0.0.0"


def test_the_same_space_gives_the_same_plan(tmp_path: Path) -> None:
    space = made(tmp_path, "sdk: gradio\nhf_oauth: true\npreload_from_hub:\n- a/b", **{"app.py": "x"})
    assert plan_of(space) == plan_of(Space.open(str(tmp_path)))
    assert len(plan_of(space).passed_over) == 2


def test_what_cannot_be_imitated_is_said(tmp_path: Path) -> None:
    space = made(tmp_path, "sdk: gradio")
    gpu = limits_of("t4-small")
    assert gpu is not None
    assert any("t4-small" in text for text in plan_of(space, Options(limits=gpu)).passed_over)
    assert plan_of(space).passed_over == ()


def test_limits_come_from_the_contract() -> None:
    assert limits_of("cpu-basic") == Limits()
    assert limits_of("cpu-upgrade") == Limits("cpu-upgrade", 8.0, 32 * 1024**3, 50 * 1024**3)
    assert limits_of("no-such-flavour") is None and limits_of("h200") is None


def test_a_space_in_memory_cannot_run() -> None:
    with pytest.raises(UnreadableError):
        plan_of(Space.from_files({"README.md": "---\nsdk: docker\n---\n"}, complete=True))
