"""What a visitor's browser does after the page: the script of Streamlit run over its WebSocket, the
configuration and the channel of Gradio.

Source: Streamlit's and Gradio's public routes (`/_stcore/stream`, see `unstick.observe.streamlit`; `/config`,
`/queue/join`).
"""

from __future__ import annotations

import time
from urllib.parse import urljoin, urlsplit

from unstick.observe.live.fields import mapping, text
from unstick.observe.live.websocket import connect
from unstick.observe.streamlit import PROTOCOL, RERUN, ROUTES, Run
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unstick.observe.live.websocket import Channel, Talk
    from unstick.observe.live.wire import Answer, Wire

MOST_CONFIG = 4 * 1024 * 1024
READ = 100_000
TO_LEAVE = 0.7
"""Seconds of a visit that are kept for the end of a session."""


class Session(NamedTuple):
    """What came of a session: `kind` streamlit or gradio, whether it opened, else why not (`error`).

    Of a script that was run: the exception that it ended in (`raised`), or why it is not known what it came
    to (`untold`). `ran` is False where it was not run.
    """

    kind: str
    opened: bool
    error: str = ""
    place: str = ""
    ran: bool = False
    raised: str = ""
    untold: str = ""


class Visitor(NamedTuple):
    """How a page is visited: its connections, what is sent along, where its name may lead, for how long, and
    whether its script is run."""

    wire: Wire
    headers: Mapping[str, str]
    anywhere: bool
    seconds: float
    run: bool = False

    async def connect(self, url: str, protocol: str = "", talk: Talk | None = None) -> str:
        """As `websocket.connect`."""
        return await connect(
            self.wire, url, headers=self.headers, protocol=protocol, anywhere=self.anywhere,
            seconds=self.seconds, talk=talk,
        )  # fmt: skip


async def open_session(visitor: Visitor, page: Answer) -> Session | None:
    """Open what the page would open, or None where it is neither Streamlit nor Gradio."""
    body = page.body[:READ].lower()
    base = urlsplit(page.url)._replace(query="", fragment="").geturl()
    base = base if base.endswith("/") else base.rpartition("/")[0] + "/"
    if b"streamlit" in body:
        return await _streamlit(visitor, base)
    if b"gradio" in body:
        return await _gradio(visitor, base)
    return None


async def _streamlit(visitor: Visitor, base: str) -> Session:
    """The script's run, where it is to be run; else whether its WebSocket opens."""
    began = time.monotonic()
    first: Session | None = None
    for _, path in ROUTES:
        at = urljoin(base, path.removeprefix("/"))
        script = _Script(began + visitor.seconds - TO_LEAVE)
        error = await visitor.connect(at, PROTOCOL, script.talk if visitor.run else None)
        if not error:
            told = Session("streamlit", True, "", at)
            return script.told(told, visitor.seconds) if visitor.run else told
        first = first or Session("streamlit", False, error, at)
        if "instead of 101" not in error:
            break
        visitor = visitor._replace(seconds=max(1.0, visitor.seconds - (time.monotonic() - began)))
    assert first is not None
    return first


class _Script:
    """Runs the script as a browser does that opens the page, until it has finished or the time is over."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.run = Run(time.monotonic(), 0.0)
        self.over = ""

    async def talk(self, channel: Channel) -> None:
        """Over an open WebSocket."""
        self.run = Run(time.monotonic(), self.until - time.monotonic())
        await channel.send(RERUN)
        while (left := self.run.patience(time.monotonic())) > 0:
            message = await channel.receive(left)
            if message is None or self.run.heard(message, time.monotonic()):
                break
        self.over = channel.over

    def told(self, opened: Session, seconds: float) -> Session:
        """The session with what the script came to."""
        untold = ""
        if not self.run.finished and not self.run.raised:
            untold = self.over or f"the script had not finished within {seconds:.0f} s"
        return opened._replace(ran=True, raised=self.run.raised, untold=untold)


async def _gradio(visitor: Visitor, base: str) -> Session | None:
    at = urljoin(base, "config")
    answer = await visitor.wire.ask(
        at, headers=visitor.headers, seconds=visitor.seconds, most=MOST_CONFIG, anywhere=visitor.anywhere
    )
    if answer.status in (401, 403, 404, 405):
        return None  # behind a login, or no Gradio of its own
    if not answer.status or answer.status >= 400:
        said = answer.error or f"the page's configuration is answered {answer.status}"
        return Session("gradio", False, said, at)
    import msgspec

    try:
        config = mapping(msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, RecursionError):
        config = {}
    if "components" not in config:
        return None
    if text(config.get("protocol"), 20) != "ws":
        return Session("gradio", True, "", at)
    at = urljoin(base, "queue/join")
    error = await visitor.connect(at)
    return Session("gradio", not error, error, at)
