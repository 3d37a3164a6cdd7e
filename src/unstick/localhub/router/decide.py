"""Who may see a Space, and what a visitor gets: the app or a page."""

from __future__ import annotations

import re

from unstick.localhub.api import access
from unstick.localhub.router import heads, pages
from unstick.localhub.router.directory import Known
from unstick.localhub.store import accounts
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub
    from unstick.localhub.router.directory import Directory
    from unstick.localhub.router.heads import Asked, Headers
    from unstick.localhub.router.signing import Signer
    from unstick.localhub.routes import Target
    from unstick.localhub.store.repos import Repo

COOKIE = b"spaces-jwt"
FRAMED = b"spaces-jwt-framed"
"""The same for a page in a frame of another site: browsers keep it for each outer site by itself."""

_SIGN = re.compile(rb"(?<=[?&])__sign=([^&]*)(?:&|$)")
_COOKIES = re.compile(rb"(?:^|(?<=;))\s*(?:%s|%s)=([^;]*)(?:;|$)" % (COOKIE, FRAMED))
TOKEN_HEADERS = (b"authorization", b"x-hf-authorization")
"""Where clients of the Hub put their token (gradio_client uses the second)."""


class Verdict(NamedTuple):
    """What a request gets: `page` of the edge's own, or the app behind `target`. `asked` is the request without signed
    links and cookies of the hub, `hidden` names the headers that stay here, too (tokens); `edge` headers go onto the
    answer. `html` is whether the visitor wants a page, `readable` whether they may see the repository."""

    page: pages.Page | None
    target: Target | None = None
    asked: Asked | None = None
    hidden: frozenset[bytes] = frozenset()
    edge: tuple[tuple[bytes, bytes], ...] = ()
    repo: Repo | None = None
    html: bool = False
    readable: bool = False


async def decide(hub: Hub, directory: Directory, signer: Signer, asked: Asked) -> Verdict:
    """What a request to a Space gets. A Space that its visitor may not see is answered as one that is not there.

    Raises an SQLAlchemyError when the database does not answer.
    """
    flight = heads.preflight(asked)
    if flight is not None:
        return Verdict(pages.empty(204, flight))
    known = await directory.space(asked.name.label) if asked.name.label else Known()
    repo, row = known.repo, known.row
    if repo is None or row is None or not _right_suffix(asked, repo):
        return Verdict(pages.not_found())
    visitor = await _Visitor.of(directory, signer, asked, repo)
    readable = access.visible(visitor.caller, repo)
    if repo.visibility == "private" and not readable:
        return Verdict(pages.not_found())
    link = f"{hub.settings.endpoint}/spaces/{repo.full_name}"
    edge = [(b"link", b'<%s>;rel="canonical"' % link.encode()), *visitor.cookies(signer)]
    base = Verdict(
        None,
        None,
        visitor.asked,
        visitor.hidden,
        tuple(edge),
        repo,
        b"text/html" in asked.get(b"accept"),
        readable,
    )
    directory.visit(repo.id, wake=row.stage in pages.SLEEP_STAGES)
    target = hub.routes.find(asked.name.label)
    if target is not None and not known.refused:
        return base._replace(target=target)
    return base._replace(page=_instead(known, row.stage, row.message, link, base, target is not None))


def _instead(known: Known, stage: str, message: str, link: str, base: Verdict, routed: bool) -> pages.Page:
    """The page where the app would be."""
    name = known.repo.full_name if known.repo is not None else ""
    if routed:
        return pages.in_error(name, stage, "The router cannot connect to the app.", link, base.html)
    if stage in pages.WAIT_STAGES:
        return pages.preparing(name, stage, link)
    if stage == "RUNNING":  # no route: for the edge there is no such host
        return pages.not_found()
    return pages.in_error(name, stage, message if base.readable else "", link, base.html)


def _right_suffix(asked: Asked, repo: Repo) -> bool:
    """Static Spaces have a suffix of their own on the platform; below .hf.localhost they need none."""
    if repo.sdk == "static":
        return asked.name.static or asked.name.local
    return not asked.name.static


class _Visitor(NamedTuple):
    """Who visits: `asked` without what is the hub's own in it, `hidden` the headers that stay here."""

    caller: accounts.Caller
    asked: Asked
    hidden: frozenset[bytes]
    signed: bool
    label: str

    @classmethod
    async def of(cls, directory: Directory, signer: Signer, asked: Asked, repo: Repo) -> _Visitor:
        """Look for tokens of this hub: in headers, in the address, in cookies. What is none of the hub's is the
        app's own and passes."""
        caller, hidden = accounts.NOBODY, set()
        for header in TOKEN_HEADERS:
            kind, _, token = asked.get(header).partition(b" ")
            if kind.lower() == b"bearer" and token.strip().startswith(b"hf_"):
                found = await directory.bearer(token.strip().decode("latin-1"))
                if found is not None:
                    hidden.add(header)
                    caller = caller if caller.name else found
        label = asked.name.label
        cleaned, link, cookies = _without_ours(asked)
        name = signer.account(link, label, "link") if link else None
        signed = name is not None
        if name is None and repo.visibility != "public" and own_page(asked):
            name = next((n for n in (signer.account(c, label, "cookie") for c in cookies) if n), None)
        if name is not None and not caller.name:
            caller = await directory.account(name)
        return cls(caller, cleaned, frozenset(hidden), signed, label)

    def cookies(self, signer: Signer) -> Headers:
        """The cookies that a signed link turns into."""
        if not self.signed or not self.caller.name:
            return []
        value = signer.sign(self.label, self.caller.name, "cookie").encode()
        return [
            (b"set-cookie", COOKIE + b"=" + value + b"; Path=/; HttpOnly; SameSite=Lax"),
            (
                b"set-cookie",
                FRAMED + b"=" + value + b"; Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
            ),
        ]


def own_page(asked: Asked) -> bool:
    """Whether a request comes from the Space's own page or from somebody who follows a link: another Space is of
    the same site for a browser, and must not act with the visitor's cookie."""
    origin = asked.get(b"origin")
    if origin:
        return origin.lower() in (b"http://" + asked.host.lower(), b"https://" + asked.host.lower())
    site, mode = asked.get(b"sec-fetch-site"), asked.get(b"sec-fetch-mode")
    return site in (b"", b"none", b"same-origin") or (
        mode == b"navigate" and asked.method in (b"GET", b"HEAD")
    )


def _without_ours(asked: Asked) -> tuple[Asked, str, list[str]]:
    """The request without signed links and cookies of the hub; the link; the cookies."""
    links = _SIGN.findall(asked.target)
    target = asked.target
    if links:
        target = _SIGN.sub(b"", target).rstrip(b"?&") if target.count(b"?") else target
    cookies: list[str] = []
    headers: Headers = []
    for key, value in asked.headers:
        if key == b"cookie" and COOKIE in value:
            cookies += [found.decode("latin-1").strip() for found in _COOKIES.findall(value)]
            value = _COOKIES.sub(b"", value).strip(b"; ")
            if not value:
                continue
        headers.append((key, value))
    return (
        asked._replace(target=target, headers=headers),
        links[0].decode("latin-1") if links else "",
        cookies,
    )
