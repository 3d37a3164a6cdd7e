"""A block of fields for a Space that has none, guessed from its files."""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.space import Space

_IMPORT = r"^\s*(?:import|from)\s+(gradio|streamlit)\b"


def guess_sdk(space: Space) -> tuple[str, str]:
    """The SDK that the files speak of and its entry file ('' where it has none); ('', '') when they do not
    say."""
    tree = space.tree
    if tree.is_file("Dockerfile"):
        return "docker", ""
    names = [n for n in tree.names() if n.endswith(".py") and n.count("/") < 2]
    preferred = ("app.py", "main.py", "streamlit_app.py", "demo.py")
    names.sort(key=lambda n: (preferred.index(n) if n in preferred else len(preferred), n))
    for name in names[:30]:
        found = re.search(_IMPORT, tree.read_text(name) or "", re.MULTILINE)
        if found:
            return found[1], name
    return ("static", "index.html") if tree.is_file("index.html") else ("", "")


def block_for(space: Space, newline: str) -> str:
    """A whole block with its lines of dashes for what the files look like, or '' when they do not say."""
    sdk, app_file = guess_sdk(space)
    if not sdk:
        return ""
    rows = ["---", "title: Space", "emoji: 🚀", "colorFrom: blue", "colorTo: green", f"sdk: {sdk}"]
    if app_file and sdk != "static":
        rows.append(f"app_file: {app_file}")
    return newline.join([*rows, "pinned: false", "---", ""])
