"""The hardware flavours. They are open strings: the live list is the Hub's own, this is what was
documented."""

from __future__ import annotations

from unstick.record import NamedTuple

_DOCS = "Hub docs: spaces-gpus, August 2026"
_CLIENT = "huggingface_hub 2.4 _space_api; not in the documentation"
_OLDER = "huggingface.js types/public.ts and older clients"


class Hardware(NamedTuple):
    """One flavour: virtual CPUs, memory, GPU memory (all cards together) and disk in GB, dollars an hour.
    0: none or not known.

    `withdrawn` is the month in which it went, '' while it is offered.
    """

    id: str
    cpus: int
    memory: int
    gpu_memory: int
    disk: int
    price: float
    source: str
    gpu: bool = False
    withdrawn: str = ""


HARDWARE = (
    Hardware("cpu-basic", 2, 16, 0, 50, 0.0, _DOCS),
    Hardware("cpu-upgrade", 8, 32, 0, 50, 0.03, _DOCS),
    Hardware("t4-small", 4, 15, 16, 50, 0.40, _DOCS, True),
    Hardware("t4-medium", 8, 30, 16, 100, 0.60, _DOCS, True),
    Hardware("l4x1", 8, 30, 24, 400, 0.80, _DOCS, True),
    Hardware("l4x4", 48, 186, 96, 3200, 3.80, _DOCS, True),
    Hardware("l40sx1", 8, 62, 48, 380, 1.80, _DOCS, True),
    Hardware("l40sx4", 48, 382, 192, 3200, 8.30, _DOCS, True),
    Hardware("l40sx8", 192, 1534, 384, 6500, 23.50, _DOCS, True),
    Hardware("a10g-small", 4, 15, 24, 110, 1.00, _DOCS, True),
    Hardware("a10g-large", 12, 46, 24, 200, 1.50, _DOCS, True),
    Hardware("a10g-largex2", 24, 92, 48, 1000, 3.00, _DOCS, True),
    Hardware("a10g-largex4", 48, 184, 96, 2000, 5.00, _DOCS, True),
    Hardware("a100-large", 12, 142, 80, 1000, 2.50, _DOCS, True),
    Hardware("a100x4", 48, 568, 320, 4000, 10.0, _DOCS, True),
    Hardware("a100x8", 96, 1136, 640, 8000, 20.0, _DOCS, True),
    Hardware("zero-a10g", 0, 0, 48, 0, 0.0, "Hub docs: spaces-zerogpu", True),
    Hardware("rtx-pro-6000", 0, 0, 0, 0, 0.0, _CLIENT, True),
    Hardware("rtx-pro-6000x2", 0, 0, 0, 0, 0.0, _CLIENT, True),
    Hardware("rtx-pro-6000x4", 0, 0, 0, 0, 0.0, _CLIENT, True),
    Hardware("rtx-pro-6000x8", 0, 0, 0, 0, 0.0, _CLIENT, True),
    Hardware("h100", 0, 0, 80, 0, 0.0, _DOCS, True, "2025-12"),
    Hardware("h100x8", 0, 0, 640, 0, 0.0, _DOCS, True, "2025-12"),
    Hardware("cpu-xl", 0, 0, 0, 0, 0.0, _OLDER),
    Hardware("cpu-performance", 0, 0, 0, 0, 0.0, _OLDER),
    Hardware("sprx8", 0, 0, 0, 0, 0.0, _OLDER),
    Hardware("inf2x6", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("h200", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("h200x2", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("h200x4", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("h200x8", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("v5e-1x1", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("v5e-2x2", 0, 0, 0, 0, 0.0, _OLDER, True),
    Hardware("v5e-2x4", 0, 0, 0, 0, 0.0, _OLDER, True),
)

SUGGESTED = (
    "cpu-basic", "cpu-upgrade", "cpu-xl", "zero-a10g", "t4-small", "t4-medium", "l4x1", "l4x4", "l40sx1",
    "l40sx4", "l40sx8", "a10g-small", "a10g-large", "a10g-largex2", "a10g-largex4", "a100-large", "a100x4",
    "a100x8",
)  # fmt: skip
"""What suggested_hardware is documented to take (Hub docs: spaces-config-reference; huggingface.js
types/api/api-space.ts)."""


def hardware(name: str) -> Hardware | None:
    """The flavour of this name, or None when it is not in the table."""
    return next((h for h in HARDWARE if h.id == name), None)
