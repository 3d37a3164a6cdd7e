"""Which tree a workflow pushes to the Hub: the repository, one folder of it, another README."""

from __future__ import annotations

import re
from functools import cached_property

from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.assembled import copies
from unstick.space.files import Entry, Tree, normal
from unstick.space.pushes import Push, pushes_of
from unstick.space.space import Space
from unstick.space.types import Finding, Place

_FOLDERS = (
    r"subtree\s+(?:push|split)\b[^\n]*?--prefix[=\s]+(\S+)",
    r"(?:folder_path|source_dir|local_dir)\s*[=:]\s*[\"']([^\"'\n]+)[\"']",
    r"(?:\bhf|huggingface-cli)\s+upload\s+(?:--?\S+\s+)*[^\s-]\S*\s+([^\s-]\S*)",
    r"\b(?:subdirectory|local_path|space_path)\s*:\s*[\"']?([^\s\"']+)",
    r"^\s*(?:-\s*run:\s*)?rsync\s+[^\n]*?(?<=\s)[\"']?([\w./-]+/)[\"']?\s+\S+\s*$",
    r"^\s*(?:-\s*run:\s*)?cp\s+-\w*[ra]\w*\s+[\"']?([\w./-]+/[.*])[\"']?\s+\S+\s*$",
)
_STEP = (
    r"^\s*working-directory:\s*[\"']?([^\s\"']+)"
    r"|^\s*(?:-\s*run:\s*)?(?:[|>]\s*)?cd\s+[\"']?([\w./-]+)[\"']?\s*(?:&&|$)"
)
_SPACE = lazy(r"huggingface\.co/spaces/|repo[-_]type[\"']?\s*[=:\s]\s*[\"']?space|HF_SPACE", re.IGNORECASE)
_COPY = (
    r"\b(?:cp|mv)\s+(?:-\w+\s+)*[\"']?([\w./-]+)[\"']?\s+[\"']?((?:[\w./$~{}-]*/)?README\.md)\b[\"']?"
    r"(?=\s*(?:$|[&|;#]))"
)
_WRITE = (
    r"(?:>|\btee\b|\bopen\(|write_text)[^\n]{0,60}README\.md"
    r"|README\.md[\"']?\)?\s*\.write_text|sed\s+-i[^\n]*README\.md"
)


class Pushed(NamedTuple):
    """What arrives on the Hub.

    `root` is the pushed folder ('' for the whole repository), `readme` the file that becomes README.md (''
    for that folder's own, None when a workflow writes it, so that it cannot be seen here), `place` where
    the workflow says so. `copied` are the files when a workflow copies them one by one: paths there and here.
    """

    root: str
    readme: str | None
    place: Place
    copied: tuple[tuple[str, str], ...] = ()

    @property
    def note(self) -> str:
        """One sentence about the tree that is judged, or '' when it is simply the repository."""
        parts = [f"the folder {self.root}/"] if self.root else []
        if self.copied:
            parts.append(f"{len(self.copied)} files that it copies")
        if self.readme:
            parts.append(f"{self.readme} as README.md")
        if self.readme is None:
            parts.append("a README.md that the workflow writes, which is not checked")
        return f"checked is what {self.place} pushes: {', with '.join(parts)}" if parts else ""


def pushed(space: Space) -> Pushed | None:
    """What the repository's workflows push, or None when it is the repository as it is.

    A repository that has a block of its own at its top is the Space itself, whatever else is pushed from
    it, unless another README takes its place.
    """
    if not any(name.startswith(".github/workflows/") for name in space.tree.names()):
        return None
    texts = {push: _text(space, push) for push in pushes_of(space)}
    spaces = {push: text for push, text in texts.items() if _SPACE.search(text)} or texts
    found = [_read(space, push, text) for push, text in spaces.items()]
    if not found or any(p is None for p in found):
        return None
    own = space.readme.usable
    return next(
        (p for p in found if p is not None and (p.readme or p.readme is None or (p.root and not own))), None
    )


def _text(space: Space, push: Push) -> str:
    """A workflow without its remarks."""
    rows = (space.text(push.path) or "")[:200_000].split("\n")
    return "\n".join("" if row.lstrip().startswith("#") else row for row in rows)


