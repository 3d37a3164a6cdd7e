"""What the engine is told: clients, lent settings, limits, SDK images. Without an engine."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from unstick.contract.sdks import LOGGED_PYTHON
from unstick.rehearse.docker import client, machine, sdk_image
from unstick.rehearse.docker.build import context
from unstick.rehearse.docker.running import creation
from unstick.rehearse.package_settings import CA_VARIABLES, PROXIES
from unstick.rehearse.plan import plan_of
from unstick.rehearse.types import MIB, Limits, Options, Plan
from unstick.space import Space

SETTINGS = (*CA_VARIABLES, *PROXIES, "PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL",
            "PIP_DEFAULT_TIMEOUT", "PIP_FIND_LINKS", "UV_CONFIG_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_URL",
            "NPM_CONFIG_USERCONFIG")  # fmt: skip


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any package settings; gives its home."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setattr(machine, "PIP_FILES", machine.PIP_FILES[1:])
    monkeypatch.setattr(machine, "UV_FILES", machine.UV_FILES[:2])
    monkeypatch.setattr(machine, "_apt_text", lambda: "")
    return home


def plan(folder: Path, block: str, options: Options | None = None, **files: str) -> Plan:
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(f"---\ntitle: T\n{block}---\n")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return plan_of(Space.open(str(folder)), options)


def option(command: list[str], name: str) -> list[str]:
    return [value for flag, value in itertools.pairwise(command) if flag == name]


def test_a_machine_without_settings_lends_nothing(tmp_path: Path) -> None:
    assert machine.lent(str(tmp_path)) == () and machine.proxies() == ()


def test_only_what_leads_to_an_index_is_lent(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / ".config/pip").mkdir(parents=True)
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("x")
    (bare / ".config/pip/pip.conf").write_text(
        f"[global]\nindex-url = https://mirror.example/simple\nfind-links = /opt/wheels\ncert = {bundle}\n"
        "extra-index-url = file:///opt/x https://two.example/simple\n[install]\nno-deps = true\n"
    )
    (bare / ".npmrc").write_text("registry=https://npm.example/\nyes=false\n//npm.example/:_authToken=t\n")
    monkeypatch.setenv("UV_INDEX_URL", "https://uv.example/simple")
    found = {item.id: item for item in machine.lent(str(tmp_path))}
    assert found["unstick-ca"].source == str(bundle) and "PIP_CERT" in found["unstick-ca"].variables
    texts = {name: Path(item.source).read_text() for name, item in found.items()}
    assert texts["unstick-pip.conf"] == (
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url = https://two.example/simple\n"
    )
    assert texts["unstick-npmrc"] == "registry=https://npm.example/\n//npm.example/:_authToken=t\n"
    assert texts["unstick-uv.toml"] == 'index-url = "https://uv.example/simple"\n'
    for name in ("unstick-pip.conf", "unstick-npmrc"):
        assert os.stat(found[name].source).st_mode & 0o077 == 0


def test_variables_win_over_settings_files(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / ".pip").mkdir()
    (bare / ".pip/pip.conf").write_text("[global]\nindex-url = https://file.example/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    (item,) = machine.lent(str(tmp_path))
    assert (
        "variable.example" in Path(item.source).read_text()
        and "file.example" not in Path(item.source).read_text()
    )


def test_the_container_gets_the_contract_s_limits(tmp_path: Path) -> None:
    limits = Limits("x", 0.5, 256 * MIB, 100 * MIB, 77)
    options = Options(
        limits, secrets=(("TOKEN", "s3cret"), ("LINES", "a\nb")), variables=(("HOME", "/elsewhere"),)
    )
    made = plan(tmp_path / "s", "sdk: docker\n", options, Dockerfile="FROM a\n")
    command = creation("image", made, "name", "1000", "/some/data", str(tmp_path))
    assert command[0] == "run" and command[-1] == "image"
    assert option(command, "--memory") == option(command, "--memory-swap") == [str(256 * MIB)]
    assert option(command, "--cpus") == ["0.5"] and option(command, "--pids-limit") == ["77"]
    assert option(command, "--security-opt") == ["no-new-privileges"]
    assert "net.ipv4.ip_unprivileged_port_start=1024" in option(command, "--sysctl")
    assert option(command, "--user") == ["1000"] and option(command, "--volume") == ["/some/data:/data"]
    assert "s3cret" not in " ".join(command)
    (path,) = option(command, "--env-file")
    assert os.stat(path).st_mode & 0o077 == 0
    lines = Path(path).read_text().splitlines()
    assert "TOKEN=s3cret" in lines and "HOME=/elsewhere" in lines and "SYSTEM=spaces" in lines
    assert option(command, "--env") == ["LINES=a\nb"]


def test_the_context_holds_what_a_push_brings(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "a.log").write_text("x")
    (folder / "run.sh").write_text("x")
    (folder / "run.sh").chmod(0o700)
    (tmp_path / "outside").write_text("secret")
    (folder / "away").symlink_to("../outside")
    (folder / "far").symlink_to("/etc/passwd")
    (folder / "near").symlink_to("run.sh")
    made = plan(folder, "sdk: docker\n", Dockerfile="FROM a\n")
    copied = Path(context(made._replace(files=tuple({*made.files, "away", "far", "near"}))))
    names = {path.name for path in copied.iterdir()}
    assert {"Dockerfile", "README.md", "run.sh", "near"} <= names and not {
        "a.log",
        "away",
        "far",
        ".git",
    } & names
    assert (copied / "run.sh").stat().st_mode & 0o777 == 0o755


def test_the_image_of_a_gradio_space_is_put_together_in_the_platform_s_order(tmp_path: Path) -> None:
    made = plan(
        tmp_path / "s", "sdk: gradio\nsdk_version: 5.0.0\n", app__py="", requirements__txt="numpy\n",
        packages__txt="hello\n", **{"pre-requirements__txt": "wheel\n"},
    )  # fmt: skip
    text = sdk_image.space(made, "base")
    order = [
        "FROM base",
        "packages.txt",
        "pre-requirements.txt",
        'requirements.txt "gradio',
        "COPY",
        "USER 1000",
        "CMD",
    ]
    places = [text.index(word) for word in order]
    assert places == sorted(places)
    assert '"gradio[oauth,mcp]==5.0.0"' in text and 'CMD ["python", "app.py"]' in text
    base = sdk_image.base(LOGGED_PYTHON)
    assert base.startswith(f"FROM python:{LOGGED_PYTHON}\n") and "ffmpeg" in base
    assert "apt-get" not in sdk_image.base(LOGGED_PYTHON, system=False)


def test_without_requirements_only_the_sdk_is_installed(tmp_path: Path) -> None:
    made = plan(tmp_path / "s", "sdk: streamlit\nsdk_version: 1.40.0\n", app__py="")
    text = sdk_image.space(made, "base")
    assert "requirements.txt" not in text and "packages.txt" not in text and '"streamlit==1.40.0"' in text


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PLACES", ())
    monkeypatch.setattr(client, "_found", [])
    monkeypatch.delenv("DOCKER_HOST", raising=False)


@pytest.mark.usefixtures("tried")
def test_the_client_that_can_build_is_taken_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "1", "docker", "exit 1")
    program(
        tmp_path / "2", "docker", '[ "$1" = version ] && echo "20.10.24+dfsg1 28.2.2"; [ "$1" != buildx ]'
    )
    good = program(tmp_path / "3", "docker", 'echo "20.10.24+dfsg1 20.10.24+dfsg1"')
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / name) for name in "123"))
    found = client.available()
    assert (
        found is not None and found.program == str(good) and found.engine == (20, 10, 24) and not found.modern
    )


@pytest.mark.usefixtures("tried")
def test_a_newer_client_needs_buildx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "1", "docker", 'echo "27.1.0 27.1.0"')
    monkeypatch.setenv("PATH", str(tmp_path / "1"))
    found = client.available()
    assert found is not None and found.modern


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("host", ["tcp://elsewhere:2375", "ssh://user@elsewhere"])
def test_an_engine_elsewhere_is_not_taken(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "1", "docker", 'echo "20.10.24 20.10.24"')
    monkeypatch.setenv("PATH", str(tmp_path / "1"))
    monkeypatch.setenv("DOCKER_HOST", host)
    assert client.available() is None
