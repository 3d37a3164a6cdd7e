"""Inputs made to take minutes or to exhaust the stack, where a reader is quadratic or recurses: each ends."""

from __future__ import annotations

import pytest

from unstick.space import Space
from unstick.space.launch import launch_of

N = 60_000
CASES = {
    "dockerfile-instructions": {"Dockerfile": "FROM a\n" + "COPY a b\n" * N},
    "dockerfile-heredocs": {"Dockerfile": "FROM a\nRUN " + "<<A " * N + "\n"},
    "dockerfile-variables": {"Dockerfile": "FROM a\nENV A=1\nCMD " + "$A${A:-${A}}" * (N // 10) + "\n"},
    "shell-substitutions": {"Dockerfile": "FROM python\nCOPY . .\nCMD sh a.sh\n", "a.sh": "echo " + "$(" * N},
    "shell-nesting": {"Dockerfile": "FROM python\nCOPY . .\nCMD sh a.sh\n", "a.sh": "if " * N},
    "shell-functions": {
        "Dockerfile": "FROM python\nCOPY . .\nCMD sh a.sh\n",
        "a.sh": "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}\n" for i in range(300)) + "f0\n",
    },
    "nginx-listen": {
        "Dockerfile": "FROM nginx\nCOPY a.conf /etc/nginx/nginx.conf\n",
        "a.conf": "listen " * N,
    },
    "caddy": {"Dockerfile": "FROM caddy\nCOPY Caddyfile /etc/caddy/Caddyfile\n", "Caddyfile": "{$A" * N},
    "javascript-comments": {"Dockerfile": "FROM node\nCOPY . .\nCMD node a.js\n", "a.js": "/*" * N},
    "javascript-brackets": {
        "Dockerfile": "FROM node\nCOPY . .\nCMD node a.js\n",
        "a.js": ".listen(" * 2000 + "[" * N,
    },
    "javascript-constants": {
        "Dockerfile": "FROM node\nCOPY . .\nCMD node a.js\n",
        "a.js": "app.listen(a0)\n" + "".join(f"const a{i} = a{i + 1}\n" for i in range(3000)),
    },
    "package-json": {"Dockerfile": "FROM node\nCOPY . .\nCMD npm start\n", "package.json": "[" * N},
    "pyproject": {"Dockerfile": "FROM python\nCOPY . .\nCMD own\n", "pyproject.toml": "\n" * N},
    "python-calls": {
        "Dockerfile": "FROM python\nCOPY . .\nCMD python a.py\n",
        "a.py": "".join(f"def f{i}():\n    f{i + 1}(); f{i + 1}()\n" for i in range(200)) + "f0()\n",
    },
    "python-deep": {
        "Dockerfile": "FROM python\nCOPY . .\nCMD python a.py\n",
        "a.py": "x = " + "(" * 150 + ")" * 150,
    },
    "python-classes": {
        "Dockerfile": "FROM python\nCOPY . .\nCMD python a.py\n",
        "a.py": "class A0: pass\n"
        + "".join(f"class A{i + 1}(A{i}, A{i}): pass\n" for i in range(200))
        + "A200().x\n",
    },
    "supervisord": {
        "Dockerfile": "FROM python\nCOPY . .\nCMD supervisord -c s.conf\n",
        "s.conf": "[program:a]\ncommand=sh -c 'supervisord -c s.conf'\n" * 3000,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_it_ends_with_few_answers(name: str) -> None:
    files = {"README.md": "---\nsdk: docker\n---\n", **CASES[name]}
    launch = launch_of(Space.from_files(files, complete=True))
    assert len(launch.servers) <= 30 and len(launch.cannot_tell) < 400
