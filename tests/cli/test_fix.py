"""`unstick fix` as people call it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

BAD = b"---\r\nsdk: docker\r\ncolorTo: cyan\r\nemoji: whatever\r\n---\r\n# \xdc\r\n"
SAFE = BAD.replace(b"cyan", b"blue")
ALL = SAFE.replace(b"whatever", "🚀".encode())


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_bytes(BAD)
    (tmp_path / "Dockerfile").write_text('FROM nginx\nUSER 1000\nCMD ["nginx"]\n')
    return tmp_path


def test_safe_edits_are_made_and_twice_is_the_same_as_once(unstick, bad) -> None:
    ran = unstick("fix", bad, "--select", "C10,C11")
    assert ran.code == 1, "the emoji is left"
    assert ran.out.startswith(f"mended {bad}/README.md\n  C109 bad-color: colorTo is 'cyan'")
    assert (bad / "README.md").read_bytes() == SAFE
    again = unstick("fix", bad, "--select", "C10,C11")
    assert again.out == "" and (bad / "README.md").read_bytes() == SAFE


def test_unsafe_makes_the_rest(unstick, bad) -> None:
    assert unstick("fix", bad, "--unsafe", "--select", "C10,C11").code == 0
    assert (bad / "README.md").read_bytes() == ALL


def test_the_diff_writes_nothing_and_applies_with_git(unstick, tmp_path) -> None:
    text = "---\nsdk: docker\ncolorTo: cyan\n---\n"
    (tmp_path / "README.md").write_text(text)
    ran = unstick("fix", tmp_path, "--diff", "--select", "C10,C11")
    assert (tmp_path / "README.md").read_text() == text
    assert "-colorTo: cyan\n+colorTo: blue\n" in ran.out
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=ran.out.encode(), check=True)
    assert (tmp_path / "README.md").read_text() == text.replace("cyan", "blue")


def test_a_new_file_in_the_diff(unstick, tmp_path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM nginx\n")
    ran = unstick("fix", tmp_path, "--diff", "--unsafe", "--select", "readme-missing")
    assert ran.out.startswith("--- /dev/null\n+++ b/README.md\n@@ -0,0 +1,")
    unstick("fix", tmp_path, "--unsafe", "--select", "readme-missing")
    assert "sdk: docker" in (tmp_path / "README.md").read_text()


def test_what_is_ignored_is_not_mended(unstick, bad) -> None:
    assert unstick("fix", bad, "--select", "C10,C11", "--ignore", "bad-color").out == ""
    assert (bad / "README.md").read_bytes() == BAD


def test_a_healthy_space_is_left_in_peace(unstick, tmp_path) -> None:
    (tmp_path / "README.md").write_text("---\ntitle: x\nsdk: static\n---\n")
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title>")
    ran = unstick("fix", tmp_path, "--unsafe")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_folder_that_cannot_be_written_is_one_clear_message(unstick, bad) -> None:
    ran = unstick("fix", bad / "nowhere")
    assert ran.code == 2 and "there is no such folder" in ran.err


def test_secrets_around_an_edit_are_not_shown(unstick, tmp_path) -> None:
    secret = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
    text = f"---\nsdk: docker\ntitle: hf_{secret}\ncolorTo: cyan\n---\n"
    (tmp_path / "README.md").write_text(text)
    ran = unstick("fix", tmp_path, "--diff", "--select", "C10,C11")
    assert secret not in ran.out and "+colorTo: blue\n" in ran.out
    assert "does not apply as a patch" in ran.err
    unstick("fix", tmp_path, "--select", "C10,C11")
    assert (tmp_path / "README.md").read_text() == text.replace("cyan", "blue")
