"""A Space that cannot be seen: one clear message for each reason."""

from __future__ import annotations

import pytest

from observe.live.fake_hub import TOKEN, FakeHub, moved, refused, serving
from unstick.errors import UnreadableError
from unstick.observe.live import Options, observe, observe_live

SPACE = "/api/spaces/owner/name"


def refusal(hub: FakeHub, target: str = "owner/name", token: str = TOKEN) -> UnreadableError:
    with serving(hub), pytest.raises(UnreadableError) as caught:
        observe(target, Options(endpoint=hub.endpoint, token=token, patience=3.0))
    assert caught.value.exit_code == 3
    assert caught.value.todo
    return caught.value


def test_a_token_without_rights() -> None:
    hub = FakeHub()
    hub.user = {"name": "jane", "auth": {"accessToken": {"role": "fineGrained"}}}
    hub.override[SPACE] = lambda request: refused(403, "Forbidden")
    found = refusal(hub)
    assert found.reference == "live-no-rights"
    assert "fineGrained" in found.what and "no right to read" in found.what


def test_an_expired_token() -> None:
    hub = FakeHub()
    said = lambda request: refused(401, 'User Access Token "x" is expired')  # noqa: E731
    hub.override = {SPACE: said, "/api/whoami-v2": said}
    found = refusal(hub)
    assert (found.reference, found.what) == ("live-expired", "the access token has expired")


def test_a_token_that_is_none() -> None:
    hub = FakeHub()
    hub.user = None
    hub.override[SPACE] = lambda request: refused(401, "Invalid credentials in Authorization header")
    assert refusal(hub).reference == "live-bad-token"


def test_a_space_that_does_not_exist_for_its_own_owner() -> None:
    found = refusal(FakeHub(), "owner/other")
    assert found.reference == "live-missing"
    assert "there is no such Space: owner would see it" in found.what


def test_somebody_elses_that_is_hidden_or_missing() -> None:
    found = refusal(FakeHub(), "jane/other")
    assert found.reference == "live-missing-or-hidden"
    assert "owner may not see it" in found.what


@pytest.mark.parametrize("private", [True, False])
def test_without_a_token_a_private_one_and_none_look_the_same_and_that_is_said(private: bool) -> None:
    hub = FakeHub()
    hub.private = private
    found = refusal(hub, "owner/name" if private else "owner/none", token="")
    assert found.reference == "live-private-or-missing"
    assert "HF_TOKEN" in found.todo


def test_a_private_one_with_its_token_is_seen_and_visited_with_it() -> None:
    hub = FakeHub()
    hub.private = True
    with serving(hub):
        case = observe_live("owner/name", Options(endpoint=hub.endpoint, token=TOKEN))
    assert case.fact("private") == "yes"
    assert case.fact("health") == "serves"
    assert all(token for path, host, token in hub.asked if "hf.localhost" in host)


def test_a_renamed_one_is_observed_under_its_new_name() -> None:
    hub = FakeHub()
    for path in ("", "/runtime", "/logs/build", "/logs/run"):
        hub.override["/api/spaces/owner/before" + path] = moved("/api/spaces/owner/name" + path)
    with serving(hub):
        seen = observe("owner/before", Options(endpoint=hub.endpoint, token=TOKEN))
        case = observe_live("owner/before", Options(endpoint=hub.endpoint, token=TOKEN))
    assert (seen.info.id, seen.info.renamed_from) == ("owner/name", "owner/before")
    assert case.fact("renamed_from") == "owner/before"
    assert any(item.sign == "live-renamed" for item in case.evidence)


def test_one_that_moderation_took_away_is_diagnosed() -> None:
    from unstick.diagnose import diagnose

    hub = FakeHub()
    hub.override[SPACE] = lambda request: refused(403, "Access to this resource is disabled.")
    with serving(hub):
        case = observe_live("owner/name", Options(endpoint=hub.endpoint, token=TOKEN))
    assert diagnose(case).causes[0].cause == "flagged-or-moderated"


def test_the_rate_limit() -> None:
    hub = FakeHub()

    def limited(request):  # type: ignore[no-untyped-def]
        answer = refused(429, "slow down")
        answer.headers["RateLimit"] = '"api";r=0;t=55'
        return answer

    hub.override[SPACE] = limited
    found = refusal(hub)
    assert found.reference == "live-rate-limit" and "55 s" in found.what


def test_an_address_of_the_space_itself_leads_to_it() -> None:
    hub = FakeHub()
    with serving(hub):
        target = f"http://owner-name.hf.localhost:{hub.port}/x"
        assert observe(target, Options(endpoint=hub.endpoint, token=TOKEN)).info.id == "owner/name"
