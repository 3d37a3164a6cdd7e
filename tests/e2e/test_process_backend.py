"""Rehearsals as processes, with real packages: what is built, what runs, what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from unstick.rehearse import registry
from unstick.rehearse.process.backend import ProcessBackend
from unstick.rehearse.rehearsal import rehearse
from unstick.rehearse.types import Options, Rehearsal

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="namespaces are Linux's"),
    pytest.mark.needs("uv"),
    pytest.mark.needs("bwrap"),
]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SECRET = "a-value-that-nobody-may-see"
FLASK = """
import flask, os
app = flask.Flask(__name__)
@app.get("/")
def page():
    return "ok"
print("secret is", os.environ.get("TOKEN_OF_TEST"), flush=True)
"""
SERVER = "import http.server as h; h.ThreadingHTTPServer(('0.0.0.0', 7860), h.SimpleHTTPRequestHandler).serve_forever()"
README = "---\ntitle: Test\nsdk: {sdk}\n{more}---\n"


def space(folder: Path, files: dict[str, str], sdk: str = "docker", more: str = "") -> Path:
    """A Space with these files."""
    for name, text in {"README.md": README.format(sdk=sdk, more=more), **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def run(folder: Path, **options: object) -> Rehearsal:
    """One rehearsal; nothing of it may be left."""
    given = Options(patience=20, timeout=120, settle=0.5, **options)  # type: ignore[arg-type]
    result = rehearse(str(folder), ProcessBackend(), given)
    mine = [name for name in os.listdir(registry.top()) if name.startswith(registry.owner())]
    assert mine == []
    return result


def said(result: Rehearsal, log: str = "build") -> str:
    """A log as text."""
    return "\n".join(line.text for line in (result.build_log if log == "build" else result.run_log))


def test_flask_with_gunicorn(tmp_path: Path) -> None:
    dockerfile = f"""
FROM python:{PYTHON}-slim
RUN useradd -m -u 1000 someone
USER someone
ENV HOME=/home/someone PATH=/home/someone/.local/bin:$PATH
WORKDIR $HOME/app
COPY --chown=someone requirements.txt .
RUN pip install --no-cache-dir --user -r requirements.txt
COPY --chown=someone . .
CMD gunicorn --bind 0.0.0.0:7860 app:app
"""
    files = {"Dockerfile": dockerfile, "app.py": FLASK, "requirements.txt": "flask\ngunicorn\n"}
    folder = space(tmp_path, files)
    result = run(folder, secrets=(("TOKEN_OF_TEST", SECRET),))
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason
    assert SECRET not in repr(result._replace(plan=result.plan._replace(options=Options(), environment=())))
    again = run(folder, secrets=(("TOKEN_OF_TEST", SECRET),))
    assert again.serves
    assert "CACHED" in said(again)


def test_a_static_space(tmp_path: Path) -> None:
    result = run(space(tmp_path, {"index.html": "<p>hello</p>"}, "static"))
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason


@pytest.mark.needs("npm")
def test_a_static_space_with_a_build_command(tmp_path: Path) -> None:
    package = '{"name": "a", "version": "1.0.0", "scripts": {"build": "mkdir dist && echo built > dist/index.html"}}'
    more = "app_build_command: npm run build\napp_file: dist/index.html\n"
    built = run(space(tmp_path / "good", {"package.json": package}, "static", more))
    assert (built.stage, built.serves) == ("RUNNING", True), built.reason
    broken = package.replace("echo built", "exit 3; echo")
    failed = run(space(tmp_path / "bad", {"package.json": broken}, "static", more))
    assert failed.stage == "BUILD_ERROR"
    other = run(space(tmp_path / "other", {"package.json": package}, "static", more.replace("dist/", "out/")))
    assert "out/index.html" in other.reason


@pytest.mark.needs("node")
def test_a_node_server(tmp_path: Path) -> None:
    import subprocess

    major = (
        subprocess.run(["node", "--version"], capture_output=True, text=True)
        .stdout.strip("v\n")
        .split(".")[0]
    )
    server = "require('http').createServer((q, s) => s.end('hello')).listen(7860, '0.0.0.0')"
    dockerfile = f"""
