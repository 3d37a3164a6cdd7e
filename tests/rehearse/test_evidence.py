"""What a rehearsal saw becomes evidence, and the same engine names the cause."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unstick.cli.saving import save
from unstick.diagnose import diagnose
from unstick.diagnose.types import Diagnosis
from unstick.observe.build import Parts, assemble
from unstick.observe.targets import case_of as read
from unstick.rehearse.evidence import case_of, evidence, reported_of
from unstick.rehearse.plan import plan_of
from unstick.rehearse.types import (
    MIB,
    Answer,
    Event,
    Exit,
    Limits,
    Line,
    Options,
    Rehearsal,
    Session,
    Socket,
    Written,
)
from unstick.signs.vocabulary import signs
from unstick.space import Space

README = "---\ntitle: t\nemoji: 🐢\nsdk: docker\n---\n"
DOCKERFILE = "FROM python:3.11-slim\nCOPY . .\nCMD python app.py\n"
UVICORN = """\
INFO:     Started server process [1]
INFO:     Waiting for application startup.
INFO:     Application startup complete.
INFO:     Uvicorn running on http://{} (Press CTRL+C to quit)"""
FLASK = """\
 * Serving Flask app 'app'
 * Debug mode: off
WARNING: This is a development server. Do not use it in a production deployment.
 * Running on all addresses (0.0.0.0)
 * Running on http://127.0.0.1:7860
Press CTRL+C to quit"""
TRACEBACK = 'Traceback (most recent call last):\n  File "/app/app.py", line 7, in <module>\n    {}\n{}'
PIP = """\
#8 [4/5] RUN pip install -r requirements.txt
#8 2.1 ERROR: Cannot install gradio==6.31.0 and gradio==5.49.1 because these package versions have \
conflicting dependencies.
#8 2.1 ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/
#8 ERROR: process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code: 1"""


def listens(host: str, port: int, program: str = "python") -> Socket:
    return Socket("listen", host, port, pid=7, program=program, at=1.2)


def got(status: int, error: str = "", where: str = "10.0.0.2:7860") -> Answer:
    return Answer("GET", "/", where, status, error, at=1.5)


def crash(call: str, message: str, code: int = 1, **more: Any) -> dict[str, Any]:
    return ended(code, f"the app ended with exit code {code}", run=TRACEBACK.format(call, message), **more)


def ended(code: int, reason: str, *, signal: int = 0, **more: Any) -> dict[str, Any]:
    lost = {name: more.pop(name) for name in ("out_of_memory", "evicted") if name in more}
    return {"reason": reason, "exit": Exit(code, signal, at=2.0, **lost), **more}


def silent(run: str = "", **more: Any) -> dict[str, Any]:
    reason = more.pop("reason", "nothing listens; the contract asks 0.0.0.0:7860")
    return {"reason": reason, "run": run, "plan_timeout": 20.0, **more}


RUNNING = {"stage": "RUNNING", "ready_at": 1.2, "sockets": (listens("0.0.0.0", 7860),)}

