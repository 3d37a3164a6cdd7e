"""Which addresses may be asked."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.observe.live.addresses import NoSuchName, is_local, is_public, resolve
from unstick.observe.live.options import Options
from unstick.observe.live.url import may_have_token, probe

INWARDS = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "nonsense", "",
)  # fmt: skip


@pytest.mark.parametrize("address", INWARDS)
def test_no_address_of_a_network_of_ones_own(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_ones(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_a_private_address_is_private_however_it_is_wrapped(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = [f"::ffff:{address}", str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
               str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))]  # fmt: skip
    assert not any(map(is_public, wrapped))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://169.254.169.254/latest",
        "http://x.hf.localhost:1/",
    ],
)
def test_the_address_of_a_space_on_the_real_hub_leads_nowhere_inside(url: str) -> None:
    seen = probe(url, Options(visit=3.0))
    assert seen.failure in ("private", "dns")
    assert not seen.by


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://u:p@example.org/", "gopher://x", "http://", "http://[", ""]
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    assert probe(url, Options(visit=1.0)).failure == "address"


def test_names_below_localhost_are_this_machine_without_asking_anybody() -> None:
    assert asyncio.run(resolve("owner-name.hf.localhost", 80)) == ["127.0.0.1", "::1"]
    assert is_local("OWNER.localhost.") and not is_local("localhost.example.org")


def test_a_name_that_is_none() -> None:
    with pytest.raises(NoSuchName):
        asyncio.run(resolve("no-such-name.invalid", 80))


HUB = "https://huggingface.co"


@pytest.mark.parametrize(
    ("url", "endpoint", "may"),
    [
        ("https://owner-name.hf.space/", HUB, True),
        ("http://owner-name.hf.space/", HUB, False),
        ("https://owner-name.hf.space.evil.org/", HUB, False),
        ("https://evil.org/", HUB, False),
        ("https://evilhf.space/", HUB, False),
        ("http://a-b.hf.localhost:7979/", "http://127.0.0.1:7979", True),
        ("https://evil.org/", "http://127.0.0.1:7979", False),
        ("https://a-b.hub.example.org/", "https://hub.example.org", True),
        ("https://a-b.example.org/", "https://hub.example.org", False),
    ],
)
def test_who_may_have_the_token(url: str, endpoint: str, may: bool) -> None:
    assert may_have_token(url, Options(endpoint=endpoint)) is may
