"""The JSON bodies of the calls that create and change repositories and Spaces (huggingface_hub 2.4, hf_api)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Kind = Literal["space", "model", "dataset"]
Visibility = Literal["public", "protected", "private"]
Word = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\A[^\x00-\x1f]*\Z")]
TEXT = r"\A[^\x00]*\Z"
"""Neither an environment nor PostgreSQL has NUL in a text."""

Seconds = Annotated[int, msgspec.Meta(ge=-1, le=10**9)]
KEY = r"\A[a-zA-Z][_a-zA-Z0-9]*\Z"
MOST_PAIRS = 200


class Key(msgspec.Struct, frozen=True):
    """Names a secret or variable."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=TEXT)]


class Pair(msgspec.Struct, frozen=True):
    """A secret or variable with its value."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=KEY)]
    value: Annotated[str, msgspec.Meta(max_length=64 * 1024, pattern=TEXT)]
    description: Annotated[str, msgspec.Meta(max_length=1000, pattern=TEXT)] | None = None


class Volume(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What is mounted into a Space. Repositories can only be read."""

    type: Literal["bucket", "model", "dataset", "space"]
    source: Word
    mount_path: Annotated[str, msgspec.Meta(min_length=2, max_length=500, pattern=r"^/")]
    revision: Word | None = None
    read_only: bool | None = None
    path: Annotated[str, msgspec.Meta(max_length=1000, pattern=TEXT)] | None = None


Pairs = Annotated[list[Pair], msgspec.Meta(max_length=MOST_PAIRS)]
VolumeList = Annotated[list[Volume], msgspec.Meta(max_length=50)]


class Volumes(msgspec.Struct, frozen=True):
    """All volumes of a Space."""

    volumes: VolumeList


class Storage(msgspec.Struct, frozen=True):
    """A tier of persistent storage."""

    tier: Literal["small", "medium", "large"]


class Named(msgspec.Struct, frozen=True):
    """A repository by its parts; without an organisation it is the caller's."""

    name: Word
    organization: Word | None = None
    type: Kind | None = None


class SpaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a new Space can be given at once."""

    visibility: Visibility | None = None
    private: bool | None = None
    hardware: Word | None = None
    sleep_time_seconds: Seconds | None = msgspec.field(default=None, name="sleepTimeSeconds")
    secrets: Pairs | None = None
    variables: Pairs | None = None
    volumes: VolumeList | None = None
    storage_tier: Literal["small", "medium", "large"] | None = msgspec.field(default=None, name="storageTier")


class Create(SpaceOptions, frozen=True, kw_only=True):
    """A repository to create. The template is not used: there are none here."""

    name: Word
    organization: Word | None = None
    type: Kind | None = None
    sdk: Word | None = None
    template: Word | None = None


class Duplicate(SpaceOptions, frozen=True, kw_only=True):
    """Where a copy goes ('owner/name'), and what is other in it."""

    repository: Word


class Move(msgspec.Struct, frozen=True, rename="camel"):
    """A repository's name and the one that it gets, both owner/name."""

    from_repo: Word
    to_repo: Word
    type: Kind | None = None


class Change(msgspec.Struct, frozen=True):
    """Settings of a repository."""

    visibility: Visibility | None = None
    private: bool | None = None
    gated: Literal["auto", "manual"] | bool | None = None


class Sleep(msgspec.Struct, frozen=True):
    """Idle seconds before a Space sleeps; -1 for never."""

    seconds: Seconds


class Hardware(msgspec.Struct, frozen=True):
    """The hardware that a Space is to have."""

    flavor: Word
    sleep_time_seconds: Seconds | None = msgspec.field(default=None, name="sleepTimeSeconds")


class DevMode(msgspec.Struct, frozen=True):
    """Whether dev mode is on."""

    enabled: bool


class Replicas(msgspec.Struct, frozen=True):
    """How many copies of a Space run."""

    replicas: Annotated[int, msgspec.Meta(ge=1, le=16)]
