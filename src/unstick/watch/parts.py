"""What a watcher is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unstick.record import NamedTuple
from unstick.watch.acting import Actor
from unstick.watch.diagnosing import Diagnoser
from unstick.watch.hub import Hub
from unstick.watch.ledger import Ledger
from unstick.watch.looking import Looker
from unstick.watch.policy import Policy
from unstick.watch.sending import Sender
from unstick.watch.targets import Targets

Tell = Callable[[str, dict[str, Any]], None]
"""Told of everything that happens: the kind of event, and its values."""


class Parts(NamedTuple):
    """One part for each thing that it does."""

    policy: Policy
    targets: Targets
    hub: Hub
    ledger: Ledger
    sender: Sender
    looker: Looker
    actor: Actor
    diagnose: Diagnoser