# What was seen, beside the causes that count as right.
ZOO: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "port": (
        {"sockets": (listens("0.0.0.0", 8000),), "run": UVICORN.format("0.0.0.0:8000"),
         "answers": (got(200, where="127.0.0.1:8000"),)},
        ("port-mismatch",),
    ),
    "port of a node server": (
        {"sockets": (listens("::", 3000, "node"),), "run": "Server listening on port 3000"},
        ("port-mismatch",),
    ),
    "port, and loopback as well": (
        {"sockets": (listens("127.0.0.1", 8501),), "run": "  Local URL: http://localhost:8501"},
        ("port-mismatch",),
    ),
    "port beside a database": (
        {"sockets": (listens("127.0.0.1", 5432, "postgres"), listens("0.0.0.0", 8080)), "run": "ready"},
        ("port-mismatch",),
    ),
    "loopback": (
        {"sockets": (listens("127.0.0.1", 7860),), "run": UVICORN.format("127.0.0.1:7860")},
        ("loopback-bind",),
    ),
    "loopback of IPv6": ({"sockets": (listens("::1", 7860, "node"),), "run": "listening"}, ("loopback-bind",)),
    "IPv6 only": (
        {"sockets": (listens("::", 7860),), "run": UVICORN.format("[::]:7860")}, ("loopback-bind",),
    ),
    "crash before the banner": (
        crash('limit = int(os.environ.get("LIMIT", "ten"))',
              "ValueError: invalid literal for int() with base 10: 'ten'"),
        ("app-crash",),
    ),
    "crash after the banner": (
        {**crash("loop()", "KeyError: 'celsius'"), "ready_at": 1.2, "answers": (got(200),),
         "sockets": (listens("0.0.0.0", 7860),),
         "run": FLASK + "\n" + TRACEBACK.format("loop()", "KeyError: 'celsius'")},
        ("app-crash",),
    ),
    "out of memory": (
        ended(-1, "Memory limit exceeded (256Mi)", signal=9, out_of_memory=True, run="loading vectors"),
        ("out-of-memory",),
    ),
    "killed by a shell with its memory full": (
        ended(137, "the app ended with exit code 137", run="loading\nKilled", peak=255 * MIB), ("out-of-memory",),
    ),
    "permission as uid 1000": (
        crash("os.makedirs('/srv/cache')", "PermissionError: [Errno 13] Permission denied: '/srv/cache'",
              as_root=True),
        ("permission-denied",),
    ),
    "missing dependency": (
        crash("import pandas", "ModuleNotFoundError: No module named 'pandas'"), ("missing-dependency",),
    ),
    "missing system library": (
        crash("import cv2", "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"),
        ("system-package",),
    ),
    "missing secret": (crash('key = os.environ["OPENAI_API_KEY"]', "KeyError: 'OPENAI_API_KEY'"), ("missing-secret",)),
    "pip conflict": (
        {"stage": "BUILD_ERROR", "reason": "RUN pip install -r requirements.txt: exit code 1", "build": PIP},
        ("dependency-conflict",),
    ),
    "hang on a lock": (
        silent("opening the store", early=True, dumps=("Process 7: python app.py\n__enter__ (store.py:12)",)),
        ("hang-on-start",),
    ),
    "hang on a socket, time-out waited for": (
        silent("asking for counts", dumps=("Process 7: python app.py\nrecv (socket.py:706)\nask (counts.py:9)",)),
        ("hang-on-start",),
    ),
    "slow start": (
        silent("\n".join(f"hashed {n} of 400" for n in range(4, 90, 4)), line_every=0.9), ("slow-start",),
    ),
    "file to start is not there": (
        {"stage": "NO_APP_FILE", "reason": "main.py is not among the files that a push would bring"}, ("app-file",),
    ),
    "block that cannot be read": (
        {"stage": "CONFIG_ERROR", "reason": "Missing configuration in README"}, ("readme-config",),
    ),
    "relies on earlier files": (
        {**RUNNING, "serves": False, "reason": "it served the first time, not after a restart: exit code 1",
         "second": True, "answers": (got(200),)},
        ("ephemeral-loss",),
    ),
    "disk full": (
        ended(-1, "Workload evicted, storage limit exceeded (100Mi)", signal=9, evicted=True), ("disk-full",),
    ),
    "no space left": (
        crash("tile.write(data)", "OSError: [Errno 28] No space left on device: 'tiles/12.png'"), ("disk-full",),
    ),
    "blocked port": (
        silent("connecting to redis", early=True,
               blocked=(Socket("syn-sent", "10.0.0.2", 40000, "203.0.113.24", 6379),)),
        ("network-blocked",),
    ),
    "child dies, parent lives": (
        silent(TRACEBACK.format("table = rows[0]", "ValueError: no rows"), early=True), ("app-crash",),
    ),
    "nothing behind the proxy": (
        {**RUNNING, "answers": (got(502),), "reason": "GET / is answered 502"}, ("app-crash",),
    ),
    "accepts and never answers": (
        {**RUNNING, "answers": (got(0, "no answer within 10 s"),),
         "run": "[1] [INFO] Listening at: http://0.0.0.0:7860 (1)",
         "reason": "GET /: no answer within 10 s"},
        ("hang-on-start",),
    ),
    "answers only 500": (
        {**RUNNING, "answers": (got(500),), "reason": "GET / is answered 500",
         "run": FLASK + "\n" + TRACEBACK.format("rows()", "sqlite3.OperationalError: no such table: wish")},
        ("app-crash",),
    ),
    "session raises": (
        {**RUNNING, "answers": (got(200),), "reason": "a streamlit session ends in an exception",
         "sessions": (Session("streamlit", False, "KeyError: 'city'"),)},
        ("app-crash",),
    ),
    "script that ends": (
        ended(0, "the app ended with exit code 0", run="9592 primes below 100000"), ("no-http-server",),
    ),
    "bot that talks": (
        silent("Tide bot started, polling every second\n" + "\n".join(["tide at 1.8 m"] * 18),
               idle=19.0, line_every=1.0),
        ("no-http-server",),
    ),
}  # fmt: skip


