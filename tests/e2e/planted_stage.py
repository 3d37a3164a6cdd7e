"""The stage of the sweep for planted secrets: Spaces with secrets in each of their parts, and everything that the
command line wrote about them."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
from pathlib import Path

from conftest import Ran, run_unstick
from e2e.hubs import RunningHub
from e2e.planted import Planted, known, left_of, plant, text_of
from e2e.revealing import MARK

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
README = """---
title: {first}
sdk: docker
base_path: /start?access_token={query}
---
# Planted

{text}
"""
DOCKERFILE = """FROM python:{python}-slim
{comments}
ENV {assigned}
COPY . /
RUN cat /settings.txt && echo "{mark}"
CMD ["python", "/app.py"]
"""
SERVES = """
import http.server, os, pathlib
LINES = pathlib.Path("/settings.txt").read_text().splitlines()
print(*LINES, sep="\\n", flush=True)
print(dict(os.environ), flush=True)
print({mark!r}, flush=True)

class Handler(http.server.BaseHTTPRequestHandler):
    visits = 0

    def do_GET(self):
        if self.path.startswith("/start"):
            self.send_response(302)
            self.send_header("Location", "/page?key={query}&again=1")
        else:
            self.send_response(500)
        for line in LINES[:4]:
            self.send_header("X-Said", line)
        self.send_header("Set-Cookie", "sid={query}; Path=/")
        self.send_header("Content-Security-Policy", "frame-ancestors {address}")
        self.end_headers()
        Handler.visits += 3
        text = " ".join(LINES[Handler.visits % len(LINES):][:3]).replace("<", "")
        self.wfile.write(f"<title>{{text}}</title><p>{{LINES}}".encode())

print("Running on 0.0.0.0:7860", flush=True)
http.server.HTTPServer(("0.0.0.0", 7860), Handler).serve_forever()
"""
FAILS = """
import os, pathlib
text = pathlib.Path("/settings.txt").read_text()
print(text, dict(os.environ), flush=True)
print({mark!r}, flush=True)
import flask
raise SystemExit(text)
"""
WORKFLOW = """on: {{push: {{branches: [main]}}}}
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: git push --force https://user:{token}@huggingface.co/spaces/user/fails HEAD:main
      - run: |
{text}
"""


class Stage:
    """A hub with two Spaces, the secrets planted in them, and where everything that is written goes."""

    def __init__(self, running: RunningHub, folder: Path) -> None:
        self.hub, self.api, self.folder = running, running.api(), folder
        self.home = folder / "home"
        self.planted: list[Planted] = [
            *plant(random.Random()), known("asker's token", running.token),
            known("admin's token", running.admin_token),
        ]  # fmt: skip
        self.lines = text_of(self.planted).splitlines()
        self.said: dict[str, str] = {}
        self.home.mkdir()

    def value(self, kind: str) -> str:
        """The secret of one kind."""
        return next(one.secret for one in self.planted if one.kind == kind)

    def files(self, app: str) -> dict[str, str]:
        """A Space's files, with secrets in each."""
        assigned = [line for line in self.lines if re.match(r"[A-Z_]+=\S+$", line)]
        text = text_of(self.planted)
        words = {
            "mark": MARK, "query": self.value("query"), "python": PYTHON, "text": text,
            "first": self.lines[0], "comments": text_of(self.planted, "# "), "assigned": " ".join(assigned),
            "address": f"https://user:{self.value('basic-auth-url')}@app.example.org",
        }  # fmt: skip
        return {
            "README.md": README.format(**words),
            "Dockerfile": DOCKERFILE.format(**words),
            "app.py": app.format(**words) + text_of(self.planted, "# "),
            "settings.txt": text,
            ".env": text,
            "config.py": "".join(f"VALUE_{number} = {line!r}\n" for number, line in enumerate(self.lines)),
            "requirements.txt": f"--index-url https://user:{self.value('basic-auth-url')}@pypi.example.org/simple\n"
            f"helper @ git+https://{self.value('hugging-face')}@git.example.org/a/helper\n",
        }  # fmt: skip

    def push(self, name: str, app: str) -> str:
        """A Space with variables, secrets and files, all planted."""
        from huggingface_hub import CommitOperationAdd

        space = f"user/{name}"
        settings = [{"key": f"PLANTED_{n}", "value": one.line} for n, one in enumerate(self.planted)]
        self.api.create_repo(
            space, repo_type="space", space_sdk="docker", space_variables=settings,
            space_secrets=[{**row, "key": f"HIDDEN_{row['key']}"} for row in settings],
        )  # fmt: skip
        operations = [
            CommitOperationAdd(path, io.BytesIO(text.encode())) for path, text in self.files(app).items()
        ]
        message, more = "; ".join(one.line for one in self.planted[:2]), text_of(self.planted)
        self.api.create_commit(
            space, operations, commit_message=message, commit_description=more, repo_type="space"
        )
        return space

    def checkout(self, app: str) -> Path:
        """The same as a folder."""
        root = self.folder / f"checkout-{len(list(self.folder.iterdir()))}"
        root.mkdir()
        for path, text in self.files(app).items():
            # Something to mend beside the secrets, so that a diff has them among its lines.
            (root / path).write_text(text.replace("sdk: docker", "sdk: Docker"))
        (root / ".github/workflows").mkdir(parents=True)
        token = f"hf_{self.value('hugging-face')}"
        (root / ".github/workflows/sync.yml").write_text(
            WORKFLOW.format(token=token, text=text_of(self.planted, " " * 10))
        )
        subprocess.run(["git", "init", "-q", root], check=True)
        remote = f"https://user:{token}@huggingface.co/spaces/user/fails"
        subprocess.run(["git", "-C", root, "remote", "add", "origin", remote], check=True)
        return root

    def unstick(self, *arguments: str | Path, endpoint: str = "", **env: str) -> Ran:
        """Run the command line in a home of its own; what it prints is kept to be searched."""
        own = {
            "HOME": str(self.home), "XDG_STATE_HOME": str(self.home / "state"), "UNSTICK_PACE": "0.01",
            "XDG_CACHE_HOME": str(self.home / "cache"), "HF_HOME": str(self.home / "hf"), "HF_TOKEN": self.hub.token,
            "HF_ENDPOINT": endpoint or self.hub.endpoint, "UV_CACHE_DIR": str(self.folder.parent / "uv"),
        }  # fmt: skip
        ran = run_unstick(*arguments, env=own | env, cwd=self.home, timeout=120)
        self.keep(" ".join(map(str, arguments))[:60], ran.out + ran.err)
        return ran

    def keep(self, name: str, text: str) -> None:
        """Remember an output under a name, once more under another one."""
        self.said[f"{len(self.said):02} {name}"] = text

    def search(self) -> None:
        """Nothing is left of the secrets in what was printed, nor in any file that was written."""
        written = {
            str(path.relative_to(self.home)): path.read_bytes().decode("utf-8", "replace")
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_symlink() and not {"site-packages", "uv"} & {*path.parts}
        }
        found = {name: left_of(self.planted, text) for name, text in {**self.said, **written}.items()}
        told = "\n".join(f"{name}: {left}" for name, left in found.items() if left)
        assert not told, told
