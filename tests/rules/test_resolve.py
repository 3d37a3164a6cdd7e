"""Resolving without the network: what uv is asked, and what its answers become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unstick.rules import _uv, version_conflict
from unstick.rules._uv import Answer
from unstick.rules.resolve import Resolver, explain
from unstick.space import Space

BLOCK = '---\nsdk: gradio\nsdk_version: "4.44.0"\napp_file: app.py\n---\n'
NO_WHEEL = (
    "error: No solution found when resolving dependencies\n  cause: Because numpy==1.23.5 has no "
    "usable wheels and you require\n"
    "  numpy==1.23.5, we can conclude that your requirements are unsatisfiable.\n\n"
    "hint: Wheels are required for `numpy` because building from source is disabled for all packages"
)
LIGHT = NO_WHEEL.replace("numpy", "wikipedia")
CONFLICT = (
    "error: No solution found when resolving dependencies\n  cause: Because gradio==6.0.1 depends on "
    "starlette>=0.40.0,<1.0 and "
    "fastapi==0.115.0 depends on starlette>=0.37.2,<0.39.0, we can conclude that they are incompatible."
)
UNKNOWN = (
    "error: No solution found when resolving dependencies\n  cause: Because there is no version of "
    "flask==2.3.6 and you require "
    "flask==2.3.6, we can conclude that your requirements are unsatisfiable."
)


class Uv:
    """Stands in for uv: answers by Python, remembers what it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[tuple[str, ...], str, dict[str, Any]]] = []

    def __call__(self, lines: tuple[str, ...], python: str, **options: Any) -> Answer:
        self.asked.append((lines, python, options))
        return self.answers.get(python, self.answers.get("*", Answer("solved", {})))


def space(requirements: str, block: str = BLOCK, code: str = "import gradio\n") -> Space:
    return Space.from_files(
        {"README.md": block, "requirements.txt": requirements, "app.py": code}, complete=True
    )


def test_the_platforms_own_line_is_resolved_together_with_the_requirements() -> None:
    uv = Uv({})
    resolver = Resolver(run=uv)
    resolver.results(space("numpy<2\ngit+https://github.com/a/b\n"))
    assert [python for _, python, _ in uv.asked] == ["3.10", "3.13"]
    assert uv.asked[0][0] == (
        "gradio[oauth,mcp]==4.44.0",
        "uvicorn>=0.14.0",
        "websockets>=10.4",
        "spaces",
        "numpy<2",
    )


@pytest.mark.parametrize(
    ("answers", "severity"),
    [
        ({"3.13": Answer("unsolved", {}, NO_WHEEL)}, "warning"),
        ({"*": Answer("unsolved", {}, NO_WHEEL)}, "error"),
    ],
)
def test_failing_on_one_python_is_a_warning_on_both_an_error(
    answers: dict[str, Answer], severity: str
) -> None:
    found = list(version_conflict.check(space("numpy==1.23.5\n"), Resolver(run=Uv(answers))))
    assert [(f.severity, f.place.path, f.place.line) for f in found] == [(severity, "requirements.txt", 1)]


def test_a_light_distribution_without_a_wheel_is_left_out_and_named() -> None:
    uv = Uv({})
    calls: list[tuple[str, ...]] = []

    def run(lines: tuple[str, ...], python: str, **options: Any) -> Answer:
        calls.append(options["skip"])
        return Answer("unsolved", {}, LIGHT) if not options["skip"] else uv(lines, python)

    (group,) = Resolver(run=run).results(space("wikipedia\n"))
    assert all(r.state == "solved" and r.skipped == ("wikipedia",) for r in group[1])
    assert Resolver(run=run).names(space("wikipedia\n")) is None


def test_explanations_name_what_takes_part() -> None:
    assert explain("3.12", CONFLICT, ()).names == ("gradio", "starlette", "fastapi")
    assert explain("3.12", UNKNOWN, ()).missing == "flask"
    assert explain("3.12", NO_WHEEL, ()).wheel == "numpy"


