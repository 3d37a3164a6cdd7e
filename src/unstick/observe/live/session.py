"""What a visitor's browser does after the page: the WebSocket of Streamlit, the configuration and the
channel of Gradio.

Source: Streamlit's and Gradio's public routes (`/_stcore/stream`; `/config`, `/queue/join`).
"""

from __future__ import annotations

import base64
import hashlib
import os
from urllib.parse import urljoin, urlsplit

from unstick.observe.live.fields import mapping, text
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unstick.observe.live.wire import Answer, Wire

ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of the WebSocket handshake (RFC 6455)."""

MOST_CONFIG = 4 * 1024 * 1024
READ = 100_000


class Session(NamedTuple):
    """What came of a session: `kind` streamlit or gradio, whether it opened, else why not."""

    kind: str
    opened: bool
    error: str = ""
    place: str = ""


async def open_session(
    wire: Wire, page: Answer, sdk: str, *, headers: Mapping[str, str], anywhere: bool, seconds: float
) -> Session | None:
    """Open what the page would open, or None where it is neither Streamlit nor Gradio."""
    body = page.body[:READ].lower()
    base = urlsplit(page.url)._replace(query="", fragment="").geturl()
    base = base if base.endswith("/") else base.rpartition("/")[0] + "/"
    if b"streamlit" in body:
        at = urljoin(base, "_stcore/stream")
        error = await handshake(
            wire, at, headers=headers, protocol="streamlit", anywhere=anywhere, seconds=seconds
        )
        return Session("streamlit", not error, error, at)
    if b"gradio" in body:
        return await _gradio(wire, base, headers, anywhere, seconds)
    return None


async def _gradio(
    wire: Wire, base: str, headers: Mapping[str, str], anywhere: bool, seconds: float
) -> Session | None:
    at = urljoin(base, "config")
    answer = await wire.ask(at, headers=headers, seconds=seconds, most=MOST_CONFIG, anywhere=anywhere)
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
    error = await handshake(wire, at, headers=headers, anywhere=anywhere, seconds=seconds)
    return Session("gradio", not error, error, at)


async def handshake(
    wire: Wire, url: str, *, headers: Mapping[str, str], protocol: str = "", anywhere: bool, seconds: float
) -> str:
    """Try a WebSocket's opening handshake; why it fails, or ''."""
    key = base64.b64encode(os.urandom(16)).decode()
    split = urlsplit(url)
    asked = {
        **headers,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Origin": f"{split.scheme}://{split.netloc}",
        **({"Sec-WebSocket-Protocol": protocol} if protocol else {}),
    }
    asked.pop("Accept-Encoding", None)
    answer = await wire.ask(url, headers=asked, seconds=seconds, most=2000, anywhere=anywhere)
    if not answer.status:
        return f"the WebSocket does not open: {answer.error}"
    if answer.status != 101:
        return f"the WebSocket's handshake is answered {answer.status} instead of 101"
    wanted = base64.b64encode(hashlib.sha1(key.encode() + ACCEPT, usedforsecurity=False).digest()).decode()
    if one_line(answer.headers.get("sec-websocket-accept", "")) != wanted:
        return "the WebSocket's handshake is answered by something that does not speak it"
    return ""
