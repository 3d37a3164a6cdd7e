"""Comparing Python release numbers without the `packaging` library.

`packaging` costs six bare interpreters at import, more than a whole check may take, so the ordinary forms
(1.2, 1.2.3rc1, 1.2.post1, 1.2+cu118) are compared here. What is not ordinary has no key, and the answer of
every question about it is None: cannot tell.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy

_FORM = lazy(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pren>\d*))?"
    r"(?:-(?P<post1>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<postn>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<devn>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)
_PRE = {"a": 1, "alpha": 1, "b": 2, "beta": 2, "c": 3, "rc": 3, "pre": 3, "preview": 3}

Key = tuple[int, tuple[int, ...], tuple[int, int], int, int]
"""Epoch, release without trailing zeros, pre-release (4, 0 when final), post-release, development release."""


def key(version: str) -> Key | None:
    """A value that sorts as PEP 440 sorts versions (local parts ignored), or None for another form."""
    found = _FORM.fullmatch(version.strip())
    if found is None:
        return None
    release = [int(part[:18]) for part in found["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    is_post = bool(found["post"] or found["post1"])
    post = int((found["post1"] or found["postn"] or "0")[:18]) if is_post else -1
    dev = int((found["devn"] or "0")[:18]) if found["dev"] else 10**9
    if found["pre"]:
        pre = (_PRE[found["pre"].lower()], int((found["pren"] or "0")[:18]))
    else:
        pre = (0, 0) if found["dev"] and not is_post else (4, 0)
    return int((found["epoch"] or "0")[:18]), tuple(release), pre, post, dev


def is_version(text: str) -> bool:
    """Whether PEP 440 knows this form."""
    return _FORM.fullmatch(text.strip()) is not None


def release(version: str) -> tuple[int, ...]:
    """The numbers of the release part: (4, 44, 1); empty for another form."""
    found = _FORM.fullmatch(version.strip())
    return tuple(int(part[:18]) for part in found["release"].split(".")) if found else ()


def allows(specifiers: tuple[tuple[str, str], ...], version: str) -> bool | None:
    """Whether `version` fits all specifiers; None when one cannot be judged here."""
    answers = [_one(operator, bound, version) for operator, bound in specifiers]
    if False in answers:
        return False
    return None if None in answers else True


def _one(operator: str, bound: str, version: str) -> bool | None:
    if operator == "===":
        return bound.strip().lower() == version.strip().lower()
    if operator in {"==", "!="} and bound.endswith(".*"):
        head = release(bound[:-2])
        own = (*release(version), *[0] * len(head))[: len(head)]
        return (own == head) == (operator == "==") if head else None
    left, right = key(version), key(bound)
    if left is None or right is None:
        return None
    if operator == "~=":
        head = release(bound)[:-1]
        return left >= right and (*release(version), *[0] * len(head))[: len(head)] == head
    if operator == "<":
        # PEP 440: a pre-release of the bound itself is not below it.
        return left < right and not (left[1] == right[1] and left[2] != (4, 0) and right[2] == (4, 0))
    if operator == ">":
        # PEP 440: a post-release of the bound itself is not above it.
        return left > right and not (left[1] == right[1] and left[3] >= 0 and right[3] < 0)
    return {"==": left == right, "!=": left != right, "<=": left <= right, ">=": left >= right}.get(operator)
