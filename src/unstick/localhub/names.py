"""Names of accounts and repositories, as the official client allows them."""

from __future__ import annotations

from unstick.patterns import lazy

LONGEST = 96
_PLAIN = lazy(r"[A-Za-z0-9_.-]{1,96}\Z")


class BadName(ValueError):
    """A name that no account or repository can have."""


def checked_name(name: str) -> str:
    """The name, if an account or a repository can have it. Raises BadName.

    At most 96 ASCII letters, digits, '_', '.', '-'; neither '--' nor '..'; not beginning or ending with '.' or
    '-'; not ending in '.git' (huggingface_hub 2.4, utils/_validators).
    """
    if (
        not _PLAIN.match(name)
        or "--" in name
        or ".." in name
        or name[0] in ".-"
        or name[-1] in ".-"
        or name.endswith(".git")
    ):
        raise BadName(
            f"Invalid name {name[:LONGEST]!r}: at most {LONGEST} letters, digits, '_', '.', '-'; no '--' or '..',"
            " no '.' or '-' at either end, no '.git' at its end"
        )
    return name


def split_id(text: str) -> tuple[str, str]:
    """Owner and name of 'owner/name'. Raises BadName."""
    owner, slash, name = text.partition("/")
    if not slash:
        raise BadName(f"Invalid repository id {text[:200]!r}: it has the form owner/name")
    return checked_name(owner), checked_name(name)
