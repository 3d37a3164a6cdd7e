"""What is watched, and how it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.errors import UnreadableError, UnstickError, UsageError
from unstick.watch.targets import Question, Targets, absent, covers, names_of, questions, read
from unstick.watch.types import GONE, Record, Seen, Stay

HUB = "https://huggingface.co"


def test_words_and_files(tmp_path: Path) -> None:
    path = tmp_path / "spaces.txt"
    path.write_text(
        "# ours\nacme/one\nacme/two  # the second\n\nother/*\nhttps://huggingface.co/spaces/b/c\n"
    )
    assert read(["d/e", str(path), "other/extra"], HUB) == Targets(
        ("other",), ("d/e", "acme/one", "acme/two", "b/c")
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [("acme/one\nno space here", r":2"), ("-x/*", "no owner's name"), ("# nothing\n", "nothing to watch"),
     ("https://a-b.hf.space", "own address")],
)  # fmt: skip
def test_a_line_that_names_nothing(lines: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "spaces.txt"
    path.write_text(lines)
    with pytest.raises(UsageError, match=words):
        read([str(path)], HUB)


def test_what_is_no_file_of_targets(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read([str(tmp_path)], HUB)
    (tmp_path / "odd").write_bytes(b"\xff\x00")
    with pytest.raises(UnreadableError):
        read([str(tmp_path / "odd")], HUB)
    with pytest.raises(UnstickError):
        read(["nothing-of-the-kind"], HUB)


def test_several_spaces_of_an_owner_are_asked_by_his_list_unless_it_is_long() -> None:
    targets = Targets(("all",), ("a/1", "a/2", "a/3", "b/1"))
    few = questions(targets, lambda _: 1)
    assert few == [
        Question("all", ""),
        Question("a", "", frozenset({"a/1", "a/2", "a/3"})),
        Question("", "b/1"),
    ]
    assert [one.space for one in questions(targets, lambda _: 9)] == ["", "a/1", "a/2", "a/3", "b/1"]


def test_what_a_list_no_longer_holds_is_asked_for() -> None:
    def record(name: str, stage: str) -> Record:
        return Record(Seen(name, 0, stage), (Stay(stage, 0),))

    known = {
        "a/1": record("a/1", "RUNNING"),
        "a/2": record("a/2", "RUNNING"),
        "a/3": record("a/3", GONE),
        "b/1": record("b/1", "RUNNING"),
    }
    listed = [Seen("a/1", 1, "RUNNING")]
    assert absent(Question("a", ""), listed, known) == ["a/2"]
    assert absent(Question("a", "", frozenset({"a/1", "a/9"})), listed, known) == ["a/9"]


def test_the_hub_does_not_tell_cases_apart() -> None:
    names = names_of(Targets(("Acme",), ("b/One",)))
    assert [covers(names, space) for space in ("acme/x", "ACME/Y", "B/one", "b/two", "acm/e")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    known = {"ACME/old": Record(Seen("ACME/old", 0, "RUNNING"), (Stay("RUNNING", 0),))}
    assert absent(Question("acme", ""), [], known) == ["ACME/old"]
