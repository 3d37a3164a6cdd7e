"""The Space's own address: whether it answers, and who answers there: the app, the proxy, or the Hub.

    from unstick.observe.live.url import probe
    seen = probe("https://owner-name.hf.space/")
    seen.by                       # 'app', 'proxy', 'missing', 'interstitial', 'unknown', '' for nobody

Answers of an app carry x-proxied-host; their absence marks a page that the edge made (probes published in
September 2026). A visit wakes a sleeping Space: whoever calls this has looked at the stage first.
"""

from __future__ import annotations

import time
from urllib.parse import urljoin, urlsplit

from unstick.contract.network import HUB, SPACE_HOST
from unstick.observe.live import addresses, frame
from unstick.observe.live.session import Session
from unstick.observe.live.wire import Answer, Wire
from unstick.observe.quotes import in_a_line
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unstick.observe.live.options import Options

MOST_PAGE = 512 * 1024
HOPS = 5
IN_ERROR = "Your space is in error, check its status on hf.co"
"""The proxy's own answer for a Space that does not serve (49 bytes, status 503; observed October 2026)."""

MISSING = "we can't find the page you are looking for"
PREPARING = (
    "preparing space",
    "space is starting",
    "space is building",
    "is waking",
    "your space is starting",
)
BY_THE_EDGE = (502, 503, 504)
QUOTED = 160


class Probe(NamedTuple):
    """What one visit of the Space's address saw.

    `by` says who answered: app, proxy (the edge's own error), missing (no such Space there, or a private one
    without its token), interstitial (a page that says to wait), unknown (an answer without the proxy's mark),
    '' for nobody; then `failure` is dns, refused, tls, timeout, private, protocol or address. `status` is that
    of the last page, `first` of the first answer, `hops` where redirects led. `frame` says why the Hub's page
    cannot show it, `cookies` which cookies do not survive there; `session` is what a visitor's session came
    to; `request` is the page's X-Request-Id.
    """

    url: str
    by: str = ""
    status: int = 0
    first: int = 0
    failure: str = ""
    error: str = ""
    peer: str = ""
    seconds: float = 0.0
    quote: str = ""
    hops: tuple[str, ...] = ()
    frame: str = ""
    cookies: tuple[str, ...] = ()
    session: Session | None = None
    replica: str = ""
    request: str = ""

    @property
    def _session_works(self) -> bool:
        return self.session is None or (self.session.opened and not self.session.raised)

    @property
    def serves(self) -> bool:
        """Whether the app answers with something other than its own failure."""
        return self.by == "app" and self.status < 500 and self._session_works


def probe(url: str, options: Options | None = None, *, token: str = "", sdk: str = "") -> Probe:
    """Visit an address once, for those who ask from plain code. Never raises for what a server does.

    `token` is sent to this address alone (a private Space needs it), not along redirects to other hosts.
    """
    from unstick.observe.live.loop import run
    from unstick.observe.live.options import Options

    given = options or Options()

    async def visit() -> Probe:
        async with Wire() as wire:
            return await probing(wire, url, given, token=token, sdk=sdk)

    return run(visit())


async def probing(
    wire: Wire, url: str, options: Options, *, token: str = "", sdk: str = "", run: bool = False
) -> Probe:
    """The same on connections that are there already. With `run` the script of a Streamlit app runs once, as
    for any visitor."""
    from unstick.observe.live import session

    began = time.monotonic()
    first = await _page(wire, url, options, token, options.visit)
    if not first.status:
        return Probe(url, failure=first.failure, error=first.error, seconds=first.seconds)
    by = who(first, sdk)
    last, hops = await _followed(wire, first, options, token, began)
    page = last if last.status else first
    seen = Probe(
        url,
        by,
        status=page.status,
        first=first.status,
        error="" if last.status else last.error,
        peer=first.peer,
        seconds=time.monotonic() - began,
        quote=quote_of(page),
        hops=tuple(hops),
        frame=frame.refused(page.headers) if by == "app" else "",
        cookies=frame.lost(page.cookies) if by == "app" else (),
        request=one_line(page.headers.get("x-request-id", ""))[:120],
        replica=one_line(first.headers.get("x-proxied-replica", ""))[:80],
    )
    if by != "app" or page.status >= 500:
        return seen
    left = max(1.0, options.visit - (time.monotonic() - began))
    visitor = session.Visitor(wire, _headers(page.url, url, token), options.local, left, run)
    opened = await session.open_session(visitor, page)
    return seen._replace(session=opened, seconds=time.monotonic() - began)


async def _page(wire: Wire, url: str, options: Options, token: str, seconds: float) -> Answer:
    return await wire.ask(
        url, headers=_headers(url, url, token), seconds=seconds, most=MOST_PAGE, anywhere=options.local
    )


def _headers(url: str, home: str, token: str) -> Mapping[str, str]:
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Encoding": "gzip"}
    if token and _origin(url) == _origin(home):
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _origin(url: str) -> tuple[str, str]:
    split = urlsplit(url)
    return split.scheme, split.netloc.lower()


async def _followed(
    wire: Wire, first: Answer, options: Options, token: str, began: float
) -> tuple[Answer, list[str]]:
    """The page that redirects end at, each hop judged anew; the token stays at the Space's own host."""
    answer, hops = first, []
    for _ in range(HOPS):
        if answer.status not in (301, 302, 303, 307, 308):
            break
        try:
            to = urljoin(answer.url, answer.headers.get("location", "")).partition("#")[0]
        except ValueError:
            break
        left = options.visit - (time.monotonic() - began)
        if not to or to == answer.url or left <= 0:
            break
        hops.append(in_a_line(to, 200))
        own = token if _origin(to) == _origin(first.url) else ""
        answer = await _page(wire, to, options, own, left)
        if not answer.status:
            break
    return answer, hops


def who(answer: Answer, sdk: str = "") -> str:
    """Who gave an answer."""
    if "x-proxied-host" in answer.headers:
        return "app"
    text = answer.text[:20_000]
    lowered = text.lower()
    if IN_ERROR in text:
        return "proxy"
    if answer.status == 404:
        return "missing"
    if any(words in lowered for words in PREPARING):
        return "interstitial"
    if answer.status in BY_THE_EDGE:
        return "proxy"
    host = (urlsplit(answer.url).hostname or "").lower()
    if answer.status < 400 and (sdk == "static" or ".static." in host):
        return "app"
    return "unknown"


def quote_of(answer: Answer) -> str:
    """The answer in a few words: the page's title, or the text of a short one."""
    import re

    text = answer.text[:20_000]
    title = re.search(r"<title[^>]{0,200}>([^<]{0,300})", text, re.IGNORECASE)
    words = title.group(1) if title else re.sub(r"<[^>]{0,500}>", " ", text)[:400]
    return in_a_line(words, QUOTED)


def may_have_token(url: str, options: Options) -> bool:
    """Whether a private Space's address may be sent the token: it is the platform's own host, or belongs to
    the endpoint that the token is for."""
    host = (urlsplit(url).hostname or "").lower()
    hub = (urlsplit(options.endpoint).hostname or "").lower()
    if options.local:
        return addresses.is_local(host)
    if options.endpoint == HUB:
        return host.endswith(SPACE_HOST) and urlsplit(url).scheme == "https"
    return host == hub or host.endswith("." + hub)
