"""The causes: complete, consistent with each other, and fit to be shown to a stranger."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from unstick import causes

FOLDER = Path(causes.__file__).parent
CORPUS = FOLDER.parent.parent.parent / "corpus/cases"
LETTERS = {
    "config": "C", "build": "B", "app": "A", "platform": "P", "account": "U", "client": "N", "unknown": "X",
}  # fmt: skip
CAUSES = causes.load()


def test_the_table_holds_one_cause_a_file_sorted_by_id() -> None:
    assert list(CAUSES) == sorted(path.stem for path in FOLDER.glob("*.toml"))


def test_every_label_of_the_corpus_is_a_cause() -> None:
    labels = set(
        re.findall(r"(?m)^  cause: (\S+)", "\n".join(p.read_text("utf-8") for p in CORPUS.glob("*.yaml")))
    )
    assert len(labels) > 30
    assert labels <= set(CAUSES)


def test_codes_are_unique() -> None:
    codes = [cause.code for cause in CAUSES.values()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("cause", CAUSES.values(), ids=list(CAUSES))
def test_a_cause_is_complete(cause: causes.Cause) -> None:
    assert re.fullmatch(LETTERS[cause.domain] + r"\d\d", cause.code)
    assert cause.domain in causes.DOMAINS and cause.turn in causes.TURNS
    assert cause.says[0].islower() or cause.says.startswith("LFS")
    assert not cause.says.endswith(".") and cause.title[-1] not in ".:"
    assert len(cause.explanation) > 200 and len(cause.remedy) >= 2 and cause.observe and cause.aliases
    assert all(step[-1] in ".:`" and len(step) < 420 for step in cause.remedy)
    assert cause.references or cause.id == causes.NONE_OF_THESE


@pytest.mark.parametrize("cause", CAUSES.values(), ids=list(CAUSES))
def test_neighbours_exist_and_are_others(cause: causes.Cause) -> None:
    assert set(cause.neighbours) <= set(CAUSES) - {cause.id}
    assert len(cause.neighbours) >= 2


@pytest.mark.parametrize("cause", CAUSES.values(), ids=list(CAUSES))
def test_text_is_plain(cause: causes.Cause) -> None:
    text = " ".join((cause.says, cause.explanation, *cause.remedy, cause.observe))
    assert text.replace("\n", "").isprintable()
    assert text.count("`") % 2 == 0
    mentioned = set(re.findall(r"[a-z]+(?:-[a-z]+)+", cause.explanation)) & set(CAUSES)
    assert cause.id not in mentioned
