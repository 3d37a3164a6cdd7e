"""Rate limits: their headers as the official client reads them, a window for each caller and kind."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from huggingface_hub.utils import parse_ratelimit_headers

from localhub.serving import Served, served
from unstick.localhub.fronts import limits
from unstick.localhub.fronts.limits import bucket_of


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    quotas = {"": {"api": 2, "resolvers": 9, "pages": 2}, "pro": {"api": 3, "resolvers": 9, "pages": 2}}
    monkeypatch.setattr(limits, "QUOTAS", {**limits.QUOTAS, **quotas})
    with served(tmp_path_factory.mktemp("hub"), rate_limits=True, faults=True) as running:
        yield running


def test_every_answer_says_what_is_left_and_beyond_the_quota_is_429(hub: Served) -> None:
    left = []
    for _ in range(3):
        answer = hub.get("/api/whoami-v2", hub.token)
        assert answer.status_code == 200
        info = parse_ratelimit_headers(answer.headers)
        assert info is not None and (info.resource_type, info.limit, info.window_seconds) == ("api", 3, 300)
        left.append(info.remaining)
    assert left == [2, 1, 0]
    refused = hub.get("/api/whoami-v2", hub.token)
    info = parse_ratelimit_headers(refused.headers)
    assert refused.status_code == 429
    assert info is not None and info.remaining == 0 and 0 < info.reset_in_seconds <= 300
    assert "rate limit" in refused.headers["x-error-message"]


def test_another_token_of_the_account_shares_its_window_and_others_do_not(hub: Served) -> None:
    for _ in range(4):
        last = hub.get("/api/whoami-v2", hub.token)
    assert last.status_code == 429
    assert hub.get("/api/whoami-v2", hub.reader).status_code == 429
    assert hub.get("/api/whoami-v2", hub.other).status_code == 200
    assert [hub.get("/api/nothing").status_code for _ in range(3)] == [501, 501, 429]
    # A wrong token does not buy a window of its own.
    assert hub.get("/api/whoami-v2", "hf_wrong").status_code == 429


def test_the_window_ends(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WINDOW", 1.0)
    assert [hub.get("/api/nothing").status_code for _ in range(3)] == [501, 501, 429]
    time.sleep(1.1)
    assert hub.get("/api/nothing").status_code == 501


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/spaces/a/b/runtime", "api"),
        ("/api/models/a/resolve/x", "api"),
        ("/spaces/a/b/resolve/main/app.py", "resolvers"),
        ("/a/b/resolve/main/app.py", "resolvers"),
        ("/datasets/a/b/raw/main/x/y", "resolvers"),
        ("/spaces/a/b.git/info/lfs/objects/batch", "resolvers"),
        ("/spaces/a/b", "pages"),
        ("/", "pages"),
    ],
)
def test_what_counts_against_which_quota(path: str, bucket: str) -> None:
    assert bucket_of(path) == bucket


def test_without_the_switch_there_are_no_limits(tmp_path_factory: pytest.TempPathFactory) -> None:
    with served(tmp_path_factory.mktemp("free")) as free:
        answer = free.get("/api/whoami-v2", free.token)
    assert "ratelimit" not in answer.headers
