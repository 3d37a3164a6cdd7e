"""The official client against the local hub: revisions, long histories, git, the client's helpers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.hub_client import (
    INDEX,
    SKELETON,
    STATIC,
    Where,
    commit,
    content,
    environment,
    errors,
    files_of,
    python,
    readme,
)

pytest_plugins = ["e2e.hub_fixtures"]
Make = Callable[..., str]


def test_revisions(api: Any, space: Make, tmp_path: Path) -> None:
    repo = space({**STATIC, "a": b"1"})
    first = api.space_info(repo).sha
    api.create_tag(repo, tag="v1/a", tag_message="first", repo_type="space")
    api.create_branch(repo, branch="feature/x", repo_type="space")
    on_branch = commit(api, repo, {"a": b"branch"}, revision="feature/x")
    second = commit(api, repo, {"a": b"2"})
    for revision, data in (
        ("v1/a", b"1"),
        ("feature/x", b"branch"),
        ("main", b"2"),
        (first, b"1"),
        (first[:8], b"1"),
    ):
        assert content(api, repo, "a", tmp_path, revision=revision) == data, revision
    refs = api.list_repo_refs(repo, repo_type="space", include_pull_requests=True)
    assert {b.name: b.target_commit for b in refs.branches} == {"main": second, "feature/x": on_branch}
    assert {t.name: t.target_commit for t in refs.tags} == {"v1/a": first}
    assert refs.branches[0].ref.startswith("refs/heads/")
    assert api.revision_exists(repo, "feature/x", repo_type="space")
    assert not api.revision_exists(repo, "feature/y", repo_type="space")
    assert api.space_info(repo, revision="feature/x").sha == on_branch
    if hasattr(api, "resolve_revision"):
        assert (
            api.resolve_revision(repo, repo_type="space", revision="v1/a", cache_dir=tmp_path).resolved
            == first
        )
    for call, more in ((api.create_tag, {"tag": "v1/a"}), (api.create_branch, {"branch": "feature/x"})):
        with pytest.raises(errors().HfHubHTTPError) as caught:
            call(repo, repo_type="space", **more)
        assert caught.value.response.status_code == 409
        call(repo, repo_type="space", exist_ok=True, **more)
    with pytest.raises(errors().RevisionNotFoundError):
        api.create_branch(repo, branch="z", revision="not-there", repo_type="space")
    api.delete_tag(repo, tag="v1/a", repo_type="space")
    api.delete_branch(repo, branch="feature/x", repo_type="space")
    with pytest.raises(errors().HfHubHTTPError):
        api.delete_branch(repo, branch="main", repo_type="space")
    api.super_squash_history(repo, commit_message="One", repo_type="space")
    assert [c.title for c in api.list_repo_commits(repo, repo_type="space")] == ["One"]
    assert content(api, repo, "a", tmp_path) == b"2"


def test_a_commit_beside_main(api: Any, space: Make, tmp_path: Path) -> None:
    repo = space(STATIC)
    before = api.space_info(repo).sha
    made = api.upload_file(
        path_or_fileobj=b"x", path_in_repo="x", repo_id=repo, repo_type="space", create_pr=True
    )
    assert made.pr_revision == "refs/pr/1"
    assert api.space_info(repo).sha == before
    assert not api.file_exists(repo, "x", repo_type="space")
    assert content(api, repo, "x", tmp_path, revision=made.pr_revision) == b"x"
    refs = api.list_repo_refs(repo, repo_type="space", include_pull_requests=True)
    assert [(ref.ref, ref.target_commit) for ref in refs.pull_requests] == [("refs/pr/1", made.oid)]


def test_pages_of_a_long_history_and_tree(api: Any, space: Make) -> None:
    repo = space({f"f{number:04}": b"x" for number in range(1100)})
    for number in range(55):
        commit(api, repo, {"n": str(number).encode()}, f"Commit {number}")
    assert len(set(files_of(api, repo)) - SKELETON) == 1101
    commits = api.list_repo_commits(repo, repo_type="space", formatted=True)
    assert [c.title for c in commits[:2]] == ["Commit 54", "Commit 53"]
    assert len(commits) == 57


def test_git(api: Any, where: Where, space: Make, tmp_path: Path) -> None:
    repo = space(STATIC)
    address = where.endpoint.replace("://", f"://{api.whoami()['name']}:{where.token}@") + f"/spaces/{repo}"
    run = environment(where, tmp_path, GIT_TERMINAL_PROMPT="0", GIT_CONFIG_GLOBAL="/dev/null")

    def git(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=g", "-c", "user.email=g@h", *arguments], cwd=tmp_path, env=run,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == bool(code), done.stderr
        return done.stdout + done.stderr

    git("clone", "-q", address, "here")
    assert (tmp_path / "here/index.html").read_bytes() == INDEX
    (tmp_path / "here/more.txt").write_text("by git")
    git("-C", "here", "add", ".")
    git("-C", "here", "commit", "-qm", "By git")
    git("-C", "here", "push", "-q", "origin", "main")
    assert content(api, repo, "more.txt", tmp_path) == b"by git"
    assert api.list_repo_commits(repo, repo_type="space")[0].title == "By git"
    before = api.space_info(repo).sha
    (tmp_path / "here/README.md").write_bytes(readme("no-sdk-of-this-name"))
    git("-C", "here", "commit", "-qam", "Bad block")
    assert "sdk" in git("-C", "here", "push", "-q", "origin", "main", code=1)
    assert api.space_info(repo).sha == before
    wrong = address.replace(where.token, "hf_wrong")
    git("-C", "here", "push", "-q", wrong, "HEAD~1:refs/heads/other", code=1)
    reader = address.replace(where.token, where.reader)
    git("clone", "-q", reader, "read-only")
    (tmp_path / "read-only/x").write_text("x")
    git("-C", "read-only", "add", ".")
    git("-C", "read-only", "commit", "-qm", "x")
    git("-C", "read-only", "push", "-q", "origin", "main", code=1)


def test_cards(api: Any, where: Where, space: Make, tmp_path: Path) -> None:
    import huggingface_hub

    repo = space(STATIC)
    if int(huggingface_hub.__version__.split(".")[0]) < 2:
        pytest.skip(f"client {huggingface_hub.__version__} has no validation of cards at HF_ENDPOINT")
    code = f"""
