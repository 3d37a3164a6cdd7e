"""Asks every source of one Space, side by side, each with a deadline of its own."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from unstick.errors import UnreadableError
from unstick.observe.live import access, account, files, history, info, logs, runtime, statuspage, times, url
from unstick.observe.live.gathered import Gathered
from unstick.observe.live.hub import Hub
from unstick.observe.live.target import SpaceTarget
from unstick.observe.live.wire import Wire
from unstick.record import TYPE_CHECKING
from unstick.text import one_line

if TYPE_CHECKING:
    from typing import Any

    from unstick.observe.live.hub import Got
    from unstick.observe.live.info import Info
    from unstick.observe.live.options import Options
    from unstick.observe.live.runtime import Asked, Runtime
    from unstick.observe.live.url import Probe

LOOKS, BETWEEN = 5, 0.5
"""So often at most the state is asked for again, so many seconds apart; more often for `Options.look_for`."""

VISITED = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING", "APP_STARTING")
"""Stages in which the Space's own address is asked: it serves or starts. In any other a visit would wake it
up or tell nothing."""


async def gather(target: SpaceTarget, options: Options) -> Gathered:
    """All that can be seen of a Space. Raises UnreadableError where the Hub does not show it at all."""
    async with Wire() as wire:
        hub = Hub(wire, options)
        page = asyncio.ensure_future(statuspage.read(wire, options))
        who = asyncio.ensure_future(_whoami(hub))
        early = _Early(hub, target)
        try:
            found, got = await info.ask(hub, target)
            if found is None:
                early.cancel()
                return await _not_shown(target, got, who, options)
            seen = await _all(hub, found, got, early)
            asker = access.asker(await who)
            return seen._replace(
                asker=asker,
                page=await page,
                trouble=tuple(hub.troubles),
                calls=len(hub.times),
                usual=median(hub.times or [0.0]),
            )
        finally:
            page.cancel()
            who.cancel()
            early.cancel()


class _Early:
    """What is asked before the Space's description is there: by the name that was given."""

    def __init__(self, hub: Hub, target: SpaceTarget) -> None:
        self.tasks: tuple[asyncio.Future[Any], ...] = ()
        self.id = target.id
        if target.id:
            self.build = asyncio.ensure_future(logs.read(hub, target.id, "build"))
            self.run = asyncio.ensure_future(logs.read(hub, target.id, "run"))
            self.runtime = asyncio.ensure_future(runtime.asked(hub, target.id))
            self.tasks = (self.build, self.run, self.runtime)

    def cancel(self) -> None:
        """End what is under way."""
        for task in self.tasks:
            task.cancel()


async def _whoami(hub: Hub) -> Got:
    from unstick.observe.live.hub import Got

    return await hub.json("/api/whoami-v2") if hub.options.token else Got(reason="no token")


async def _not_shown(target: SpaceTarget, got: Got, who: asyncio.Future[Got], options: Options) -> Gathered:
    """A Space that moderation took away is an observation; anything else ends here."""
    if target.id and access.is_disabled(got):
        return Gathered(info.Info(id=target.id), disabled=got.said, now=time.time())
    raise access.refusal(target, got, await who, options)


async def _all(hub: Hub, found: Info, got: Got, early: _Early) -> Gathered:
    """Everything but the account and the status page, which were asked before."""
    space = found.id
    same = early.id == space
    if not same:
        early.cancel()
    asked = early.runtime if same else asyncio.ensure_future(runtime.asked(hub, space))
    work = asyncio.gather(
        early.build if same else logs.read(hub, space, "build"),
        early.run if same else logs.read(hub, space, "run"),
        files.fetch(hub, space, found.head or "main"),
        history.read(hub, space),
        account.settings(hub, space),
        _visit(hub, found, asked),
    )
    looks = asyncio.ensure_future(_looks(hub, space, work))
    build, run, tree, commits, settings, (probe, reason) = await work
    first = await asked
    state = first.runtime or found.runtime
    later = await looks
    last = later[-1] if later else None
    stages = [item.stage for item in (found.runtime, first.runtime, *later) if item is not None]
    reasons = [("url", reason)] if reason else []
    if state is None:
        reasons.append(("runtime", first.reason))
    return Gathered(
        info=found,
        runtime=state or last,
        stages=tuple(stages),
        files=tree,
        build=build,
        run=run,
        probe=probe,
        history=commits,
        settings=settings,
        quota=await account.quota(hub) if _zero(state) and hub.options.token else account.Quota(),
        now=times.header(got.date) or time.time(),
        reasons=tuple(reasons),
    )


async def _looks(hub: Hub, space: str, work: asyncio.Future[Any]) -> list[Runtime]:
    """The state a few more times while the rest goes on, and once after it: one that flaps is seen to."""
    found: list[Runtime] = []
    looks, until = 0, time.monotonic() + hub.options.look_for
    while True:
        done, _ = await asyncio.wait([work], timeout=BETWEEN)
        longer = time.monotonic() < until
        if done and longer:
            await asyncio.sleep(BETWEEN)
        answer = await runtime.asked(hub, space)
        if answer.runtime is not None:
            found.append(answer.runtime)
        looks += 1
        if not longer and (done or looks >= LOOKS):
            return found


def _zero(state: Runtime | None) -> bool:
    return state is not None and "zero" in f"{state.requested} {state.current}".lower()


async def _visit(hub: Hub, found: Info, asked: asyncio.Future[Asked]) -> tuple[Probe | None, str]:
    """A visit of the Space's address where that wakes nobody; else why there was none."""
    options = hub.options
    answer = await asked
    state = answer.runtime or found.runtime
    if not options.ask_url:
        return None, "not to be visited"
    if state is None:
        return None, "its stage is not known, and a visit might wake it"
    if state.stage not in VISITED:
        return None, f"not visited in the stage {one_line(state.stage)}"
    address = address_of(found)
    if not address:
        return None, "the Hub names no address"
    token = ""
    if found.private:
        if not options.token or not url.may_have_token(address, options):
            return None, "the Space is private, and its address may not be sent the token"
        token = options.token
    return await url.probing(hub.wire, address, options, token=token, sdk=found.sdk, run=True), ""


def address_of(found: Info) -> str:
    """The Space's own address as the Hub gives it; only for a Hub that gives none is it made from the
    subdomain."""
    host = found.host
    if not host and found.subdomain:
        suffix = ".static.hf.space" if found.sdk == "static" else ".hf.space"
        host = f"https://{found.subdomain}{suffix}"
    if not host.startswith(("http://", "https://")):
        return ""
    return host.rstrip("/") + (found.base_path or "/")


async def observe_target(target: SpaceTarget, options: Options) -> Gathered:
    """`gather` under one last deadline, so that nothing a Hub does can hold the caller for ever."""
    limit = 3 * options.patience + options.visit + options.logs + options.files + options.look_for
    try:
        async with asyncio.timeout(limit):
            return await gather(target, options)
    except TimeoutError:
        raise UnreadableError(
            f"the Hub did not finish its answers within {limit:.0f} s", where=options.endpoint,
            reference="live-too-slow", todo="Try again later.",
        ) from None  # fmt: skip
