"""A Space on the Hub as a target of a command: whose Hub, whose token, what is said beside."""

from __future__ import annotations

import os
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstick.observe.build import Parts


def shown(space: str) -> str:
    """A Space as it was named, fit to be shown: an address may hold a password or a token."""
    from unstick.redact import redact
    from unstick.text import one_line

    return redact(one_line(space))


def observer(visit: bool = True, look_for: float = 0.0) -> Callable[[str, Parts], None]:
    """What puts a live Space among the parts of a case, on the Hub that HF_ENDPOINT names and with the token
    that the official client would send. With `visit` False the Space's own address is left alone; its stage
    is looked at for `look_for` seconds."""

    def observe(name: str, parts: Parts) -> None:
        from unstick.observe import live
        from unstick.text import one_line

        options = live.from_environment(os.environ)._replace(ask_url=visit, look_for=look_for)
        seen = live.observe(name, options)
        if seen.info.renamed_from:
            told = f"{seen.info.renamed_from} has been renamed: it is {seen.info.id} now."
            sys.stderr.write(f"unstick: {one_line(told)}\n")
        live.add_to(parts, seen, options)

    return observe
