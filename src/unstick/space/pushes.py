"""How a Space's files reach the Hub: the workflows that push them, and what becomes of binary files on the
way.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.globs import match_path
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space.space import Space

_HUB = lazy(r"huggingface\.co|hf\.co|HF_SPACE|hf_space", re.IGNORECASE)
_GIT = lazy(
    r"^[^#\n]*\bgit\b[^#\n]*?\b(?:push|subtree\s+push)\b(?![^\n]*github\.com)(?![^\n]*--delete)", re.MULTILINE
)
_CLIENT = lazy(
    r"upload_folder|upload_large_folder|upload_file|huggingface-cli\s+upload|\bhf\s+upload|uses:[^\n]*(?:hub-sync|huggingface|sync-to-hub|hf-)|from\s+huggingface_hub",
    re.IGNORECASE,
)
_FRESH = lazy(r"rm\s+-rf?\s+[^\n]*\.git(?:\s|$)|\bgit\s+init\b|--orphan\b|checkout-index|git\s+archive")
_TRACK = lazy(r"git\s+lfs\s+track\s+([^\n#]+)|--include(?:=|\s+)[\"']?([^\"'\n]+)")
_RULE = lazy(r"[\"']?(\S+?)\s+filter=lfs")
_REMOVE = lazy(r"^\s*(?:-\s*run:\s*)?(?:sudo\s+)?(?:git\s+)?rm\s+(-\S+\s+)*([^\n#&|;]+)", re.MULTILINE)


class Push(NamedTuple):
    """One workflow that brings files to the Hub.

    `method` is 'git' or 'client' (the Hub's own uploader, which puts large and binary files into its storage
    by itself). `fresh` says that history stays behind, `tracked` are patterns it puts under LFS, `removed`
    what it takes out of the tree, `fetches_lfs` whether it has the contents of LFS files.
    """

    path: str
    place: Place
    method: str
    fresh: bool
    tracked: tuple[str, ...]
    removed: tuple[str, ...]
    fetches_lfs: bool


def pushes_of(space: Space) -> tuple[Push, ...]:
    """Every workflow of the repository that pushes to the Hub; read once."""
    if "_pushes" not in space.__dict__:
        found = []
        for name in space.tree.names():
            if name.startswith(".github/workflows/") and name.endswith((".yml", ".yaml")):
                push = _read(name, (space.text(name) or "")[:200_000])
                found += [push] if push is not None else []
        space.__dict__["_pushes"] = tuple(found)
    known: tuple[Push, ...] = space.__dict__["_pushes"]
    return known


def _read(name: str, raw: str) -> Push | None:
    text = "\n".join("" if line.lstrip().startswith("#") else line for line in raw.split("\n"))
    if not _HUB.search(text) and not _CLIENT.search(text):
        return None
    git = next(
        (
            m
            for m in _GIT.finditer(text)
            if _to_hub(m.group() + text[m.end() : text.find("\n", m.end())], text)
        ),
        None,
    )
    client = _CLIENT.search(text)
    match = git or client
    if match is None:
        return None
    # The match may begin with blanks of the line before: the line of its last character counts.
    line = text.count("\n", 0, match.end()) + 1
    tracked = [
        p
        for m in _TRACK.finditer(text)
        for p in re.split(r"[,\s]+", (m.group(1) or m.group(2)).replace('"', " ").replace("'", " "))
        if p
    ]
    tracked += [m.group(1) for m in _RULE.finditer(text)]
    removed = [
        w.strip("\"'").strip("/")
        for m in _REMOVE.finditer(text)
        for w in m.group(2).split()
        if not w.startswith(("-", ".git"))
    ]
    fresh = _FRESH.search(text) is not None
    lfs = re.search(r"lfs:\s*true|git\s+lfs\s+(?:pull|fetch|checkout)", text) is not None
    return Push(
        name, Place(name, line), "git" if git else "client", fresh, tuple(tracked), tuple(removed), lfs
    )


def _to_hub(line: str, text: str) -> bool:
    """Whether a push goes to the Hub: by its address, or by a remote that has such an address."""
    if _HUB.search(line):
        return True
    remotes = re.findall(
        r"git\s+remote\s+(?:add|set-url)\s+(?:--\S+\s+)*(\S+)\s+[^\n]*(?:huggingface|hf)\.co", text
    )
    if any(re.search(rf"push\b.*\b{re.escape(r)}\b", line) for r in remotes):
        return True
    cloned = re.search(r"git\s+clone\b[^\n]*(?:huggingface|hf)\.co", text)
    plain = re.search(r"\bpush\s*(?:-\S+\s*)*(?:origin\b.*)?$", line.strip()) is not None
    variable = re.search(r"\$\{?\w*(?:URL|REMOTE|SPACE|HF)\w*", line) is not None
    return variable or (cloned is not None and plain)


def sent_files(space: Space, push: Push) -> tuple[str, ...]:
    """The files and folders that a workflow names one by one for the Hub's client; empty where it sends
    everything.
    """
    text = (space.text(push.path) or "")[:200_000]
    one_by_one = "CommitOperationAdd" in text or "upload_file(" in text
    if (
        push.method != "client"
        or not one_by_one
        or re.search(r"upload_folder|upload_large_folder|hf upload|hub-sync", text)
    ):
        return ()
    words = {m.group(1).strip("/") for m in re.finditer(r"[\"']([\w./-]{2,120})[\"']", text)}
    found = tuple(sorted(w for w in words if w not in (".", "..") and space.tree.exists(w)))
    return () if re.search(r"glob|\bwalk\(\s*[\"']\.[\"']|listdir", text) else found


class LfsPatterns:
    """The patterns that .gitattributes files put under Git LFS."""

    def __init__(self, space: Space) -> None:
        self.rows: list[tuple[str, str, bool]] = []
        names = [n for n in space.tree.names() if n == ".gitattributes" or n.endswith("/.gitattributes")]
        for name in sorted(names, key=lambda n: n.count("/"))[:50]:
            folder = name.rpartition("/")[0]
            for line in (space.text(name) or "").splitlines()[:2000]:
                words = line.split()
                if len(words) < 2 or words[0].startswith("#"):
                    continue
                on = "filter=lfs" in words
                if on or any(
                    w in ("-filter", "!filter", "-lfs") or w.startswith("filter=") for w in words[1:]
                ):
                    self.rows.append((folder, words[0].strip('"'), on))

    def __bool__(self) -> bool:
        return any(on for _, _, on in self.rows)

    def covers(self, path: str) -> bool:
        """Whether a file of this path goes to LFS."""
        answer = False
        for folder, pattern, on in self.rows:
            if folder and not path.startswith(folder + "/"):
                continue
            below = path[len(folder) + 1 :] if folder else path
            if fits(pattern, below):
                answer = on
        return answer


def fits(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern of .gitattributes: without a slash it means the name in any folder."""
    pattern = pattern.strip()
    if "/" not in pattern.strip("/"):
        return match_path(pattern.strip("/"), path.rpartition("/")[2])
    return match_path(pattern.lstrip("/"), path)
