"""Puts a watcher together from what a person asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Engine

from unstick.errors import UsageError
from unstick.observe.live.options import Options
from unstick.record import NamedTuple
from unstick.watch import targets
from unstick.watch.acting import Actor, HubActor
from unstick.watch.diagnosing import Diagnoser, live
from unstick.watch.hub import Hub
from unstick.watch.ledger import Ledger
from unstick.watch.looking import Looker
from unstick.watch.notify import Notifier
from unstick.watch.parts import Parts, Tell
from unstick.watch.policy import Policy, alert_urls, seconds
from unstick.watch.sending import Sender
from unstick.watch.watcher import Watcher


class Wanted(NamedTuple):
    """What to watch, how, and who is told. `options` name the Hub and the token; `actor` and `diagnose` None
    mean those that unstick brings."""

    targets: tuple[str, ...]
    policy: Policy
    options: Options
    alerts: tuple[str, ...] = ()
    dry_run: bool = False
    actor: Actor | None = None
    diagnose: Diagnoser | None = None


def default_database(environ: Mapping[str, str]) -> str:
    """The path of the history when none is named: below $XDG_STATE_HOME."""
    base = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "unstick", "history.db")


def watcher(wanted: Wanted, engine: Engine, tell: Tell) -> Watcher:
    """A watcher on an open database. Raises UsageError for targets, addresses or rungs that are none."""
    policy, options = wanted.policy, wanted.options
    read = targets.read(wanted.targets, options.endpoint)
    patience = seconds(policy.poll.timeout)
    hub = Hub(options._replace(patience=patience), policy.poll.per_page)
    actor = wanted.actor or HubActor(hub)
    _check_rungs(policy, actor, options, wanted.dry_run)
    notifier = Notifier((*alert_urls(policy), *wanted.alerts))
    parts = Parts(
        policy=policy,
        targets=read,
        hub=hub,
        ledger=Ledger(engine, policy, options.endpoint, actor.rungs, wanted.dry_run),
        sender=Sender(engine, notifier, tell),
        looker=Looker(policy, hub),
        actor=actor,
        diagnose=wanted.diagnose or live(hub),
    )
    return Watcher(parts, tell)


def _check_rungs(policy: Policy, actor: Actor, options: Options, dry_run: bool) -> None:
    unknown = sorted({rung.rung for rung in policy.act} - actor.rungs)
    if unknown:
        raise UsageError(
            f"`{unknown[0]}` is no rung that can be taken unasked; there are {', '.join(sorted(actor.rungs))}",
            where="act", reference="policy", todo="See docs/watch.md.",
        )  # fmt: skip
    if policy.act and not options.token and not dry_run:
        raise UsageError("the policy acts on Spaces, but there is no token", where="act", reference="policy",
                         todo="Set HF_TOKEN to one that may write, or give --dry-run.")  # fmt: skip


def with_flags(policy: Policy, every: str | None, probe: str | None) -> Policy:
    """The policy with what the command line says instead. Raises UsageError."""
    import msgspec

    changes: dict[str, Any] = {}
    if every:
        changes["every"] = every
    if probe:
        changes["probe"] = probe
    if not changes:
        return policy
    plain = msgspec.to_builtins(policy.poll) | changes
    try:
        poll = msgspec.convert(plain, type(policy.poll))
    except msgspec.ValidationError:
        raise UsageError(f"{every} is no duration", where="--every", todo="Write 30s, 1m, 1h.") from None
    if seconds(poll.every) < 1:
        raise UsageError("is less than a second", where="--every", todo="Once a minute is usual.")
    return msgspec.structs.replace(policy, poll=poll)
