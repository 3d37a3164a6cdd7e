"""The description of this API, made from the rows that it is routed by."""

from __future__ import annotations

import re

import msgspec

from unstick import __version__
from unstick.localhub.api.endpoint import Call, Endpoint
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
TYPES = {"int": {"type": "integer", "minimum": 0}}
COMPONENTS = "#/components/schemas/"


def described(call: Call) -> dict[str, Any]:
    """OpenAPI 3.1. A hub without faults has no API for them."""
    from unstick.localhub.app import endpoints

    rows = [row for row in endpoints() if call.hub.settings.faults or not row.path.startswith("/admin/")]
    return document(rows, call.hub.settings.endpoint)


def document(rows: Iterable[Endpoint], endpoint: str) -> dict[str, Any]:
    """The description of some endpoints."""
    rows = tuple(rows)
    bodies = list({row.body for row in rows if row.body is not None})
    schemas, components = msgspec.json.schema_components(bodies, ref_template=f"{COMPONENTS}{{name}}")
    by_body = dict(zip(bodies, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        path = PARAMETER.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, by_body)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "unstick hub", "version": __version__,
            "description": "A Hub for Spaces on this machine. What is not here answers 501.",
        },
        "servers": [{"url": endpoint}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _operation(row: Endpoint, by_body: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TYPES.get(kind, {"type": "string"})}
        for name, kind in PARAMETER.findall(row.path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in row.query
    ]
    out: dict[str, Any] = {
        "summary": row.summary,
        "operationId": _name(row),
        "parameters": parameters,
        "responses": {"200": {"description": "done"}, **{str(status): _refusal() for status in row.answers}},
        "security": [{"token": []}] if row.login else [{}, {"token": []}],
    }
    if row.body is not None:
        out["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": by_body[row.body]}},
        }
    elif row.raw and row.method != "GET":
        out["requestBody"] = {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
    return out


def _name(row: Endpoint) -> str:
    """A name for an operation that no other has: 'get_api_spaces_by_owner_by_name'."""
    path = PARAMETER.sub(lambda match: f"by_{match[1]}", row.path)
    return re.sub(r"\W+", "_", f"{row.method.lower()}{path}").strip("_")


def _refusal() -> dict[str, Any]:
    return {
        "description": "refused", "content": {"application/json": {"schema": {"$ref": f"{COMPONENTS}Error"}}}
    }  # fmt: skip


ENDPOINTS = (Endpoint("GET", "/.well-known/openapi.json", described, "This description"),)
