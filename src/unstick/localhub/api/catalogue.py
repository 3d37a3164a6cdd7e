"""What a Space can have: hardware, templates, ZeroGPU seconds."""

from __future__ import annotations

from unstick.localhub.api import plans
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from unstick.contract.hardware import Hardware

ACCELERATORS = (
    ("t4", "T4"), ("l40s", "L40S"), ("l4", "L4"), ("a10g", "A10G"), ("a100", "A100"), ("rtx-pro", "RTX PRO 6000"),
    ("zero", "ZeroGPU"),
)  # fmt: skip
"""The beginning of a flavour's name, and the card that it stands for; the first that fits counts."""

MINUTES = 60


def hardware(call: Call) -> list[dict[str, Any]]:
    """The flavours that the platform documents. The others can be asked for as well; a client would call those
    without a known price free."""
    return [_shown(item) for item in plans.OFFERED.values() if item.memory or item.id == plans.ZERO]


def templates(call: Call) -> dict[str, Any]:
    """The official templates: this hub has none of them."""
    return {"templates": []}


def quota(call: Call) -> dict[str, Any]:
    """The seconds of ZeroGPU that the caller has: none, as there is no such machine here."""
    return {"base": 0, "current": 0, "resetsAt": None, "overquotaUsed": 0}


def _shown(item: Hardware) -> dict[str, Any]:
    cost = round(item.price * 1_000_000 / MINUTES)
    return {
        "name": item.id,
        "prettyName": item.id.replace("-", " ").upper().replace("CPU BASIC", "CPU basic"),
        "cpu": f"{item.cpus} vCPU" if item.cpus else "N/A",
        "ram": f"{item.memory} GB" if item.memory else "N/A",
        "ephemeralStorage": f"{item.disk} GB" if item.disk else "N/A",
        "accelerator": _accelerator(item) if item.gpu else None,
        "unitCostMicroUSD": cost,
        "unitCostUSD": cost / 1_000_000,
        "unitLabel": "minute",
    }


def _accelerator(item: Hardware) -> dict[str, Any]:
    count = item.id.rpartition("x")[2]
    quantity = int(count) if count.isdigit() else 1
    memory = f"{item.gpu_memory // quantity} GB" if item.gpu_memory else "N/A"
    model = next((name for start, name in ACCELERATORS if item.id.startswith(start)), item.id)
    return {
        "type": "gpu",
        "model": model,
        "quantity": str(quantity),
        "vram": memory,
        "manufacturer": "Nvidia",
    }


ENDPOINTS = (
    Endpoint("GET", "/api/spaces/hardware", hardware, "The hardware that a Space can have"),
    Endpoint("GET", "/api/spaces/templates", templates, "The templates of new Spaces"),
    Endpoint(
        "GET",
        "/api/spaces/zero-gpu/quota",
        quota,
        "The caller's seconds of ZeroGPU",
        login=True,
        answers=(401,),
    ),
)
