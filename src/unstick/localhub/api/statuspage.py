"""The status page, in the form of the platform's own (Better Stack; reference: spaces-platform, 4.11)."""

from __future__ import annotations

import time

import sqlalchemy as sa

from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.api.times import iso
from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

RESOURCES = (("1", "Website"), ("2", "Hub API"), ("3", "Spaces"), ("4", "Spaces Proxy"))
"""Components; names heard of the platform's are Spaces, Spaces Proxy and Website."""

HIT = "3"
TITLE = "Spaces are degraded"
KEPT = 7 * 24 * 3600.0
"""Seconds for which an incident that is over is still told."""


def index(call: Call) -> dict[str, Any]:
    """The state of the whole, of each component, and the reports."""
    now = time.time()
    incidents = _incidents(call, now)
    hit = any(until is None or until > now for _, _, until in incidents)
    state = "degraded" if hit else "operational"
    reports = [_report(number, since, until, now) for number, since, until in incidents]
    return {
        "data": {
            "id": "1",
            "type": "status_page",
            "attributes": {
                "company_name": "unstick hub", "company_url": call.hub.settings.endpoint, "subdomain": "localhost",
                "custom_domain": None, "timezone": "UTC", "aggregate_state": state,
            },
            "relationships": {
                "resources": {"data": [{"id": key, "type": "status_page_resource"} for key, _ in RESOURCES]},
                "status_reports": {"data": [{"id": row["id"], "type": "status_report"} for row in reports]},
            },
        },
        "included": [
            *(_resource(key, name, state if key == HIT else "operational") for key, name in RESOURCES), *reports,
        ],
    }  # fmt: skip


def _incidents(call: Call, now: float) -> list[tuple[int, float, float | None]]:
    """Number, start and end of the incidents that are on or were so lately: the newest first."""
    table = schema.faults
    recent = sa.or_(table.c.until.is_(None), table.c.until > now - KEPT)
    wanted = sa.select(table).where(table.c.kind == "incident", recent).order_by(table.c.id.desc()).limit(50)
    with call.hub.reads.begin() as connection:
        return [(row.id, row.since, row.until) for row in connection.execute(wanted)]


def _resource(key: str, name: str, status: str) -> dict[str, Any]:
    return {
        "id": key,
        "type": "status_page_resource",
        "attributes": {
            "resource_id": int(key), "resource_type": "Monitor", "public_name": name, "explanation": "",
            "status": status,
        },
    }  # fmt: skip


def _report(number: int, since: float, until: float | None, now: float) -> dict[str, Any]:
    over = until is not None and until <= now
    return {
        "id": str(number),
        "type": "status_report",
        "attributes": {
            "title": TITLE, "report_type": "manual", "starts_at": iso(since),
            "ends_at": iso(until) if over and until is not None else None,
            "affected_resources": [{"status_page_resource_id": HIT, "status": "resolved" if over else "degraded"}],
            "aggregate_state": "resolved" if over else "degraded",
        },
    }  # fmt: skip


ENDPOINTS = (Endpoint("GET", "/index.json", index, "The status page"),)
