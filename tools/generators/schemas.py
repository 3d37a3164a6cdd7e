"""The published JSON Schemas: of a diagnosis and of a case file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

FOLDERS: tuple[str, ...] = ()


def generate(root: Path) -> Iterator[tuple[str, str]]:
    """`docs/schema/diagnosis.json` and `docs/schema/case.json`."""
    from unstick.observe import casefile
    from unstick.report.schema import schema

    yield "docs/schema/diagnosis.json", json.dumps(schema(), indent=2) + "\n"
    yield "docs/schema/case.json", json.dumps(casefile.schema(), indent=2) + "\n"
