"""The model of the image's file system: owners, modes, users, copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.space import Space
from unstick.space.image import Image, image_of
from unstick.space.image_base import base_image
from unstick.space.image_ops import numeric_mode

README = "---\nsdk: docker\n---\n"


def image(dockerfile: str, **files: str) -> Image:
    texts = {"README.md": README, "Dockerfile": dockerfile, "app.py": "", "lib/core.py": "", **files}
    found = image_of(Space.from_files({k.replace("__", "/"): v for k, v in texts.items()}, complete=True))
    assert found is not None
    return found


USER = "RUN useradd -m -u 1000 user\n"
WRITABLE = [
    ("WORKDIR made by root", "FROM python:3.11\nWORKDIR /app\nCOPY . .\n", "/app/x", False),
    ("WORKDIR after USER", f"FROM python:3.11\n{USER}USER user\nWORKDIR /app\n", "/app/x", True),
    ("WORKDIR before USER", f"FROM python:3.11\n{USER}WORKDIR /app\nUSER user\n", "/app/x", False),
    (
        "COPY --chown into a folder of root",
        f"FROM python:3.11\n{USER}WORKDIR /app\nCOPY --chown=user . .\n",
        "/app/x",
        False,
    ),
    (
        "a copied folder is the user's",
        f"FROM python:3.11\n{USER}WORKDIR /app\nCOPY --chown=user . .\n",
        "/app/lib/x",
        True,
    ),
    (
        "a copied file is the user's",
        f"FROM python:3.11\n{USER}WORKDIR /app\nCOPY --chown=user . .\n",
        "/app/app.py",
        True,
    ),
    (
        "an earlier copy made the folder",
        f"FROM python:3.11\n{USER}COPY lib/core.py /app/lib/core.py\nCOPY --chown=user . /app\n",
        "/app/lib/x",
        False,
    ),
    (
        "parents of a COPY get its owner",
        f"FROM python:3.11\n{USER}COPY --chown=user app.py /srv/a/b/app.py\n",
        "/srv/a/x",
        True,
    ),
    (
        "chown -R afterwards",
        f"FROM python:3.11\nWORKDIR /app\nCOPY . .\n{USER}RUN chown -R user:user /app\n",
        "/app/lib/x",
        True,
    ),
    (
        "chown of the folder alone",
        f"FROM python:3.11\nWORKDIR /app\nCOPY . .\n{USER}RUN chown user /app\n",
        "/app/lib/x",
        False,
    ),
    (
        "chown by number in a chain",
        "FROM python:3.11\nRUN mkdir -p /data/a && cd /data && chown -R 1000:1000 a\n",
        "/data/a/x",
        True,
    ),
    ("chmod 777", "FROM python:3.11\nRUN mkdir -p /data && chmod 777 /data\n", "/data/x", True),
    ("chmod a+w", "FROM python:3.11\nRUN mkdir /data\nRUN chmod -R a+rwX /data\n", "/data/x", True),
    (
        "chmod g+w means nothing to others",
        "FROM python:3.11\nRUN mkdir /data\nRUN chmod g+w /data\nUSER 1001:1001\n",
        "/data/x",
        False,
    ),
    ("mkdir -m", "FROM python:3.11\nRUN mkdir -p -m 0777 /data\n", "/data/x", True),
    (
        "install -d",
        f"FROM python:3.11\n{USER}RUN install -d -o user -g user /data /cache\n",
        "/cache/x",
        True,
    ),
    ("braces", "FROM python:3.11\nRUN mkdir -p /v/{a,b} && chmod 777 /v/a /v/b\n", "/v/b/x", True),
    (
        "variables",
        f"FROM python:3.11\n{USER}ENV HOME=/home/user D=/opt/d\nRUN mkdir $D && chown -R user ${{D}}\n",
        "/opt/d/x",
        True,
    ),
    ("/tmp", "FROM python:3.11\n", "/tmp/a/b", True),
    ("the root", "FROM python:3.11\n", "/data/x", False),
    ("a home folder", f"FROM python:3.11\n{USER}", "/home/user/.cache/x", True),
    (
        "a home folder that WORKDIR made first",
        f"FROM python:3.11\nWORKDIR /home/user/app\n{USER}",
        "/home/user/.cache",
        False,
    ),
    (
        "/root is closed",
        "FROM python:3.11\nRUN mkdir -p /root/.cache && chmod 777 /root/.cache\n",
        "/root/.cache/x",
        False,
    ),
    ("the node user", "FROM node:20\nUSER node\nWORKDIR /home/node/app\n", "/home/node/app/x", True),
    ("Alpine's adduser", "FROM python:3.11-alpine\nRUN adduser -D -u 1000 app\n", "/home/app/x", True),
    ("useradd without -m makes no home", "FROM python:3.11\nRUN useradd -u 1000 app\n", "/home/app/x", False),
    (
        "a stage handed on",
        f"FROM python:3.11 AS base\n{USER}USER user\nWORKDIR /app\nFROM base\nCOPY . .\n",
        "/app/x",
        True,
    ),
    (
        "COPY --from keeps the owner",
        "FROM node:20 AS b\nUSER node\nWORKDIR /home/node/d\n"
        "FROM node:20\nCOPY --from=b /home/node/d /srv/d\n",
        "/srv/d/x",
        True,
    ),
    (
        "git clone as the user",
        f"FROM python:3.11\n{USER}USER user\nWORKDIR /home/user\nRUN git clone https://x/y.git code\n",
        "/home/user/code/x",
        True,
    ),
    ("a here-document", "FROM python:3.11\nRUN <<EOF\nmkdir /data\nchmod 777 /data\nEOF\n", "/data/x", True),
    (
        "a link",
        "FROM python:3.11\nWORKDIR /app\nRUN mkdir /d && chmod 777 /d && ln -s /d /app/data\n",
        "/app/data/x",
        True,
    ),
    ("cp as root", f"FROM python:3.11\n{USER}RUN mkdir /a && chown user /a && cp -r /a /b\n", "/b/x", False),
    (
        "mv keeps the owner",
        f"FROM python:3.11\n{USER}RUN mkdir /a && chown user /a && mv /a /b\n",
        "/b/x",
        True,
    ),
    (
        "rm -rf and made again",
        f"FROM python:3.11\n{USER}RUN mkdir /a && chown user /a && rm -rf /a && mkdir /a\n",
        "/a/x",
        False,
    ),
    ("an image that nobody knows", "FROM example.org/x\nWORKDIR /app\n", "/app/x", None),
    (
        "a user that nobody made",
        "FROM python:3.11\nWORKDIR /app\nCOPY --chown=ghost lib lib\n",
        "/app/lib/x",
        None,
    ),
    ("the platform's layout", "", "/home/user/app/x", True),
]


@pytest.mark.parametrize(
    ("text", "path", "expected"), [c[1:] for c in WRITABLE], ids=[c[0] for c in WRITABLE]
)
def test_what_uid_1000_may_write(text: str, path: str, expected: bool | None) -> None:
    if text:
        found: Image | None = image(text)
    else:
        found = image_of(
            Space.from_files({"README.md": "---\nsdk: gradio\n---\n", "app.py": ""}, complete=True)
        )
    assert found is not None
    assert found.writable(path).allowed is expected


def test_the_answer_names_what_decides() -> None:
    access = image("FROM python:3.11\nWORKDIR /app\nRUN mkdir -p logs\n").writable("/app/logs/a/b")
    assert (access.allowed, access.blocker, access.owner, access.missing) == (False, "/app/logs", 0, True)
    assert access.place is not None and access.place.line == 3


EXISTS = [
    ("COPY . .", "COPY . .", "/app/lib/core.py", True),
    ("a file into a folder", "COPY lib/core.py ./", "/app/core.py", True),
    ("a folder's contents", "COPY lib/ ./code/", "/app/code/core.py", True),
    ("a glob", "COPY *.py ./", "/app/app.py", True),
    ("not copied", "COPY lib ./lib", "/app/app.py", False),
    ("a wildcard RUN may have made it", "COPY . .\nRUN python train.py", "/app/model.pkl", None),
    ("a redirect", "RUN echo x > /app/start.sh", "/app/start.sh", True),
    ("removed again", "COPY . .\nRUN rm -rf lib", "/app/lib/core.py", False),
    ("wget -O", "RUN wget -q -O models/m.bin https://x/y", "/app/models/m.bin", True),
    ("mkdir of the parents", "RUN mkdir -p a/b/c", "/app/a/b", True),
    ("forgiven steps are not sure", "RUN touch x || touch y", "/app/y", None),
]


@pytest.mark.parametrize(("steps", "path", "expected"), [c[1:] for c in EXISTS], ids=[c[0] for c in EXISTS])
def test_what_is_in_the_image(steps: str, path: str, expected: bool | None) -> None:
    assert image(f"FROM python:3.11\nWORKDIR /app\n{steps}\n").exists(path) is expected


def test_dockerignore_keeps_files_out() -> None:
    found = image("FROM python:3.11\nWORKDIR /app\nCOPY . .\n", **{".dockerignore": "lib\n"})
    assert found.exists("/app/lib/core.py") is False
    assert found.contains("lib/core.py") is False and found.location("app.py") == "/app/app.py"


def test_users_homes_and_commands() -> None:
    found = image("FROM node:20\nRUN userdel -r node && useradd -m -u 1000 user\nUSER user\nWORKDIR /app\n")
    assert (found.final_user, found.home(), found.owner_of("/app")) == ("user", "/home/user", 1000)
    assert found.exists("/home/node") is False
    assert image("FROM python:3.11\n").home() == "/"
    assert image("FROM node:20\n").home() == "/home/node"
    assert image("FROM python:3.11\nENV HOME=/srv\n").home() == "/srv"
    assert image("FROM example.org/x\n").home() == ""


def test_a_step_that_its_own_user_may_not_do() -> None:
    found = image(
        "FROM node:20\nWORKDIR /app\nUSER node\nRUN npm ci\nRUN mkdir /tmp/x\nRUN mkdir cache || true\n"
    )
    assert [(r.path, r.place.line) for r in found.layers.refused] == [("/app/node_modules", 4)]


BASES = [
    ("python:3.11-slim", "trixie", "debian"),
    ("python:3.8", "bookworm", "debian"),
    ("python:3.6-slim", "bullseye", "debian"),
    ("docker.io/library/python:3.12-slim-bookworm@sha256:aa", "bookworm", "debian"),
    ("python:3.12-alpine", "", "alpine"),
    ("node:16", "buster", "debian"),
    ("node:20-slim", "bookworm", "debian"),
    ("ubuntu:22.04", "jammy", "debian"),
    ("nvidia/cuda:12.1.0-runtime-ubuntu20.04", "focal", "debian"),
    ("debian", "trixie", "debian"),
    ("example.org/a/b:1", "", ""),
    ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "bookworm", "debian"),
]


@pytest.mark.parametrize(("name", "release", "family"), BASES)
def test_base_images_by_name(name: str, release: str, family: str) -> None:
    found = base_image(name)
    assert (found.release, found.family) == (release, family)


def test_the_ubuntu_user_is_there_since_noble() -> None:
    assert [a.name for a in base_image("ubuntu:24.04").base.accounts] == ["ubuntu"]
    assert base_image("ubuntu:22.04").base.accounts == ()
    assert [a.uid for a in base_image("mcr.microsoft.com/playwright:v1-jammy").base.accounts] == [1000]


MODES = [
    ("777", 0o755, 0o777),
    ("a+w", 0o755, 0o777),
    ("u=rw,go=r", 0o777, 0o644),
    ("+x", 0o644, 0o755),
    ("go-rwx", 0o755, 0o700),
    ("+w", 0o555, 0o755),
]


@pytest.mark.parametrize(("word", "before", "after"), MODES)
def test_modes(word: str, before: int, after: int) -> None:
    change = numeric_mode(word)
    assert change is not None and change(before, False) == after


def test_what_is_no_mode() -> None:
    assert numeric_mode("user") is None and numeric_mode("") is None and numeric_mode("999") is None


WORDS = st.sampled_from(
    [
        "FROM python:3.11",
        "FROM node:20 AS b",
        "FROM b",
        "WORKDIR /a/../b",
        "WORKDIR $X",
        "USER x",
        "USER 1000:0",
        "RUN mkdir -p a/{b,c} && cd a",
        "RUN chown -R : /",
        "RUN chmod 7 x",
        "COPY . .",
        "COPY --from=b / /",
        "COPY --from=9 x y",
        "COPY --chown=q *.py /z/",
        "ADD https://x/y /",
        "RUN ln -s / /a/b",
        "RUN ln -s /a/b /a",
        "RUN useradd",
        "RUN adduser -h",
        "RUN usermod -u 5 root",
        "RUN userdel root",
        "RUN install -d",
        "RUN cp -r . .",
        "RUN mv / /x",
        "ENV HOME=$HOME/x",
        'VOLUME ["/v"]',
        'ENTRYPOINT ["a"]',
        "CMD a && b",
        "RUN <<E\nmkdir x\nE",
        "RUN $(x) `y` ${z:-w} ",
        " tee a > b 2>&1",
        "RUN for i in 1; do mkdir $i; done",
        'RUN ["sh", "-c", "mkdir k"]',
        'SHELL ["x"]',
        "ARG A=/q",
        "RUN rm -rf $A/*",
    ]
)


@given(st.lists(WORDS, max_size=12), st.sampled_from(["/", "/a", "/a/b/c", "relative/x", "/b/x", "/root/x"]))
def test_no_dockerfile_breaks_it(steps: list[str], path: str) -> None:
    space = Space.from_files(
        {"README.md": README, "Dockerfile": "\n".join(steps) + "\n", "a.py": ""}, complete=True
    )
    found = image_of(space)
    if found is not None:
        found.writable(path)
        found.home()
        found.location("a.py")
