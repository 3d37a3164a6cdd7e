"""The policy file: what it may say, and what is answered to what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.errors import UnreadableError, UsageError
from unstick.watch.policy import Policy, alert_urls, decode, load, settings_of

WHOLE = """
timezone = "Europe/Berlin"
retention = "90d"
[poll]
every = "30s"
probe = "all"
[deadlines]
building = "1h"
own_history = 0
[incident]
at_least = 8
[alerts]
urls = ["$PAGER", "json://example.com"]
quiet = ["22:00-07:00"]
[[act]]
rung = "restart"
domains = ["platform"]
[limits]
per_day = 4
[[maintenance]]
spaces = ["acme/*"]
daily = "02:00-04:00"
days = ["sat", "sun"]
[[maintenance]]
begins = 2026-11-25T02:00:00Z
ends = 2026-11-25T04:00:00Z
"""


def test_a_whole_policy() -> None:
    policy = decode(WHOLE, "p.toml")
    assert policy.poll.every == "30s"
    assert policy.act[0].domains == ("platform",)
    settings = settings_of(policy)
    assert (settings.building, settings.own_history, settings.many_at_least) == (3600, 0, 8)
    assert settings.many_at_most >= settings.many_at_least


def test_an_empty_policy_is_the_default() -> None:
    assert decode("", "p.toml") == Policy()
    assert decode("", "p.yaml") == Policy()


def test_yaml_says_the_same() -> None:
    assert decode("poll: {every: 30s}\nact:\n- rung: restart\n", "p.yml").act[0].rung == "restart"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[poll]\nevry = '1m'", "unknown field `evry`"),
        ("[poll]\nevery = 'often'", "a duration such as 90s"),
        ("[poll]\nevery = '0s'", "less than a second"),
        ("[poll]\nprobe = 'some'", "some"),
        ("[alerts]\nquiet = ['at night']", "a time such as 22:00-07:00"),
        ("[[act]]\nrung = 'restart'\nwhen = ['sad']", "`sad` is no kind of trouble"),
        ("[[act]]\nwhen = ['stuck']", "rung"),
        ("timezone = 'Europe/Nowhere'", "is no time zone"),
        ("[[maintenance]]\nspaces = ['*']", "needs `begins` and `ends`"),
        ("[poll", "is no TOML"),
    ],
)
def test_what_it_may_not_say(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        decode(text, "p.toml")
    assert str(caught.value).startswith("p.toml: ")


def test_a_bomb_is_refused() -> None:
    bomb = "a: &a [x]\n" + "\n".join(f"b{n}: &b{n} [*a, *a]" for n in range(50))
    with pytest.raises((UsageError, UnreadableError)):
        decode(bomb, "p.yaml")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        load(str(tmp_path / "none.toml"))
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableError):
        load(str(tmp_path / "odd.toml"))


def test_addresses_come_from_the_environment() -> None:
    policy = decode(WHOLE, "p.toml")
    assert alert_urls(policy, {"PAGER": "json://pager"}) == ("json://pager", "json://example.com")
    with pytest.raises(UsageError, match="PAGER is not set"):
        alert_urls(policy, {})
