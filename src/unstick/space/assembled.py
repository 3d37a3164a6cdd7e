"""Spaces that a workflow puts together file by file in a folder of its own and uploads from there."""

from __future__ import annotations

import re
import shlex

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.space.files import normal

if TYPE_CHECKING:
    from unstick.space.files import Tree

_UPLOADED = (
    r"folder_path\s*=\s*[\"']((?:/|\$|~)?[\w./${}-]+)[\"']",
    r"(?:\bhf|huggingface-cli)\s+upload\s+(?:--?\S+\s+)*[^\s-]\S*\s+[\"']?([/$~]?[\w./${}-]+)",
)
_OTHER_WAYS = lazy(r"\b(?:rsync|mv|tar|git\s+archive|git\s+clone|ln|copytree|unzip)\b")
_MOST = 5000


def copies(text: str, tree: Tree) -> dict[str, str] | None:
    """The files of the uploaded folder, each with the file of the repository that is copied there.

    `text` is a workflow. None when no folder is filled by plain `cp` lines, or something else fills it too.
    What a workflow writes there by itself is not among them.
    """
    for pattern in _UPLOADED:
        for found in re.finditer(pattern, text):
            target = found[1].rstrip("/")
            if target not in ("", ".") and not tree.is_folder(target):
                return _copied(text, target, tree)
    return None


def _copied(text: str, target: str, tree: Tree) -> dict[str, str] | None:
    out: dict[str, str] = {}
    for line in text.split("\n"):
        if target not in line:
            continue
        if _OTHER_WAYS.search(line):
            return None
        command = re.match(r"\s*(?:-\s*run:\s*)?(cp\s[^|;&>]*)", line)
        if command is None:
            continue
        try:
            words = [w for w in shlex.split(command[1]) if not w.startswith("-")][1:]
        except ValueError:
            return None
        if len(words) < 2 or not words[-1].startswith(target):
            return None
        below = words[-1][len(target) :].lstrip("/")
        for source in words[:-1]:
            if not _put(out, source, below, words[-1].endswith("/") or not below, tree):
                return None
    return out or None


def _put(out: dict[str, str], source: str, below: str, into: bool, tree: Tree) -> bool:
    """Add what one source brings; False when it cannot be told (wildcards, variables)."""
    contents = source.endswith("/.")
    path = normal(source)
    if any(sign in source for sign in "*?$[{") or source.startswith(("/", "~", "..")):
        return False
    if tree.is_file(path):
        out[normal(f"{below}/{path.rpartition('/')[2]}") if into else normal(below)] = path
        return True
    base = normal(below if contents or not into else f"{below}/{path.rpartition('/')[2]}")
    for name in tree.below(path):
        out[normal(f"{base}/{name[len(path) + 1 :] if path else name}")] = name
    return len(out) <= _MOST
