"""No README.md in the root.

What it finds: a Space without README.md, also when the file is there under another spelling (readme.md,
README.MD,
README.me, README.txt), or is no regular file: a folder, a pipe, a symbolic link that leads out of the
repository.

Why it matters: the Hub reads a Space's configuration from README.md and from nowhere else; without it the
stage is
CONFIG_ERROR, "Missing configuration in README".

Example:

    readme.md
    Dockerfile

Instead:

    README.md       with a block of fields between two lines of ---
    Dockerfile

Repair safety: unsafe, since the SDK is guessed from the other files; a misspelt file is copied to README.md.

Source: Hub docs spaces-config-reference; the stage's own message.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._guess import block_for
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C101",
    title="No README.md",
    confidence=0.95,
    needs=("complete", "state:missing"),
    causes=(("readme-config", 7.0),),
)
FIXABLE = True

MISSPELT = ("readme.md", "readme.me", "readme", "readme.txt", "readme.mdx", "readme.markdown", "readmd.md")


_KINDS = {
    "link": "is a symbolic link, which git stores as a short text with the path",
    "folder": "is a folder",
    "other": "is no regular file (a pipe, socket or device), which git does not store",
}


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the misspelt file where there is one."""
    if space.tree.is_file("README.md") or space.tree.exists(".huggingface.yaml"):
        return
    entry = space.tree.entries.get("README.md")  # not followed: a link may lead out of the tree
    kind = _KINDS.get(entry.kind, "") if entry is not None else ""
    if kind:
        what = f"README.md {kind}, so the Hub finds no configuration for this Space"
        yield RULE.finding(Place("README.md"), what, "Put a regular file README.md in its place.")
        return
    other = next((n for n in space.tree.names() if n.lower() in MISSPELT), "")
    text = space.text(other) if other else None
    if other and text is not None:
        what = f"the file is called {other}; the Hub reads README.md only"
        edit = Edit("README.md", 0, 0, text, False, f"copy {other} to README.md")
        yield RULE.finding(Place(other, 1), what, f"Rename {other} to README.md.", edits=(edit,))
        return
    block = block_for(space, "\n")
    edits = (Edit("README.md", 0, 0, block, False, "write a README.md"),) if block else ()
    yield RULE.finding(
        Place("README.md"),
        "there is no README.md in the root, so the Hub has no configuration for this Space",
        "Add README.md that begins with a block of fields between two lines of ---, with at least sdk.",
        edits=edits,
    )
