"""A live Space in each of its states: the right cause on top, nothing said of one that is well."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from observe.live.fake_hub import OLD, SHA, TOKEN, FakeHub, app_page, banner, line, serving, stamp
from unstick.case import Case
from unstick.diagnose import diagnose
from unstick.diagnose.types import Diagnosis
from unstick.observe import build
from unstick.observe.live import Options, add_to, observe, observe_live
from unstick.observe.live.url import IN_ERROR

NULL = {"current": None, "requested": "cpu-basic"}


def seen(hub: FakeHub, **options: object) -> Case:
    with serving(hub):
        quick = Options(endpoint=hub.endpoint, token=TOKEN, visit=2.0, follow=0.6, logs=2.0)
        return observe_live("owner/name", quick._replace(**options))


def present(case: Case) -> set[str]:
    return {item.sign for item in case.evidence if item.present}


def top(case: Case) -> str:
    return diagnose(case).causes[0].cause


def no_app(request: Request) -> Response:
    return PlainTextResponse(IN_ERROR, 503)


def with_(**fields: object) -> FakeHub:
    """A healthy Hub with some fields changed."""
    hub = FakeHub()
    for name, value in fields.items():
        setattr(hub, name, value)
    return hub


def starting(ago: float, *lines: dict[str, str], **fields: object) -> FakeHub:
    """A Space that has been starting for so many seconds."""
    logs = {
        "build": [banner("build", ago + 200), line("--> DONE 1.0s", ago + 60), line("--> Pushing image", ago + 50),
                  line("DONE 9.0s", ago + 20)],
        "run": [banner("run", ago), *lines],
    }  # fmt: skip
    return with_(
        **{"stage": "APP_STARTING", "runtime": {"hardware": NULL}, "logs": logs, "app": no_app, **fields}
    )


def failed(message: str, *lines: str, stage: str = "RUNTIME_ERROR") -> FakeHub:
    """A Space in an error stage, with the last lines of its log."""
    hub = with_(stage=stage, runtime={"errorMessage": message, "hardware": NULL}, app=no_app)
    hub.logs["build" if stage == "BUILD_ERROR" else "run"] = [
        banner("run", 600), *(line(text, 590) for text in lines)
    ]  # fmt: skip
    return hub


BANNER = "Serving HTTP on 0.0.0.0 port 7860 (http://0.0.0.0:7860/) ..."
SICK: dict[str, tuple[Callable[[], FakeHub], set[str]]] = {
    "stage lags": (lambda: starting(7200, line(BANNER, 7190), app=lambda r: app_page("x")), {"platform-stuck-state"}),
    "stuck, silent address": (lambda: starting(7200, line(BANNER, 7190)), {"platform-stuck-state"}),
    "stands still": (lambda: starting(1500, line("Loading model", 1490)), {"hang-on-start", "slow-start"}),
    "proxy": (lambda: with_(app=no_app), {"platform-proxy"}),
    "route": (lambda: with_(app=lambda r: HTMLResponse("Sorry", 404)), {"platform-proxy"}),
    "no answer": (lambda: with_(app=lambda r: time.sleep(4)), {"hang-on-start", "app-crash"}),
    "app error": (lambda: with_(app=lambda r: app_page("Oops", 500)), {"app-crash"}),
    "nothing at /": (lambda: with_(app=lambda r: app_page("Not Found", 404)), {"base-path", "wrong-url"}),
    "frame": (lambda: with_(app=lambda r: app_page("x", x_frame_options="DENY")), {"browser-or-embed"}),
    "old commit": (
        lambda: with_(runtime={"sha": OLD, "hardware": NULL}, commits=[
            {"id": SHA, "title": "New", "date": stamp(4000)}, {"id": OLD, "title": "Old", "date": stamp(9000)}]),
        {"push-not-deployed"},
    ),
    "capacity": (lambda: failed("Scheduling failure: not enough hardware capacity"), {"scheduling-capacity"}),
    "moderation": (lambda: with_(info={"disabled": True}, stage="PAUSED"), {"flagged-or-moderated"}),
    "module": (lambda: failed("Exit code: 1. Reason: ModuleNotFoundError: No module named 'torch'",
                              "ModuleNotFoundError: No module named 'torch'"), {"missing-dependency"}),
    "memory": (lambda: failed("Memory limit exceeded (16Gi)"), {"out-of-memory"}),
    "sleeping": (lambda: with_(stage="SLEEPING", app=no_app), {"sleeping-or-paused"}),
    "twice": (lambda: with_(stage="CONFIG_ERROR", secrets={"A": {}}, variables={"A": {"value": "x"}}, app=no_app),
              {"secret-variable-collision"}),
    "ends": (lambda: failed("Exit code: 0. Reason: done", "done"), {"no-http-server"}),
}  # fmt: skip


FAILED = (
    line("Traceback (most recent call last):", 8), line('  File "/home/user/app/app.py", line 3, in <module>', 8),
    line("ZeroDivisionError: division by zero", 8),
)  # fmt: skip
DOWN = (line("[5] [ERROR] Reason: Worker failed to boot.", 7), line("[2] [ERROR] Shutting down: Master", 7))


@pytest.mark.parametrize(
    ("lines", "ago", "fails"),
    [
        ((line(BANNER, 9), *FAILED, *DOWN), 10, True),
        ((line("Loading", 200), *(line(f["data"].strip(), 180) for f in FAILED)), 210, True),
        ((*FAILED,), 10, False),  # it may go on
        ((*FAILED, line("Falling back to the CPU", 2)), 10, False),
        ((line(BANNER, 9),), 10, False),
    ],
)
def test_a_start_that_has_failed_already_is_not_on_its_way(
    lines: tuple[dict[str, str], ...], ago: float, fails: bool
) -> None:
    case = seen(starting(ago, *lines))
    assert ("live-start-failed" in present(case)) is fails
    assert (case.fact("health") == "") is fails
    if fails:
        assert top(case) == "app-crash"


@pytest.mark.parametrize("name", SICK)
def test_the_right_cause_leads(name: str) -> None:
    make, right = SICK[name]
    diagnosis = diagnose(seen(make()))
    assert diagnosis.causes[0].cause in right, diagnosis.verdict
    assert diagnosis.turn != "nobody"


def streamlit_page(request: Request) -> Response:
    return app_page("<title>Streamlit</title><script src=streamlit.js></script>")


WELL: dict[str, Callable[[], FakeHub]] = {
    "plain": FakeHub,
    "login": lambda: with_(app=lambda r: app_page("Please sign in", 401)),
    "redirect": lambda: with_(app=lambda r: app_page("x") if r.url.path == "/home" else RedirectResponse(
        "/home", 302, headers={"x-proxied-host": "http://10.0.0.1"})),
    "just starting": lambda: starting(40, line("Loading", 5)),
    "just built": lambda: with_(stage="BUILDING", runtime={"hardware": NULL}, logs={
        "build": [banner("build", 50), line("--> RUN pip install", 20), line("Collecting x", 4)], "run": []}),
    "new version on its way": lambda: with_(stage="RUNNING_BUILDING", runtime={"sha": OLD, "hardware": NULL}, logs={
        "build": [banner("build", 50), line("--> RUN pip install", 20), line("Collecting x", 4)],
        "run": [banner("run", 9000)]}),
    "just pushed": lambda: with_(runtime={"sha": OLD, "hardware": NULL}, commits=[
        {"id": SHA, "title": "New", "date": stamp(20)}]),
    "status page red": lambda: with_(status={"data": {"attributes": {"aggregate_state": "degraded"}}, "included": [
        {"type": "status_page_resource", "attributes": {"public_name": "Spaces", "status": "degraded"}}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", WELL)
def test_one_that_is_well_is_not_called_sick(name: str) -> None:
    case = seen(WELL[name]())
    diagnosis = diagnose(case)
    assert (diagnosis.turn, diagnosis.causes[0].cause) == ("nobody", "none-of-these"), diagnosis.verdict
    assert sum(item.probability for item in diagnosis.causes) == pytest.approx(1.0)
    assert "Nothing is wrong" in diagnosis.verdict


def test_trouble_of_the_platform_is_said_beside() -> None:
    assert "the status page shows trouble" in diagnose(seen(WELL["status page red"]())).verdict


def test_where_somebody_says_that_something_is_wrong_nothing_is_called_well() -> None:
    hub = FakeHub()
    with serving(hub):
        options = Options(endpoint=hub.endpoint, token=TOKEN)
        parts = build.Parts()
        parts.tell(text="Uploads of files fail in the page of the Space.")
        add_to(parts, observe("owner/name", options), options)
    assert diagnose(build.assemble(parts)).turn != "nobody"


def test_files_of_the_hub_say_nothing_of_a_push_that_it_refused() -> None:
    hub = with_(stage="NO_APP_FILE", runtime={}, files={"README.md": "---\ntitle: x\nsdk: docker\n---\n"})
    with serving(hub):
        options = Options(endpoint=hub.endpoint, token=TOKEN)
        parts = build.Parts()
        parts.tell(text="My push to the Space is refused: Invalid metadata in README.md. - mapping values are not "
                        "allowed in this context (2:20)")  # fmt: skip
        add_to(parts, observe("owner/name", options), options)
    assert top(build.assemble(parts)) == "readme-config"


@pytest.mark.parametrize(
    "stage", ["SLEEPING", "STOPPED", "PAUSED", "BUILDING", "RUNTIME_ERROR", "DELETING", "A_NEW_ONE"]
)
def test_nobody_is_woken(stage: str) -> None:
    hub = with_(stage=stage)
    case = seen(hub)
    assert not [host for _, host, _ in hub.asked if "hf.localhost" in host]
    assert "not visited" in {item.sign: item.reason for item in case.unobserved}["direct-url-works"]


def test_the_address_can_be_left_alone() -> None:
    hub = FakeHub()
    seen(hub, ask_url=False)
    assert not [host for _, host, _ in hub.asked if "hf.localhost" in host]


def test_a_stage_that_goes_back_and_forth() -> None:
    hub = FakeHub()
    stages = iter(["RUNNING", "RUNNING", "APP_STARTING", "RUNNING", "APP_STARTING"] * 9)
    hub.override["/api/spaces/owner/name/runtime"] = lambda r: JSONResponse(
        {"stage": next(stages), **hub.runtime}
    )
    case = seen(hub)
    assert "live-stage-flaps" in present(case)
    assert top(case) == "platform-stuck-state"


def test_an_app_that_goes_down_while_it_is_looked_at_is_no_flapping() -> None:
    hub = FakeHub()
    stages = iter(["RUNNING"] * 3 + ["APP_STARTING"] * 40)
    hub.override["/api/spaces/owner/name/runtime"] = lambda r: JSONResponse(
        {"stage": next(stages), **hub.runtime}
    )
    case = seen(hub)
    assert "live-stage-flaps" not in present(case)
    assert case.fact("health") == "in-time"


def test_a_log_that_moves_is_seen_to_move() -> None:
    hub = starting(1000, line("Loading shard 1", 900), line("Loading shard 2", 500))
    hub.live = [line("Loading shard 3", 0)]
    found = present(seen(hub))
    assert "live-log-moves" in found and "live-log-frozen" not in found


def test_what_the_token_does_not_show_is_unknown_with_the_reason() -> None:
    hub = FakeHub()
    hub.override = {f"/api/spaces/owner/name/{path}": lambda r: PlainTextResponse("no", 403)
                    for path in ("logs/", "secrets", "variables")}  # fmt: skip
    unknown = {item.sign: item.reason for item in seen(hub).unobserved}
    assert "no right" in unknown["live-secret-missing"]
    assert "only to those who may write" in unknown["container-log-empty"]


def test_names_of_secrets_are_held_against_what_the_code_reads() -> None:
    hub = with_(
        files={"README.md": "---\nsdk: gradio\n---\n", "app.py": "import os\nkey = os.environ['API_KEY']\n"}
    )
    assert "live-secret-missing" in present(seen(hub))
    hub.secrets = {"API_KEY": {"value": "never shown"}}
    case = seen(hub)
    assert "live-secrets-set" in present(case) and "live-secret-missing" not in present(case)
    assert case.fact("secrets") == "API_KEY"


def test_the_request_that_failed_is_named_for_support() -> None:
    from unstick.report import support

    name = "Root=1-65000000-0123456789abcdef01234567"
    case = seen(with_(app=lambda r: PlainTextResponse(IN_ERROR, 503, {"X-Request-Id": name})))
    assert name in support.render("mail", support.request(diagnose(case)))


def test_the_files_are_those_of_the_commit() -> None:
    case = seen(FakeHub())
    assert case.space is not None and case.space.complete
    assert case.space.tree.read_text("app.py") == FakeHub().files["app.py"]
    assert case.fact("app_port") == "7860"


def test_a_saved_case_gives_the_same_diagnosis() -> None:
    from unstick.observe import casefile
    from unstick.observe.build import Parts
    from unstick.observe.reported import Reported

    case = seen(starting(7200, line(BANNER, 7190), app=lambda r: app_page("x")))
    text = casefile.encode(case, Reported(build_log=case.build_log, run_log=case.run_log))
    parts = Parts()
    file = casefile.decode(text, "case.yaml")
    parts.name, parts.observed = file.id, casefile.observed_of(file)
    parts.tell(**casefile.reported_of(file)._asdict())
    again: Diagnosis = diagnose(build.assemble(parts))
    first = diagnose(case)
    assert again.verdict == first.verdict
    assert [(c.cause, c.probability) for c in again.causes] == [
        (c.cause, c.probability) for c in first.causes
    ]
