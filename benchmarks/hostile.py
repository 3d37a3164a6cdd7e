"""What the robustness benchmark feeds to unstick: strategies made of the pieces in fragments.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent

FRAGMENTS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("fragments.toml").read_text("utf-8"))


def texts(kind: str) -> st.SearchStrategy[str]:
    """Fragments of one kind and any characters, in any order."""
    fragments = FRAGMENTS[kind]
    anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    piece = st.one_of(st.sampled_from(fragments), st.sampled_from(fragments), anything)
    return st.lists(piece, max_size=24).map("".join)


def damaged(seeds: list[str]) -> st.SearchStrategy[str]:
    """Real texts, with one part cut out, doubled or replaced."""

    def damage(seed: str, first: float, second: float, what: str) -> str:
        start, end = sorted((int(first * len(seed)), int(second * len(seed))))
        return seed[:start] + what.replace("DOUBLED", seed[start:end] * 2) + seed[end:]

    where = st.floats(0, 1)
    what = st.one_of(st.just(""), st.just("DOUBLED"), st.text(max_size=6))
    return st.builds(damage, st.sampled_from(seeds), where, where, what)


def seeds(*patterns: str, limit: int = 80) -> list[str]:
    """Texts of files in this repository, the first `limit` of them."""
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    return [path.read_text("utf-8", "replace")[:6000] for path in paths[:limit]] or [""]
