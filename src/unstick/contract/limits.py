"""Sizes and numbers at which the platform stops."""

from __future__ import annotations

from unstick.record import NamedTuple


class Limit(NamedTuple):
    """One limit: its value in bytes or pieces, what happens beyond it, and who said so."""

    id: str
    value: int
    beyond: str
    source: str


LIMITS = (
    Limit(
        "repository-bytes",
        1_000_000_000,
        "the push is refused: Repository storage limit reached (Max: 1 GB)",
        "the Hub's answer, as reported",
    ),
    Limit(
        "plain-file-bytes",
        10_000_000,
        "the push is refused: the file has to go to LFS or Xet",
        "reports of users; not documented for Spaces",
    ),
    Limit(
        "short-description-characters",
        60,
        "the push is refused by the validator",
        "the Hub's answer, as reported",
    ),
    Limit(
        "disk-bytes",
        50_000_000_000,
        "Workload evicted, storage limit exceeded (50G)",
        "Hub docs: spaces-gpus",
    ),
    Limit("memory-bytes", 16 * 2**30, "Memory limit exceeded (16Gi)", "Hub docs: spaces-gpus"),
    Limit(
        "zerogpu-spaces-free", 2, "no further ZeroGPU Space for a free account", "Hub docs: spaces-zerogpu"
    ),
    Limit("zerogpu-spaces-pro", 10, "no further ZeroGPU Space for a PRO account", "Hub docs: spaces-zerogpu"),
    Limit(
        "zerogpu-spaces-organisation",
        50,
        "no further ZeroGPU Space for the organisation",
        "Hub docs: spaces-zerogpu",
    ),
    Limit(
        "oauth-expiration-minutes", 43200, "the push is refused by the validator", "Hub docs: spaces-oauth"
    ),
)

USER_ID = 1000
"""The user a container runs as by the documentation (Hub docs: spaces-sdks-docker). Images without USER may
well run as root."""

PRIVILEGED_BELOW = 1024
"""Ports that a user other than root may not bind on an ordinary Linux."""

EPHEMERAL = True
"""The disk is lost on every restart, sleep and rebuild, unless a volume is mounted (Hub docs:
spaces-storage)."""


def limit(name: str) -> int:
    """The value of one limit by its id."""
    return next(item.value for item in LIMITS if item.id == name)
