"""What holds for the repository as a whole: what it must not name, and how large its parts may get."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

# The brackets keep this file from naming them itself.
FORBIDDEN = {
    "a path of the machine it was made on": r"(?<![\w.~:/])[/]work/|[/]tmp/issues|[.][.]/shared\b",
    "the host of a package registry": r"\bpypi[.]org|pythonhosted[.]org|\bnpmjs[.]|\bdeb[.]debian[.]org",
    "a token": r"\bhf_[A-Za-z]{34}\b|\bgh[pos]_[A-Za-z0-9]{36}\b",
}


def tracked() -> list[Path]:
    """Every file that git knows, or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT TESTED: this is no git checkout")
    names = done.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_names(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in tracked():
        if what == "a token" and path.is_relative_to(ROOT / "tests"):
            continue  # the tests of redaction and of committed secrets are about made-up ones
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_the_lock_files_hold_pins_with_hashes_and_no_addresses() -> None:
    for name in ("try", "dev"):
        text = (ROOT / f"requirements/{name}.lock").read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text
        entries = text.replace("\\\n", " ").splitlines()
        pin = re.compile(r"[a-z0-9_.-]+==\S+ .*--hash=sha256:")
        assert [line for line in entries if line and not pin.match(line)] == []


def code() -> list[Path]:
    """The Python files that are not generated."""
    return [path for path in tracked() if path.suffix == ".py" and path.name != "_table.py"]


def lines_of_code(path: Path) -> int:
    """How many lines a module has, the tables that it assigns at its top level not counted."""
    text = path.read_text("utf-8")
    tables = [node for node in ast.parse(text).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    return len(text.splitlines()) - sum((node.end_lineno or node.lineno) - node.lineno for node in tables)


def test_no_file_is_longer_than_400_lines() -> None:
    lines = {str(path.relative_to(ROOT)): lines_of_code(path) for path in code()}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    found = []
    for path in code():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 50:
                    found.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert found == []


def public_things(path: Path) -> list[tuple[str, ast.AST]]:
    """The module itself, its public functions and classes, and their public methods."""
    tree = ast.parse(path.read_text("utf-8"))
    found: list[tuple[str, ast.AST]] = [("the module", tree)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append((node.name, node))
            methods = node.body if isinstance(node, ast.ClassDef) else []
            found += [
                (f"{node.name}.{method.name}", method)
                for method in methods
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
            ]
    return found


def test_public_things_say_what_they_are() -> None:
    files = [path for path in code() if path.is_relative_to(ROOT / "src") and path.stat().st_size]
    bare = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name, node in public_things(path)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert bare == []