def _read(space: Space, push: Push, text: str) -> Pushed | None:
    """What one workflow pushes; None for the whole repository as it is, or when it cannot be told."""
    files = copies(text, space.tree)
    if files:
        seen = files.get("README.md", None if re.search(_WRITE, text) else "")
        return Pushed("", seen, push.place, tuple(sorted(files.items())))
    root = _root(space, text, push)
    if root is None:
        return None
    readme: str | None = ""
    for found in re.finditer(_COPY, text, re.MULTILINE):
        source = normal(found[1])
        same = source.rpartition("/")[2].lower() == "readme.md" and source.rpartition("/")[0] in (root, "")
        if not same or found[1].startswith("/"):
            readme = next(
                (
                    p
                    for p in (source, f"{root}/{source}")
                    if root + "/README.md" != p and space.tree.is_file(p)
                ),
                None,
            )
    if readme == "" and re.search(_WRITE, text):
        readme = None
    return Pushed(root, readme, push.place) if root or readme != "" else None


def _root(space: Space, text: str, push: Push) -> str | None:
    """The one folder that is pushed, '' for the repository, None when several are put together."""
    named = [m[1] for pattern in _FOLDERS for m in re.finditer(pattern, text, re.MULTILINE)]
    if push.method == "git" and push.fresh:
        named += [m[1] or m[2] for m in re.finditer(_STEP, text, re.MULTILINE)]
    folders = {
        normal(name.rstrip("*").strip("\"'")) for name in named if not name.startswith(("/", "$", "~"))
    }
    if "" in folders or not folders:
        return ""
    known = {f for f in folders if space.tree.is_folder(f) and not f.startswith("..")}
    return known.pop() if len(known) == 1 else "" if not known else None


class PushedTree(Tree):
    """What is pushed of another tree: one folder, or single files, with perhaps another README.md."""

    def __init__(self, base: Tree, what: Pushed) -> None:
        self.base = base
        self.prefix = f"{what.root}/" if what.root else ""
        self.complete = base.complete
        self.root = base.root
        self.moved = dict(what.copied)
        if what.readme:
            self.moved["README.md"] = what.readme
        self.only_moved = bool(what.copied)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every name by path, sorted."""
        size = len(self.prefix)
        out: dict[str, Entry] = {}
        if not self.only_moved:
            out = {p[size:]: e for p, e in self.base.entries.items() if p.startswith(self.prefix)}
        for path, source in self.moved.items():
            out[path] = self.base.entries[source]
            while self.only_moved and "/" in path:
                path = path.rpartition("/")[0]
                out.setdefault(path, Entry("folder", 0, 0o755))
        return dict(sorted(out.items()))

    def path_in_base(self, path: str) -> str:
        """The path of a file of this tree in the tree below it."""
        return self.moved.get(path, self.prefix + path)

    def _look(self, path: str) -> Entry | None:
        return self.entries.get(path)

    def _read(self, path: str, limit: int) -> bytes | None:
        return self.base._read(self.path_in_base(path), limit)

    def _target(self, path: str) -> str | None:
        return self.base._target(self.path_in_base(path))


def judged(space: Space) -> tuple[Space, Pushed | None]:
    """The Space that arrives on the Hub, to be judged in place of the repository, and why it is that one."""
    what = pushed(space)
    if what is None:
        return space, None
    other = Space(PushedTree(space.tree, what))
    other.__dict__["_pushes"] = pushes_of(space)
    return other, what


def in_repository(finding: Finding, judged: Space) -> Finding:
    """A finding of the pushed tree with the paths that its files have in the repository."""
    tree = judged.tree
    if not isinstance(tree, PushedTree):
        return finding

    def mapped(path: str) -> str:
        if path.startswith(".github/") and not tree.exists(path):
            return path  # the workflow itself, which stays behind
        return tree.path_in_base(path).rstrip("/")

    return finding._replace(
        place=finding.place._replace(path=mapped(finding.place.path)),
        related=tuple(p._replace(path=mapped(p.path)) for p in finding.related),
        edits=tuple(e._replace(path=mapped(e.path)) for e in finding.edits),
    )
