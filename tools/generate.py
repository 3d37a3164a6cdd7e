"""Write every generated file, or with `--check` say which are stale.

A generator is a module in tools/generators/ with

    FOLDERS: tuple[str, ...]              folders that hold nothing but its output (may be empty)
    def generate(root) -> Iterator[tuple[str, str]]     path relative to the repository, text

and nothing else has to be changed: the folder is scanned. Files of `FOLDERS` that no generator yields
any more are removed (or, with `--check`, named). Generators must give the same text each time. Some read
what others wrote (pages need tables), so writing goes on, in a new process, until nothing changes.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def generators() -> list[ModuleType]:
    """Every module of tools/generators, in the order of names."""
    sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]
    names = sorted(path.stem for path in (ROOT / "tools/generators").glob("[a-z]*.py"))
    return [importlib.import_module(f"generators.{name}") for name in names]


def wanted(modules: list[ModuleType]) -> dict[str, str]:
    """What should be there: text by path relative to the repository."""
    texts: dict[str, str] = {}
    for module in modules:
        for path, text in module.generate(ROOT):
            if path in texts:
                raise SystemExit(f"generate: {path} comes from two generators, one is {module.__name__}")
            texts[path] = text
    return texts


def leftovers(modules: list[ModuleType], texts: dict[str, str]) -> Iterator[Path]:
    """Files in generated folders that nothing generates any more."""
    for folder in sorted({folder for module in modules for folder in getattr(module, "FOLDERS", ())}):
        for path in sorted((ROOT / folder).rglob("*")):
            made = path.relative_to(ROOT).as_posix() in texts or "__pycache__" in path.parts
            if path.is_file() and not made:
                yield path


def stale(texts: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """Path and text of each file that is missing or differs."""
    for name, text in sorted(texts.items()):
        path = ROOT / name
        if not path.is_file() or path.read_bytes() != text.encode():
            yield path, text


def main() -> int:
    """Write or check; 1 when `--check` found something stale."""
    parser = argparse.ArgumentParser(description="Write every generated file of the repository.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is stale")
    parser.add_argument("--passes", type=int, default=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    check: bool = options.check
    modules = generators()
    texts = wanted(modules)
    changed = [path for path, _ in stale(texts)]
    removed = list(leftovers(modules, texts))
    if not check:
        for path, text in stale(texts):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        for path in removed:
            path.unlink()
    for path in changed:
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
    for path in removed:
        print(f"{'left over' if check else 'removed'}: {path.relative_to(ROOT)}")
    if check and (changed or removed):
        print("run `make generate` and commit what it writes")
        return 1
    if changed and options.passes > 1:
        return subprocess.call([sys.executable, __file__, "--passes", str(options.passes - 1)])
    print(
        f"{len(texts)} generated files are current"
        if not changed
        else "still changing: a generator is not stable"
    )
    return 1 if changed else 0


if __name__ == "__main__":
    raise SystemExit(main())
