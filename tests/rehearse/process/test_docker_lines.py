"""How a RUN line is taken apart without an engine, as tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.rehearse.process.docker_install import is_install, may_fail
from unstick.rehearse.process.docker_run import pieces, tops
from unstick.rehearse.process.docker_users import Users

PIECES = [
    ("apt-get update && apt-get install -y curl git && rm -rf /var/lib/apt/lists/*",
     ["apt-get update", "apt-get install -y curl git", "rm -rf /var/lib/apt/lists/*"]),
    ("pip install -U pip;  pip   install -r a.txt", ["pip install -U pip", "pip install -r a.txt"]),
    ("cd /app && npm ci", ["cd /app", "npm ci"]),
    ("pip install airllm || true", ["pip install airllm || true"]),
    ("mkdir a && pip install x || true", ["mkdir a && pip install x || true"]),
    ("curl -fsSL https://example.org/setup | bash - && apt-get install -y nodejs",
     ["curl -fsSL https://example.org/setup | bash - && apt-get install -y nodejs"]),
    ("if [ -f x ]; then pip install -r x; fi", ["if [ -f x ]; then pip install -r x; fi"]),
    ("python -c 'import a; a.load()'", ["python -c 'import a; a.load()'"]),
    ('python -c "import nltk" && echo done', ['python -c "import nltk"', "echo done"]),
    ('echo "a && b" > /etc/motd && true', ['echo "a && b" > /etc/motd && true']),
    ("server & sleep 1", ["server & sleep 1"]),
    ("run > /dev/null 2>&1 && true", ["run > /dev/null 2>&1", "true"]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PIECES, ids=range(len(PIECES)))
def test_pieces(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("command", "installs"),
    [
        ("pip install -r requirements.txt", True),
        ("python3.11 -m pip install --user flask", True),
        ("/opt/venv/bin/pip install flask", True),
        ("uv pip install --system flask", True),
        ("uv sync --frozen", True),
        ("python -m venv /opt/venv", True),
        ("uv venv", True),
        ("pip install 'a>=1;python_version<\"4\"'", False),
        ("pip install a | tee log", False),
        ("pip install $(cat list)", False),
        ("pip uninstall -y flask", False),
        ("python setup.py install", False),
        ("npm install", False),
    ],
)
def test_is_install(command: str, installs: bool) -> None:
    assert is_install(command) is installs


@pytest.mark.parametrize(
    ("command", "plain", "forgiven"),
    [
        ("pip install a || true", "pip install a", True),
        ("pip install a || echo none", "pip install a", True),
        ("pip install a || pip install b", "pip install a || pip install b", False),
        ("pip install a", "pip install a", False),
    ],
)
def test_may_fail(command: str, plain: str, forgiven: bool) -> None:
    assert may_fail(command) == (plain, forgiven)


@pytest.mark.parametrize(
    ("commands", "name", "uid", "gid", "home", "made"),
    [
        (["useradd -m -u 1000 user"], "user", 1000, 1000, "/home/user", True),
        (["useradd --create-home --uid 1001 app"], "app", 1001, 1001, "/home/app", True),
        (["useradd app"], "app", 1000, 1000, "/home/app", False),
        (
            ["groupadd -g 1500 team", "useradd -g team -d /srv/app -m app"],
            "app",
            1000,
            1500,
            "/srv/app",
            True,
        ),
        (["groupadd -r app", "useradd -r -g app app"], "app", 999, 999, "/home/app", False),
        (["adduser --disabled-password --gecos '' app"], "app", 1000, 1000, "/home/app", True),
        (["adduser -D -u 1234 app"], "app", 1234, 1234, "/home/app", True),
        (["addgroup -S app", "adduser -S app -G app"], "app", 999, 999, "/home/app", False),
        (["useradd -mu 1000 user"], "user", 1000, 1000, "/home/user", True),
    ],
)
def test_users(
    commands: list[str], name: str, uid: int, gid: int, home: str, made: bool, tmp_path: Path
) -> None:
    users = Users(str(tmp_path))
    for command in commands:
        users.command(command)
    account = users.accounts[name]
    assert (account.uid, account.gid, account.home) == (uid, gid, home)
    assert (tmp_path / home.lstrip("/")).is_dir() is made
    assert f"{name}:x:{uid}:{gid}:" in users.texts()["passwd"]


def test_a_user_without_an_entry_has_no_home(tmp_path: Path) -> None:
    assert Users(str(tmp_path)).home(1000) == "/"
    assert Users(str(tmp_path)).uid("nobody-here") == -1
    assert Users(str(tmp_path), node=True).home(1000) == "/home/node"


def test_a_home_that_leads_out_is_not_made(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    Users(str(root)).command("useradd -m -d /../outside app")
    assert not (tmp_path / "outside").exists()


def test_links_at_the_top_are_not_mounted(tmp_path: Path) -> None:
    for name in ("app", "var/www", "usr/local"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "var/evil").symlink_to("/etc")
    (tmp_path / "evil").symlink_to("/etc")
    assert tops(str(tmp_path)) == ["app", "usr/local", "var/www"]
