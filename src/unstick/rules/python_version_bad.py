"""A python_version that the platform cannot have.

What it finds: values that are no Python 3 version (3.x or 3.x.y), and versions that do not exist. An advice
where no version is given and what is pinned (gradio 4, pydub) imports a module that Python 3.13 no longer
has: the documented default is 3.10, the build logs of new Spaces show 3.13.

Why it matters: the build begins with an image of that version; without one it fails.

Example:

    python_version: python3.11

Instead:

    python_version: "3.11"

Repair safety: safe where the version can be read out of the value (python3.11, v3.11), unsafe otherwise and
where the field is added.

Source: Hub docs spaces-config-reference; the list of Python releases.
"""

from __future__ import annotations

import re

from unstick.contract.pythons import NEWEST_MINOR, last_patch
from unstick.record import TYPE_CHECKING
from unstick.rules._block import is_placeholder, quoted, replace_value
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.yaml_scalars import Field

RULE = Rule(
    code="C118",
    title="python_version does not exist",
    confidence=0.93,
    needs=("fields",),
    causes=(("sdk-version", 5.0),),
)
FIXABLE = True

_INSIDE = r"(?:^|[^\d.])(3\.\d{1,2}(?:\.\d{1,2})?)(?![\d.])"


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the value; only advice where the SDK ignores the field, and where the field is
    missing although what is pinned needs it."""
    field = space.field("python_version")
    if field is None:
        yield from _missing(space)
        return
    if space.readme.conflicts or field.tag == "null" or is_placeholder(space, field):
        return
    reason = wrong(field)
    if not reason:
        return
    found = re.search(_INSIDE, field.text)
    version = found[1] if found and not wrong(field._replace(text=found[1], tag="str", items=())) else ""
    ignored = space.sdk in ("docker", "static")
    yield RULE.finding(
        field.value,
        f"python_version {reason}" + (f"; without effect on {space.sdk}" if ignored else ""),
        f'Write `python_version: "{version or "3.12"}"`.',
        severity="advice" if ignored else "",
        edits=replace_value(space, field, quoted(version or "3.12"), safe=bool(version)),
    )


def _missing(space: Space) -> Iterator[Finding]:
    """The documented default still has what the pin imports, the newer one seen in build logs has not."""
    if space.sdk not in ("gradio", "streamlit") or space.readme.state != "top" or not space.complete:
        return
    from unstick.rules._version_pairs import dropped

    for pair, version, place in dropped(space):
        at, text = space.readme.insert_field('python_version: "3.12"')
        yield RULE.finding(
            place,
            f"{pair.distribution} {version} does not start on Python 3.13 ({pair.symptom}), and without"
            " python_version the platform may take it",
            'Write `python_version: "3.12"` or lower.',
            severity="advice",
            confidence=0.7,
            edits=(Edit("README.md", at, at, text, False, 'add python_version: "3.12"'),),
        )
        return


def wrong(field: Field) -> str:
    """What is wrong with the value, as the end of a sentence; '' when nothing is, or only a trailing zero
    was lost."""
    text = field.text.strip()
    if field.items:
        return "is no version; allowed are 3.x and 3.x.y"
    words = text.split(".")
    if not all(w.isascii() and w.isdigit() and len(w) < 4 for w in words) or not 1 < len(words) < 4:
        return "" if text == "3" else f"is {text!r}; allowed are 3.x and 3.x.y"
    major, minor = int(words[0]), int(words[1])
    if major != 3:
        return f"is {text}; only Python 3 can be had"
    if minor > NEWEST_MINOR:
        return f"is {text}; there is no Python {major}.{minor}"
    if field.tag == "float" and len(words[1]) == 1 and minor < 4:
        return (
            f'is the number {text}; it was probably meant as "{text}0"'
            if minor == 1
            else f"is {text}, which is too old"
        )
    if len(words) == 3 and int(words[2]) > (last := last_patch(minor)):
        return f"is {text}; the last release of 3.{minor} is 3.{minor}.{last}"
    return f"is {text}, which no base image has any more" if minor < 5 else ""