FROM node:{major}-slim
WORKDIR /srv/app
COPY --chown=node . .
USER node
CMD ["node", "server.js"]
"""
    result = run(space(tmp_path, {"Dockerfile": dockerfile, "server.js": server}))
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason


def test_stages_and_build_steps(tmp_path: Path) -> None:
    """Files of an earlier stage, folders with an owner, a virtual environment, a here-document."""
    dockerfile = f"""
FROM python:{PYTHON} AS made
WORKDIR /made
RUN python -m venv /opt/venv && /opt/venv/bin/pip install itsdangerous
RUN mkdir -p out && python -c "print(open('/etc/passwd').readline() and 'text')" > out/text.txt
FROM python:{PYTHON}-slim
RUN groupadd -g 1500 team && useradd -m -u 1000 -g team someone
COPY --from=made /opt/venv /opt/venv
COPY --from=made /made/out /data-of-build
ENV PATH="/opt/venv/bin:$PATH"
WORKDIR /srv/www
RUN <<STEPS
set -e
mkdir -p logs
chown -R someone:team logs
STEPS
COPY server.py .
USER someone
ENTRYPOINT ["python"]
CMD ["server.py"]
"""
    code = (
        "import itsdangerous, os\nassert open('/data-of-build/text.txt').read().strip() == 'text'\n"
        "open('logs/a', 'w')\nassert os.getuid() == 1000 and os.environ['HOME'] == '/home/someone', os.environ\n"
        "assert os.stat('server.py').st_uid != 1000 or os.geteuid() == 0 or not os.access('server.py', os.W_OK)\n"
    )
    result = run(space(tmp_path, {"Dockerfile": dockerfile, "server.py": code + SERVER}))
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason + said(result, "run")


def test_build_secrets(tmp_path: Path) -> None:
    dockerfile = f"""
