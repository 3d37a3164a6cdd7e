"""A Hub that means harm: slow, endless, garbage, bombs, redirects inwards. Bounded, and a clear result."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import resource
import time
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from observe.live.fake_hub import SHA, TOKEN, FakeHub, line, moved, serving
from unstick.case import Case
from unstick.diagnose import diagnose
from unstick.errors import UnreadableError
from unstick.observe.live import Options, observe_live

QUICK = Options(token=TOKEN, patience=2.0, visit=2.0, logs=1.0, follow=0.3, files=4.0)
SPACE = "/api/spaces/owner/name"
SECONDS = 25.0
"""More than every deadline of `QUICK` one after the other."""


def observed(hub: FakeHub, target: str = "owner/name") -> Case:
    """The case, in bounded time."""
    with serving(hub):
        began = time.monotonic()
        case = observe_live(target, QUICK._replace(endpoint=hub.endpoint))
        assert time.monotonic() - began < SECONDS
    return case


def unknown(case: Case) -> dict[str, str]:
    return {item.sign: item.reason for item in case.unobserved}


def present(case: Case) -> set[str]:
    return {item.sign for item in case.evidence if item.present}


def endless(piece: bytes, pause: float = 0.0) -> Callable[[Request], Response]:
    """An answer that never ends."""

    async def pieces():  # type: ignore[no-untyped-def]
        while True:
            yield piece
            await asyncio.sleep(pause)

    return lambda request: StreamingResponse(pieces(), media_type="application/json")


def never(request: Request) -> Response:
    """Headers that never come."""
    time.sleep(6)
    return Response(b"late")


def garbage(request: Request) -> Response:
    return Response(bytes(range(256)) * 40, media_type="application/json")


def deep(request: Request) -> Response:
    return Response(b"[" * 2_000_000, media_type="application/json")


BOMB = gzip.compress(gzip.compress(b" " * 1024, 1) + b" " * (256 * 1024 * 1024), 1)
"""256 MB in 1 MB."""


def bomb(request: Request) -> Response:
    return Response(BOMB, headers={"Content-Encoding": "gzip"}, media_type="application/json")


def false_gzip(request: Request) -> Response:
    return Response(b"no gzip at all", headers={"Content-Encoding": "gzip"})


WRONG = {"garbage": garbage, "deep": deep, "false gzip": false_gzip, "endless": endless(b" " * 65536),
         "dripping": endless(b" ", 0.05), "a list": lambda request: Response(b"[1, 2]"),
         "a number": lambda request: Response(b"1e999"), "empty": lambda request: Response(b"")}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_description_that_is_none_is_said_to_be_none(kind: str) -> None:
    hub = FakeHub()
    hub.override[SPACE] = WRONG[kind]
    with serving(hub), pytest.raises(UnreadableError) as caught:
        observe_live("owner/name", QUICK._replace(endpoint=hub.endpoint))
    assert re.search("JSON|no Space|does not answer|larger than any", caught.value.what), caught.value


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize(
    "path",
    [
        f"{SPACE}/runtime",
        f"{SPACE}/tree/",
        f"{SPACE}/commits/",
        f"{SPACE}/secrets",
        "/index.json",
        "/api/whoami-v2",
    ],
)
def test_any_other_answer_that_is_none_leaves_the_rest(kind: str, path: str) -> None:
    hub = FakeHub()
    hub.override[path] = WRONG[kind]
    case = observed(hub)
    assert case.fact("stage") == "RUNNING"
    assert {"stage-running", "direct-url-works"} <= present(case)
    assert diagnose(case).turn


def test_an_answer_that_unpacks_to_gigabytes_takes_little_memory() -> None:
    hub = FakeHub()
    hub.override["/index.json"] = bomb
    hub.override[f"{SPACE}/tree/"] = bomb
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    case = observed(hub)
    assert "larger than any real one" in unknown(case)["live-status-red"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


def test_a_hub_that_never_answers_is_given_up() -> None:
    hub = FakeHub()
    hub.override[SPACE] = never
    with serving(hub), pytest.raises(UnreadableError, match="does not answer"):
        observe_live("owner/name", QUICK._replace(endpoint=hub.endpoint, patience=1.0))


def test_no_hub_at_all() -> None:
    with pytest.raises(UnreadableError, match="does not answer") as caught:
        observe_live("owner/name", QUICK._replace(endpoint="http://127.0.0.1:9"))
    assert caught.value.reference == "live-unreachable"


def test_redirects_out_of_the_hub_and_in_circles_are_not_followed() -> None:
    hub = FakeHub()
    hub.override[f"{SPACE}/commits/"] = moved("http://169.254.169.254/latest/meta-data")
    hub.override["/index.json"] = lambda request: RedirectResponse(str(request.url))
    case = observed(hub)
    assert case.fact("stage") == "RUNNING"
    assert "sends elsewhere" in unknown(case)["live-status-red"]


STREAMS = {
    "no events": b"hello\n" * 1000,
    "no JSON": b"data: {nonsense}\n\n" * 1000,
    "other fields": b'data: {"text": 1}\n\n' * 1000,
    "numbers": b'data: {"data": 5, "timestamp": []}\n\n' * 1000,
    "one endless line": b"data: " + b"x" * 3_000_000,
    "nested": b"data: " + b"[" * 200_000 + b"\n\n",
    "wrong times": b'data: {"data": "a line", "timestamp": "9999999-99-99"}\n\n' * 50,
    "binary": bytes(range(256)) * 1000,
}


@pytest.mark.parametrize("kind", STREAMS)
def test_event_streams_that_are_none(kind: str) -> None:
    hub = FakeHub()
    for log in ("build", "run"):
        hub.override[f"{SPACE}/logs/{log}"] = lambda request: Response(
            STREAMS[kind], media_type="text/event-stream"
        )
    case = observed(hub)
    assert case.fact("stage") == "RUNNING"
    assert diagnose(case).turn


def test_a_log_without_end_is_read_in_part() -> None:
    hub = FakeHub()
    event = f"data: {json.dumps(line('a line ' * 100))}\n\n".encode() * 100
    hub.override[f"{SPACE}/logs/run"] = endless(event)
    hub.stage = "APP_STARTING"
    case = observed(hub)
    assert len(case.run_log) < 1_000_000
    assert case.fact("run_log_read").startswith("in part")
    assert "live-log-frozen" not in present(case)


def test_what_was_read_cannot_drive_a_terminal() -> None:
    hub = FakeHub()
    hub.runtime["errorMessage"] = "\x1b]0;owned\x07\x1b[2Jboom\u202e"
    hub.stage = "RUNTIME_ERROR"
    hub.logs["run"] = [line("\x1b[31mred\x07\x9b")]
    case = observed(hub)
    from unstick.report.diagnosis import render

    page = render("terminal", diagnose(case), color=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", case.run_log + case.fact("error_message"))


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "a/../../b",
        ".git/config",
        "a\x00b",
        "a\nb",
        "x" * 3000,
        "a\\..\\b",
        "",
        ".",
    ],
)
def test_names_of_files_stay_in_the_repository(path: str, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    hub = FakeHub()
    hub.files[path] = "harm"
    case = observed(hub)
    assert case.space is not None
    assert set(case.space.tree.names()) == {"README.md", "Dockerfile", "app.py"}
    from unstick.observe.live.download import to_folder

    with serving(FakeHub()) as other:
        other.files[path] = "harm"
        folder = tmp_path / "space"
        folder.mkdir()
        to_folder("owner/name", SHA, str(folder), QUICK._replace(endpoint=other.endpoint))
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["Dockerfile", "README.md", "app.py", "space"]


def test_secrets_of_every_kind_stay_out() -> None:
    secrets = [
        TOKEN,
        "ghp_" + "b" * 36,
        "sk-proj-" + "c" * 40,
        "AKIA" + "D" * 16,
        "postgres://u:hunter2pass@h/db",
    ]
    hub = FakeHub()
    hub.stage = "RUNTIME_ERROR"
    told = " ".join(secrets)
    hub.logs["run"] += [line(f"key {secret}") for secret in secrets]
    hub.logs["build"] += [line(told)]
    hub.runtime["errorMessage"] = f"Exit code: 1. Reason: {told}"
    hub.files["README.md"] += told
    hub.files["app.py"] += f"\nkey = '{secrets[1]}'\n"
    hub.commits[0]["title"] = told
    hub.variables = {secrets[2]: {"value": secrets[1]}}
    hub.status = {"data": {"attributes": {"aggregate_state": told}}, "included": []}
    hub.app = lambda request: RedirectResponse(f"/?token={secrets[0]}")
    case = observed(hub)
    from unstick.observe.casefile import encode
    from unstick.observe.reported import Reported
    from unstick.report.diagnosis import render

    diagnosis = diagnose(case)
    out = (
        encode(case, Reported(build_log=case.build_log, run_log=case.run_log)) + case.run_log + case.build_log
    )
    out += "".join(render(format, diagnosis) for format in ("terminal", "json", "markdown"))
    for secret in (*secrets[:4], "hunter2pass"):
        assert secret not in out


def test_the_token_goes_to_the_hub_alone() -> None:
    hub = FakeHub()
    with serving(FakeHub()) as other:
        hub.override["/spaces/owner/name/resolve/"] = moved(f"{other.endpoint}/large")
        hub.app = lambda request: RedirectResponse(f"{other.endpoint}/elsewhere")
        observed(hub)
        assert other.asked
        assert not any(token for _, _, token in other.asked)
    assert not any(token for path, host, token in hub.asked if "hf.localhost" in host)
    assert not any(token for path, _, token in hub.asked if path == "/index.json")
