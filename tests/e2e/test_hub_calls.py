"""The table of the client's calls: nothing of the client is missing, what works is called, the rest is 501."""

from __future__ import annotations

import fnmatch
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from e2e.hub_client import errors

pytest_plugins = ["e2e.hub_fixtures"]
HERE = Path(__file__).parent
GROUPS: list[dict[str, Any]] = tomllib.loads((HERE / "hub_calls.toml").read_text("utf-8"))["group"]
HF = Path(sys.executable).with_name("hf")
ABOUT_SPACES = ("spaces", "repos", "auth", "upload", "download", "cp", "discussions")
RESULTS = {"works", "partly", "local", "absent"}


def rows(*kinds: str) -> Iterator[tuple[str, str, str]]:
    """The rows of the groups of these kinds."""
    for group in GROUPS:
        if group["kind"] in kinds:
            yield from map(tuple, group["rows"])  # type: ignore[misc]


def suites() -> str:
    """The text of the suites that make the calls."""
    return "".join(path.read_text("utf-8") for path in sorted(HERE.glob("*hub_client*.py")))


def commands(groups: set[str], words: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of `hf` below these words, by the help of each group."""
    if words and " ".join(words) not in groups:
        yield " ".join(words)
        return
    said = subprocess.run([HF, *words, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"Main commands:\n((?: .*\n)+)", said)
    assert listed is not None, said
    for name in re.findall(r"^  (\S+)", listed[1], re.MULTILINE):
        if words or name in ABOUT_SPACES:
            yield from commands(groups, (*words, name))


def test_the_table_is_whole() -> None:
    for group in GROUPS:
        names = [row[0] for row in group["rows"]]
        assert len(set(names)) == len(names)
        for _, result, note in group["rows"]:
            assert result in RESULTS
            assert note or result in ("works", "local"), "a difference has to be told"


def test_every_method_of_the_client_is_in_the_table() -> None:
    exact = {name for name, _, _ in rows("method")}
    families = [name for name, _, _ in rows("family")]
    methods = dict(inspect.getmembers(huggingface_hub.HfApi, inspect.isfunction))
    public = {name for name in methods if not name.startswith("_")}
    assert exact <= public
    about_spaces = {
        name
        for name in public
        if "repo_type" in inspect.signature(methods[name]).parameters or "space" in name
    }
    assert about_spaces - exact == set()
    rest = {name for name in public - exact if not any(fnmatch.fnmatch(name, family) for family in families)}
    assert rest == set()
    idle = [family for family in families if not fnmatch.filter(public, family)]
    assert idle == []


@pytest.mark.skipif(not HF.exists(), reason="no `hf` here")
def test_every_command_of_hf_is_in_the_table() -> None:
    listed = {name for name, _, _ in rows("command")}
    groups = {name.rpartition(" ")[0] for name in listed if " " in name}
    groups |= {name.rpartition(" ")[0] for name in groups if " " in name}
    there = list(commands(groups))
    assert [name for name in there if not any(fnmatch.fnmatch(name, known) for known in listed)] == []
    assert [known for known in listed if not fnmatch.filter(there, known)] == []


@pytest.mark.parametrize(
    "name", [name for name, result, _ in rows("method", "older") if result in ("works", "partly")]
)
def test_what_works_is_called_by_a_suite(name: str) -> None:
    assert re.search(rf"\b{name}\b[(,\"]", suites()), "no suite makes this call"


@pytest.mark.parametrize(
    "name", [name for name, result, _ in rows("command") if result in ("works", "partly")]
)
def test_what_works_of_hf_is_called_by_a_suite(name: str) -> None:
    words = ", ".join(f'"{word}"' for word in name.split())
    other = words.replace('"list"', '"ls"')
    assert f"hf({words}" in suites() or f"hf({other}" in suites(), "no suite makes this call"


Call = Callable[[Any, str], Any]
ABSENT: dict[str, Call] = {
    "unlike": lambda api, repo: api.unlike(repo, repo_type="space"),
    "list_repo_likers": lambda api, repo: list(api.list_repo_likers(repo, repo_type="space")),
    "list_liked_repos": lambda api, repo: api.list_liked_repos(),
    "get_repo_discussions": lambda api, repo: list(api.get_repo_discussions(repo, repo_type="space")),
    "get_discussion_details": lambda api, repo: api.get_discussion_details(repo, 1, repo_type="space"),
    "create_discussion": lambda api, repo: api.create_discussion(repo, "Title", repo_type="space"),
    "create_pull_request": lambda api, repo: api.create_pull_request(repo, "Title", repo_type="space"),
    "comment_discussion": lambda api, repo: api.comment_discussion(repo, 1, "Text", repo_type="space"),
    "rename_discussion": lambda api, repo: api.rename_discussion(repo, 1, "Other", repo_type="space"),
    "change_discussion_status": lambda api, repo: api.change_discussion_status(
        repo, 1, "closed", repo_type="space"
    ),
    "merge_pull_request": lambda api, repo: api.merge_pull_request(repo, 1, repo_type="space"),
    "edit_discussion_comment": lambda api, repo: api.edit_discussion_comment(
        repo, 1, "a", "b", repo_type="space"
    ),
    "hide_discussion_comment": lambda api, repo: api.hide_discussion_comment(repo, 1, "a", repo_type="space"),
    "list_pending_access_requests": lambda api, repo: list(
        api.list_pending_access_requests(repo, repo_type="space")
    ),
    "list_accepted_access_requests": lambda api, repo: list(
        api.list_accepted_access_requests(repo, repo_type="space")
    ),
    "list_rejected_access_requests": lambda api, repo: list(
        api.list_rejected_access_requests(repo, repo_type="space")
    ),
    "cancel_access_request": lambda api, repo: api.cancel_access_request(repo, "other", repo_type="space"),
    "accept_access_request": lambda api, repo: api.accept_access_request(repo, "other", repo_type="space"),
    "reject_access_request": lambda api, repo: api.reject_access_request(
        repo, "other", repo_type="space", rejection_reason=None
    ),
    "grant_access": lambda api, repo: api.grant_access(repo, "other", repo_type="space"),
}


def test_what_is_absent_is_tried() -> None:
    assert set(ABSENT) == {name for name, result, _ in rows("method") if result == "absent"}


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_absent_answers_501_with_a_text(name: str, api: Any, space: Callable[..., str]) -> None:
    with pytest.raises(errors().HfHubHTTPError, match="local hub") as caught:
        ABSENT[name](api, space())
    assert caught.value.response.status_code == 501
