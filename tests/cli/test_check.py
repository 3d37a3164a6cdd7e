"""`unstick check` as people call it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

BAD = "---\nsdk: docker\ncolorTo: cyan\nhardware: t4\n---\n"
GOOD = "---\ntitle: Demo\nsdk: static\n---\n"


def space(folder: Path, text: str = BAD, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in {"README.md": text, **files}.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return space(tmp_path / "bad", Dockerfile='FROM nginx\nUSER 1000\nCMD ["nginx"]\n')


def only(*rules: str) -> tuple[str, str]:
    return "--select", ",".join(rules)


def test_a_healthy_space_gets_silence_and_zero(unstick, tmp_path) -> None:
    ran = unstick(
        "check", space(tmp_path / "good", GOOD, **{"index.html": "<!doctype html><title>x</title>"})
    )
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_errors_and_warnings_give_one(unstick, bad) -> None:
    ran = unstick("check", bad, *only("bad-color", "unknown-field"))
    assert ran.code == 1 and ran.err == ""
    assert f"{bad}/README.md:3:10: error C109 bad-color: " in ran.out
    assert ran.out.endswith("1 error, 1 warning; 1 can be mended by `unstick fix`.\n")


def test_advice_alone_gives_zero(unstick, tmp_path) -> None:
    folder = space(tmp_path / "a", "---\nsdk: gradio\nother_thing: 1\n---\n", **{"app.py": ""})
    ran = unstick("check", folder, *only("unknown-field"))
    assert ran.code == 0 and "advice C108" in ran.out


@pytest.mark.parametrize("format", ["text", "json", "github", "sarif"])
def test_the_same_filters_hold_in_every_format(unstick, bad, format: str) -> None:
    kept = unstick("check", bad, "--format", format, *only("C108", "C109"), "--ignore", "C109")
    assert "unknown-field" in kept.out and "bad-color" not in kept.out
    assert kept.code == (0 if format == "sarif" else 1)


def test_json_is_short_for_format_json(unstick, bad) -> None:
    short, long = unstick("check", bad, "--json"), unstick("check", bad, "--format", "json")
    assert short.out == long.out
    finding = next(f for f in short.json()["findings"] if f["rule"] == "bad-color")
    assert {"rule", "code", "severity", "confidence", "path", "line", "column", "message", "edits"} <= set(
        finding
    )
    assert finding["path"] == "README.md"


def test_several_spaces_at_once(unstick, bad, tmp_path) -> None:
    other = space(tmp_path / "other", "---\nsdk: static\ncolorFrom: teal\n---\n", **{"index.html": ""})
    ran = unstick("check", bad, other, "--json", *only("bad-color"))
    assert [f["space"] for f in ran.json()["findings"]] == [str(bad), str(other)]


def test_paths_in_the_current_folder_are_short(unstick, bad) -> None:
    assert unstick("check", ".", *only("bad-color"), cwd=bad).out.startswith("README.md:3:10: error")


def test_statistics(unstick, bad) -> None:
    assert "    1  C109  bad-color" in unstick("check", bad, "--statistics", *only("bad-color")).out


def test_a_baseline_keeps_known_findings_quiet(unstick, bad, tmp_path) -> None:
    file = tmp_path / "known.json"
    written = unstick("check", bad, "--baseline", file, "--write-baseline")
    assert (written.code, written.out) == (0, "")
    quiet = unstick("check", bad, "--baseline", file)
    assert (quiet.code, quiet.out) == (0, "")
    (bad / "README.md").write_text("---\ntitle: x\ncolorFrom: blurple\n" + BAD[4:])
    ran = unstick("check", bad, "--baseline", file, "--json", *only("C1"))
    assert [f["message"].split()[0] for f in ran.json()["findings"]] == ["colorFrom"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unstick.toml", 'ignore = ["bad-color"]\n[severity]\nunknown-field = "error"\n'),
        ("pyproject.toml", '[tool.unstick]\nignore = ["bad-color"]\nseverity = {unknown-field = "error"}\n'),
    ],
)
def test_settings_of_the_space(unstick, bad, name: str, text: str) -> None:
    (bad / name).write_text(text)
    findings = unstick("check", bad, "--json").json()["findings"]
    assert [(f["rule"], f["severity"]) for f in findings if f["code"][:3] in ("C10", "C11")] == [
        ("unknown-field", "error")
    ]


def test_ignore_comments(unstick, bad) -> None:
    (bad / "README.md").write_text(BAD.replace("cyan", "cyan # unstick: ignore[bad-color]"))
    assert unstick("check", bad, *only("bad-color")).out == ""


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("nowhere",), "nowhere: there is no such folder"),
        (("{bad}/README.md",), "is not a folder"),
        (("{bad}", "--select", "bad-colour"), "Did you mean bad-color?"),
        (("{bad}", "--ignore", "Z9"), "'Z9' is no rule"),
        (("{bad}", "--write-baseline"), "needs --baseline"),
        (("{bad}", "--baseline", "none.json"), "none.json: cannot be read"),
        (("{bad}", "--format", "xml"), "invalid choice"),
        ((), "PATH"),
    ],
)
def test_a_wrong_call_is_one_clear_message_and_two(unstick, bad, arguments, part: str) -> None:
    ran = unstick("check", *(a.format(bad=bad) for a in arguments))
    assert ran.code == 2 and ran.out == "" and part in ran.err


def test_a_folder_that_is_no_space_is_three(unstick, tmp_path) -> None:
    (tmp_path / "x.txt").write_text("x")
    ran = unstick("check", tmp_path)
    assert ran.code == 3 and "holds no README.md" in ran.err and len(ran.err.strip().splitlines()) == 1


def test_what_is_no_baseline_is_three(unstick, bad, tmp_path) -> None:
    (tmp_path / "b.json").write_text("no")
    assert unstick("check", bad, "--baseline", tmp_path / "b.json").code == 3


@pytest.mark.skipif(os.name == "nt", reason="names and fifos of POSIX file systems")
def test_a_hostile_repository_is_read_in_bounds_and_drives_no_terminal(unstick, tmp_path) -> None:
    folder = space(tmp_path / "h", "---\ntitle: \x1b[31mred\nsdk: d\x07\n---\n")
    secret = tmp_path / "secret.txt"
    secret.write_text("sk-secret")
    os.mkfifo(folder / "Dockerfile")
    (folder / "requirements.txt").symlink_to(secret)
    (folder / "app.py").symlink_to("/dev/zero")
    (folder / "a\n\x1b]0;x\x07.py").write_text("def (\n")
    with open(folder / "big.bin", "wb") as file:
        file.truncate(1 << 30)
    for format in ("text", "json", "github", "sarif"):
        ran = unstick("check", folder, "--format", format, timeout=20)
        assert not set(ran.out) & {"\x1b", "\x07", "\r"} and "sk-secret" not in ran.out
        assert "internal-error" not in ran.out


def test_a_readme_of_a_gigabyte_and_ten_thousand_files(unstick, tmp_path) -> None:
    folder = space(tmp_path / "h", BAD)
    with open(folder / "README.md", "r+b") as file:
        file.truncate(1 << 30)
    for number in range(5000):
        (folder / f"f{number}.txt").touch()
    ran = unstick("check", folder, "--json", timeout=30)
    assert ran.code == 1 and json.loads(ran.out)["findings"]


def test_a_yaml_bomb_is_refused(unstick, tmp_path) -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    folder = space(tmp_path / "b", "---\nsdk: static\n" + "\n".join(rows) + "\n---\n", **{"index.html": ""})
    assert unstick("check", folder, *only("C1"), timeout=20).code in (0, 1)


def test_what_resolving_could_not_find_out_goes_to_standard_error_or_into_json(unstick, tmp_path) -> None:
    files = {"app.py": "import gradio\n", "requirements.txt": "git+https://github.com/a/b\n"}
    block = '---\nsdk: gradio\nsdk_version: "6.0.0"\napp_file: app.py\npython_version: "3.12"\n---\n'
    folder = space(tmp_path / "a", block, **files)
    alone = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "UV_OFFLINE": "1"}
    text = unstick("check", folder, "--resolve", *only("version-conflict"), env=alone)
    assert text.out == "" and f"{folder}: not observed: requirements.txt:1: git+https" in text.err
    data = unstick("check", folder, "--resolve", "--json", *only("version-conflict"), env=alone)
    assert data.err == ""
    assert any("--resolve-urls" in row["reason"] for row in data.json()["unobserved"])
    assert {row["space"] for row in data.json()["unobserved"]} == {str(folder)}