def space(readme: str = README) -> Space:
    return Space.from_files(
        {"README.md": readme, "Dockerfile": DOCKERFILE, "app.py": "import app\n"}, complete=False
    )


def rehearsal(
    *, run: str = "", build: str = "", line_every: float = 0.01, plan_timeout: float = 1800.0,
    secrets: tuple[tuple[str, str], ...] = (), **seen: Any,
) -> Rehearsal:  # fmt: skip
    options = Options(limits=Limits(memory=256 * MIB), secrets=secrets)
    plan = PLAN._replace(options=options, timeout=plan_timeout)
    given = {"stage": "RUNTIME_ERROR", "reason": "not healthy", "serves": False, **seen}
    made = Rehearsal("process", plan, **{k: v for k, v in given.items() if k not in ("as_root", "second")})
    other = made._replace(serves=True, stage="RUNNING", exit=None)
    return made._replace(
        run_log=tuple(Line(1 + i * line_every, text) for i, text in enumerate(run.splitlines())),
        build_log=tuple(Line(i * 0.01, text) for i, text in enumerate(build.splitlines())),
        timeline=(Event(0.0, "stage", "BUILDING"), Event(0.9, "stage", "APP_STARTING")),
        as_root=other if seen.get("as_root") else None,
        second=made._replace(serves=False) if seen.get("second") else None,
    )


@pytest.fixture(autouse=True, scope="module")
def _plan(tmp_path_factory: pytest.TempPathFactory) -> None:
    global PLAN
    folder = tmp_path_factory.mktemp("space")
    for name, text in (("README.md", README), ("Dockerfile", DOCKERFILE), ("app.py", "")):
        (folder / name).write_text(text, "utf-8")
    PLAN = plan_of(Space.open(str(folder)))


PLAN: Any = None
SERVES = {
    **RUNNING,
    "serves": True,
    "reason": "",
    "answers": (got(200),),
    "run": UVICORN.format("0.0.0.0:7860"),
}
STUCK = (
    "My Space is stuck on Preparing for 12 hours. The log is clean and ends in 'Uvicorn running on "
    "http://0.0.0.0:8000'. Restart and factory reboot change nothing."
)


def told(made: Rehearsal, text: str) -> Diagnosis:
    """The diagnosis with what a person says beside the rehearsal."""
    parts = Parts()
    parts.space, parts.reported = space(), reported_of(made)._replace(text=text)
    parts.observed = evidence(made)
    return diagnose(assemble(parts))


@pytest.mark.parametrize("name", ZOO)
def test_each_failure_has_its_cause_on_top(name: str) -> None:
    seen, right = ZOO[name]
    first = diagnose(case_of(space(), rehearsal(**seen))).causes[0]
    assert first.cause in right
    assert first.probability >= 0.8


