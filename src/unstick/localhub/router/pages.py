"""The pages that the edge answers itself, as far as the platform's are known (reference: edge answers)."""

from __future__ import annotations

from html import escape

from unstick.contract.stages import STAGES
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.localhub.router.heads import Headers

IN_ERROR = "Your space is in error, check its status on hf.co"
"""49 bytes, exactly (a live observation of 2026-10-06)."""

NOT_FOUND = "Sorry, we can't find the page you are looking for."
PREPARING = "Preparing Space"
REFRESH_SECONDS = 2
ERROR_REFRESH_SECONDS = 5
"""A page of an error loads itself again, too: the restart that was just asked for may not have begun."""

SLEEP_STAGES = frozenset(("SLEEPING", "STOPPED"))
WAIT_STAGES = (
    frozenset(stage.id for stage in STAGES if stage.transient and stage.id != "DELETING") | SLEEP_STAGES
)
"""Stages in which a visitor who waits gets the app."""

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:15vh auto;padding:0 1em;color:#222}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1em;font-size:13px}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}pre{background:#222}a{color:#8bf}}"
)


class Page(NamedTuple):
    """An answer of the edge's own."""

    status: int
    headers: Headers
    body: bytes


def text(status: int, body: str) -> Page:
    """A plain sentence."""
    return Page(status, [*_common(b"text/plain; charset=utf-8")], body.encode())


def empty(status: int, headers: Headers) -> Page:
    """No body."""
    return Page(status, headers, b"")


def not_found() -> Page:
    """No such host, or one that the visitor may not know of."""
    return _html(404, "404", f"<h1>404</h1><p>{escape(NOT_FOUND, quote=False)}</p>")


def preparing(space: str, stage: str, link: str) -> Page:
    """The Space will be there soon: the page loads itself again. The platform's status is not known; 503 keeps
    monitors from taking the page for the app."""
    shown = next((row.page for row in STAGES if row.id == stage), stage.capitalize())
    body = (
        f"<h1>{PREPARING}</h1><p>{escape(space)}: {escape(shown)}</p>"
        f'<p><a href="{escape(link)}">Status and logs</a></p>'
    )
    page = _html(503, PREPARING, body, REFRESH_SECONDS)
    return page._replace(headers=[*page.headers, (b"retry-after", b"%d" % REFRESH_SECONDS)])


def in_error(space: str, stage: str, cause: str, link: str, html: bool, status: int = 503) -> Page:
    """The Space does not serve. Programs get the platform's sentence, byte for byte; a browser gets it with the
    cause, where the visitor may know it."""
    if not html:
        return text(status, IN_ERROR)
    shown = next((row.page for row in STAGES if row.id == stage), stage)
    body = (
        f"<h1>{IN_ERROR}</h1><p>{escape(space)}: {escape(shown)}</p>"
        + (f"<pre>{escape(_printable(cause))}</pre>" if cause else "")
        + f'<p><a href="{escape(link)}">Status and logs</a></p>'
    )
    return _html(status, "Space in error", body, ERROR_REFRESH_SECONDS)


def gateway(status: int, cause: str, html: bool) -> Page:
    """502 or 504: the app is connected and gives no whole answer."""
    name = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}[status]
    if not html:
        return text(status, f"{name}: {_printable(cause)}")
    return _html(status, name, f"<h1>{name}</h1><p>{escape(_printable(cause))}</p>")


def _html(status: int, title: str, body: str, refresh: int = 0) -> Page:
    head = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">{head}<title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
    policy = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'")
    return Page(status, [*_common(b"text/html; charset=utf-8"), policy], document.encode())


def _common(kind: bytes) -> Headers:
    # Without Strict-Transport-Security, which the platform adds: this hub speaks HTTP.
    return [(b"content-type", kind), (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


def _printable(cause: str) -> str:
    return "".join(c if c == "\n" or c.isprintable() else " " for c in cause)[:4000]
