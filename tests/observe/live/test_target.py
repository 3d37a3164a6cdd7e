"""Which Space a word names."""

from __future__ import annotations

import pytest

from unstick.errors import UsageError
from unstick.observe.live.target import SpaceTarget, parse

LOCAL = "http://127.0.0.1:7979"
NAMED = {
    "jane/er-demo": "jane/er-demo",
    "spaces/jane/er-demo": "jane/er-demo",
    "https://huggingface.co/spaces/jane/er-demo": "jane/er-demo",
    "https://huggingface.co/spaces/jane/er-demo/tree/main/src?x=1#y": "jane/er-demo",
    "https://huggingface.co/spaces/jane/er-demo/settings": "jane/er-demo",
    "https://hf.co/spaces/jane/er-demo.git": "jane/er-demo",
    "https://huggingface.co/api/spaces/jane/er-demo/runtime": "jane/er-demo",
    "huggingface.co/spaces/jane/er-demo": "jane/er-demo",
    "git@hf.co:spaces/jane/er-demo": "jane/er-demo",
    "hf://spaces/jane/er-demo": "jane/er-demo",
    "microsoft/TRELLIS.2": "microsoft/TRELLIS.2",
    f"{LOCAL}/spaces/user/app": "user/app",
    "127.0.0.1:7979/spaces/user/app": "user/app",
}
HOSTS = {
    "https://jane-er-demo.hf.space": "jane-er-demo",
    "https://jane-er-demo.hf.space/some/path?__theme=dark": "jane-er-demo",
    "https://JANE-er-demo.static.hf.space/index.html": "jane-er-demo",
    "jane-er-demo.hf.space": "jane-er-demo",
    "https://jane-er-demo--8080.hf.space": "jane-er-demo",
    "http://user-app.hf.localhost:7979/": "user-app",
}
NONE = (
    "", "jane", "jane/", "/er-demo", "a/b/c", "jane/er--demo", "jane/..", "../etc", "jane/-x", "x" * 3000,
    "https://example.org/spaces/jane/er-demo", "https://huggingface.co/jane/er-demo", "https://[::1/spaces/a/b",
    "ftp://huggingface.co/spaces/a/b", "https://evilhf.space", "https://huggingface.co/spaces/jane/a%2f..%2fb",
    "jane/er demo", "jane/er\ndemo",
)  # fmt: skip


@pytest.mark.parametrize("word", NAMED)
def test_by_its_name(word: str) -> None:
    assert parse(word, LOCAL) == SpaceTarget(id=NAMED[word])


@pytest.mark.parametrize("word", HOSTS)
def test_by_its_own_address(word: str) -> None:
    assert parse(word) == SpaceTarget(subdomain=HOSTS[word])


@pytest.mark.parametrize("word", NONE)
def test_what_names_no_space(word: str) -> None:
    with pytest.raises(UsageError):
        parse(word)
