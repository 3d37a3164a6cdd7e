"""The watcher's state for Prometheus, read when it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from unstick.watch.recognise import SERVING
from unstick.watch.types import ANSWERS, Record

if TYPE_CHECKING:
    from unstick.watch.watcher import Watcher

PREFIX = "unstick_watch"


def text_of(watcher: Watcher) -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_State(watcher))
    return generate_latest(registry)


def serves(record: Record) -> bool:
    """Whether a Space serves, as far as is known."""
    return record.now_in.stage in SERVING and ANSWERS.get(record.url.answer) is not False


class _State(Collector):
    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        watcher = self._watcher
        records = watcher.watched()
        opens = list(watcher.parts.ledger.opens.values())
        yield _gauge(
            "spaces", "Spaces by stage", "stage", Counter(one.now_in.stage for one in records).items()
        )
        up = [(one.seen.space, float(serves(one))) for one in records]
        yield _gauge("space_up", "Whether a Space serves", "space", up)
        since = [(one.seen.space, one.now_in.since) for one in records]
        yield _gauge("space_stage_since_seconds", "When a Space entered its stage", "space", since)
        yield _gauge(
            "troubles_open", "Open troubles by kind", "kind", Counter(one.kind for one in opens).items()
        )
        yield from _counters(watcher)
        budget = watcher.parts.hub.budget
        if budget.left is not None:
            yield GaugeMetricFamily(f"{PREFIX}_rate_limit_left", "Requests left in this window", budget.left)
        answered = watcher.answered_at
        yield GaugeMetricFamily(f"{PREFIX}_answered_seconds", "When the Hub last answered", answered)
        yield GaugeMetricFamily(f"{PREFIX}_round_seconds", "How long the last round took", watcher.lag)


def _gauge(name: str, words: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=[label])
    for value, number in sorted(values):
        family.add_metric([value], number)
    return family


def _counters(watcher: Watcher) -> Iterator[Metric]:
    rounds = CounterMetricFamily(
        f"{PREFIX}_rounds", "Rounds by whether the Hub answered", labels=["answered"]
    )
    rounds.add_metric(["yes"], watcher.rounds - watcher.failed_rounds)
    rounds.add_metric(["no"], watcher.failed_rounds)
    yield rounds
    requests = CounterMetricFamily(f"{PREFIX}_requests", "Requests to the Hub", labels=["kind", "status"])
    for (kind, status), count in sorted(watcher.parts.hub.requests.items()):
        requests.add_metric([kind, str(status or "none")], count)
    yield requests
    for name, words, label, counted in (
        ("probes", "Probes of direct URLs by what answered", "answer", watcher.parts.looker.probes),
        ("alerts", "Alerts by what came of them", "state", watcher.parts.sender.sent),
        ("actions", "Actions by what came of them", "outcome", watcher.follower.acted),
    ):
        family = CounterMetricFamily(f"{PREFIX}_{name}", words, labels=[label])
        for value, count in sorted(counted.items()):
            family.add_metric([value], count)
        yield family
