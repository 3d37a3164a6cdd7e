"""Requests that two readers could understand differently, and hosts that pretend to be another."""

from __future__ import annotations

import contextlib
import time

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localhub.router.world import World
from unstick.localhub.router import front, heads, hosts

CLOSE = "Connection: close\r\n\r\n"
ONE = "alice-one.hf.localhost"
TWO = "alice-two.hf.localhost"
LARGE = "x" * 70_000

HOSTS = (
    ("upper case", f"GET /p HTTP/1.1\r\nHost: {ONE.upper()}\r\n{CLOSE}", 200, "one"),
    ("a port", f"GET /p HTTP/1.1\r\nHost: {ONE}:99\r\n{CLOSE}", 200, "one"),
    ("a final dot", f"GET /p HTTP/1.1\r\nHost: {ONE}.\r\n{CLOSE}", 200, "one"),
    ("a final dot and a port", f"GET /p HTTP/1.1\r\nHost: {ONE}.:1\r\n{CLOSE}", 200, "one"),
    ("the platform's name", f"GET /p HTTP/1.1\r\nHost: alice-one.hf.space\r\n{CLOSE}", 200, "one"),
    ("HTTP/1.0", f"GET /p HTTP/1.0\r\nHost: {ONE}\r\n\r\n", 200, "one"),
    ("a whole address", f"GET http://{ONE}:7/p HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 200, "one"),
    ("an address of another Space", f"GET http://{TWO}/p HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("an address of a Space, the hub's Host", f"GET http://{TWO}/p HTTP/1.1\r\nHost: 127.0.0.1\r\n{CLOSE}", 400, ""),
    ("an address of the hub, a Space's Host", f"GET http://127.0.0.1/ HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("an address with a user", f"GET http://{ONE}@{TWO}/p HTTP/1.1\r\nHost: {TWO}\r\n{CLOSE}", 400, ""),
    ("another scheme", f"GET ftp://{ONE}/p HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("two hosts", f"GET /p HTTP/1.1\r\nHost: {ONE}\r\nHost: {TWO}\r\n{CLOSE}", 400, ""),
    ("a Space and the hub", f"GET /p HTTP/1.1\r\nHost: {ONE}\r\nHost: 127.0.0.1\r\n{CLOSE}", 400, ""),
    ("the hub and a Space", f"GET /p HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("two in one", f"GET /p HTTP/1.1\r\nHost: {ONE}, {TWO}\r\n{CLOSE}", 400, ""),
    ("a user", f"GET /p HTTP/1.1\r\nHost: {TWO}@{ONE}\r\n{CLOSE}", 400, ""),
    ("a user with a password", f"GET /p HTTP/1.1\r\nHost: {TWO}:80@{ONE}\r\n{CLOSE}", 400, ""),
    ("a path", f"GET /p HTTP/1.1\r\nHost: {ONE}/{TWO}\r\n{CLOSE}", 400, ""),
    ("a space within", f"GET /p HTTP/1.1\r\nHost: {ONE} {TWO}\r\n{CLOSE}", 400, ""),
    ("no port behind letters", f"GET /p HTTP/1.1\r\nHost: {ONE}:port\r\n{CLOSE}", 400, ""),
    ("two final dots", f"GET /p HTTP/1.1\r\nHost: {ONE}..\r\n{CLOSE}", 400, ""),
    ("an empty label", f"GET /p HTTP/1.1\r\nHost: .hf.localhost\r\n{CLOSE}", 400, ""),
    ("two labels", f"GET /p HTTP/1.1\r\nHost: x.{ONE}\r\n{CLOSE}", 404, ""),
    ("the suffix of static Spaces", f"GET /p HTTP/1.1\r\nHost: alice-one.static.hf.space\r\n{CLOSE}", 404, ""),
    ("a Space that is not there", f"GET /p HTTP/1.1\r\nHost: alice-three.hf.localhost\r\n{CLOSE}", 404, ""),
    ("an encoded host", f"GET /p HTTP/1.1\r\nHost: alice%2done.hf.localhost\r\n{CLOSE}", 400, ""),
    ("letters beyond ASCII", f"GET /p HTTP/1.1\r\nHost: \u00e1{ONE}\r\n{CLOSE}", 400, ""),
    ("a space beyond ASCII", f"GET /p HTTP/1.1\r\nHost: {ONE}\x85\r\n{CLOSE}", 400, ""),
    ("the suffix alone", f"GET /api/whoami-v2 HTTP/1.1\r\nHost: hf.localhost\r\n{CLOSE}", 401, ""),
    ("another name that ends so", f"GET /api/whoami-v2 HTTP/1.1\r\nHost: xhf.localhost\r\n{CLOSE}", 421, ""),
    ("a folded host", f"GET /p HTTP/1.1\r\nHost: alice-\r\n one.hf.localhost\r\n{CLOSE}", 400, ""),
    ("a space before the colon", f"GET /p HTTP/1.1\r\nHost : {ONE}\r\n{CLOSE}", 400, ""),
    ("no path", f"GET p HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("a tunnel", f"CONNECT {TWO}:80 HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}", 400, ""),
    ("another version", f"GET /p HTTP/3.0\r\nHost: {ONE}\r\n{CLOSE}", 505, ""),
    ("a long head", f"GET /p HTTP/1.1\r\nHost: {ONE}\r\nX: {LARGE}\r\n{CLOSE}", 431, ""),
    ("a head without end", f"GET /p HTTP/1.1\r\nHost: {ONE}\r\nX: {LARGE}", 431, ""),
)  # fmt: skip

FRAMINGS = (
    ("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
    ("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
    ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", 400),
    ("two lengths in one", "Content-Length: 5, 6\r\n", 400),
    ("a signed length", "Content-Length: +5\r\n", 400),
    ("a hexadecimal length", "Content-Length: 0x5\r\n", 400),
    ("a length with an underscore", "Content-Length: 1_0\r\n", 400),
    ("a negative length", "Content-Length: -1\r\n", 400),
    ("another coding", "Transfer-Encoding: gzip, chunked\r\n", 501),
    ("chunks that are not last", "Transfer-Encoding: chunked, identity\r\n", 501),
    ("chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501),
    ("a tab before the colon", "Transfer-Encoding\t: chunked\r\n", 400),
    ("a vertical tab in the value", "Transfer-Encoding: \x0bchunked\r\n", 400),
    ("a zero byte", "X: a\x00b\r\n", 400),
    ("a lone carriage return", "X: a\rContent-Length: 5\r\n", 400),
)


def status(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer.split(b" ", 2)[1])


@pytest.fixture(scope="module")
def two(hub: World) -> World:
    """A hub with two Spaces."""
    for name in ("one", "two"):
        hub.apps[name] = hub.running(name)
    return hub


@pytest.mark.parametrize(
    ("request_text", "expected", "reached"), [row[1:] for row in HOSTS], ids=[r[0] for r in HOSTS]
)
def test_a_host_means_one_space_or_none(two: World, request_text: str, expected: int, reached: str) -> None:
    before = {name: len(app.asked) for name, app in two.apps.items()}
    answer = two.raw(request_text.encode("latin-1"))
    assert status(answer) == expected, answer[:300]
    now = {name: len(app.asked) - before[name] for name, app in two.apps.items()}
    assert now == {name: int(name == reached) for name in two.apps}
    if reached:
        assert two.apps[reached].asked[-1].target == "/p"


@pytest.mark.parametrize(
    ("framing", "expected"), [row[1:] for row in FRAMINGS], ids=[row[0] for row in FRAMINGS]
)
def test_an_unclear_framing_is_refused(two: World, framing: str, expected: int) -> None:
    before = len(two.apps["one"].asked)
    request = f"POST /p HTTP/1.1\r\nHost: {ONE}\r\n{framing}{CLOSE}0\r\n\r\n"
    request += f"GET /smuggled HTTP/1.1\r\nHost: {ONE}\r\n\r\n"
    answer = two.raw(request.encode("latin-1"))
    assert status(answer) == expected, answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert len(two.apps["one"].asked) == before


@pytest.mark.parametrize("size", ["zz", "-1", "0x1", "1" * 30, " 1"])
def test_a_bad_chunk_is_refused(two: World, size: str) -> None:
    request = f"POST /p HTTP/1.1\r\nHost: {ONE}\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nx\r\n0\r\n\r\n"
    assert status(two.raw(request.encode("latin-1"))) == 400


def test_the_body_of_one_request_is_not_the_next(two: World) -> None:
    inner = f"GET /smuggled HTTP/1.1\r\nHost: {TWO}\r\n\r\n"
    request = f"POST /p HTTP/1.1\r\nHost: {ONE}\r\nContent-Length: {len(inner)}\r\n{CLOSE}{inner}"
    before = len(two.apps["two"].asked)
    assert two.raw(request.encode()).count(b"HTTP/1.1 200") == 1
    assert two.apps["one"].asked[-1].body == inner.encode()
    assert len(two.apps["two"].asked) == before


def test_each_request_of_a_connection_goes_where_its_own_host_says(two: World) -> None:
    api = "GET /api/whoami-v2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    order = (ONE, None, TWO, None, None, ONE, TWO)
    pieces = [f"GET /{n} HTTP/1.1\r\nHost: {host}\r\n\r\n" if host else api for n, host in enumerate(order)]
    last = f"GET /end HTTP/1.1\r\nHost: {TWO}\r\n{CLOSE}"
    answers = two.raw(("".join(pieces) + last).encode()).split(b"HTTP/1.1 ")[1:]
    assert [int(answer[:3]) for answer in answers] == [200 if host else 401 for host in (*order, TWO)]
    for number, (host, answer) in enumerate(zip(order, answers, strict=False)):
        assert (f'"target": "/{number}"'.encode() in answer) == (host is not None)


def test_the_api_is_not_under_the_host_of_a_space(two: World) -> None:
    answer = two.visit("alice-one", "/api/whoami-v2", token=two.token)
    assert answer.json()["target"] == "/api/whoami-v2"
    assert two.visit("alice-three", "/api/whoami-v2", token=two.token).status_code == 404


@pytest.mark.parametrize("named", ["host", "x-forwarded-for", "content-length", "x-forwarded-host"])
def test_a_connection_header_takes_nothing_of_the_routers_out(two: World, named: str) -> None:
    request = f"POST /p HTTP/1.1\r\nHost: {ONE}\r\nContent-Length: 1\r\nConnection: close, {named}\r\n\r\nx"
    assert status(two.raw(request.encode())) == 200
    asked = two.apps["one"].asked[-1]
    assert asked.get("host") == [ONE]
    assert asked.get("x-forwarded-for") == ["127.0.0.1"]
    assert asked.body == b"x"


def test_headers_of_one_connection_stay_on_it(two: World) -> None:
    head = "Keep-Alive: 9\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
    head += "Connection: close, X-Mine, Upgrade, HTTP2-Settings"
    two.raw(
        f"GET / HTTP/1.1\r\nHost: {ONE}\r\nX-Mine: 1\r\nProxy-Authorization: x\r\n{head}\r\n\r\n".encode()
    )
    names = {key.lower() for key, _ in two.apps["one"].asked[-1].headers}
    assert not names & {
        "keep-alive",
        "te",
        "upgrade",
        "http2-settings",
        "x-mine",
        "connection",
        "proxy-authorization",
    }


_pieces = st.lists(
    st.sampled_from([
        "alice-one", "alice-two", ".", "hf", "localhost", "space", "static", ":", "80", "@", "/", "-", " ", "\t", "A",
        "[", "]", "%2e", "\u00e1", "_", ",", "http://", "#", "?", "\\",
    ]), max_size=9,
).map("".join)  # fmt: skip


@given(_pieces, st.sampled_from(["", ".hf.localhost", ".HF.localhost.", ".hf.space:80", ".static.hf.space"]))
def test_a_name_is_read_as_written_or_not_at_all(before: str, suffix: str) -> None:
    text = before + suffix
    try:
        name = hosts.parse(text)
    except ValueError:
        return
    if name is None:
        assert not text.lower().split(":")[0].rstrip(".").endswith((".hf.localhost", ".hf.space"))
        return
    plain = text.lower().partition(":")[0].removesuffix(".")
    assert name.host == plain
    assert name.label == "" or plain.startswith(name.label + ".")


@given(_pieces, _pieces)
def test_what_is_let_in_has_one_meaning(host: str, target: str) -> None:
    conn = h11.Connection(h11.SERVER)
    conn.receive_data(f"GET {target or '/'} HTTP/1.1\r\nHost: {host}.hf.localhost\r\n\r\n".encode("latin-1"))
    try:
        request = conn.next_event()
        asked = heads.read(request) if isinstance(request, h11.Request) else None
    except (h11.RemoteProtocolError, heads.Refused):
        return
    if asked is not None:
        assert asked.target[:1] == b"/"
        client = h11.Connection(h11.CLIENT)
        sent = client.send(
            h11.Request(method="GET", target=asked.target, headers=heads.upward(asked, "1.1.1.1", b"id"))
        )
        again = h11.Connection(h11.SERVER)
        again.receive_data(sent or b"")
        assert isinstance(again.next_event(), h11.Request)


def test_an_answer_of_the_api_before_the_end_of_a_body_opens_no_way_around(two: World) -> None:
    before = len(two.apps["one"].asked)
    with two.connect() as connection:
        head = b"POST /api/repos/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n"
        connection.sendall(head + bytes(1000))
        connection.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            connection.recv(65536)  # whether it answers early is the API's own matter
        connection.settimeout(10)
        connection.sendall(bytes(199_000) + f"GET /api/whoami-v2 HTTP/1.1\r\nHost: {ONE}\r\n{CLOSE}".encode())
        rest = connection.makefile("rb").read()
    last = rest.rpartition(b"HTTP/1.1 ")[2]
    reached = len(two.apps["one"].asked) - before
    assert (last[:3], reached) in ((b"421", 0), (b"200", 1)), rest


def test_a_head_has_to_come_in_time(two: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "HEAD_SECONDS", 0.3)
    begun = time.monotonic()
    with two.connect() as connection:
        for byte in b"GET / HTTP/1.1\r\nHost: ":
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("rest", [b"\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_nonsense_after_a_call_of_the_api(two: World, rest: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    answer = two.raw(b"GET /api/whoami-v2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + rest)
    assert answer.startswith((b"HTTP/1.1 401", b"HTTP/1.1 400"))
    body = b"POST /api/repos/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n" % two.token.encode()
    assert b"HTTP/1.1 400" in two.raw(body + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + rest)
    assert "Traceback" not in capfd.readouterr().err
    assert two.get("/api/whoami-v2", two.token).status_code == 200
