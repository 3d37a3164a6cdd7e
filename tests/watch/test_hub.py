"""Asking a Hub: pages, conditional requests, errors, and a Hub that means harm."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from unstick.observe.live.options import Options
from unstick.watch.hub import Hub, HubTrouble
from unstick.watch.types import GONE

Answer = Callable[[str, dict[str, str]], bytes | Awaitable[bytes]]


def http(body: bytes | Any, status: int = 200, **headers: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class Server:
    """Answers each request with what a function makes of its target and headers."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Any]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.endpoint = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                target = head[0].split(" ")[1]
                self.asked.append(target)
                given = self.answer(target, headers)
                if isinstance(given, bytes):
                    writer.write(given)
                else:
                    async for piece in given:
                        writer.write(piece)
                        await writer.drain()
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def asking(
    answer: Callable[[str, dict[str, str]], Any],
    work: Callable[[Hub, Server], Awaitable[Any]],
    **options: Any,
) -> Any:
    """What some work with a hub gives, against a server that answers like this."""

    async def run() -> Any:
        server = Server(answer)
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
        server.endpoint = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        hub = Hub(
            Options(
                endpoint=server.endpoint,
                token=options.get("token", "hf_x"),
                patience=options.get("patience", 2.0),
            ),
            2,
        )
        try:
            return await work(hub, server)
        finally:
            await hub.close()
            listening.close()

    return asyncio.run(run())


def space(name: str, stage: str = "RUNNING") -> dict[str, Any]:
    return {"id": name, "runtime": {"stage": stage}}


def test_pages_are_followed_and_asked_conditionally_the_next_time() -> None:
    def answer(target: str, headers: dict[str, str]) -> bytes:
        if "cursor=2" in target:
            return (
                http([space("a/3")], ETag='"two"')
                if headers.get("if-none-match") != '"two"'
                else http(b"", 304)
            )
        if headers.get("if-none-match") == '"one"':
            return http(b"", 304, ETag='"one"')
        return http(
            [space("a/1"), space("a/2")], ETag='"one"', Link='</api/spaces?author=a&cursor=2>; rel="next"'
        )

    async def work(hub: Hub, server: Server) -> None:
        first = await hub.owner("a")
        assert [one.space for one in first] == ["a/1", "a/2", "a/3"]
        again = await hub.owner("a")
        assert [one.space for one in again] == ["a/1", "a/2", "a/3"]
        assert again[0].at > first[0].at
        assert first[0].at < first[0].heard <= again[0].at < again[0].heard
        assert hub.requests == {("list", 200): 2, ("list", 304): 2}
        assert hub.pages_of("a") == 2
        assert "expand=runtime" in server.asked[0]

    asking(answer, work)


@pytest.mark.parametrize(
    "link",
    [
        '<https://evil.example/api/spaces?cursor=2>; rel="next"',
        '<//169.254.169.254/latest>; rel="next"',
        '</api/spaces?author=a&limit=2>; rel="prev"',
        "<" * 5000,
    ],
)
def test_a_next_page_elsewhere_is_not_asked(link: str) -> None:
    async def work(hub: Hub, server: Server) -> None:
        await hub.owner("a")
        assert len(server.asked) == 1

    asking(lambda *_: http([space("a/1")], Link=link), work)


def test_a_circle_of_pages_ends() -> None:
    async def work(hub: Hub, server: Server) -> None:
        await hub.owner("a")
        assert len(server.asked) == 2

    asking(lambda *_: http([space("a/1")], Link='</api/spaces?author=a&cursor=x>; rel="next"'), work)


@pytest.mark.parametrize(
    ("status", "token", "why"),
    [
        (401, "hf_x", "does not accept the token"),
        (403, "hf_x", "answers 403"),
        (429, "hf_x", "rate limit"),
        (500, "hf_x", "answers 500"),
        (302, "hf_x", "answers 302"),
    ],
)
def test_failures_say_why(status: int, token: str, why: str) -> None:
    async def work(hub: Hub, _: Server) -> None:
        with pytest.raises(HubTrouble, match=why):
            await hub.one("a/b")

    asking(lambda *_: http({}, status, Location="http://169.254.169.254/"), work, token=token)


@pytest.mark.parametrize(("status", "token"), [(404, "hf_x"), (410, "hf_x"), (401, "")])
def test_a_space_that_is_not_there(status: int, token: str) -> None:
    async def work(hub: Hub, _: Server) -> str:
        return (await hub.one("a/b")).stage

    assert asking(lambda *_: http({}, status), work, token=token) == GONE


def test_nothing_is_asked_at_the_end_of_the_limit() -> None:
    async def work(hub: Hub, server: Server) -> None:
        await hub.one("a/b")
        for _ in range(3):
            with pytest.raises(HubTrouble, match=r"for 5\d s more"):
                await hub.one("a/b")
        assert len(server.asked) == 1

    asking(lambda *_: http(space("a/b"), RateLimit='"api";r=0;t=55'), work)


def test_restarts_are_posted_once() -> None:
    async def work(hub: Hub, server: Server) -> None:
        with pytest.raises(HubTrouble):
            await hub.restart("a/b", factory=True)
        assert server.asked == ["/api/spaces/a/b/restart?factory=true"]

    asking(lambda *_: http({}, 503), work)


def log(*lines: str) -> Any:
    async def pieces() -> Any:
        yield b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\n\r\n"
        for line in lines:
            yield f"data: {line}\n\n".encode()
        await asyncio.sleep(30)

    return pieces()


def test_the_newest_line_of_a_log_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unstick.watch.hub.LOG_SECONDS", 0.5)
    lines = [json.dumps({"data": "x", "timestamp": f"2026-01-01T00:00:0{n}.000Z"}) for n in range(3)]

    async def work(hub: Hub, _: Server) -> str | None:
        return await hub.newest_line("a/b", "build")

    assert asking(lambda *_: log(*lines), work) == "2026-01-01T00:00:02.000Z"
    assert asking(lambda *_: log("", "odd"), work) == ""
    assert asking(lambda *_: http({}, 403), work) is None
    assert asking(lambda *_: log("x" * 600_000), work) is None


def slow() -> Any:
    async def pieces() -> Any:
        yield b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n["
        for _ in range(1000):
            await asyncio.sleep(0.05)
            yield b" "

    return pieces()


def endless() -> Any:
    async def pieces() -> Any:
        yield b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n["
        while True:
            yield b'{"id": "a/b"},' * 5000

    return pieces()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


BOMB = gzip.compress(b"[" + b" " * 60_000_000 + b"]", 1)


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: slow(),
        lambda *_: endless(),
        lambda *_: http(BOMB, Content_Encoding="gzip"),
        lambda *_: http(b"\x1f\x8bgarbage", Content_Encoding="gzip"),
        lambda *_: b"SSH-2.0-OpenSSH\r\n\r\n",
        lambda *_: http(b"[" * 200_000),
        lambda *_: http({"not": "a list"}),
        lambda *_: http(b"\xff\xfe\x00"),
    ],
    ids=["slow", "endless", "bomb", "no gzip", "no http", "deep", "no list", "no text"],
)
def test_a_hub_that_means_harm_is_bounded(answer: Answer) -> None:
    async def work(hub: Hub, _: Server) -> None:
        with pytest.raises(HubTrouble):
            await hub.owner("a")

    with within(20):
        asking(answer, work, patience=1.5)
