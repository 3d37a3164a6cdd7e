"""The support request: all items, missing ones asked for, secrets out, honest about whose turn it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.case import Case, Evidence
from unstick.diagnose.types import Diagnosis
from unstick.observe.reported import Reported
from unstick.report import support
from unstick.report.support_items import after_start, items, tail
from unstick.space import Space

from report.samples import CONFIG, PLATFORM, SAMPLES, UNKNOWN, all_causes, ranked  # isort: skip
from report.strategies import DIAGNOSES, TEXT  # isort: skip

EXPECTED = Path(__file__).parent / "expected"
KEYS = [
    "url", "namespace", "hardware", "sdk", "app_port", "expose", "start", "readme", "commit", "stage",
    "began", "direct_url", "error", "request_ids", "build_log", "run_log", "after_start", "tried",
    "rehearsal",
]  # fmt: skip
README = "---\ntitle: ER demand\nsdk: docker\napp_port: 8501\n---\n# ER demand\n"
DOCKERFILE = 'FROM python:3.12\nEXPOSE 8501\nCMD ["streamlit", "run", "app.py", "--server.port", "8501"]\n'


def with_case(**fields: object) -> Diagnosis:
    """The platform sample with a case of its own."""
    return PLATFORM._replace(case=Case(**fields))  # type: ignore[arg-type]


def values(diagnosis: Diagnosis, reported: Reported = support.NOTHING) -> dict[str, str | None]:
    """Every item's value by key."""
    return {item.key: item.value for item in items(diagnosis, reported)}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("format", support.FORMATS)
def test_whole_output(name: str, format: str) -> None:
    """`UPDATE_EXPECTED=1 pytest …` writes the files anew; read the difference before it is committed."""
    out = support.render(format, support.request(SAMPLES[name]))
    path = EXPECTED / f"{name}-support-{format}.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        path.write_text(out, "utf-8")
    assert out == path.read_text("utf-8")


def test_every_item_is_always_there() -> None:
    for diagnosis in SAMPLES.values():
        assert [item.key for item in items(diagnosis)] == KEYS


def test_what_is_missing_says_how_to_get_it() -> None:
    for item in items(with_case()):
        assert item.value is None
        assert len(item.how) > 10
    mail = support.render("mail", support.request(with_case()))
    assert mail.count("[MISSING: ") == len(KEYS)
    forum = support.render("forum", support.request(with_case()))
    assert forum.count("**missing**: ") == len(KEYS)


def test_a_checkout_gives_block_ports_and_command() -> None:
    space = Space.from_files({"README.md": README, "Dockerfile": DOCKERFILE, "app.py": "import streamlit\n"})
    found = values(with_case(space=space, facts=(("sdk", "docker"), ("app_port", "8501"))))
    assert found["readme"] == README.partition("\n# ")[0]
    assert found["expose"] == "8501"
    assert found["start"] == 'CMD ["streamlit", "run", "app.py", "--server.port", "8501"]'
    assert found["app_port"] == "8501"


def test_excerpts_of_a_report_give_the_same() -> None:
    reported = Reported(readme_yaml="sdk: docker\napp_port: 8501", dockerfile=DOCKERFILE)
    found = values(with_case(), reported)
    assert found["readme"] == "sdk: docker\napp_port: 8501"
    assert found["expose"] == "8501" and found["start"] == DOCKERFILE.splitlines()[2]


def test_texts_give_address_commit_time_and_request_ids() -> None:
    found = values(
        with_case(
            description="https://huggingface.co/spaces/jane/er.demo. It says 503, request id: " + REQUEST_ID,
            build_log="===== Build Queued at 2026-04-07 15:12:19 / Commit SHA: f7add1a =====\n",
            evidence=(Evidence("direct-url-works", False, "description", "line 1", "502 at the direct URL"),),
        )
    )
    assert found["url"] == "https://huggingface.co/spaces/jane/er.demo"
    assert found["namespace"] == "jane"
    assert found["commit"] == "f7add1a"
    assert found["began"] == "build log from 2026-04-07 15:12:19 on; [please add date, time and time zone]"
    assert found["request_ids"] == REQUEST_ID
    assert found["direct_url"] is not None and found["direct_url"].endswith(": 502 at the direct URL")


@pytest.mark.parametrize(
    ("log", "after"),
    [
        ("", None),
        ("loading\n", None),
        (
            "INFO: Uvicorn running on http://0.0.0.0:7860\n",
            "INFO: Uvicorn running on http://0.0.0.0:7860\n(nothing after it)",
        ),
        (
            "x\nINFO: Uvicorn running on http://0.0.0.0:7860\nKilled\n",
            "INFO: Uvicorn running on http://0.0.0.0:7860\nKilled",
        ),
    ],
)
def test_what_came_after_the_start_up_line(log: str, after: str | None) -> None:
    assert after_start(log) == after