from huggingface_hub import SpaceCard, metadata_update
card = SpaceCard.load({repo!r})
assert card.data.title == "A small Space", card.data
card.validate(repo_type="space")
metadata_update({repo!r}, {{"title": "Changed"}}, repo_type="space", overwrite=True)
card = SpaceCard.load({repo!r})
card.text += "More.\\n"
card.push_to_hub({repo!r}, repo_type="space")
"""
    python(code, where, tmp_path / "home")
    assert api.space_info(repo).card_data.title == "Changed"
    assert content(api, repo, "README.md", tmp_path).endswith(b"More.\n")


def test_file_system_and_scheduler(api: Any, where: Where, space: Make, tmp_path: Path) -> None:
    repo = space({**STATIC, "data/a.csv": b"1,2\n"})
    code = f"""
from pathlib import Path
from huggingface_hub import CommitScheduler, HfFileSystem
files = HfFileSystem()
assert files.ls("spaces/{repo}/data", detail=False) == ["spaces/{repo}/data/a.csv"]
with files.open("spaces/{repo}/data/a.csv") as file:
    assert file.read() == b"1,2\\n"
with files.open("spaces/{repo}/data/b.csv", "w") as file:
    file.write("3,4")
assert files.glob("spaces/{repo}/data/*.csv") == [f"spaces/{repo}/data/{{n}}.csv" for n in "ab"]
files.rm("spaces/{repo}/data/a.csv")
folder = Path({str(tmp_path / "watched")!r})
folder.mkdir()
with CommitScheduler(repo_id="{repo}-data", repo_type="dataset", folder_path=folder, every=600) as scheduler:
    (folder / "log.txt").write_text("a line")
    scheduler.trigger().result()
"""
    python(code, where, tmp_path / "home")
    assert content(api, repo, "data/b.csv", tmp_path) == b"3,4"
    assert not api.file_exists(repo, "data/a.csv", repo_type="space")
    assert "log.txt" in api.list_repo_files(f"{repo}-data", repo_type="dataset")
    api.delete_repo(f"{repo}-data", repo_type="dataset")
