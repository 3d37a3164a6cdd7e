"""Which host names are Spaces', and of which."""

from __future__ import annotations

import re

from unstick.record import NamedTuple

LOCAL = ".hf.localhost"
"""Under what the Spaces of a local hub are reached; the platform's own names are taken too, for people who
resolve them to this machine."""

SUFFIXES = (
    (".static" + LOCAL, True, True),
    (LOCAL, False, True),
    (".static.hf.space", True, False),
    (".hf.space", False, False),
)
"""What a host name ends in · whether it is for static Spaces only · whether it is this hub's own."""

MARKS = (b"hf.localhost", b"hf.space")
"""A head without one of these cannot name a Space."""

_HOST = re.compile(r"([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*)\.?(?::[0-9]{0,5})?", re.ASCII)


class Name(NamedTuple):
    """A host name under a suffix of Spaces: `host` in lower case without port and final dot, `label` the part
    before the suffix ('' where no Space can have such a one), `static` and `local` as in SUFFIXES."""

    host: str
    label: str
    static: bool
    local: bool


def parse(text: str) -> Name | None:
    """A Host header as the name of a Space; None where it is not under a suffix of Spaces.

    Raises ValueError for what is no host name and yet mentions such a suffix.
    """
    lowered = text.lower()
    match = _HOST.fullmatch(lowered)
    if match is None:
        if any(mark.decode() in lowered for mark in MARKS):
            raise ValueError(text)
        return None
    host = match[1]
    for suffix, static, local in SUFFIXES:
        if host.endswith(suffix):
            label = host[: -len(suffix)]
            return Name(host, "" if "." in label else label, static, local)
    return None
