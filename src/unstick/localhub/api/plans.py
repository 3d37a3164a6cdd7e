"""What plans, SDKs and hardware allow."""

from __future__ import annotations

import sqlalchemy as sa

from unstick.contract.hardware import HARDWARE, SUGGESTED
from unstick.localhub.api import errors
from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.contract.hardware import Hardware
    from unstick.localhub.api.endpoint import Call

SDKS = ("gradio", "streamlit", "docker", "static")
FREE = "cpu-basic"
ZERO = "zero-a10g"
ZERO_HOSTED = {"free": 2, "pro": 10, "team": 50, "enterprise": 50}
"""ZeroGPU Spaces that an account may host (Hub docs: spaces-zerogpu)."""

NEEDS_PRO = (
    "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO"
    " subscription. Subscribe at https://huggingface.co/pro"
)
NEEDS_CARD = (
    "You must add a payment method to your account to upgrade your space's hardware, or subscribe to a plan that"
    " has it"
)
FIXED_SLEEP = "Cannot change the sleep time for cpu-basic Spaces"

OFFERED = {item.id: item for item in HARDWARE if item.id in SUGGESTED or item.id.startswith("rtx-pro-6000")}
"""The flavours that this hub knows: those of the documentation, and what the client added since. All of them are
this machine, without its GPU; they differ in what the API says of them."""


def flavour(name: str) -> Hardware:
    """A flavour by its name. Raises ApiError 400."""
    found = OFFERED.get(name)
    if found is None:
        raise errors.bad_request(f"Invalid hardware {name[:60]!r}: one of {', '.join(OFFERED)}")
    return found


def check_sleep(hardware: str, seconds: int | None) -> None:
    """Raises ApiError 400 for a sleep time that this hardware does not have."""
    if seconds is not None and hardware == FREE:
        raise errors.bad_request(FIXED_SLEEP)
    if seconds == 0:
        raise errors.bad_request("seconds has to be -1 (never) or more than 0")


def check_hosting(call: Call, connection: sa.Connection, owner: str, sdk: str, hardware: str) -> None:
    """Raises ApiError 402 when the owner's plan does not host such a Space, where plans are enforced."""
    if sdk == "static" or not call.hub.settings.plan_checks:
        return
    plan = _plan(connection, owner)
    if hardware == ZERO and _zero_hosted(connection, owner) < ZERO_HOSTED.get(plan, 0):
        return
    if plan == "free":
        raise errors.ApiError(402, NEEDS_PRO)


def check_hardware(call: Call, connection: sa.Connection, owner: str, hardware: str) -> None:
    """Raises ApiError 403 when the owner cannot pay for a flavour, where plans are enforced."""
    if call.hub.settings.plan_checks and OFFERED[hardware].price and _plan(connection, owner) == "free":
        raise errors.forbidden(NEEDS_CARD)


def check_dev_mode(call: Call, connection: sa.Connection, owner: str) -> None:
    """Raises ApiError 402 when the owner's plan has no dev mode, where plans are enforced."""
    if call.hub.settings.plan_checks and _plan(connection, owner) == "free":
        raise errors.ApiError(402, "Dev Mode requires a PRO, Team or Enterprise subscription")


def _plan(connection: sa.Connection, owner: str) -> str:
    table = schema.accounts
    found = connection.execute(sa.select(table.c.plan).where(table.c.name == owner)).scalar()
    return str(found or "free")


def _zero_hosted(connection: sa.Connection, owner: str) -> int:
    joined = schema.spaces.join(schema.repos, schema.spaces.c.repo == schema.repos.c.id)
    wanted = (schema.repos.c.owner == owner, schema.spaces.c.hardware == ZERO)
    count = sa.select(sa.func.count()).select_from(joined).where(*wanted)
    return int(connection.execute(count).scalar() or 0)
