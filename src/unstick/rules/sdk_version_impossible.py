"""An sdk_version that was never released.

What it finds: versions of Gradio or Streamlit that the package index does not have, and values that are no
version. A version newer than the table that comes with unstick is unknown, not impossible, and stays quiet.

Why it matters: the value goes as it is into the platform's pip command, which fails: BUILD_ERROR.

Example:

    sdk_version: 5.9.2

Instead:

    sdk_version: 5.9.1

Repair safety: unsafe; the nearest release of the same line is proposed.

Source: the package index (as of the table's date); published build logs for the pip command.
"""

from __future__ import annotations

from unstick.contract import releases
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, quoted, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C116",
    title="sdk_version was never released",
    confidence=0.95,
    needs=("sdk:gradio|streamlit", "field:sdk_version"),
    causes=(("sdk-version", 6.0),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value."""
    field = space.field("sdk_version")
    if field is None or space.readme.conflicts or field.tag == "null" or is_placeholder(space, field):
        return
    version = field.text.strip()
    if field.items or not looks_like_a_version(version):
        what = f"sdk_version is {version or 'no scalar'!r}, which is no version that pip can read"
        yield RULE.finding(field.value, what, "Write one release, for instance 5.49.1.")
        return
    if field.tag == "float" and version.endswith("0") and not version.endswith(".0"):
        return  # the number that YAML makes of it is another one: version-float speaks
    if releases.exists(space.sdk, version) is False:
        near = releases.nearest(space.sdk, version)
        yield RULE.finding(
            field.value,
            f"{space.sdk} {version} was never released",
            f"Write `sdk_version: {near}`." if near else "Write a release that exists.",
            edits=replace_value(space, field, quoted(near), safe=False) if near else (),
        )


def looks_like_a_version(text: str) -> bool:
    """Whether pip would read `name==text`: numbers with dots, perhaps a pre-release, or a star at the end."""
    body = text.lower().removeprefix("v")
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.+-_!")
    head = body.removesuffix(".*")
    return bool(head) and head[0].isdigit() and set(head) <= allowed and not head.endswith((".", ".x"))
