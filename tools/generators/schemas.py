"""The published JSON Schema of a diagnosis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

FOLDERS: tuple[str, ...] = ()


def generate(root: Path) -> Iterator[tuple[str, str]]:
    """`docs/schema/diagnosis.json`."""
    from unstick.report.schema import schema

    yield "docs/schema/diagnosis.json", json.dumps(schema(), indent=2) + "\n"
