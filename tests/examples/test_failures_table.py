"""examples/failures/README.md: its table says what the folders say."""

from __future__ import annotations

import tomllib

from conftest import ROOT
from unstick.causes import load

ZOO = ROOT / "examples/failures"


def rows() -> list[str]:
    """The table as the expectations make it."""
    out = []
    for path in sorted(ZOO.glob("*/expect.toml")):
        expected = tomllib.loads(path.read_text())
        name = path.parent.name
        cause = f"[{expected['cause']}](../../docs/causes/{expected['cause']}.md)"
        shows = f"{expected['stage']}: {expected['shows']}"
        out.append(f"| [{name}]({name}/space/README.md) | {expected['wrong']} | {shows} | {cause} |")
    return out


def test_the_table_is_what_the_folders_say() -> None:
    lines = (ZOO / "README.md").read_text().splitlines()
    assert [line for line in lines if line.startswith("| [")] == rows(), "\n".join(rows())


def test_every_cause_exists() -> None:
    known = set(load())
    for path in ZOO.glob("*/expect.toml"):
        expected = tomllib.loads(path.read_text())
        assert {expected["cause"], *expected.get("also_acceptable", ())} <= known, path
