"""The Space's page in a real browser: stage and logs live, through one stream, under its own content policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localhub.serving import Served, served

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.mark.needs("chromium")
def test_a_person_signs_in_and_watches_a_build_fail(hub: Served, browser: Any) -> None:
    from playwright.sync_api import expect

    repo = hub.space("app", stage="BUILDING", visibility="private")
    hub.hub.logs.append(repo, "build", "--> FROM python:3.11 <b id='x'>")
    page = browser.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{hub.endpoint}/login")
    page.get_by_label("Token").fill(hub.token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="alice/app").click()
    expect(page.locator("#build")).to_contain_text("FROM python:3.11 <b")
    expect(page.locator("#stage")).to_have_text("Building")
    assert page.locator("#x").count() == 0
    hub.hub.logs.append(repo, "build", "ERROR: no such package")
    hub.observe(repo, stage="BUILD_ERROR", message="Job failed with exit code: 1")
    expect(page.locator("#stage")).to_have_text("Build error")
    expect(page.locator("#build")).to_contain_text("no such package")
    expect(page.locator("#message")).to_have_text("Job failed with exit code: 1")
    expect(page.locator("#stage")).to_have_attribute("data-kind", "failed")
    assert troubles == []
    page.close()
