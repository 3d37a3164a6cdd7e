"""The description of the API agrees with the API."""

from __future__ import annotations

import re
from pathlib import Path

from localhub.serving import served
from unstick.localhub.api.openapi import document
from unstick.localhub.app import endpoints


def test_every_endpoint_is_in_it_once_with_its_body(tmp_path: Path) -> None:
    with served(tmp_path, faults=True) as hub:
        got = hub.get("/.well-known/openapi.json").json()
    operations = [operation for path in got["paths"].values() for operation in path.values()]
    assert len(operations) == len({(row.method, row.path) for row in endpoints()}) == len(endpoints())
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    body = got["paths"]["/admin/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert got["components"]["schemas"][body["$ref"].rpartition("/")[2]]["required"] == ["kind"]


def test_it_is_valid_by_the_standards_own_schema() -> None:
    from schemathesis import openapi

    schema = openapi.from_dict(document(endpoints(), "http://127.0.0.1:1"))
    schema.validate()
    assert len(list(schema.get_all_operations())) == len(endpoints())


def test_parameters_of_a_path_are_those_in_it() -> None:
    for path, operations in document(endpoints(), "http://127.0.0.1:1")["paths"].items():
        wanted = set(re.findall(r"\{(\w+)\}", path))
        for operation in operations.values():
            assert {one["name"] for one in operation["parameters"] if one["in"] == "path"} == wanted
