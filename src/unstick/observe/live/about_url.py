"""What the Space's own address says, beside its stage."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.gathered import Gathered
    from unstick.observe.live.notes import Notes
    from unstick.observe.live.url import Probe

OLD_SERVES = ("RUNNING_BUILDING", "RUNNING_APP_STARTING")
LOGIN = (401, 403)
TAKEN = (502, 504)
"""What a proxy answers when the app took the request and gave no whole answer; where it reaches no app it says
503."""

CUT_OFF = ("dns", "tls", "refused")


def conclude(seen: Gathered, notes: Notes) -> None:
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
    elif probe.by == "app":
        _app(probe, notes)
    elif stage == "RUNNING":
        _no_app(probe, notes)
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


def _app(probe: Probe, notes: Notes) -> None:
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
    elif probe.session is not None and not probe.session.opened:
        notes.seen("live-session-fails", "url", probe.session.place, probe.session.error)
    else:
        notes.seen("direct-url-works", "url", place, told(probe))


def _no_app(probe: Probe, notes: Notes) -> None:
    """RUNNING, and the app does not answer."""
    place = f"GET {probe.url}"
    sign = {
        "proxy": "live-proxy-error", "missing": "live-route-missing", "interstitial": "live-page-lags",
    }.get(probe.by)  # fmt: skip
    if probe.status in TAKEN or probe.failure == "timeout":
        notes.seen("live-url-silent", "url", place, told(probe))
    elif sign:
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
