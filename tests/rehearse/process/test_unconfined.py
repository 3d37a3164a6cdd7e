"""A spec for a machine without a sandbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.process import bubblewrap
from unstick.rehearse.process.spec import Mount, Spec, from_json, to_json
from unstick.rehearse.process.unconfined import opened, translated
from unstick.rehearse.types import Limits

MOUNTS = (Mount("/scratch/app", "/home/user/app", True), Mount("/scratch/home", "/home/user", True),
          Mount("/scratch/tmp", "/tmp", True))  # fmt: skip


def spec(*argv: str, **environment: str) -> Spec:
    return Spec(argv, tuple(environment.items()), "/home/user/app/src", MOUNTS, Limits())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/home/user/app/run.py", "/scratch/app/run.py"),
        ("/home/user/app", "/scratch/app"),
        ("/home/user/.venv/bin:/usr/bin", "/scratch/home/.venv/bin:/usr/bin"),
        ("--directory=/home/user/app", "--directory=/scratch/app"),
        ("cd '/home/user/app' && ls", "cd '/scratch/app' && ls"),
        ("/home/user/application", "/scratch/home/application"),
        ("/home/username/app", "/home/username/app"),
        ("/srv/home/user/app", "/srv/home/user/app"),
        ("/tmp/x", "/tmp/x"),
        ("app.py", "app.py"),
    ],
)
def test_paths_are_those_of_this_machine(text: str, wanted: str) -> None:
    found = translated(spec("python", text, WHERE=text))
    assert found.argv == ("python", wanted)
    assert dict(found.environment) == {"WHERE": wanted}
    assert found.cwd == "/scratch/app/src"
    assert found.mounts == ()


def test_a_spec_survives_its_text() -> None:
    made = spec("python", "app.py", A="b", C="é\n")
    assert from_json(to_json(made)) == made


def test_never_as_root_and_never_in_a_folder_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "problem", lambda: "no namespaces")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CannotRehearse, match="as root"):
        opened(spec("python")._replace(uid=0, cwd="/"))
    with pytest.raises(CannotRehearse, match=r"no namespaces.*/home/user/app/src"):
        opened(spec("python"))
    closed = tmp_path / "closed"
    (closed / "app").mkdir(parents=True)
    closed.chmod(0o700)
    mounted = spec("python")._replace(cwd="/app", mounts=(Mount(str(closed / "app"), "/app"),))
    with pytest.raises(CannotRehearse, match="no namespaces"):
        opened(mounted)
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert opened(mounted).cwd == str(closed / "app")
