"""The documents: links lead somewhere, what is generated is current, examples that are shown work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, run_unstick

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)(?:#([^)\s]+))?\)")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md", "examples/*.md", "examples/*/README.md")
    for path in ROOT.glob(pattern)
)


def anchors(path: Path) -> set[str]:
    """The anchors that the headings of one page get."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(document.read_text("utf-8")):
        path = (document.parent / target).resolve()
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}" if anchor else target)
    assert broken == []


def test_generated_files_are_current() -> None:
    command = [sys.executable, "tools/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def sections() -> dict[str, str]:
    """The text of docs/commands.md by command."""
    parts = re.split(r"^## (.+)$", (ROOT / "docs/commands.md").read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_of_the_help_is_in_the_documentation() -> None:
    ran = run_unstick("--help")
    assert ran.code == 0
    assert [name for name in sections() if not re.search(rf"\b{name}\b", ran.out)] == []
    assert {"diagnose", "check", "explain", "report", "evaluate"} <= set(sections())


@pytest.mark.parametrize("command", ["diagnose", "check", "fix", "explain", "report", "evaluate", "hub"])
def test_every_option_of_a_command_is_in_the_documentation(command: str) -> None:
    ran = run_unstick(command, "--help")
    assert ran.code == 0, ran.err
    written = sections()[command]
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ran.out)) - {"--help", "--debug"}
    assert [option for option in sorted(options) if option not in written] == []


SHELL = re.compile(r"^```(?:sh|console|text)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_and_scripts_that_are_shown_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for block in SHELL.findall(document.read_text("utf-8")):
        for target in re.findall(r"^\$? ?make ([a-z0-9-]+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        for script in re.findall(r"^\$? ?(?:\S*python3? )([\w/]+\.py)", block, re.MULTILINE):
            assert (ROOT / script).is_file(), script


TRANSCRIPT = re.compile(r"^```\n\$ unstick (.+)\n((?:.*\n)*?)^```", re.MULTILINE)


def shape(line: str) -> str:
    """A line without what a new fit of the model moves: figures, bars, the space around them."""
    return " ".join(re.sub(r"[\d.]+|[█▉▊▋▌▍▎▏]+", "#", line).split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_output_that_is_shown_is_what_is_printed(document: Path) -> None:
    if document.parent.name in ("causes", "rules"):
        return
    for call, shown in TRANSCRIPT.findall(document.read_text("utf-8")):
        printed = {shape(line) for line in run_unstick(*call.split()).out.splitlines()}
        assert [line for line in shown.splitlines() if line.strip() not in ("…", "")
                and shape(line) not in printed] == [], call  # fmt: skip
