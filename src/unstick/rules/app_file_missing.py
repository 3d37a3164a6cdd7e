"""The entry file is not in the repository.

What it finds: app_file (or the SDK's default, app.py or index.html) names a file that is not there. Docker
Spaces ignore the field.

Why it matters: stage NO_APP_FILE, "No application file".

Example:

    app_file: src/app.py        (the file is src/main.py)

Instead:

    app_file: src/main.py

Repair safety: unsafe; a file of the same name elsewhere, or the only one that launches the SDK, is proposed.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, replace_value
from unstick.rules._guess import guess_sdk
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C121",
    title="The entry file is not there",
    confidence=0.95,
    needs=("complete", "sdk:gradio|streamlit|static"),
    causes=(("app-file", 7.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at app_file or at the sdk where there is no such field."""
    readme = space.readme
    field = readme.field("app_file")
    if readme.state != "top" or readme.error or readme.conflicts or space.field("app_build_command"):
        return
    path = space.app_file
    if (
        not path
        or space.tree.exists(path)
        or space.tree.other_case(path)
        or (field and is_placeholder(space, field))
    ):
        return
    place = field.value if field else (readme.field("sdk") or readme.fields[0]).value
    proposed = candidate(space, path)
    seen = f"app_file names {path}" if field else f"without app_file the entry file is {path}"
    edits: tuple[Edit, ...] = ()
    if proposed and field:
        edits = replace_value(space, field, proposed, safe=False)
    elif proposed:
        at, text = readme.insert_field(f"app_file: {proposed}")
        edits = (Edit(readme.path, at, at, text, False, f"add app_file: {proposed}"),)
    yield RULE.finding(
        place,
        f"{seen}, which is not in the repository",
        f"Write `app_file: {proposed}`." if proposed else "Name the file that starts the app, or add it.",
        edits=edits,
        related=(Place(proposed, 1),) if proposed else (),
    )


def candidate(space: Space, path: str) -> str:
    """The file that was probably meant: the only one of that name, else the one that imports the SDK; '' if
    unclear."""
    name = path.rpartition("/")[2]
    same = [n for n in space.tree.names() if n.rpartition("/")[2] == name]
    if len(same) == 1:
        return same[0]
    sdk, entry = guess_sdk(space)
    return entry if sdk == space.sdk and space.tree.is_file(entry) else ""
