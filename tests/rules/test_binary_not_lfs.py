"""Binary files, large files and pushes: trees that no text archive can hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.rules.engine import run, table
from unstick.space import Space

ROWS = {row.id: row for row in table()}
README = b"---\nsdk: gradio\napp_file: app.py\n---\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
GIT = b"""jobs:
  sync:
    steps:
      - run: git push --force https://me:$HF_TOKEN@huggingface.co/spaces/me/app main
"""
REMOTE = b"""jobs:
  sync:
    steps:
      - run: |
          git remote add space https://me:${{ secrets.HF_TOKEN }}@huggingface.co/spaces/me/app
          git push space main
"""
CLIENT = b"jobs:\n  sync:\n    steps:\n      - run: hf upload me/app . --repo-type space\n"
FRESH = b"""jobs:
  sync:
    steps:
      - run: |
          rm -rf .git
          rm -rf frontend
          git init -b main
          git lfs track "*.mp3" "*.wav"
          git add . && git commit -m x
          git push --force https://me:$HF_TOKEN@huggingface.co/spaces/me/app main
"""
ELSEWHERE = (
    b"jobs:\n  x:\n    steps:\n      - run: git push https://github.com/me/app main # from huggingface.co\n"
)


def space(folder: Path, files: dict[str, bytes]) -> Space:
    for name, data in {"README.md": README, "app.py": b"import gradio\n", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Space.open(str(folder))


def severities(rule: str, tree: Space) -> list[str]:
    return [f.severity for f in run(ROWS[rule], tree)]


WORKFLOW = ".github/workflows/sync.yml"
BIG = PNG + b"\0" * 1_200_000
CASES = [
    ("small picture, git push", {WORKFLOW: GIT, "logo.png": PNG}, ["advice"]),
    ("the remote has the Hub's address", {WORKFLOW: REMOTE, "logo.png": BIG}, ["warning"]),
    ("a model is never small", {WORKFLOW: GIT, "model.pkl": b"\x80\x04\0"}, ["warning"]),
    ("uploaded by the client", {WORKFLOW: CLIENT, "logo.png": BIG}, []),
    ("tracked", {WORKFLOW: GIT, ".gitattributes": b"*.png filter=lfs -text\n", "a/logo.png": BIG}, []),
    (
        "tracked by folder",
        {WORKFLOW: GIT, ".gitattributes": b"a/*.png filter=lfs\n", "b/x.png": BIG},
        ["warning"],
    ),
    ("the workflow tracks or removes it", {WORKFLOW: FRESH, "a.mp3": BIG, "frontend/x.png": BIG}, []),
    ("the workflow tracks something else", {WORKFLOW: FRESH, "a.ogg": BIG}, ["warning"]),
    ("pushed elsewhere", {WORKFLOW: ELSEWHERE, "logo.png": BIG}, []),
    ("no workflow, no LFS", {"logo.png": BIG}, []),
    (
        "no workflow, other types under LFS",
        {".gitattributes": b"*.pt filter=lfs\n", "logo.png": BIG},
        ["advice"],
    ),
    ("what comes along unnoticed", {WORKFLOW: GIT, "__pycache__/x.pyc": PNG, ".DS_Store": PNG}, []),
    ("UTF-16 is text", {WORKFLOW: GIT, "notes.dat": b"\xff\xfea\0b\0"}, []),
    (
        "a virtual environment",
        {WORKFLOW: GIT, "venv/pyvenv.cfg": b"home = x\n", "venv/bin/python": PNG},
        ["warning"],
    ),
    ("an ignored one", {WORKFLOW: GIT, ".gitignore": b"venv/\n", "venv/pyvenv.cfg": b"home = x\n"}, []),
]


@pytest.mark.parametrize(("files", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_binaries_in_a_push(tmp_path: Path, files: dict[str, bytes], expected: list[str]) -> None:
    assert severities("binary-not-lfs", space(tmp_path, files)) == expected


def test_each_of_a_few_files_is_named(tmp_path: Path) -> None:
    found = run(ROWS["binary-not-lfs"], space(tmp_path, {WORKFLOW: GIT, "z.png": BIG, "model.onnx": PNG}))
    assert [f.place.path for f in found] == ["model.onnx", "z.png"]
    assert found[0].related[0].path == WORKFLOW and found[0].related[0].line == 4


def test_many_files_are_told_type_by_type_the_largest_of_each(tmp_path: Path) -> None:
    files = {f"pictures/{n}.png": PNG + b"\0" * n for n in range(5)}
    files |= {"a.jpg": PNG, "b/second.jpg": PNG + b"\0" * 90_000}
    found = run(ROWS["binary-not-lfs"], space(tmp_path, {WORKFLOW: GIT, **files}))
    assert [f.place.path for f in found] == ["b/second.jpg", "pictures/4.png"]


def test_many_files_get_one_message(tmp_path: Path) -> None:
    (found,) = run(
        ROWS["binary-not-lfs"], space(tmp_path, {WORKFLOW: GIT, **{f"{i}.png": PNG for i in range(9)}})
    )
    assert "8 more" in found.message and found.severity == "warning"
