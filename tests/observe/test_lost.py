"""Data of the app's own that an earlier container took with it, told by its files and its log."""

from __future__ import annotations

import pytest

from unstick.observe import build, lost
from unstick.space import Space

README = "---\ntitle: T\nsdk: docker\n---\n"
DOCKERFILE = "FROM python:3.12\nUSER 1000\nWORKDIR /srv/app\nCOPY . .\nCMD python app.py\n"
MARK = 'import os\nif not os.path.exists("/data/.done"):\n    {make}\n    open("/data/.done", "w").close()\n'
BASE = 'import sqlite3\ndb = sqlite3.connect("notes.db")\n'
TABLE = "db.execute('CREATE TABLE IF NOT EXISTS note (t TEXT)')"
WRITES = "open('index.json', 'w').write('[]')"
NO_TABLE = "sqlite3.OperationalError: no such table: note"
NO_FILE = "FileNotFoundError: [Errno 2] No such file or directory: 'index.json'"


def space(app: str, **files: str) -> Space:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return Space.from_files({"README.md": README, "Dockerfile": DOCKERFILE, "app.py": app, **named})


LOST = {
    "table": (BASE + MARK.format(make=TABLE), NO_TABLE),
    "file": (MARK.format(make=WRITES), NO_FILE),
    "file by its whole path": (MARK.format(make=WRITES), NO_FILE.replace("index", "/srv/app/index")),
}
NOT_LOST = {
    "nothing missing": (BASE + MARK.format(make=TABLE), "ready"),
    "another table": (BASE + MARK.format(make=TABLE), NO_TABLE.replace("note", "user")),
    "no mark that lasts": (BASE + TABLE, NO_TABLE),
    "all of it lasts": (BASE.replace("notes", "/data/notes") + MARK.format(make=TABLE), NO_TABLE),
    "another file": (MARK.format(make=WRITES), NO_FILE.replace("index", "other")),
    "code that nobody can read": ("def (", NO_TABLE),
}


@pytest.mark.parametrize("name", LOST)
def test_what_went_with_the_disk(name: str) -> None:
    app, said = LOST[name]
    (found,) = lost.evidence(space(app), f"Traceback (most recent call last):\n{said}\n")
    assert (found.sign, found.present, found.source) == (lost.SIGN, True, "files")
    assert found.place.startswith("app.py")


@pytest.mark.parametrize("name", NOT_LOST)
def test_what_is_missing_for_another_reason(name: str) -> None:
    app, said = NOT_LOST[name]
    assert not list(lost.evidence(space(app), said))


def test_a_file_of_the_repository_is_not_lost() -> None:
    assert not list(lost.evidence(space(MARK.format(make=WRITES), index_json="[]"), NO_FILE))


def test_it_becomes_the_leading_cause() -> None:
    from unstick.diagnose import diagnose

    parts = build.Parts()
    parts.space = space(BASE + MARK.format(make=TABLE))
    parts.tell(stage="RUNTIME_ERROR", run_log=f"Traceback (most recent call last):\n{NO_TABLE}\n")
    assert diagnose(build.assemble(parts)).causes[0].cause == "ephemeral-loss"