def test_a_tail_is_short() -> None:
    log = "\n".join(f"line {number}" for number in range(1000)) + "\n" + "x" * 5000 + "\n\n"
    lines = (tail(log) or "").splitlines()
    assert len(lines) == 20 and lines[0] == "line 981" and len(lines[-1]) == 300
    assert tail("") is None and tail("\n \n") is None


def test_the_turn_is_said_honestly() -> None:
    assert support.request(PLATFORM).note == ""
    assert support.request(CONFIG).note.startswith(
        "support will send this back: most likely the turn is yours (port-mismatch, 96%). First: "
    )
    owner = support.request(CONFIG._replace(turn="owner"))
    assert "the turn is the Space owner's" in owner.note
    assert support.request(UNKNOWN).note.startswith("support may send this back")
    assert "points at my own Space" in support.render("mail", support.request(CONFIG))
    assert "points at the platform's side" in support.render("mail", support.request(PLATFORM))


def test_moderation_goes_to_safety_as_well() -> None:
    flagged = PLATFORM._replace(turn="account", causes=all_causes(ranked("flagged-or-moderated", 0.9)))
    assert support.request(flagged).to == "website@huggingface.co, safety@huggingface.co"
    assert support.request(PLATFORM).to == "website@huggingface.co"


REQUEST_ID = "Root=1-65f0a1b2-0123456789abcdef01234567"
SECRET = "hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h"


@pytest.mark.parametrize("format", support.FORMATS)
def test_no_secret_leaves(format: str) -> None:
    text = f"x TOKEN={SECRET} postgres://me:{SECRET}@db/x jane@mail.example.net"
    diagnosis = with_case(
        description=text, build_log=text, run_log=text, tried=(text,),
        facts=(("error_message", text), ("stage", text)),
        evidence=(Evidence("restart-no-help", True, "rehearsal", text, text),),
    )  # fmt: skip
    out = support.render(
        format, support.request(diagnosis, Reported(readme_yaml=text, dockerfile=f"CMD {text}"))
    )
    assert SECRET not in out
    assert "jane@mail.example.net" not in out


def test_json_lists_what_is_missing() -> None:
    document = json.loads(support.render("json", support.request(CONFIG)))
    missing = [item["key"] for item in document["items"] if item["missing"]]
    assert "commit" in missing and "run_log" not in missing
    assert document["note"] and document["subject"] and document["to"]


@given(DIAGNOSES, st.builds(Reported, readme_yaml=TEXT, dockerfile=TEXT))
def test_any_content_is_rendered_harmless(diagnosis: Diagnosis, reported: Reported) -> None:
    for format in support.FORMATS:
        out = support.render(format, support.request(diagnosis, reported))
        assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in out)


def test_the_error_message_is_the_line_of_the_log_and_not_the_name_of_a_sign() -> None:
    from unstick.diagnose import diagnose
    from unstick.observe import build

    reported = Reported(run_log="Starting\nPermissionError: [Errno 13] Permission denied: '/data/cache'\n")
    found = diagnose(build.case_from(reported))
    assert found.case.fact("log_error").startswith("log-")
    assert values(found, reported)["error"] == "PermissionError: [Errno 13] Permission denied: '/data/cache'"


def test_what_was_seen_here_stands_beside_what_is_shown_there() -> None:
    here = Evidence(
        "rehearsal-serves", True, "rehearsal", "p", "RUNNING here after 3.1 s, serving on 0.0.0.0:7860"
    )
    agrees = Evidence("port-agrees", True, "rehearsal", "p", "listens on 7860")
    there = Evidence("stage-preparing", True, "description", "p", "Preparing")
    absent = Evidence("rehearsal-listens-loopback", False, "rehearsal", "p", "q")
    told = values(with_case(evidence=(here, agrees, there, absent)))["rehearsal"]
    assert told == "- RUNNING here after 3.1 s, serving on 0.0.0.0:7860; there: the page says Preparing"
    alone = values(with_case(evidence=(here,), facts=(("stage", "APP_STARTING"),)))["rehearsal"]
    assert alone == "- RUNNING here after 3.1 s, serving on 0.0.0.0:7860; there: stage APP_STARTING"
    assert values(with_case(evidence=(there,)))["rehearsal"] is None


@pytest.mark.parametrize(
    ("text", "tried"),
    [
        ("Stuck for hours, a restart did not help.", "- a restart changed nothing: a restart did not help"),
        ("Stuck for hours. I tried a restart, it did not help.", "- I tried a restart, it did not help."),
    ],
)
def test_a_description_of_one_sentence_is_not_said_twice(text: str, tried: str) -> None:
    seen = Evidence("restart-no-help", True, "description", "p", "a restart did not help")
    assert values(with_case(description=text, evidence=(seen,)))["tried"] == tried
