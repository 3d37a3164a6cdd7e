"""Signs that follow from several facts together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from unstick.case import Evidence

TRANSITIONAL = ("stage-preparing", "stage-starting", "stage-building")
SDK_PORTS = {"gradio": 7860, "streamlit": 8501, "docker": 7860}
STUCK_HOURS = 2.0
"""A start may take half an hour and a build longer; what has not moved after two hours is odd."""

TOGETHER: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("cuda-missing-on-zerogpu", (("hardware-zerogpu",), ("log-no-gpu",))),
    ("bot-not-up", (("bot-told", "script-told"), TRANSITIONAL)),
    (
        "changed-unprovoked",
        (
            ("changed-by-platform-told", "regression-words"),
            ("no-change-made", "others-affected", "many-at-once-told", "worked-before"),
        ),
    ),
    ("restarting-while-paused", (("stage-paused",), ("stage-starting",))),
    ("blocked-on-own-network", (("own-network-told",), ("flagged-words", "stopped-from-outside-told"))),
    ("halts-while-starting", (("hang-words",), ("stage-starting",))),
    ("machine-awaited", (("no-machine-told",), ("hardware-gpu",), TRANSITIONAL)),
)
"""Signs that say more together than each alone: of every group one has to be present."""

SIGNS = frozenset((
    "port-differs", "port-differs-perhaps", "port-agrees", "streamlit-port-sdk-unknown", "binds-loopback",
    "ready-then-nothing", "transition-no-error", "healthy-but-unlisted", "serves-but-stage-lags",
    "stuck-hours", *(sign for sign, _ in TOGETHER),
))  # fmt: skip
"""Every sign that `derive` gives: taken out and derived anew when something is added to a case."""

READ = frozenset((
    *TRANSITIONAL, "stage-running", "stage-build-error", "stage-runtime-error", "log-stops-mid-load",
    "direct-url-works", "port-not-declared",
))  # fmt: skip
"""The signs from whose presence something may follow, besides those of `TOGETHER` and the SDK's."""


def takes_part(sign: str, present: Collection[str]) -> bool:
    """Whether something may follow once this sign is present beside those that are."""
    return sign in READ or any(
        any(sign in group for group in groups)
        and all(sign in group or not set(group).isdisjoint(present) for group in groups)
        for _, groups in TOGETHER
    )


def derive(evidence: Iterable[Evidence], facts: Mapping[str, str]) -> Iterator[Evidence]:
    """The derived signs. `facts` uses: sdk, app_port, no_app_port, listens, loopback, waited_hours, banner,
    log_error, in_time."""
    present = {item.sign for item in evidence if item.present}
    yield from _ports(facts)
    for sign, groups in TOGETHER:
        met = [sorted(present.intersection(group))[:1] for group in groups]
        if all(met):
            yield Evidence(sign, True, "description", "", " and ".join(name for part in met for name in part))
    if facts.get("loopback"):
        yield Evidence(
            "binds-loopback",
            True,
            facts.get("loopback_source", "description"),
            facts.get("loopback_place", ""),
            facts["loopback"],
        )
    hours = float(facts.get("waited_hours") or 0)
    moving = bool(present.intersection(TRANSITIONAL)) and not facts.get("in_time")
    if hours >= STUCK_HOURS and (
        moving or not present.intersection(("stage-running", "stage-build-error", "stage-runtime-error"))
    ):
        yield Evidence("stuck-hours", True, "description", "how long it takes", f"{hours:g} hours")
    loading = "log-stops-mid-load" in present
    errors = facts.get("log_error") or loading
    if moving and facts.get("banner") and not errors:
        yield Evidence("ready-then-nothing", True, "run-log", "", facts["banner"])
    if moving and not errors:
        yield Evidence("transition-no-error", True, "stage", "", "no error is reported")
    if moving and "direct-url-works" in present:
        yield Evidence("serves-but-stage-lags", True, "url", "", "")
    if "stage-running" in present and present.intersection(("stage-preparing", "stage-building")):
        yield Evidence("healthy-but-unlisted", True, "stage", "", "")


def _ports(facts: Mapping[str, str]) -> Iterator[Evidence]:
    listens = [int(port) for port in facts.get("listens", "").split() if port]
    if not listens:
        return
    sdk = facts.get("sdk", "")
    declared = facts.get("app_port", "")
    source, place = facts.get("listens_source", "description"), facts.get("listens_place", "")
    seen = f"listens on {', '.join(map(str, listens))}"
    if sdk == "static":
        return
    if declared and sdk in ("docker", ""):
        wanted = int(declared)
    elif sdk in ("gradio", "streamlit"):
        wanted = SDK_PORTS[sdk]
    elif sdk == "docker" and facts.get("no_app_port"):
        wanted = SDK_PORTS["docker"]
    elif sdk == "docker" or not sdk:
        if 7860 in listens:
            return
        if not sdk and 8501 in listens:
            yield Evidence("streamlit-port-sdk-unknown", True, source, place, seen)
        elif not sdk and "streamlit" in facts.get("framework", ""):
            return
        else:
            yield Evidence("port-differs-perhaps", True, source, place, f"{seen}; no app_port is reported")
        return
    else:
        return
    if wanted in listens:
        yield Evidence("port-agrees", True, source, place, f"{seen}; the platform asks {wanted}")
    else:
        yield Evidence("port-differs", True, source, place, f"{seen}; the platform asks {wanted}")
