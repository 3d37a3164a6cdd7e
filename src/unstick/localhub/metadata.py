"""The README block of a push, judged as the Hub's validator does.

The wording is that of the library the Hub validates with (`"field" must be one of [...]`), as reported; what is
refused and what is only passed over stands in the table of the contract.
"""

from __future__ import annotations

from unstick.contract import readme as contract
from unstick.contract.emoji import is_emoji
from unstick.localhub.wording import EMPTY_CARD
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rules.short_description_too_long import units
from unstick.space.readme import Readme
from unstick.space.text_file import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.yaml_scalars import Field

MOST_README = 10_000_000


class Verdict(NamedTuple):
    """What is wrong with a README: `errors` refuse the push, `warnings` are only said. `sdk` is what the block
    declares, '' for nothing that the Hub reads."""

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sdk: str = ""


def verdict(data: bytes, kind: str) -> Verdict:
    """Judge the bytes of a README.md of a space, model or dataset."""
    if len(data) > MOST_README:
        return Verdict((f"README.md is larger than {MOST_README} bytes",))
    readme = Readme(decode("README.md", data))
    if readme.state not in ("top", "unclosed") or (readme.state == "top" and readme.start == readme.end):
        return Verdict(warnings=(EMPTY_CARD,))
    if readme.state == "unclosed":
        return (
            Verdict(("bad YAML: the block has no closing line of dashes",))
            if readme.fields
            else Verdict(warnings=(EMPTY_CARD,))
        )
    if readme.error is not None:
        place = readme.error.place
        return Verdict((f"{readme.error.reason} ({place.line}:{place.column})",))
    errors = [f'duplicated mapping key "{field.name}" ({field.key.line}:1)' for field in readme.duplicates]
    if kind == "space":
        errors += [text for field in readme.fields for text in _problems(field)]
    sdk = readme.field("sdk")
    return Verdict(tuple(errors), sdk=sdk.text if sdk is not None and not errors else "")


def _problems(value: Field) -> Iterator[str]:
    field = contract.field(value.name)
    if field is None or not field.refused:
        return
    name = f'"{field.name}"'
    kind = _kind(value)
    if kind not in field.types and not (kind == "null" and "list" in field.types):
        yield f"{name} must be {_words(field.types)}"
    elif field.name == "emoji" and not is_emoji(value.text.strip()):
        yield f"{name} must be an emoji"
    elif field.name == "custom_headers":
        yield from _headers(value)
    elif field.types == ("integer",):
        number = value.integer()
        if number is not None and number > field.maximum > 0:
            yield f"{name} must be less than or equal to {field.maximum}"
        elif number is not None and number < field.minimum:
            yield f"{name} must be greater than or equal to {field.minimum}"
    elif field.maximum and units(value.text) > field.maximum:
        yield f"{name} length must be less than or equal to {field.maximum} characters long"
    elif field.allowed:
        rows = list(enumerate(value.items)) if value.style == "list" else [(-1, value)]
        for number, row in rows:
            if row.text not in field.allowed:
                where = name if number < 0 else f'"{field.name}[{number}]"'
                yield f"{where} must be one of [{', '.join(field.allowed)}]"


def _headers(value: Field) -> Iterator[str]:
    known = dict(contract.CUSTOM_HEADERS)
    for row in value.items:
        where = f'"custom_headers.{row.name}"'
        if row.name not in known:
            yield f"{where} is not allowed"
        elif row.text not in known[row.name]:
            yield f"{where} must be one of [{', '.join(known[row.name])}]"


def _kind(value: Field) -> str:
    if value.style in ("list", "map"):
        return value.style
    return {"int": "integer", "bool": "boolean", "null": "null", "float": "number"}.get(value.tag, "string")


_NAMES = {
    "string": "a string", "boolean": "a boolean", "integer": "a number", "list": "an array",
    "map": "of type object",
}  # fmt: skip


def _words(types: tuple[str, ...]) -> str:
    return " or ".join(_NAMES[kind] for kind in types)
