"""The pages as HTML. Every value is escaped here, and nowhere else."""

from __future__ import annotations

from html import escape

from starlette.responses import Response

from unstick.contract.stages import STAGES
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Shown(NamedTuple):
    """A Space as a page shows it: `link` the address of its app, `members` whether its logs may be seen."""

    full_name: str
    stage: str
    message: str
    hardware: str
    sha: str
    visibility: str
    link: str
    members: bool


def kind_of(stage: str) -> tuple[str, str]:
    """The words of a page for a stage, and its colour: up, going, failed or still."""
    known = next((row for row in STAGES if row.id == stage), None)
    if known is None:
        return stage, "still"
    kind = "failed" if known.failed else "going" if known.transient else "up" if known.serving else "still"
    return known.page or stage, kind


def index(spaces: Iterable[Shown], account: str) -> Response:
    """The Spaces that the visitor may see."""
    rows = "".join(
        f"<tr><td><a href='/spaces/{_(space.full_name)}'>{_(space.full_name)}</a></td><td>{_stage(space.stage)}</td>"
        f"<td>{_(space.visibility)}</td><td><a href='{_(space.link)}'>open</a></td></tr>"
        for space in spaces
    )
    table = (
        f"<table><thead><tr><th>Space</th><th>stage</th><th>who sees it</th><th>app</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
    return _page("Spaces", table if rows else "<p>There is no Space that you may see.</p>", account)


def space(shown: Shown, account: str) -> Response:
    """One Space: its stage and both logs, live, and the link to its app."""
    logs = "".join(f"<h2>{title}</h2><pre id='{kind}' tabindex='0'></pre>" for kind, title in LOGS)
    hidden = "<p>Its logs are for its owner: <a href='/login'>sign in</a> to see them.</p>"
    body = (
        f"<main data-live='/spaces/{_(shown.full_name)}/live'>"
        f"<p>{_stage(shown.stage, 'stage')} on {_(shown.hardware)}, {_(shown.visibility)}"
        f"{' at ' + _(shown.sha[:7]) if shown.sha else ''} · <a href='{_(shown.link)}'>open the app</a></p>"
        f"<p class='message' id='message' role='status'>{_(shown.message)}</p>"
        f"{logs if shown.members else hidden}</main><script src='/pages/space.js'></script>"
    )
    return _page(shown.full_name, body, account)


LOGS = (("build", "Build log"), ("run", "Container log"))


def login(wrong: bool = False) -> Response:
    """Where a token is given."""
    said = "<p role='alert'>This hub does not know that token.</p>" if wrong else ""
    form = (
        f"{said}<form method='post' action='/login'><label>Token <input name='token' type='password' required"
        " autocomplete='off'></label> <button>Sign in</button></form><p>It is what <code>unstick hub</code> printed."
        " The browser gets a cookie that only lets it read.</p>"
    )
    return _page("Sign in", form, "", 401 if wrong else 200)


def missing() -> Response:
    """There is no such page, or the visitor may not know of it."""
    text = "<p>Sorry, we can't find the page you are looking for.</p>"
    return _page("404", text, "", 404)


def _stage(stage: str, name: str = "") -> str:
    words, kind = kind_of(stage)
    own = f" id='{name}'" if name else ""
    return f"<span class='stage' data-kind='{kind}' title='{_(stage)}'{own}>{_(words)}</span>"


def _page(title: str, body: str, account: str, status: int = 200) -> Response:
    who = f"{_(account)} · <a href='/logout'>sign out</a>" if account else "<a href='/login'>sign in</a>"
    text = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{_(title)} · unstick hub</title>"
        "<meta name='viewport' content='width=device-width'><link rel='stylesheet' href='/pages/hub.css'></head><body>"
        f"<header><h1><a href='/'>unstick hub</a> / {_(title)}</h1><span>{who}</span></header>{body}</body></html>"
    )
    return Response(text, status, HEADERS, "text/html; charset=utf-8")


def _(text: str) -> str:
    """A text in HTML, in an attribute too."""
    return escape(text, quote=True)
