"""Secrets of every common kind, planted wherever unstick reads, are in nothing that it writes: one sweep with the
real command line, a real hub and real Spaces."""

from __future__ import annotations

import json
import random
import time
import urllib.request
from collections.abc import Iterator

import pytest

from e2e.hubs import hub
from e2e.planted import Planted, left_of, text_of
from e2e.planted_stage import FAILS, SERVES, Stage
from e2e.postgres import free_port
from e2e.revealing import MARK, Revealing, revealing
from e2e.watched import Receiver, SimulatedHub, policy, wait_for, watching

pytestmark = [pytest.mark.needs("uv"), pytest.mark.needs("bwrap"), pytest.mark.needs("git")]

ALERTED = (
    'announced = "1s"\n[poll]\nprobe = "all"\n[[act]]\nrung = "restart"\nwhen = ["failed"]\nafter = "0s"\n'
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with hub(faults=True, start_timeout="20s") as running:
        made = Stage(running, tmp_path_factory.mktemp("planted"))
        made.push("serves", SERVES)
        made.push("fails", FAILS)
        wait_for(lambda: made.api.get_space_runtime("user/serves").stage == "RUNNING", 90)
        wait_for(lambda: made.api.get_space_runtime("user/fails").stage == "RUNTIME_ERROR", 90)
        yield made


@pytest.fixture
def shown(stage: Stage) -> Iterator[Revealing]:
    stage.said.clear()
    with revealing(stage.hub.endpoint, stage.lines) as made:
        yield made


def fetched(url: str, token: str = "", seconds: float = 0.8) -> str:
    """What an address answers within some seconds, its headers too."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    until, text = time.monotonic() + seconds, ""
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            text = str(answer.headers)
            while (line := answer.readline()) and time.monotonic() < until:
                text += line.decode()
    except OSError as error:
        text += getattr(error, "read", lambda: b"")().decode()
    return text


def kinds(left: list[str]) -> set[str]:
    return {line.partition(":")[0] for line in left}


def test_the_secrets_are_really_there(stage: Stage, shown: Revealing) -> None:
    """What the rest rests on: each kind is where unstick reads, and would be found."""
    every = {one.kind for one in stage.planted}
    space = f"{shown.endpoint}/api/spaces/user/fails"
    sources = {
        "run log": "".join(_lines(fetched(f"{space}/logs/run", stage.hub.token))),
        "build log": "".join(_lines(fetched(f"{space}/logs/build", stage.hub.token))),
        "error": json.loads(fetched(space, stage.hub.token).partition("\n\n")[2])["runtime"]["errorMessage"],
        "files": fetched(f"{space.replace('/api', '')}/raw/main/README.md", stage.hub.token),
        "commits": "".join(one.message for one in stage.api.list_repo_commits("user/fails", repo_type="space")),
        "variables": "".join(one.value or "" for one in stage.api.get_space_variables("user/fails").values()),
    }  # fmt: skip
    found = {name: every - kinds(left_of(stage.planted, text)) for name, text in sources.items()}
    assert not any(found.values()), found


def _lines(stream: str) -> list[str]:
    """The lines of a log out of its events."""
    return [json.loads(line[5:])["data"] for line in stream.splitlines() if line.startswith("data: {")]


def test_the_hub_itself_keeps_and_shows_no_secret_of_a_log(stage: Stage) -> None:
    for name in ("serves", "fails"):
        for log in ("build", "run"):
            text = fetched(f"{stage.hub.endpoint}/api/spaces/user/{name}/logs/{log}", stage.hub.token)
            assert MARK in text and "redacted" in text
            assert left_of(stage.planted, text) == []
    kept = [path.read_text() for path in (stage.hub.data / "logs").iterdir()]
    assert left_of(stage.planted, "".join(kept) + stage.hub.said()) == []


def test_live_spaces(stage: Stage, shown: Revealing) -> None:
    calls = [
        ("diagnose", "user/serves", "--save", stage.home / "serves.yaml"),
        ("diagnose", "user/serves", "--json", "--debug"),
        ("diagnose", "user/fails", "--save", stage.home / "fails.yaml", "--json"),
        ("diagnose", "user/fails", "--format", "markdown"),
        ("report", "user/serves", "--json"),
    ]
    for call in calls:
        assert stage.unstick(*call, endpoint=shown.endpoint).code == 0, call
    for form in ("mail", "forum", "markdown", "json"):
        assert stage.unstick("report", stage.home / "fails.yaml", "--format", form).code == 0
    saved = (stage.home / "fails.yaml").read_text()
    assert saved.count("[redacted]") > len(stage.planted)
    named = f"{shown.endpoint}/spaces/user/fails?token={stage.value('query')}"
    stage.unstick(
        "diagnose", named.replace("//", f"//user:{stage.value('basic-auth-url')}@"), endpoint=shown.endpoint
    )
    away = f"http://user:{stage.value('basic-auth-url')}@127.0.0.1:1"
    assert stage.unstick("diagnose", "user/fails", endpoint=away).code == 3
    assert stage.unstick("diagnose", "user/fails", f"--token={stage.hub.token}").code == 2
    wrong = named.replace("/spaces/", "/datasets/")
    for debug in ((), ("--debug",)):
        assert stage.unstick("diagnose", wrong, *debug, endpoint=shown.endpoint).code == 2
    stage.search()


def test_waiting_and_acting(stage: Stage, shown: Revealing) -> None:
    waited = stage.unstick("wait", "user/fails", "--timeout", "1s", endpoint=shown.endpoint)
    assert waited.code == 1 and "[redacted]" in waited.out
    acted = stage.unstick(
        "act", "user/fails", "--yes", "--anyway", "--rung", "restart", "--patience", "20s", "--save",
        stage.home / "acted.yaml", endpoint=shown.endpoint,
    )  # fmt: skip
    assert acted.code == 1 and "The support request" in acted.out and "[redacted]" in acted.out, acted.err
    stage.api.restart_space("user/fails")
    waited = stage.unstick("wait", "user/fails", "--timeout", "20s", "--json", endpoint=shown.endpoint)
    assert waited.code == 1 and "[redacted]" in waited.json()["reason"]
    stage.search()


def test_checkouts(stage: Stage) -> None:
    stage.said.clear()
    root = stage.checkout(FAILS)
    for form in ("text", "json", "sarif", "github"):
        ran = stage.unstick("check", root, "--format", form)
        assert "secret-committed" in ran.out or "[redacted]" in ran.out, ran.out + ran.err
    ran = stage.unstick("fix", root, "--diff", "--unsafe")
    assert "[redacted]" in ran.out and "does not apply as a patch" in ran.err, ran.out + ran.err
    stage.unstick("diagnose", root, "--save", stage.home / "checkout.yaml")
    stage.unstick("diagnose", root, root / "settings.txt", "--json")
    large = stage.folder / "large.log"
    raised = "".join(f"Traceback (most recent call last):\nValueError: {line}\n" for line in stage.lines)
    large.write_text(text_of(stage.planted) * 1000 + raised)
    for form in ("json", "markdown"):
        assert "[redacted]" in stage.unstick("diagnose", large, "--as", "container-log", "--format", form).out
    assert "mended" in stage.unstick("fix", root).out
    given = stage.folder / "given.env"
    given.write_text(
        "".join(f"GIVEN_{n}={one.line}\n" for n, one in enumerate(stage.planted) if "\n" not in one.line)
    )
    options = [part for n, line in enumerate(stage.lines[:6]) for part in ("--variable", f"OPEN_{n}={line}")]
    words, second = (f"{word} {random.random()} {word}" for word in ("plain", "second"))
    stage.planted += [Planted("words", words, ""), Planted("second line", second, "")]
    options += ["--secret", f"WORDS={words}", "--secret", f"LINES=one line\n{second}"]
    ran = stage.unstick(
        "run", root, "--backend", "process", "--until", "running", "--env-file", given, *options,
        "--save", stage.home / "run.yaml",
    )  # fmt: skip
    assert ran.code == 1 and "[redacted]" in ran.out and "***" in ran.out, ran.out + ran.err
    ran = stage.unstick("run", root, "--backend", "process", "--json", "--env-file", given, *options)
    assert ran.json()["diagnosis"], ran.err
    served = stage.checkout(SERVES)
    stage.unstick("fix", served)
    for form in ("text", "json"):
        ran = stage.unstick("run", served, "--backend", "process", "--until", "running", "--format", form)
        assert "RUNNING" in ran.out and "/start?access_token=[redacted]" in ran.out, ran.out + ran.err
    assert any(stage.home.glob("state/unstick/logs/*/run.log"))
    stage.search()


def test_watching(stage: Stage, shown: Revealing) -> None:
    told = Receiver()
    password = stage.value("basic-auth-url")
    alert = told.url.replace("//", f"//user:{password}@") + f"?+X-Token={stage.value('bearer')}"
    port = free_port()
    place = SimulatedHub(shown.endpoint)
    options = [
        "user/*", "--every", "1s", "--alert", alert, "--policy", policy(stage.home, ALERTED), "--listen",
        f"127.0.0.1:{port}", "--database", str(stage.home / "history.db"),
    ]  # fmt: skip
    more = {"HF_TOKEN": stage.hub.token, "UNSTICK_PACE": "0.01"}
    try:
        with watching(place, stage.home, *options, **more) as watcher:
            wait_for(lambda: any("fails" in title for title in told.titles()), 40)
            wait_for(lambda: any("restart user/fails" in line for line in watcher.lines), 30)
            for path in ("metrics", "healthz", "badge/user/fails.svg", "badge/user/serves.svg"):
                stage.keep(path, fetched(f"http://127.0.0.1:{port}/{path}"))
            stage.unstick("history", "user/fails", "--database", stage.home / "history.db")
            stage.search()  # with the write-ahead log still there
    finally:
        told.close()
    once = ("watch", "user/fails", "--once", "--json", "--database", stage.home / "once.db")
    assert stage.unstick(*once, endpoint=shown.endpoint).code == 0
    away = stage.lines[next(n for n, line in enumerate(stage.lines) if line.startswith("postgresql"))]
    for command in (("watch", "user/fails", "--once"), ("history", "user/fails"), ("hub",)):
        assert stage.unstick(
            *command, "--database", away.replace("db.example.org:5432", "127.0.0.1:1")
        ).code in (2, 3)
    for database in ("history.db", "once.db"):
        for form in ((), ("--json",)):
            ran = stage.unstick("history", "user/fails", "--database", stage.home / database, *form)
            assert "RUNTIME_ERROR" in ran.out and "[redacted]" in ran.out, ran.out + ran.err
    for _, title, body in told.got:
        stage.keep("alert", f"{title}\n{body}")
    stage.search()