def test_a_release_that_does_not_exist_is_said_at_its_line() -> None:
    rows = Resolver(run=Uv({"*": Answer("unsolved", {}, UNKNOWN)})).unknown_releases(
        space("requests\nflask==2.3.6\n")
    )
    assert [(place.line, "flask==2.3.6" in message) for place, message, _ in rows] == [(2, True)]


def test_known_pairs_are_found_in_what_was_resolved() -> None:
    solved = Answer("solved", {"gradio": "4.44.0", "starlette": "1.10.0", "pydantic": "2.10.0"})
    found = list(version_conflict.check(space(""), Resolver(run=Uv({"*": solved}))))
    assert [(f.severity, f.place.path, dict(f.data)["pin"]) for f in found] == [
        ("error", "README.md", "starlette<0.47")
    ]
    right = Answer("solved", {"gradio": "5.9.1", "starlette": "1.10.0"})
    assert (
        list(
            version_conflict.check(
                space("", BLOCK.replace("4.44.0", "5.9.1")), Resolver(run=Uv({"*": right}))
            )
        )
        == []
    )


def test_without_uv_or_network_nothing_is_claimed() -> None:
    resolver = Resolver(run=Uv({"*": Answer("unobserved", {}, "no network")}))
    assert list(version_conflict.check(space("numpy==1.0\n"), resolver)) == []
    assert resolver.unobserved == ["no network"] and resolver.names(space("")) is None


def test_answers_are_kept_by_their_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def run(uv: str, lines: tuple[str, ...], python: str, *rest: Any) -> Answer:
        calls.append(python)
        return Answer("solved", {"a": "1"})

    monkeypatch.setattr(_uv, "find_uv", lambda: "uv")
    monkeypatch.setattr(_uv, "_run", run)
    for python in ("3.10", "3.10", "3.13"):
        assert _uv.compile_(("a",), python, day="x", cache=str(tmp_path)).versions == {"a": "1"}
    assert calls == ["3.10", "3.13"]


def test_without_uv_the_answer_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_uv, "find_uv", lambda: "")
    assert _uv.compile_(("a",), "3.10", cache=str(tmp_path)) == Answer(
        "unobserved", {}, "uv is not installed"
    )


def test_what_took_no_part_is_named_once_without_its_credentials() -> None:
    lines = (
        "git+https://me:secret@github.com/a/b\n--extra-index-url https://index.example.org/simple\nflask\n"
    )
    resolver = Resolver(run=Uv({}))
    resolver.results(space(lines))
    assert resolver.unobserved == [
        "requirements.txt:1: git+https://github.com/a/b is fetched only with --resolve-urls, so what it needs"
        " is not observed",
        "requirements.txt:1: other indexes are asked only with --resolve-urls",
    ]


def test_addresses_are_asked_when_wanted_but_never_files() -> None:
    uv = Uv({})
    resolver = Resolver(run=uv, urls=True)
    resolver.results(space("git+https://github.com/a/b\nc @ file:///etc/c.whl\nflask\n"))
    asked, _, options = uv.asked[0]
    assert "git+https://github.com/a/b" in asked and options["urls"]
    assert not any("file:" in line for line in asked)
    assert [reason.partition(" ")[0] for reason in resolver.unobserved] == ["requirements.txt:2:"]


def test_a_failure_of_uv_is_told_in_one_line() -> None:
    errors = (
        "error: Request failed after 3 retries\n  Caused by: a\n  Caused by: dns error\nhint: try again\n"
    )
    assert _uv._read(2, "", errors) == Answer("unobserved", {}, "Request failed after 3 retries: dns error")


ZEROGPU = "import spaces\nimport gradio\n\n@spaces.GPU\ndef answer(text):\n    return text\n"


def test_zerogpu_has_pythons_and_a_line_of_its_own() -> None:
    uv = Uv({"3.13": Answer("unsolved", {}, NO_WHEEL)})
    resolver = Resolver(run=uv)
    block = BLOCK.replace("app_file", "suggested_hardware: zero-a10g\napp_file")
    assert not list(version_conflict.check(space("numpy==1.23.5\n", block), resolver))
    assert [python for _, python, _ in uv.asked] == ["3.10", "3.12"]
    assert all("torch<=2.13.0" in lines for lines, _, _ in uv.asked)


