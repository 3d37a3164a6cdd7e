"""What the commits of a repository say: kept within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.localhub import cards
from unstick.localhub.repository import Change, Repository


def test_a_card_is_read_once_and_room_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository(str(tmp_path / "r.git"))
    repository.create()
    commits = []
    for number in range(4):
        text = f"---\ntitle: number {number}\nsdk: docker\n---\n" + "x" * 4000
        changes = [
            Change("README.md", repository.store(text.encode())),
            Change("a/b.py", repository.store(b"1")),
        ]
        commits.append(repository.commit("main", changes, "more", author="alice"))
    monkeypatch.setattr(cards, "KEPT", 11_000)
    read = []
    tree = repository.tree
    monkeypatch.setattr(repository, "tree", lambda *a, **k: (read.append(a[0]), tree(*a, **k))[1])
    for number, commit in enumerate(commits):
        for _ in range(2):
            card = cards.card_of(repository, commit)
            assert card.block == {"title": f"number {number}", "sdk": "docker"}
            assert [item.path for item in card.files] == ["README.md", "a/b.py"]
    assert read == commits
    cards.card_of(repository, commits[-1])
    assert read == commits
    cards.card_of(repository, commits[0])
    assert read == [*commits, commits[0]]
    assert cards.card_of(repository, "") == cards.Card()
