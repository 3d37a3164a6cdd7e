"""What a Space's build installs, and which modules its start command reaches."""

from __future__ import annotations

import pytest

from unstick.space import Space
from unstick.space.commands import split
from unstick.space.executed import executed
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.provided import provided
from unstick.space.start import start

DOCKER = "---\nsdk: docker\n---\n"
GRADIO = "---\nsdk: gradio\napp_file: app.py\n---\n"


def docker(lines: str, **files: str) -> Space:
    """A Docker Space with these instructions."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return Space.from_files({"README.md": DOCKER, "Dockerfile": lines, **named}, complete=True)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("pip install flask==2.0 'numpy>=1'", ["flask", "numpy"]),
        ("python -m pip install --no-cache-dir -U flask", ["flask"]),
        ("uv pip install --system flask", ["flask"]),
        ("pip install --index-url https://x.org/simple torch && pip install flask", ["torch", "flask"]),
        ("pip3 install -r requirements.txt", ["requests"]),
        ("cd /app && pip install -r ./requirements.txt", ["requests"]),
        ("bash install.sh", ["rich"]), ("echo pip install flask", []),
    ],
)  # fmt: skip
def test_install_lines_are_read(command: str, names: list[str]) -> None:
    space = Space.from_files(
        {
            "README.md": DOCKER,
            "Dockerfile": f"FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN {command}\n",
            "requirements.txt": "requests\n",
            "install.sh": "#!/bin/sh\npip install rich\n",
        },
        complete=True,
    )
    assert [r.name for r in installed(space).requirements()] == names


def test_the_venv_of_another_stage_counts_and_an_unused_stage_does_not() -> None:
    lines = (
        "FROM python:3.12 AS build\nRUN pip install flask\nFROM python:3.12 AS test\nRUN pip install pytest\n"
        "FROM python:3.12-slim\nCOPY --from=build /opt/venv /opt/venv\n"
    )
    found = installed(docker(lines))
    assert [r.name for r in found.requirements()] == ["flask"]
    assert found.pythons == ("3.12",)


def test_a_lock_file_is_the_whole_truth() -> None:
    space = Space.from_files(
        {
            "README.md": DOCKER,
            "Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\n",
            "pyproject.toml": '[project]\nname = "demo"\ndependencies = ["flask"]\n',
            "uv.lock": '[[package]]\nname = "Jinja2"\n\n[[package]]\nname = "flask"\n',
        },
        complete=True,
    )
    found = installed(space)
    assert {"jinja2", "flask", "demo"} <= found.names and found.groups[0].locked
    assert provided(space).module("jinja2") == "yes"


def test_a_platform_space_may_get_either_python() -> None:
    space = Space.from_files(
        {"README.md": GRADIO, "requirements.txt": "torch\n-r more.txt\n", "more.txt": "flask\n"},
        complete=True,
    )
    assert installed(space).pythons == ("3.10", "3.13")
    assert [r.name for r in installed(space).requirements()] == ["torch", "flask"]


@pytest.mark.parametrize(
    ("module", "answer"),
    [
        ("cv2", "yes"),
        ("yaml", "yes"),
        ("torch", "no"),
        ("gradio", "yes"),
        ("json", "yes"),
        ("audioop", "no"),
        ("numpy", "yes"),
    ],
)
def test_modules_are_provided_by_name_and_by_what_comes_along(module: str, answer: str) -> None:
    space = Space.from_files(
        {"README.md": GRADIO, "requirements.txt": "opencv-python\n", "app.py": ""}, complete=True
    )
    assert provided(space).module(module) == answer


@pytest.mark.parametrize(
    ("command", "files", "entries"),
    [
        ('["python", "app.py"]', {"app.py": ""}, ["app.py"]),
        ("uvicorn pkg.main:app", {"pkg/main.py": ""}, ["pkg/main.py"]),
        ('["sh", "-c", "cd web && gunicorn site:app"]', {"web/site.py": ""}, ["web/site.py"]),
        ("uv run streamlit run ui.py", {"ui.py": ""}, ["ui.py"]),
        ('["./run.sh"]', {"run.sh": "exec python -m tool\n", "tool/__main__.py": ""}, ["tool/__main__.py"]),
        ("supervisord", {"supervisord.conf": "[program:a]\ncommand=python a.py\n", "a.py": ""}, ["a.py"]),
    ],
)  # fmt: skip
def test_start_commands_are_followed_to_their_files(
    command: str, files: dict[str, str], entries: list[str]
) -> None:
    lines = f"FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nCMD {command}\n"
    space = Space.from_files({"README.md": DOCKER, "Dockerfile": lines, **files}, complete=True)
    assert [e.path for e in start(space).entries] == entries


def test_imports_are_followed_with_when_they_run() -> None:
    space = Space.from_files(
        {
            "README.md": GRADIO,
            "app.py": "import a\ndef f():\n    import b\ntry:\n    import c\nexcept ImportError:\n    0\n",
            "a.py": "import sys\nsys.path.append('lib')\nfrom deep import thing\nimport missing_one\n",
            "b.py": "", "c.py": "", "lib/deep/__init__.py": "", "lib/deep/thing.py": "", "unused.py": "",
        },
        complete=True,
    )  # fmt: skip
    found = modules(space)
    assert found.files == {
        "app.py": "start", "a.py": "start", "b.py": "later", "c.py": "optional",
        "lib/deep/__init__.py": "start", "lib/deep/thing.py": "start",
    }  # fmt: skip
    assert [r.found.module for r in found.outside if r.when == "start"] == ["sys", "missing_one"]


def test_what_runs_before_the_server_listens() -> None:
    code = (
        "def load():\n    first()\ndef handler():\n    never()\nclass Model:\n    def "
        "__init__(self):\n        self.build()\n"
        "    def build(self):\n        second()\nload()\nModel()\ntry:\n    third()\nexcept "
        "Exception:\n    pass\n"
        "if __name__ == '__main__':\n    fourth()\n    demo.launch()\n    fifth()\n"
    )
    space = Space.from_files({"README.md": GRADIO, "app.py": code}, complete=True)
    import ast

    calls = {ast.unparse(s.node.func): s.caught for s in executed(space) if isinstance(s.node, ast.Call)}
    assert calls == {
        "load": False, "first": False, "Model": False, "self.build": False, "second": False, "third": True,
        "fourth": False,
    }  # fmt: skip


def test_shell_text_is_split_with_places() -> None:
    text = "A=1 exec foo 'b c' && (cd x; bar \\\n  --y) || true # no\n"
    commands = split(text)
    assert [c.words for c in commands] == [("foo", "b c"), ("cd", "x"), ("bar", "--y"), ("true",)]
    assert [text[c.start : c.start + 3] for c in commands] == ["foo", "cd ", "bar", "tru"]
    assert commands[-1].follows == "||"
