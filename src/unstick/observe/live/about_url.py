"""What the Space's own address says, beside its stage."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.notes import Notes
    from unstick.observe.live.session import Session
    from unstick.observe.live.url import Probe
    from unstick.space import Space

OLD_SERVES = ("RUNNING_BUILDING", "RUNNING_APP_STARTING")
LOGIN = (401, 403)
TAKEN = (502, 504)
"""What a proxy answers when the app took the request and gave no whole answer; where it reaches no app it says
503."""

OF_IMPORT = ("ModuleNotFoundError", "ImportError")
"""Exceptions of a script whose surroundings lack something."""

CUT_OFF = ("dns", "tls", "refused")
PER_SESSION = ("import-not-provided", "requirements-missing")
"""Rules whose errors a Streamlit server survives, and no visitor's session does."""


def conclude(seen: Gathered, notes: Notes, space: Space | None) -> None:
    """Signs of the direct URL."""
    probe = seen.probe
    if probe is None:
        notes.unknown("direct-url-works", seen.reason("url") or "not visited")
        return
    notes.fact("url", probe.url)
    notes.fact("direct_url", told(probe))
    notes.fact("url_seconds", f"{probe.seconds:.2f}")
    stage = seen.runtime.stage if seen.runtime else ""
    if probe.by != "app" or probe.status >= 500:
        notes.fact("request_id", probe.request)
    if stage in OLD_SERVES:
        notes.unknown("direct-url-works", "the version before answers there until the new one is up")
    elif seen.fell:
        notes.unknown("direct-url-works", "the app went down while it was looked at")
    elif probe.by == "app":
        _app(probe, notes, _unable(probe, space))
    elif stage == "RUNNING":
        _no_app(probe, notes, _shut_down(seen))
    else:
        # While it starts nobody expects an app there.
        notes.seen("direct-url-works", "url", f"GET {probe.url}", told(probe), present=False)
    if probe.frame:
        notes.seen("live-frame-refused", "url", f"GET {probe.url}, header", probe.frame)
    if probe.cookies:
        names = ", ".join(probe.cookies[:5])
        notes.seen(
            "live-cookies-lost", "url", f"GET {probe.url}, Set-Cookie", f"{names}: not SameSite=None; Secure"
        )


def told(probe: Probe) -> str:
    """The exchange in a line."""
    if not probe.by:
        return probe.error
    whose = {
        "app": "the app answers", "proxy": "the proxy answers", "missing": "no Space answers there:",
        "interstitial": "a page that says to wait:", "unknown": "something answers",
    }  # fmt: skip
    hops = f" after {len(probe.hops)} redirect{'s' if len(probe.hops) > 1 else ''}" if probe.hops else ""
    quote = f" ({probe.quote})" if probe.quote else ""
    return f"{whose[probe.by]} {probe.status}{hops}{quote}"


def _unable(probe: Probe, space: Space | None) -> str:
    """Why the script behind a Streamlit page cannot run, or ''. The server is up without it: the script runs
    when somebody opens the page."""
    if space is None or probe.session is None or probe.session.kind != "streamlit":
        return ""
    from unstick.rules.engine import check

    errors = [found.message for found in check(space, select=PER_SESSION) if found.severity == "error"]
    return errors[0] if errors else ""


def _shut_down(seen: Gathered) -> bool:
    """Whether the log says that the server went down: then the proxy is right to have nobody to ask."""
    from unstick.observe.live.about_logs import run_reading
    from unstick.signs import logs

    return any(hit.sign == "log-server-shut-down" for hit in logs.shown(run_reading(seen)))


def _app(probe: Probe, notes: Notes, unable: str) -> None:
    place = f"GET {probe.url}"
    if notes.has("live-old-commit"):
        # The newest one may have failed in any way.
        notes.unknown("direct-url-works", "an older commit answers there")
        return
    notes.seen("live-app-answers", "url", place, f"status {probe.first}")
    if probe.error:
        notes.unknown(
            "direct-url-works", f"it redirects to {probe.hops[-1] if probe.hops else '?'}: {probe.error}"
        )
    elif probe.status >= 500:
        notes.seen("live-app-5xx", "url", place, told(probe))
        notes.seen("direct-url-fails", "url", place, told(probe))
    elif probe.status >= 400 and probe.status not in LOGIN:
        notes.seen("live-app-404", "url", place, told(probe))
    elif probe.session is None or _session(probe.session, notes, unable):
        notes.seen("direct-url-works", "url", place, told(probe))


def _session(session: Session, notes: Notes, unable: str) -> bool:
    """What a visitor's session came to; whether nothing is wrong with it."""
    if not session.opened:
        notes.seen("live-session-fails", "url", session.place, session.error)
        return False
    if session.raised:
        _raised(session, notes)
        return False
    if session.ran and not session.untold:
        notes.fact("session", "runs")
        notes.seen("live-session-raises", "url", session.place, "the script ran to its end", present=False)
        return True
    if session.untold:
        notes.unknown("live-session-raises", session.untold)
    # The page is up; what its script comes to is not seen, only read.
    notes.fact("session_doubt", unable)
    return True


def _raised(session: Session, notes: Notes) -> None:
    """The script ends in an exception; `conclude` has it read as a line of the log, too."""
    notes.fact("session", "raises")
    notes.fact("session_error", session.raised)
    lacks = session.raised.startswith(OF_IMPORT)
    notes.seen(
        "live-session-import-fails" if lacks else "live-session-raises", "url", session.place, session.raised
    )


def _no_app(probe: Probe, notes: Notes, shut_down: bool) -> None:
    """RUNNING, and the app does not answer."""
    place = f"GET {probe.url}"
    sign = {
        "proxy": "live-proxy-error", "missing": "live-route-missing", "interstitial": "live-page-lags",
    }.get(probe.by)  # fmt: skip
    if probe.status in TAKEN or probe.failure == "timeout":
        notes.seen("live-url-silent", "url", place, told(probe))
    elif sign:
        if not (shut_down and probe.by == "proxy"):
            notes.seen(sign, "url", place, told(probe))
        notes.seen("direct-url-fails", "url", place, told(probe))
    elif probe.by:
        notes.unknown(
            "direct-url-works", f"{probe.status} without x-proxied-host: whose answer it is cannot be told"
        )
    elif probe.failure in CUT_OFF:
        notes.seen("live-url-unreachable", "url", place, probe.error)
    else:
        notes.unknown("direct-url-works", probe.error)
