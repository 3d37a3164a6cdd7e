"""What a base image brings, found by its name."""

from __future__ import annotations

import re
from functools import lru_cache

from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.image_table import (
    BASES,
    DEBIAN_VERSIONS,
    NODE_ENDED,
    PYTHON_ENDED,
    RELEASES,
    UBUNTU_VERSIONS,
    Account,
    Base,
)

_REGISTRIES = (
    "docker.io/library/",
    "docker.io/",
    "library/",
    "index.docker.io/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/",
)
_WITH_UBUNTU_USER = ("noble", "oracular", "plucky", "questing")
_VERSION = lazy(r"(\d+)(?:\.(\d+))?")


class BaseImage(NamedTuple):
    """One base image. `known` is False for a name that the table lacks: then users and folders are not known
    either.

    `name` has neither registry of Docker's own images nor tag, `release` is the Debian or Ubuntu release
    (empty: not known or none).
    """

    name: str
    tag: str
    known: bool
    release: str
    base: Base

    @property
    def family(self) -> str:
        """The package manager's world: debian, alpine, redhat, wolfi, or an empty string."""
        return self.base.family if self.known else ""


@lru_cache(maxsize=64)
def base_image(reference: str) -> BaseImage:
    """What is known of the image of this name (`FROM` as written, variables filled in)."""
    name, tag = _split(reference)
    row = _row(name)
    if row is None:
        return BaseImage(name, tag, False, _named_release(tag), Base(name, family=""))
    alpine = "alpine" in tag or row.family == "alpine"
    release = "" if alpine or row.family not in ("debian", "") else _release(name, tag, row)
    accounts = _accounts(row, release)
    family = "alpine" if alpine else row.family
    return BaseImage(name, tag, True, release, row._replace(family=family, accounts=accounts))


def _split(reference: str) -> tuple[str, str]:
    text = reference.split("@", 1)[0].strip().lower()
    for lead in _REGISTRIES:
        text = text.removeprefix(lead)
    head, _, last = text.rpartition("/")
    last, _, tag = last.partition(":")
    return (f"{head}/{last}" if head else last), tag


def _row(name: str) -> Base | None:
    best = None
    for row in BASES:
        if name == row.pattern or name.removeprefix("quay.io/") == row.pattern:
            best = row
    return best


def _named_release(tag: str) -> str:
    for word in re.split(r"[^a-z0-9.]+", tag):
        if word in RELEASES:
            return word
        if word.startswith("ubuntu") and word[6:] in UBUNTU_VERSIONS:
            return UBUNTU_VERSIONS[word[6:]]
    return ""


def _release(name: str, tag: str, row: Base) -> str:
    named = _named_release(tag)
    if named:
        return named
    match = _VERSION.search(tag)
    if name == "debian":
        return DEBIAN_VERSIONS.get(match.group(1), "") if match else row.release
    if name == "ubuntu":
        return UBUNTU_VERSIONS.get(match.group(), "") if match else row.release
    if match and name == "python":
        minor = (int(match.group(1)), int(match.group(2) or 99))
        ended = PYTHON_ENDED.get(minor)
        return ended or ("bookworm" if minor == (3, 8) else row.release)
    if match and name == "node":
        return NODE_ENDED.get(int(match.group(1)), row.release if int(match.group(1)) >= 20 else "")
    return row.release


def _accounts(row: Base, release: str) -> tuple[Account, ...]:
    """Ubuntu has a user with uid 1000 since 23.04; images that add one of their own came after it before
    that.
    """
    if not any(a.name == "ubuntu" for a in row.accounts) or release in _WITH_UBUNTU_USER:
        return row.accounts
    rest = [a for a in row.accounts if a.name != "ubuntu"]
    return tuple(a._replace(uid=1000) if a.uid == 1001 else a for a in rest)
