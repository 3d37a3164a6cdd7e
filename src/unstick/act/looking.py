"""One look at a live Space: what the Hub says of it and, where that is wanted, who answers at its address."""

from __future__ import annotations

import time

from unstick.act.types import Look
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.hub import Hub
    from unstick.observe.live.info import Info
    from unstick.observe.live.options import Options
    from unstick.observe.live.runtime import Runtime
    from unstick.observe.live.url import Probe

LIMITED = 30.0
"""Seconds without questions after the Hub has said 429."""

TOO_MANY = 429
BY = {"app": "app", "proxy": "edge", "missing": "edge", "interstitial": "edge", "unknown": "app"}
"""`Probe.by` as the word of a look. A page without the proxy's mark is the app's: custom domains have none."""


def look(space: str, options: Options, visit: bool = False) -> Look:
    """Look once. What goes wrong is in the result; raises UsageError only for a name that is none."""
    from unstick.observe.live.loop import run
    from unstick.observe.live.target import parse

    target = parse(space, options.endpoint)

    async def ask() -> Look:
        from unstick.observe.live import info, runtime
        from unstick.observe.live.hub import Hub
        from unstick.observe.live.wire import Wire

        async with Wire() as wire:
            hub = Hub(wire, options)
            found, got = await info.ask(hub, target)
            now = time.time()
            if found is None:
                return Look(now, failed=got.reason, pause=LIMITED if got.status == TOO_MANY else 0.0)
            # The description holds the state as well; it is asked for by itself only where it does not.
            state = found.runtime or (await runtime.asked(hub, found.id)).runtime
            probe = await _probe(hub, found) if visit and state is not None else None
            return look_of(found, state, probe, now, visited=visit)

    return run(ask())


def look_of(
    found: Info, state: Runtime | None, probe: Probe | None, at: float, *, visited: bool = True
) -> Look:
    """The look that an observation holds; `visited` says whether the Space's address was to be asked."""
    from unstick.redact import redact

    if state is None:
        return Look(at, head=found.head, failed="the Hub does not say what its state is")
    seen = Look(
        at, stage=state.stage, message=redact(state.message), sha=state.sha, head=found.head,
        hardware=state.requested or state.current,
    )  # fmt: skip
    if not visited:
        return seen
    seen = _visited(seen, probe)
    return seen._replace(answer=redact(seen.answer))


def _visited(seen: Look, probe: Probe | None) -> Look:
    if probe is None:
        return seen._replace(answer="the Hub names no address that may be asked")
    if not probe.by:
        return seen._replace(answered_by="nobody", answer=f"{probe.url} does not answer: {probe.error}")
    who = BY[probe.by]
    if who == "app" and not probe.serves:
        why = probe.session.error if probe.session is not None and not probe.session.opened else ""
        answer = f"the app answers {probe.status}" + (f", and a session fails: {why}" if why else "")
        return seen._replace(answered_by="edge" if probe.status >= 500 or why else "app", answer=answer)
    words = "the app answers" if who == "app" else f"the platform's own page answers ({probe.quote[:80]})"
    return seen._replace(answered_by=who, answer=f"{words} {probe.status}" if who == "app" else words)


async def _probe(hub: Hub, found: Info) -> Probe | None:
    from unstick.observe.live import url
    from unstick.observe.live.gather import address_of

    address = address_of(found)
    if not address:
        return None
    token = ""
    if found.private:
        if not url.may_have_token(address, hub.options):
            return None
        token = hub.options.token
    return await url.probing(hub.wire, address, hub.options, token=token, sdk=found.sdk)
