"""What running Spaces use: the newest two samples of each, told in the shape of the platform's stream."""

from __future__ import annotations

import threading

from unstick.contract.hardware import hardware
from unstick.localhub.store import spaces
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

    from unstick.localhub.hub import Hub

GB = 1024**3
SERVING = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")


class Sample(NamedTuple):
    """What a version used: `at` seconds since 1970, `cpu` seconds of processor time since its start, `memory`
    bytes now; None where it could not be measured."""

    at: float
    cpu: float | None
    memory: int | None


class Metrics:
    """The samples of all Spaces. Whoever runs them puts samples in, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[int, tuple[Sample | None, Sample]] = {}

    def put(self, repo: int, sample: Sample) -> None:
        """Note what a Space uses."""
        with self._lock:
            before = self._samples.get(repo)
            self._samples[repo] = (before[1] if before else None, sample)

    def forget(self, repo: int) -> None:
        """The Space does not run any more."""
        with self._lock:
            self._samples.pop(repo, None)

    def of(self, repo: int) -> tuple[Sample | None, Sample] | None:
        """The sample before the newest, and the newest."""
        return self._samples.get(repo)


def document(hub: Hub, repo: int) -> dict[str, Any] | None:
    """The newest metrics of a Space that serves, None for one that does not.

    The payload of Spaces is not documented: this is that of the Jobs stream (huggingface_hub 2.4,
    fetch_job_metrics). What is not measured here (network) or not known is null.
    """
    with hub.reads.begin() as connection:
        row = spaces.get(connection, repo)
    if row is None or row.stage not in SERVING:
        return None
    flavour = hardware(row.current_hardware or row.hardware)
    target = hub.routes.of(repo)
    samples = hub.metrics.of(repo)
    cores = flavour.cpus if flavour else 0
    return {
        "cpu_usage_pct": _percent(samples, cores),
        "cpu_millicores": cores * 1000,
        "memory_used_bytes": samples[1].memory if samples else None,
        "memory_total_bytes": (flavour.memory if flavour else 0) * GB,
        "rx_bps": None,
        "tx_bps": None,
        "gpus": {},
        "replica": target.replica if target else None,
    }


def _percent(samples: tuple[Sample | None, Sample] | None, cores: int) -> float | None:
    """The share of the flavour's processors that was used between two samples of the same version."""
    before, after = samples or (None, None)
    if before is None or after is None or before.cpu is None or after.cpu is None or not cores:
        return None
    if after.at <= before.at or after.cpu < before.cpu:
        return None
    return round(100 * (after.cpu - before.cpu) / (after.at - before.at) / cores, 2)