@pytest.mark.parametrize(
    ("code", "pythons"),
    [
        (ZEROGPU, ["3.10", "3.12"]),
        ("import spaces\nanswer = spaces.GPU(print)\n", ["3.10", "3.12"]),
        ("def answer():\n    import spaces\n    return spaces.GPU(print)()\n", ["3.10", "3.13"]),
        ("import spaces\n", ["3.10", "3.13"]),
    ],
)
def test_only_what_is_decorated_at_the_start_says_zerogpu(code: str, pythons: list[str]) -> None:
    uv = Uv({})
    Resolver(run=uv).results(space("numpy\n", code=code))
    assert [python for _, python, _ in uv.asked] == pythons
    assert not any("torch<=2.13.0" in lines for lines, _, _ in uv.asked)


def test_a_python_version_of_the_block_goes_before_those_of_zerogpu() -> None:
    uv = Uv({})
    block = BLOCK.replace("app_file", 'python_version: "3.11"\napp_file')
    Resolver(run=uv).results(space("numpy\n", block, ZEROGPU))
    assert [python for _, python, _ in uv.asked] == ["3.11"]


def test_a_name_that_the_index_lacks_is_told_from_a_release_that_it_lacks() -> None:
    text = (
        "error: No solution found when resolving dependencies\n  cause: Because flask was not found in the "
        "package registry and you require flask==2.3.6, we can conclude that your requirements are unsatisfiable."
    )
    for answer, words in (
        (text, "'flask' is not on the package index"),
        (UNKNOWN, "release that does not exist"),
    ):
        resolver = Resolver(run=Uv({"*": Answer("unsolved", {}, answer)}))
        [(place, message, _)] = resolver.unknown_releases(space("flask==2.3.6\n"))
        assert (place.path, place.line) == ("requirements.txt", 1) and words in message


DRIFTED = {"gradio": "5.12.0", "pydantic": "2.14.4", "starlette": "0.52.1", "huggingface-hub": "0.36.0"}


@pytest.mark.parametrize(
    ("code", "breaks"),
    [
        ("picture = gr.Image()\ngr.Interface(print, picture, 'text').launch()\n", True),
        ("gr.Interface(print, inputs=['text', 'image'], outputs='label').launch()\n", True),
        ("gr.ChatInterface(print, multimodal=True).launch()\n", True),
        ("with gr.Blocks() as demo:\n    gr.Image('logo.png')\ndemo.launch()\n", False),
        ("gr.ChatInterface(print, chatbot=gr.Chatbot()).launch()\n", False),
        ("gr.Interface(print, 'text', 'text').launch()\n", False),
        ("from fastapi import File\ngr.Interface(File(), 'text', 'text').launch()\n", False),
    ],
)
def test_files_in_an_event_are_what_pydantic_breaks(code: str, breaks: bool) -> None:
    block = BLOCK.replace("4.44.0", "5.12.0").replace("app_file", 'python_version: "3.12"\napp_file')
    resolver = Resolver(run=Uv({"*": Answer("solved", DRIFTED)}))
    found = list(version_conflict.check(space("", block, "import gradio as gr\n" + code), resolver))
    assert [("pydantic" in f.message, f.severity) for f in found] == ([(True, "error")] if breaks else [])


@pytest.mark.parametrize(
    ("version", "breaks"), [("4.36.1", False), ("4.37.1", True), ("5.21.0", True), ("5.22.0", False)]
)
def test_the_releases_that_pydantic_breaks(version: str, breaks: bool) -> None:
    block = BLOCK.replace("4.44.0", version).replace("app_file", 'python_version: "3.12"\napp_file')
    resolver = Resolver(run=Uv({"*": Answer("solved", {**DRIFTED, "gradio": version})}))
    code = "import gradio as gr\ngr.Interface(print, 'image', 'text').launch()\n"
    assert bool(list(version_conflict.check(space("", block, code), resolver))) is breaks
