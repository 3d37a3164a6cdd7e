"""Who the caller is."""

from __future__ import annotations

from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.localhub.store import schema
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def whoami(call: Call) -> dict[str, Any]:
    """The account behind the token, with its organisations."""
    import sqlalchemy as sa

    with call.hub.reads.begin() as connection:
        table = schema.accounts
        names = [call.caller.name, *(org for org, _ in call.caller.orgs)]
        rows = {r.name: r for r in connection.execute(sa.select(table).where(table.c.name.in_(names)))}
    me = rows[call.caller.name]
    return {
        "type": "user",
        "id": me.creator_id,
        "name": me.name,
        "fullname": me.name,
        "email": f"{me.name}@localhost",
        "emailVerified": True,
        "canPay": False,
        "periodEnd": None,
        "isPro": me.plan == "pro",
        "avatarUrl": "",
        "orgs": [
            {
                "type": "org",
                "id": rows[org].creator_id,
                "name": org,
                "fullname": org,
                "roleInOrg": role,
                "isEnterprise": rows[org].plan == "enterprise",
                "canPay": False,
                "periodEnd": None,
                "avatarUrl": "",
            }
            for org, role in call.caller.orgs
            if org in rows
        ],
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": call.caller.token_name, "role": call.caller.role},
        },
    }


ENDPOINTS = (Endpoint("GET", "/api/whoami-v2", whoami, "The account behind the token", login=True),)
