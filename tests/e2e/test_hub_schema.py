"""Nonsense in the form that the OpenAPI document asks for, and in other forms: no 500, and nothing is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from e2e.hubs import RunningHub, hub
from e2e.postgres import available, postgres

STREAMS = ("/logs/", "/events", "/metrics", "/live")
"""These never end by themselves; tests/localhub/api has tests of their own for them."""

NAMES = {
    "owner": ("user", "USER", "..", "-", "a" * 97, "\u202e"),
    "name": ("app", "app.git", "old", "--upload-pack=x", "..", "%2e%2e"),
    "revision": ("main", "--all", "refs/heads/main", "HEAD~1", "main^{tree}", "@{-1}", "x" * 300),
    "rest": (
        "main/app.py",
        "main/../../hub.db",
        "main//app.py",
        "--output=x/y",
        "main/.git/config",
        "main/link",
        "main",
    ),
    "subdomain": ("user-app", "..", "*"),
}
"""What a path is filled with, beside what the generator makes up."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest) -> Iterator[RunningHub]:
    if request.param == "sqlite":
        with hub(faults=True) as started:
            yield started
    elif available():
        with postgres() as url, hub(faults=True, database=url) as started:
            yield started
    else:
        pytest.skip("NOT TESTED: there is no PostgreSQL server")


def filled(running: RunningHub) -> None:
    """A Space to break."""
    api = running.api()
    api.create_repo("user/app", repo_type="space", space_sdk="static", exist_ok=True)
    api.upload_file(path_or_fileobj=b"<p>", path_in_repo="index.html", repo_id="user/app", repo_type="space")


def asked(
    running: RunningHub, case: Any, tokens: tuple[str, ...], chance: random.Random
) -> httpx2.Response | None:
    """One call, its path filled with names that mean something; None where no request can be made of it."""
    for name in case.path_parameters:
        if name in NAMES and chance.random() < 0.85:
            first = chance.random() < 0.6
            case.path_parameters[name] = NAMES[name][0] if first else chance.choice(NAMES[name])
    request = case.as_transport_kwargs(base_url=running.endpoint)
    sent = {"method": request["method"], "url": request["url"], "params": request.get("params")}
    sent |= {name: request[name] for name in ("json", "content") if request.get(name) is not None}
    if isinstance(request.get("data"), bytes | str):
        sent["content"] = request["data"]
    token = chance.choice(tokens)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    kinds = {
        name: value
        for name, value in (request.get("headers") or {}).items()
        if name.lower() == "content-type"
    }
    try:
        return httpx2.request(**sent, headers={**kinds, **headers}, trust_env=False, timeout=30)
    except (httpx2.InvalidURL, httpx2.LocalProtocolError, ValueError, TypeError):
        return None


class Breaker:
    """Makes calls of operations and keeps those that broke the hub."""

    def __init__(self, running: RunningHub) -> None:
        self.running = running
        self.tokens = (running.token, running.token, running.admin_token, "", "hf_x")
        self.broken: list[str] = []
        self.made = 0

    def take(self, operation: Any) -> None:
        """Make some calls of an operation, right ones and wrong ones."""
        strategies = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE)]
        if operation.body or operation.query:
            strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

        @settings(
            max_examples=5, deadline=None, database=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=st.one_of(strategies), seed=st.integers(0, 2**32))
        def call(case: Any, seed: int) -> None:
            self.call(operation.label, case, random.Random(seed))

        call()

    def call(self, label: str, case: Any, chance: random.Random) -> None:
        """Make one call."""
        try:
            answer = asked(self.running, case, self.tokens, chance)
        except httpx2.TransportError as error:
            self.broken.append(f"{label}: {error!r} {case.as_transport_kwargs(base_url='')}"[:1500])
            return
        if answer is None:
            return
        self.made += 1
        if answer.status_code >= 500 and answer.status_code != 501:
            self.broken.append(f"{label}: {answer.status_code} {answer.request.url} {answer.text[:200]}")


def test_no_call_breaks_the_hub(running: RunningHub) -> None:
    filled(running)
    schema = schemathesis.openapi.from_url(f"{running.endpoint}/.well-known/openapi.json")
    breaker = Breaker(running)
    for result in schema.get_all_operations():
        operation = result.ok()
        if not any(part in operation.path for part in STREAMS):
            breaker.take(operation)
    assert breaker.broken == [], running.said()
    assert breaker.made > 400
    assert "Traceback" not in running.said(), running.said()
    assert running.api().whoami()["name"] == "user"
