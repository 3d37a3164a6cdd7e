"""The entry file's name differs in upper and lower case.

What it finds: app_file (or the default) names a file that is there only in another spelling of its letters.

Why it matters: on the author's Windows or macOS machine both spellings are the same file; on the platform
they are not, and the stage is NO_APP_FILE.

Example:

    app_file: App.py        (the file is app.py)

Instead:

    app_file: app.py

Repair safety: safe.

Source: Hub docs spaces-config-reference; Linux file systems.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import replace_value
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C122",
    title="The entry file differs in case",
    confidence=0.96,
    needs=("sdk:gradio|streamlit|static",),
    causes=(("app-file", 6.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at app_file or at the sdk where there is no such field."""
    readme = space.readme
    path = space.app_file
    if readme.state != "top" or readme.error or readme.conflicts or space.field("app_build_command"):
        return
    if not path or space.tree.exists(path) or not (other := space.tree.other_case(path)):
        return
    field = readme.field("app_file")
    if field is not None:
        place, edits = field.value, replace_value(space, field, other, safe=True)
    else:
        at, text = readme.insert_field(f"app_file: {other}")
        place = (readme.field("sdk") or readme.fields[0]).value
        edits = (Edit(readme.path, at, at, text, True, f"add app_file: {other}"),)
    what = f"the entry file is {path} by the block, but {other} in the repository"
    yield RULE.finding(place, what, f"Write `app_file: {other}`.", edits=edits, related=(Place(other, 1),))
