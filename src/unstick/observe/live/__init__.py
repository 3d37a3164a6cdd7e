"""Observing a live Space: what the Hub, its logs, its address and the status page show.

    from unstick.observe.live import Options, observe_live
    case = observe_live("owner/name", Options(token="hf_…"))     # ready for unstick.diagnose.diagnose

Every source has a deadline of its own and gives evidence, facts, or the reason why it could not be observed.
Lighter looks, for those who watch: `unstick.observe.live.url.probe` and
`unstick.observe.live.runtime.runtime_of`.
"""

from __future__ import annotations

from unstick.observe.live.options import Options, from_environment
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.case import Case
    from unstick.observe.build import Parts
    from unstick.observe.live.gathered import Gathered

__all__ = ["Options", "add_to", "from_environment", "observe", "observe_live"]


def observe(target: str, options: Options | None = None) -> Gathered:
    """What every source of a Space shows, nothing concluded. Raises UsageError for what names no Space,
    UnreadableError where the Hub does not show it."""
    from unstick.observe.live.gather import observe_target
    from unstick.observe.live.loop import run
    from unstick.observe.live.target import parse

    options = options or Options()
    _libraries()
    return run(observe_target(parse(target, options.endpoint), options))


def observe_live(target: str, options: Options | None = None) -> Case:
    """The case of a live Space: its evidence, what could not be observed and why, facts, redacted logs, and
    its files at the newest commit. Raises as `observe`."""
    from unstick.observe import build

    options = options or Options()
    parts = build.Parts()
    add_to(parts, observe(target, options), options)
    return build.assemble(parts)


def add_to(parts: Parts, seen: Gathered, options: Options) -> None:
    """Put what was gathered among the parts of a case."""
    from unstick.observe.live.conclude import conclude

    conclude(parts, seen, options)


def _libraries() -> None:
    from importlib.util import find_spec

    if find_spec("httpx2") is None:
        from unstick.errors import UnreadableError

        raise UnreadableError(
            "a live Space needs the library httpx2", where="unstick", reference="missing-library",
            todo='Install it with `pip install "unstick[live]"`.',
        )  # fmt: skip
