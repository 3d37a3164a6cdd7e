"""Information on repositories, one and many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, RevisionNotFoundError

from localhub.conftest import client
from localhub.serving import Served, served
from unstick.localhub import records
from unstick.localhub.repository import Change
from unstick.localhub.store import accounts, repos, spaces

CARD = """---
title: A speaking title
short_description: turns words into sounds
sdk: {sdk}
license: mit
tags: [audio, "speech to text"]
models: [alice/voice]
datasets: [alice/words, alice/more]
pinned: false
nested: {{a: [1, 2.5, null, yes]}}
---
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub with Spaces that nothing changes."""
    with served(tmp_path_factory.mktemp("hub")) as hub:
        api, other = client(hub, hub.token), client(hub, hub.other)
        for number in range(7):
            api.create_repo(f"alice/app-{number}", repo_type="space", space_sdk="docker")
        api.create_repo("alice/voices", repo_type="space", space_sdk="gradio")
        write(hub, "alice/voices", {"README.md": CARD.format(sdk="gradio"), "src/app.py": "print()"})
        api.create_repo("alice/hidden", repo_type="space", space_sdk="static", private=True)
        other.create_repo("bob/hidden", repo_type="space", space_sdk="static", private=True)
        other.create_repo("bob/page", repo_type="space", space_sdk="static")
        other.create_repo("bob/weights", repo_type="model")
        yield hub


@pytest.fixture
def alice(filled: Served) -> Any:
    return client(filled, filled.token)


def write(hub: Served, name: str, files: dict[str, str]) -> str:
    with hub.hub.reads.begin() as connection:
        repo = repos.find(connection, "space", *name.split("/"))
    assert repo is not None
    repository = hub.hub.repository(repo.storage)
    changes = [Change(path, repository.store(text.encode())) for path, text in files.items()]
    return repository.commit("main", changes, "more", author="alice")


def ids(found: Any) -> list[str]:
    return [item.id for item in found]


def test_all_of_a_space(alice: Any, filled: Served) -> None:
    info = alice.space_info("alice/voices", files_metadata=True)
    assert (info.author, info.sdk, info.private, info.disabled, info.gated, info.likes) == (
        "alice", "gradio", False, False, False, 0,
    )  # fmt: skip
    assert info.card_data.to_dict()["nested"] == {"a": [1, 2.5, None, "yes"]}
    assert info.tags == ["gradio", "audio", "speech to text", "license:mit"]
    assert (info.models, info.datasets) == (["alice/voice"], ["alice/words", "alice/more"])
    assert {file.rfilename: file.size for file in info.siblings}["src/app.py"] == len("print()")
    assert all(len(file.blob_id) == 40 for file in info.siblings)
    assert info.host == f"http://alice-voices.hf.localhost:{filled.hub.settings.port}"
    assert info.subdomain == "alice-voices"
    assert info.used_storage > 0
    assert info.created_at <= info.last_modified
    assert info.runtime.requested_hardware == "cpu-basic"


def test_at_a_revision(alice: Any) -> None:
    now = alice.space_info("alice/voices")
    assert alice.space_info("alice/voices", revision=now.sha).sha == now.sha
    assert alice.space_info("alice/voices", revision=now.sha[:10]).sha == now.sha
    assert alice.space_info("alice/voices", revision="main").sha == now.sha
    for revision in ("nothing", "refs/pr/1", "--help", "a..b", "0" * 40, "main^", "HEAD:README.md"):
        with pytest.raises(RevisionNotFoundError):
            alice.space_info("alice/voices", revision=revision)


def test_expand(alice: Any, filled: Served) -> None:
    from typing import get_args

    from huggingface_hub.hf_api import ExpandSpaceProperty_T

    everything = list(get_args(ExpandSpaceProperty_T))
    info = alice.space_info("alice/voices", expand=everything)
    assert (info.author, info.sdk, info.used_storage > 0) == ("alice", "gradio", True)
    only = filled.get("/api/spaces/alice/voices?expand=sha&expand=sdk").json()
    assert set(only) == {"_id", "id", "sha", "sdk"}
    assert filled.get("/api/spaces/alice/voices?expand=secrets").status_code == 400
    assert filled.get("/api/spaces/alice/voices?blobs=maybe").status_code == 400


def test_a_card_that_cannot_be_read(alice: Any, filled: Served) -> None:
    alice.create_repo("alice/odd", repo_type="space", space_sdk="docker")
    for text in (
        "no block", "---\n[1, 2]\n---\n", "---\na: &x [*x]\n---\n", "---\ntags: {a: b}\nmodels: 5\n---\n",
        '---\ntitle: "\\ud800"\n---\n', "---\nn: .nan\nm: 1e999\nk: 0x" + "f" * 60 + "\n---\n",
        "---\n" + "[" * 500 + "\n---\n", "---\nsdk: docker\nsdk: gradio\n---\n", "---\ntitle: \0\n---\n",
    ):  # fmt: skip
        sha = write(filled, "alice/odd", {"README.md": text})
        assert alice.space_info("alice/odd").sha == sha
    alice.delete_repo("alice/odd", repo_type="space")


def test_the_list_shows_what_may_be_seen(filled: Served, alice: Any) -> None:
    public = [f"alice/app-{number}" for number in range(7)] + ["alice/voices", "bob/page"]
    assert sorted(ids(client(filled, False).list_spaces())) == public
    assert sorted(ids(alice.list_spaces())) == sorted([*public, "alice/hidden"])
    assert sorted(ids(client(filled, filled.other).list_spaces())) == sorted([*public, "bob/hidden"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"author": "bob"}, ["bob/page"]),
        ({"search": "PAGE"}, ["bob/page"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"filter": "gradio"}, ["alice/voices"]),
        ({"filter": ["audio", "license:mit"]}, ["alice/voices"]),
        ({"filter": "video"}, []),
        ({"models": "alice/voice"}, ["alice/voices"]),
        ({"datasets": ["alice/words", "alice/none"]}, []),
        (
            {"author": "alice", "search": "app", "sort": "created_at", "limit": 2},
            ["alice/app-6", "alice/app-5"],
        ),
        ({"author": "nobody"}, []),
    ],
)
def test_lists_by_what_they_ask(alice: Any, asked: dict[str, Any], found: list[str]) -> None:
    assert ids(alice.list_spaces(**asked)) == found


@pytest.mark.parametrize("sort", ["", "createdAt", "lastModified", "likes", "trendingScore"])
@pytest.mark.parametrize("query", ["", "&filter=docker", "&search=alice"])
def test_pages_hold_all_once(filled: Served, sort: str, query: str) -> None:
    whole = [item["id"] for item in filled.get(f"/api/spaces?sort={sort}{query}").json()]
    seen: list[str] = []
    path = f"/api/spaces?limit=2&sort={sort}{query}"
    while path:
        answer = filled.get(path)
        assert 1 <= len(answer.json()) <= 2
        seen += [item["id"] for item in answer.json()]
        path = answer.links.get("next", {}).get("url", "").removeprefix(filled.endpoint)
    assert seen == whole
    assert len(seen) == len(set(seen)) > 2


def test_what_a_list_tells(alice: Any, filled: Served) -> None:
    found = next(iter(alice.list_spaces(search="voices", expand=["runtime", "sdk"])))
    assert (found.runtime.stage, found.sdk, found.author) == ("NO_APP_FILE", "gradio", None)
    full = next(iter(alice.list_spaces(search="voices", full=True)))
    assert "src/app.py" in [file.rfilename for file in full.siblings]
    assert full.card_data.title == "A speaking title"
    assert next(iter(alice.list_spaces(search="voices"))).sdk == "gradio"


@pytest.mark.parametrize(
    "query",
    ["limit=x", "cursor=%00", "cursor=bm9uZQ==", "cursor=WzFlOTk5XQ==", "sort=age", "expand=x", "full=2"],
)
def test_lists_that_cannot_be(filled: Served, query: str) -> None:
    assert filled.get(f"/api/spaces?{query}").status_code == 400


def test_models_are_listed_too(alice: Any) -> None:
    assert ids(alice.list_models()) == ["bob/weights"]
    assert ids(alice.list_datasets()) == []


def test_search_among_spaces(alice: Any, filled: Served) -> None:
    assert list(alice.search_spaces("sounds")) == []
    found = next(iter(alice.search_spaces("words sounds", include_non_running=True)))
    assert (found.id, found.title, found.semantic_relevancy_score) == (
        "alice/voices",
        "A speaking title",
        1.0,
    )
    assert list(alice.search_spaces("words", include_non_running=True, sdk="static")) == []
    assert [item.id for item in alice.search_spaces("hidden", include_non_running=True)] == ["alice/hidden"]


def test_by_host(filled: Served) -> None:
    assert filled.get("/api/spaces/by-subdomain/alice-voices").json()["id"] == "alice/voices"
    assert filled.get("/api/spaces/by-subdomain/bob-hidden", filled.token).status_code == 404
    assert filled.get("/api/spaces/by-subdomain/bob-hidden", filled.other).json()["id"] == "bob/hidden"
    assert (
        filled.get("/api/spaces/alice/voices/host")
        .json()["host"]
        .startswith("http://alice-voices.hf.localhost:")
    )


def test_hosts_that_would_be_the_same(tmp_path: Path) -> None:
    with served(tmp_path) as hub:
        api = client(hub, hub.token)
        names = ["alice/a.b", "alice/a-b", "alice/a_b", "alice/" + "x" * 96]
        for name in names:
            api.create_repo(name, repo_type="space", space_sdk="docker")
        labels = [api.space_info(name).subdomain for name in names]
        assert labels[:3] == ["alice-a-b", "alice-a-b-2", "alice-a-b-3"]
        assert len(labels[3]) <= 63


def test_own_repositories(filled: Served, alice: Any) -> None:
    found = {item.id: item for item in alice.list_user_repos()}
    assert {"alice/hidden", "alice/voices"} <= set(found)
    assert (found["alice/hidden"].visibility, found["alice/hidden"].type) == ("private", "space")
    assert found["alice/voices"].storage > 0
    assert sum(item.storage_percent for item in found.values()) == pytest.approx(100, abs=1)
    with filled.hub.engine.begin() as connection:
        accounts.create_account(connection, "group", "org")
        accounts.join(connection, "group", "alice", "admin")
    alice.create_repo("group/data", repo_type="dataset")
    assert [item.id for item in alice.list_user_repos("group")] == ["group/data"]
    with pytest.raises(HfHubHTTPError):
        list(client(filled, filled.other).list_user_repos("group"))
    alice.delete_repo("group/data", repo_type="dataset")


def test_there_is_no_zero_gpu(filled: Served, alice: Any) -> None:
    assert alice.get_zero_gpu_quota().base == 0
    with pytest.raises(HfHubHTTPError, match="401"):
        client(filled, False).get_zero_gpu_quota()


def test_a_row_for_each_space(filled: Served) -> None:
    with filled.hub.reads.begin() as connection:
        assert spaces.several(connection, []) == {}
        everything = spaces.everything(connection)
        assert list(spaces.several(connection, [row.repo for row in everything]).values()) == everything


def test_bad_requests_are_bad_requests_to_the_client(alice: Any) -> None:
    with pytest.raises(BadRequestError):
        next(iter(alice.list_spaces(sort="age")))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/api/spaces/alice/gone", None),
        ("/api/spaces?full=true", ["alice/kept"]),
        ("/api/spaces?filter=docker", ["alice/kept"]),
    ],
)
def test_deleted_while_it_is_read(
    hub: Served, monkeypatch: pytest.MonkeyPatch, path: str, found: list[str] | None
) -> None:
    api = client(hub, hub.token)
    for name in ("alice/kept", "alice/gone"):
        api.create_repo(name, repo_type="space", space_sdk="docker")
    with hub.hub.reads.begin() as connection:
        gone = repos.find(connection, "space", "alice", "gone")
    assert gone is not None
    repository = hub.hub.repository(gone.storage)
    head = repository.head

    def deleted() -> str:
        commit = head()
        records.delete(hub.hub, gone)
        return commit

    monkeypatch.setattr(repository, "head", deleted)
    answer = hub.get(path, hub.token)
    assert answer.status_code == (200 if found else 404)
    assert not found or [item["id"] for item in answer.json()] == found
