"""The engine: which rules run, what becomes of their answers, and of their mistakes."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from unstick.errors import UsageError
from unstick.rules import Rule, check, config, engine
from unstick.rules.base import Row, module_name, rule_id
from unstick.rules.ignore import ignored_on
from unstick.rules.needs import applies
from unstick.space import Place, Space

BLOCK = "---\nsdk: docker\ncolorFrom: cyan\ncolorTo: teal\n---\n"


def space(text: str = BLOCK, **files: str) -> Space:
    return Space.from_files({"README.md": text, **files})


def rules(found: tuple) -> list[str]:
    return [f.rule for f in found]


def test_findings_carry_their_rule_and_come_in_the_order_of_places() -> None:
    found = check(space())
    assert [(f.rule, f.place.line) for f in found] == [("bad-color", 3), ("bad-color", 4)]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), {"bad-color", "unknown-field"}),
        (("bad-color",), (), {"bad-color"}),
        (("C108",), (), {"unknown-field"}),
        (("C",), ("C109",), {"unknown-field"}),
        (("bad-color",), ("C1",), {"bad-color"}),
        ((), ("C1",), set()),
        (("B",), (), set()),
    ],
)
def test_select_and_ignore_take_ids_codes_and_beginnings(select, ignore, expected) -> None:
    text = "---\nsdk: docker\ncolorTo: cyan\nhardware: t4-small\n---\n"
    assert set(rules(check(space(text), select=select, ignore=ignore))) == expected


def test_severities_can_be_changed_and_rules_switched_off() -> None:
    assert {f.severity for f in check(space(), severity={"bad-color": "advice"})} == {"advice"}
    assert {f.severity for f in check(space(), severity={"C109": "warning"})} == {"warning"}
    assert check(space(), severity={"bad-color": "off"}) == ()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("# unstick: ignore[bad-color]", ("bad-color",)),
        ("colorTo: cyan  # unstick: ignore[C109, bad-emoji]", ("C109", "bad-emoji")),
        ("x // unstick: ignore", ("*",)),
        ("<!-- unstick: ignore[a] -->", ("a",)),
        ("unstick: ignore[a]", ()),
        ("nothing", ()),
        ("# unstick: ignore[", ()),
    ],
)
def test_what_an_ignore_comment_names(line: str, names: tuple[str, ...]) -> None:
    assert ignored_on(line) == names


@pytest.mark.parametrize("word", ["[bad-color]", "[C109]", "[C1]", ""])
def test_an_ignore_comment_covers_its_line_and_when_alone_the_next(word: str) -> None:
    beside = f"---\nsdk: docker\ncolorFrom: cyan # unstick: ignore{word}\ncolorTo: teal\n---\n"
    assert [f.place.line for f in check(space(beside))] == [4]
    above = f"---\nsdk: docker\n# unstick: ignore{word}\ncolorFrom: cyan\ncolorTo: teal\n---\n"
    assert [f.place.line for f in check(space(above))] == [5]


def test_an_ignore_comment_for_another_rule_changes_nothing() -> None:
    text = "---\nsdk: docker\ncolorFrom: cyan # unstick: ignore[bad-emoji]\n---\n"
    assert rules(check(space(text))) == ["bad-color"]


@pytest.fixture
def own_rule(monkeypatch):
    """Put one rule made in the test beside the others; gives a function that takes its `check`."""

    def install(function, **metadata) -> None:
        module = ModuleType("unstick.rules.own_rule")
        module.check = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "unstick.rules.own_rule", module)
        row = Row("own-rule", Rule(code="C999", title="Own", **metadata))
        monkeypatch.setattr(engine, "table", lambda: (row,))

    return install


def test_a_rule_that_fails_becomes_a_finding_about_unstick(own_rule) -> None:
    def fails(space):
        yield Rule(code="C999", title="Own").finding(Place("README.md", 1), "before")
        raise RuntimeError("boom\x1b[31m")

    own_rule(fails)
    (found,) = check(space())
    assert (found.rule, found.code, found.severity) == ("internal-error", "N199", "advice")
    assert "own-rule" in found.message and "RuntimeError" in found.message


def test_a_network_rule_is_given_the_resolver(own_rule) -> None:
    rule = Rule(code="C999", title="Own")
    own_rule(lambda space, resolve: iter([rule.finding(Place("a"), repr(resolve))]), network=True)
    assert [f.message for f in check(space())] == ["None"]
    assert [f.message for f in check(space(), resolve="R")] == ["'R'"]


def test_the_same_words_at_one_place_count_once(own_rule) -> None:
    rule = Rule(code="C999", title="Own")
    own_rule(lambda space: iter([rule.finding(Place("a", 1), "x")] * 3 + [rule.finding(Place("a", 1), "y")]))
    assert [f.message for f in check(space())] == ["x", "y"]


def test_a_rule_whose_needs_are_not_met_is_not_even_imported(own_rule, monkeypatch) -> None:
    own_rule(None, needs=("field:app_port",))
    monkeypatch.setitem(sys.modules, "unstick.rules.own_rule", None)
    assert check(space()) == ()


@pytest.mark.parametrize(
    ("need", "holds"),
    [
        ("readme", True), ("block", True), ("fields", True), ("complete", False), ("dockerfile", False),
        ("python", True), ("node", True), ("compose", True), ("workflow", True), ("html", False),
        ("requirements", False), ("packages", False), ("streamlit-config", False), ("field:sdk", True),
        ("state:top", True), ("state:bare|none", False), ("no-block", False), ("yaml-error", False),
        ("duplicates", False), ("field:app_port|colorTo", True), ("field:app_port", False),
        ("sdk:docker", True), ("sdk:gradio|static", False), ("file:a.py|b", True), ("file:b", False),
    ],
)  # fmt: skip
def test_needs(need: str, holds: bool) -> None:
    files = {"a.py": "", "web/package.json": "", "docker-compose.yml": "", ".github/workflows/x.yml": ""}
    assert applies(Space.from_files({"README.md": BLOCK, **files}), (need,)) == holds


def test_a_need_outside_the_vocabulary_is_a_mistake_of_the_rules_author() -> None:
    with pytest.raises(KeyError):
        applies(space(), ("nonsense",))


def test_ids_and_modules() -> None:
    assert module_name("port-mismatch") == "unstick.rules.port_mismatch"
    assert rule_id("unstick.rules.port_mismatch") == rule_id("port_mismatch") == "port-mismatch"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unstick.toml", 'select = ["C1"]\nignore = ["bad-emoji"]\n[severity]\nbad-color = "advice"\n'),
        (
            "pyproject.toml",
            '[tool.unstick]\nselect = ["C1"]\nignore = ["bad-emoji"]\nseverity = {bad-color = "advice"}',
        ),
    ],
)
def test_settings_of_the_space(name: str, text: str) -> None:
    loaded = config.load(Space.from_files({name: text}))
    assert loaded == config.Config(("C1",), ("bad-emoji",), (("bad-color", "advice"),))


def test_a_project_file_without_a_table_of_ours_says_nothing() -> None:
    assert config.load(Space.from_files({"pyproject.toml": "[tool.black]\n[broken"})) == config.Config()
    assert config.load(Space.from_files({"pyproject.toml": "# tool.unstick\n[tool]\n"})) == config.Config()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("select = 3", "select has to be a list"),
        ('select = ["bad-colour"]', "Did you mean bad-color?"),
        ("other = 1", "unknown setting 'other'"),
        ('severity = {bad-color = "loud"}', "error, warning, advice, off"),
        ("select = [", "not valid TOML"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(text: str, part: str) -> None:
    with pytest.raises(UsageError, match=r"unstick\.toml") as caught:
        config.load(Space.from_files({"unstick.toml": text}))
    assert part in str(caught.value)


def test_what_a_finding_quotes_holds_no_secret_and_no_edit_copies_one() -> None:
    secret = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
    readme = f"---\nsdk: docker\ncolorFrom: ghp_{secret}\n---\n"
    found = check(space(readme, Dockerfile=f"FROM nginx\nUSER hf_{secret}\nCMD nginx\n"))
    assert {"bad-color", "user-undefined"} <= set(rules(found))
    assert secret not in str(found)
