"""The signatures as data: each matches its line and not its near miss, and no other one claims that line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from conftest import ROOT
from unstick.causes import _table as causes
from unstick.signs.logs import scan
from unstick.signs.matching import compile, required_literals
from unstick.signs.signatures import _table as table
from unstick.signs.vocabulary import signs

FOLDER = ROOT / "src/unstick/signs/signatures"
GROUPS = {
    "address",
    "port",
    "module",
    "package",
    "path",
    "host",
    "host2",
    "timeout",
    "code",
    "limit",
    "version",
}
KINDS = {"error", "warning", "banner", "progress", "platform", "noise"}
QUIET = {
    "log-note",
    "log-starting",
    "log-install-progress",
    "log-load-progress",
    "log-traceback",
    "log-error-line",
}

# Lines that show two things at once, rightly: the line of the first also shows the sign of the second.
TWO_THINGS = {
    "copy-not-found": {"log-requirements-file-missing"},
    "disk-space-warning": {"log-no-space-build"},
    "exit-code-128": {"log-job-failed"},
    "exporting-oom": {"log-exit-137-build", "log-image-pushed"},
    "gradio-ssr-note": {"log-banner"},
    "local-refused": {"log-max-retries"},
    "permission-denied-plain": {"log-build-permission", "log-server-config-error"},
    "postgres-unreachable": {"log-network-unreachable"},
    "quota-limit-hardware": {"log-space-paused"},
    "redis-unreachable": {"log-local-refused"},
    "run-chmod-denied": {"log-permission-denied"},
    "wandb-login": {"log-env-missing"},
    "windows-path": {"log-file-not-found"},
}


def entries() -> list[dict[str, Any]]:
    return [
        entry
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["signature"]
    ]


ENTRIES = entries()
each = pytest.mark.parametrize("entry", ENTRIES, ids=[entry["id"] for entry in ENTRIES])


def test_there_are_many_and_their_ids_are_unique() -> None:
    ids = [entry["id"] for entry in ENTRIES]
    assert len(ids) >= 250
    assert len(set(ids)) == len(ids)
    assert tuple(ids) == table.IDS
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in ids)


@each
def test_it_matches_its_line_and_not_its_near_miss(entry: dict[str, Any]) -> None:
    pattern = compile(entry["pattern"])
    assert pattern.search(entry["match"])
    assert not pattern.search(entry["no_match"])
    assert entry["match"] and entry["no_match"] and entry["source"]


@each
def test_it_is_well_formed(entry: dict[str, Any]) -> None:
    assert entry["where"] in {"build", "run", "push", "any"}
    assert entry["kind"] in KINDS
    assert entry["sign"] in signs()
    assert set(re.compile(entry["pattern"]).groupindex) <= GROUPS
    assert required_literals(entry["pattern"]), "it would have to be tried on every text"


@each
def test_its_line_shows_its_sign_and_no_other(entry: dict[str, Any]) -> None:
    shown = {hit.sign for hit in scan(entry["match"], entry["where"]).hits}
    assert entry["sign"] in shown
    assert shown - {entry["sign"]} - QUIET <= TWO_THINGS.get(entry["id"], set())


def test_the_signs_of_logs_speak_of_causes_that_exist() -> None:
    known = {row[0] for row in causes.CAUSES}
    mine = [sign for sign in signs().values() if sign.id.startswith("log-")]
    assert mine
    for sign in mine:
        assert {cause for cause, _ in sign.says} <= known, sign.id
        assert re.fullmatch(r"[PBACUN][5-7]\d\d", sign.code), sign.id
        assert sign.question.endswith("?"), sign.id


def test_every_sign_of_a_log_can_be_shown() -> None:
    derived = {
        name
        for name in signs()
        if re.match(r"log-(banner-|stops-|ends-|error-after|no-banner|empty|queued|build-complete)", name)
    }
    assert {name for name in signs() if name.startswith("log-")} - derived == set(table.SIGNS)


ERROR_WORDS = re.compile(
    r"error|fail|denied|not found|exception|exit code|cannot|can't|could ?not|unable|missing|invalid|refused"
    r"|timed? ?out|exceeded|rejected|killed|no such|no module|fatal|limit|conflict|forbidden|unauthori|abuse"
    r"|\b[45]\d\d\b|not ",
    re.IGNORECASE,
)


def reported_lines() -> Iterator[str]:
    for path in sorted((ROOT / "corpus/cases").glob("*.yaml")):
        reported = yaml.safe_load(path.read_text("utf-8")).get("reported") or {}
        for field in ("build_log", "run_log"):
            lines = reported.get(field) or []
            yield from map(str, lines if isinstance(lines, list) else str(lines).splitlines())


def test_nine_in_ten_of_the_reported_error_lines_are_recognised() -> None:
    lines = [line for line in reported_lines() if ERROR_WORDS.search(line)]
    recognised = [line for line in lines if any(hit.sign != "log-error-line" for hit in scan(line).hits)]
    assert len(lines) > 100
    assert len(recognised) / len(lines) >= 0.9
