"""Each rule on its small Spaces: tests/rules/<id>/trips-*.txt must trip it where they say, quiet-*.txt must
not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.archive import HERE, findings, read, says
from unstick.rules.engine import table
from unstick.space import Space
from unstick.space.edits import apply_to_text

ROWS = {row.id: row for row in table()}
CASES = sorted(
    (folder.name, path.name)
    for folder in HERE.iterdir()
    if folder.name in ROWS
    for path in folder.iterdir()
    if path.name.startswith(("trips", "quiet"))
)


def space_of(path: Path) -> Space:
    """The Space of an archive, complete unless its name says 'excerpt'."""
    return Space.from_files(read(path).files, complete="excerpt" not in path.name)


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_a_rule_says_what_its_archive_expects(rule: str, name: str) -> None:
    path = HERE / rule / name
    expected = read(path).expected if name.startswith("trips") else ()
    found = findings(ROWS[rule], space_of(path))
    assert not [f for f in found if f.rule != rule], found
    assert bool(found) == name.startswith("trips"), found
    said = [says(f, e) for f, e in zip(found, expected, strict=False)]
    if expected:
        assert sorted(said) == sorted(expected) and len(found) == len(expected), found


@pytest.mark.parametrize(("rule", "name"), [c for c in CASES if c[1].startswith("trips")])
def test_the_edits_give_the_files_that_the_archive_shows(rule: str, name: str) -> None:
    path = HERE / rule / name
    archive = read(path)
    found = findings(ROWS[rule], space_of(path))
    for wanted, unsafe in ((archive.fixed, False), (archive.unsafe, True)):
        edits = [e for f in found for e in f.edits if e.safe or unsafe]
        for file, text in wanted.items():
            before = archive.files.get(file, "")
            assert apply_to_text(before, [e for e in edits if e.path == file]) == text