@pytest.mark.parametrize("name", ["port", "loopback", "out of memory", "IPv6 only", "disk full"])
def test_a_proof_outweighs_words(name: str) -> None:
    seen, right = ZOO[name]
    text = "Stuck on Preparing for two days, others have it too, the status page shows an incident. It worked before."
    first = told(rehearsal(**seen), text).causes[0]
    assert first.cause in right and first.probability >= 0.95


def test_running_here_and_stuck_there_is_the_platform() -> None:
    found = told(rehearsal(**SERVES), STUCK)
    assert found.causes[0].cause == "platform-stuck-state" and found.turn == "platform"
    assert sum(item.probability for item in found.causes if item.domain == "platform") >= 0.9
    without = diagnose(assemble(_words(STUCK))).causes
    assert {item.cause: item.probability for item in without}["port-mismatch"] > 0.2


def _words(text: str) -> Parts:
    parts = Parts()
    parts.space = space()
    parts.tell(text=text)
    return parts


def test_every_sign_of_a_rehearsal_can_be_seen() -> None:
    shown = {"rehearsal-loses-writes"}
    for seen, _ in [*ZOO.values(), (SERVES, ())]:
        shown |= {item.sign for item in evidence(rehearsal(**seen))[0] if item.present}
    assert shown == {name for name in signs() if name.startswith("rehearsal-")}


def test_places_are_exact() -> None:
    found, _, facts = evidence(rehearsal(**ZOO["port, and loopback as well"][0]))
    port = next(item for item in found if item.sign == "rehearsal-listens-other-port")
    assert port.place == "rehearsal: socket 127.0.0.1:8501, after 1.2 s"
    assert port.quote == "listens on 127.0.0.1:8501; the contract asks 0.0.0.0:7860"
    assert (facts["listens"], facts["loopback"]) == ("8501", "127.0.0.1")
    assert facts["listens_place"] == facts["loopback_place"] == port.place


@pytest.mark.parametrize(
    ("path", "lost"), [("/app/recipes.db", True), ("/tmp/x.db", False), ("/app/a.pyc", False)]
)
def test_writes_count_that_somebody_misses(path: str, lost: bool) -> None:
    found = evidence(rehearsal(**SERVES, written=(Written(path, 1),)))[0]
    assert any(item.sign == "rehearsal-loses-writes" for item in found) == lost


def test_what_could_not_be_seen_is_said() -> None:
    impossible = rehearsal(impossible="Python 3.8 is not here")
    assert evidence(impossible)[0] == ()
    assert [tuple(item) for item in evidence(impossible)[1]] == [
        ("rehearsal-serves", "Python 3.8 is not here")
    ]
    free = rehearsal(**ZOO["port"][0], passed_over=("outbound connections are not limited here",))
    found, unseen, _ = evidence(free)
    assert [item.sign for item in unseen] == ["rehearsal-blocked-outbound"]
    assert not any(item.sign == "rehearsal-blocked-outbound" for item in found)


def test_secrets_of_the_call_are_in_no_case() -> None:
    value = "correct horse battery"
    made = rehearsal(
        **crash("login()", f"ValueError: {value}"), secrets=(("KEY", value),), dumps=(f"x\n{value} (a.py:1)",),
        build=f"step {value}",
    )  # fmt: skip
    assert value not in repr(case_of(space(), made)._replace(space=None))


@pytest.mark.parametrize(
    "name", ["port", "missing secret", "answers only 500", "hang on a lock", "pip conflict"]
)
def test_a_saved_rehearsal_is_read_back_to_the_bit(name: str, tmp_path: Path) -> None:
    made = rehearsal(**ZOO[name][0])
    case = case_of(space(), made)
    save(str(tmp_path / "case.yaml"), case, reported_of(made))
    again = read([str(tmp_path / "case.yaml")])[0]
    assert sorted(again.evidence) == sorted(case.evidence)
    assert dict(again.facts) == dict(case.facts)
    assert (again.run_log, again.build_log) == (case.run_log, case.build_log)
    before, after = diagnose(case), diagnose(again)
    assert after.causes == before.causes
    assert (after.verdict, after.turn) == (before.verdict, before.turn)
