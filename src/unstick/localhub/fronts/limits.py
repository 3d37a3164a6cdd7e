"""Rate limits as the platform has them: a fixed window for each account or address, and kind of call."""

from __future__ import annotations

import time

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from unstick.localhub.api import access, answers
from unstick.localhub.api.errors import ApiError
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from unstick.localhub.hub import Hub

WINDOW = 300
"""Seconds."""

QUOTAS = {
    "": {"api": 500, "resolvers": 3000, "pages": 100},
    "free": {"api": 1000, "resolvers": 5000, "pages": 200},
    "pro": {"api": 2500, "resolvers": 12_000, "pages": 400},
    "team": {"api": 3000, "resolvers": 20_000, "pages": 400},
    "enterprise": {"api": 6000, "resolvers": 50_000, "pages": 600},
    "enterprise-plus": {"api": 10_000, "resolvers": 100_000, "pages": 1000},
}
"""Calls in a window by plan; '' is a caller without a token, counted by address (Hub docs: rate-limits)."""

EXEMPT = ("/admin/", "/index.json", "/.well-known/")
MOST_WINDOWS = 20_000
_RESOLVERS = lazy(
    r"/(?:spaces/|datasets/)?[^/]+/[^/]+/(?:resolve|raw|blob)/|.*\.git/info/lfs/|/lfs/|/objects/"
)


class Window(NamedTuple):
    """One window that is open: when it ends, and the calls so far."""

    ends: float
    used: int


class RateLimits:
    """Counts the calls of each caller and answers 429 beyond the quota. Every answer says what is left."""

    def __init__(self, hub: Hub, app: ASGIApp) -> None:
        self._hub = hub
        self._app = app
        self._windows: dict[tuple[str, str], Window] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the call, and pass it on or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(EXEMPT):
            await self._app(scope, receive, send)
            return
        who, plan = await run_in_threadpool(self._caller, scope)
        bucket = bucket_of(scope["path"])
        quota = QUOTAS.get(plan, QUOTAS["free"])[bucket]
        window = self._count(who, bucket, time.monotonic())
        left, seconds = max(0, quota - window.used), max(1, int(window.ends - time.monotonic() + 0.999))
        headers = {
            "RateLimit": f'"{bucket}";r={left};t={seconds}',
            "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={WINDOW}',
        }
        if window.used > quota:
            text = (
                f"We had to rate limit you: {quota} {bucket} calls in {WINDOW} s. Try again in {seconds} s."
            )
            await answers.of_error(ApiError(429, text, headers=headers))(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                new = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
                message["headers"] = [*message.get("headers", ()), *new]
            await send(message)

        await self._app(scope, receive, with_headers)

    def _caller(self, scope: Scope) -> tuple[str, str]:
        """Whose window it is, and the plan that sets its quota."""
        address = (scope.get("client") or ("",))[0]
        try:
            caller = access.caller_of(self._hub, Headers(scope=scope))
        except ApiError:
            return f"address {address}", ""
        return (f"account {caller.name}", caller.plan) if caller.name else (f"address {address}", "")

    def _count(self, who: str, bucket: str, now: float) -> Window:
        if len(self._windows) > MOST_WINDOWS:
            self._windows = {key: window for key, window in self._windows.items() if window.ends > now}
        window = self._windows.get((who, bucket))
        if window is None or window.ends <= now:
            window = Window(now + WINDOW, 0)
        self._windows[(who, bucket)] = window = window._replace(used=window.used + 1)
        return window


def bucket_of(path: str) -> str:
    """Which quota a call counts against: api, resolvers (files), pages."""
    if path.startswith("/api/"):
        return "api"
    return "resolvers" if _RESOLVERS.match(path) else "pages"