FROM python:{PYTHON}-slim
WORKDIR /app
RUN --mount=type=secret,id=TOKEN_OF_TEST,mode=0444,required=true wc -c < /run/secrets/TOKEN_OF_TEST > size
RUN --mount=type=secret,id=TOKEN_OF_TEST cat /run/secrets/TOKEN_OF_TEST
COPY server.py .
CMD ["python", "server.py"]
"""
    check = f"import os\nassert int(open('size').read()) == {len(SECRET)} and not os.path.exists('/run/secrets')\n"
    folder = space(tmp_path, {"Dockerfile": dockerfile, "server.py": check + SERVER})
    result = run(folder, secrets=(("TOKEN_OF_TEST", SECRET),))
    assert result.serves, result.reason + said(result, "run")
    assert SECRET not in said(result)
    assert "***" in said(result)
    missing = run(folder)
    assert missing.stage == "BUILD_ERROR"
    assert "TOKEN_OF_TEST" in missing.reason


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("RUN pip install flask==3.0.0 werkzeug==1.0.1", "No solution found"),
        ("RUN pip install this-distribution-does-not-exist-anywhere-1", "not found"),
        ("COPY nowhere/ .", "not found"),
        ("RUN test -f /app/nothing", "exit code: 1"),
        ("COPY --chown=nobody-here Dockerfile .", "nobody-here"),
        ("USER nobody-here\nRUN true && id", ""),
    ],
)
def test_what_fails_on_the_platform_fails_here(tmp_path: Path, lines: str, words: str) -> None:
    dockerfile = (
        f'FROM python:{PYTHON}-slim\nWORKDIR /app\n{lines}\nCMD ["python", "-m", "http.server", "7860"]\n'
    )
    result = run(space(tmp_path, {"Dockerfile": dockerfile}))
    assert result.stage == "BUILD_ERROR", result
    assert words in said(result)


@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("FROM python:3.3-slim\nCMD python app.py", "Python 3.3 is not on this machine"),
        ("FROM node:9\nCMD node app.js", "Node 9 is not on this machine"),
        ("FROM nvidia/cuda:12.1.0-base-ubuntu22.04\nCMD python3 app.py", "needs a container engine"),
        (f"FROM python:{PYTHON}\nCOPY --from=caddy:2 /usr/bin/caddy /usr/bin/caddy\nCMD caddy run", "caddy"),
        (f"FROM python:{PYTHON}\nCOPY app.py /usr/lib/app.py\nCMD python app.py", "cannot be changed"),
        (f"FROM python:{PYTHON}\nRUN program-of-nobody --now\nCMD python app.py", "not on this machine"),
        (f"FROM python:{PYTHON}\nRUN touch /usr/bin/thing\nCMD python app.py", "changes the system"),
    ],
)
def test_what_cannot_be_done_here_is_no_build_error(tmp_path: Path, dockerfile: str, words: str) -> None:
    result = run(space(tmp_path, {"Dockerfile": dockerfile, "app.py": ""}))
    assert result.stage == "", result
    assert words in result.impossible


def test_missing_debian_packages_are_said(tmp_path: Path) -> None:
    dockerfile = (
        (
            f"FROM python:{PYTHON}-slim\nRUN apt-get update && apt-get install -y no-such-library-of-debian coreutils\n"
            f'RUN true; (apt-get install -y another-of-them | cat)\nCMD ["python", "-c", {SERVER!r}]\n'
        )
        .replace("'", '"')
        .replace('("0.0.0.0", 7860)', "('0.0.0.0', 7860)")
    )
    result = run(space(tmp_path, {"Dockerfile": dockerfile}))
    assert result.serves, result.reason
    notes = " ".join(result.passed_over)
    assert "no-such-library-of-debian" in notes
    assert "another-of-them" in notes
    assert "coreutils" not in notes


def test_a_package_cannot_do_in_its_build_what_an_app_cannot(tmp_path: Path) -> None:
    """The code of a package that is built from source runs in the sandbox, not on this machine."""
    outside = tmp_path / "outside"
    home = Path.home() / ".unstick-test-of-the-sandbox"
    setup = (
        f"import os\nfor path in ({str(outside)!r}, {str(home)!r}):\n    try:\n        open(path, 'w').write('out')\n"
        "    except OSError as error:\n        print(error)\n"
        "assert 'TOKEN_OF_PERSON' not in os.environ\nfrom setuptools import setup\nsetup(name='own', version='1')\n"
    )
    dockerfile = (
        f"FROM python:{PYTHON}-slim\nCOPY . /app\nWORKDIR /app\nRUN pip install ./own\n"
        'CMD ["python", "server.py"]\n'
    )
    folder = space(tmp_path / "space", {"Dockerfile": dockerfile, "own/setup.py": setup, "server.py": SERVER})
    before = dict(os.environ)
    os.environ["TOKEN_OF_PERSON"] = "private"
    try:
        result = run(folder)
    finally:
        os.environ.clear()
        os.environ.update(before)
        left = [path for path in (outside, home) if path.exists()]
        home.unlink(missing_ok=True)
    assert result.serves, result.reason + said(result)
    assert left == []


def test_requirements_cannot_name_other_files(tmp_path: Path) -> None:
    """The platform installs before the repository is there."""
    files = {"app.py": SERVER, "requirements.txt": "-r more.txt\n", "more.txt": "flask\n"}
    result = run(space(tmp_path, files, "gradio", f'sdk_version: 5.0.0\npython_version: "{PYTHON}"\n'))
    assert result.stage == "BUILD_ERROR"
    assert "more.txt" in said(result)


@pytest.mark.heavy
def test_a_gradio_space(tmp_path: Path) -> None:
    app = "import gradio as gr\ngr.Interface(lambda x: x, 'text', 'text').launch()\n"
    more = f'sdk_version: 5.49.1\npython_version: "{PYTHON}"\n'
    result = run(space(tmp_path, {"app.py": app}, "gradio", more))
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason


@pytest.mark.heavy
def test_a_streamlit_space(tmp_path: Path) -> None:
    more = f'sdk_version: 1.44.1\npython_version: "{PYTHON}"\n'
    result = run(
        space(tmp_path, {"app.py": "import streamlit as st\nst.title('hello')\n"}, "streamlit", more)
    )
    assert (result.stage, result.serves) == ("RUNNING", True), result.reason
