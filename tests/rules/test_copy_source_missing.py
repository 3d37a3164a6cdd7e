"""COPY of a file that lies in the work folder and is not pushed: only a real checkout can show it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from unstick.rules.copy_source_missing import check
from unstick.space import Space


def test_an_ignored_file_is_not_pushed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nsdk: docker\n---\n")
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nCOPY model.bin app.py ./\n")
    (tmp_path / ".gitignore").write_text("*.bin\n")
    for name in ("model.bin", "app.py"):
        (tmp_path / name).write_text("x")
    assert not list(check(Space.open(str(tmp_path))))
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    found = list(check(Space.open(str(tmp_path))))
    assert [(f.place.line, f.place.column, f.severity) for f in found] == [(2, 6, "warning")]
    subprocess.run(["git", "-C", str(tmp_path), "add", "-f", "model.bin"], check=True)
    assert not list(check(Space.open(str(tmp_path))))
