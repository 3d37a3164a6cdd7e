"""A rehearsal as text for a person, and as plain values for programs."""

from __future__ import annotations

from collections.abc import Iterator

from unstick.record import TYPE_CHECKING
from unstick.redact import in_values
from unstick.rehearse import seen
from unstick.rehearse.types import address
from unstick.report.paint import Painter
from unstick.text import one_line, printable, shorten, wrap

if TYPE_CHECKING:
    from typing import Any

    from unstick.rehearse.types import Event, Exit, Line, Rehearsal

SCHEMA = 1
WRITTEN_LINES = 5
DUMP_LINES = 12
CLOCK = 9
"""Columns of the time at the beginning of a line."""

COLORS = {"socket": "code", "exit": "against", "note": "dim"}
STAGES = {"RUNNING": "for", "BUILDING": "bar", "APP_STARTING": "bar"}


def event_line(event: Event, columns: int, paint: Painter) -> str:
    """One line of the timeline."""
    text = shorten(one_line(event.text), max(columns - CLOCK - 3, 20))
    color = STAGES.get(event.text, "against") if event.kind == "stage" else COLORS.get(event.kind, "")
    return f"{clock(event.at)}  {paint(color, text) if color else text}"


def log_line(line: Line, columns: int, paint: Painter) -> str:
    """One line of a log beside the timeline."""
    return f"{' ' * CLOCK}{paint('dim', '│ ' + shorten(printable(line.text), max(columns - CLOCK - 2, 20)))}"


def clock(seconds: float) -> str:
    """Seconds since the beginning, as wide as `CLOCK` less the gap."""
    return f"{seconds:6.1f} s"


def summary(rehearsal: Rehearsal, *, columns: int = 80, color: bool = False) -> str:
    """What came out, after the timeline: the verdict first, then what was seen."""
    paint = Painter(color)
    lines = [*_verdict(rehearsal, columns, paint), *_seen(rehearsal, columns, paint)]
    return "\n".join(lines) + "\n"


def headline(rehearsal: Rehearsal) -> str:
    """The verdict in one sentence."""
    if rehearsal.impossible:
        return f"Cannot be rehearsed here: {rehearsal.impossible}"
    if rehearsal.passed:
        took = f" after {rehearsal.ready_at:.1f} s" if rehearsal.ready_at is not None else ""
        return f"RUNNING{took}, and it serves."
    if rehearsal.stage == "RUNNING":
        return f"RUNNING, but it does not serve: {rehearsal.reason}."
    return f"{rehearsal.stage}: {rehearsal.reason}."


def _verdict(rehearsal: Rehearsal, columns: int, paint: Painter) -> Iterator[str]:
    for line in wrap(one_line(headline(rehearsal)), columns):
        yield paint("for" if rehearsal.passed else "bold", line)
    root = rehearsal.as_root
    if root is not None:
        said = "it serves" if root.serves else f"it fails, too: {root.reason}"
        text = (
            f"As uid 1000 it fails, as root {said}. The documentation says uid 1000; "
            "images without USER are seen to run as root."
        )
        yield from wrap(one_line(text), columns)
    if rehearsal.second is not None and not rehearsal.second.serves:
        yield from wrap(
            "It served from a clean state, and not once it was restarted from the image.", columns
        )


def _seen(rehearsal: Rehearsal, columns: int, paint: Painter) -> Iterator[str]:
    rows: list[tuple[str, str]] = [
        ("listens", f"{address(item.address, item.port)} after {item.at:.1f} s") for item in rehearsal.sockets
    ]
    rows += [
        ("blocked", f"{item.peer}:{item.peer_port} (open are 80, 443, 8080)") for item in rehearsal.blocked
    ]
    rows += [
        ("answers", f"{a.method} {a.path} at {a.where}: {a.status or a.error}") for a in rehearsal.answers
    ]
    rows += [("session", f"{s.kind}: {'opens' if s.opened else s.error}") for s in rehearsal.sessions]
    if rehearsal.peak:
        rows.append(("memory", f"{rehearsal.peak / 1024**2:.0f} MiB at most"))
    written = [f"{item.path}" for item in rehearsal.written]
    if written:
        more = f" and {len(written) - WRITTEN_LINES} more" if len(written) > WRITTEN_LINES else ""
        rows.append(("a restart loses", ", ".join(written[:WRITTEN_LINES]) + more))
    rows += [("waits at", "\n".join(dump.splitlines()[:DUMP_LINES])) for dump in rehearsal.dumps]
    rows += [("not as there", text) for text in rehearsal.passed_over]
    widest = max((len(name) for name, _ in rows), default=0)
    hide = seen.hider(rehearsal)
    for name, text in rows:
        for number, part in enumerate(text.splitlines() or [""]):
            label = name if number == 0 else ""
            for i, line in enumerate(wrap(printable(hide(part)), max(columns - widest - 4, 20))):
                yield f"  {paint('dim', (label if i == 0 else '').ljust(widest))}  {line}"


def document(rehearsal: Rehearsal) -> dict[str, Any]:
    """The rehearsal as plain values; values of variables and secrets are left out, whatever quoted them."""
    out: dict[str, Any] = in_values(_document(rehearsal), seen.hider(rehearsal))
    return out


def _document(rehearsal: Rehearsal) -> dict[str, Any]:
    plan = rehearsal.plan
    return {
        "schema": SCHEMA,
        "backend": rehearsal.backend,
        "stage": rehearsal.stage,
        "serves": rehearsal.serves,
        "reason": rehearsal.reason,
        "impossible": rehearsal.impossible,
        "seconds": _seconds(rehearsal.seconds),
        "ready_after": _seconds(rehearsal.ready_at),
        "early": rehearsal.early,
        "contract": {
            "sdk": plan.sdk,
            "port": plan.port,
            "base_path": plan.base_path,
            "startup_timeout": plan.timeout,
            "user": "root" if plan.options.user == "root" else "1000",
            "memory": plan.options.limits.memory,
            "cpus": plan.options.limits.cpus,
            "disk": plan.options.limits.disk,
            "environment": sorted(name for name, _ in plan.environment),
        },
        "timeline": [{"at": _seconds(e.at), "kind": e.kind, "text": e.text} for e in rehearsal.timeline],
        "sockets": [_plain(item) for item in rehearsal.sockets],
        "blocked": [_plain(item) for item in rehearsal.blocked],
        "answers": [{**_plain(item), "headers": dict(item.headers)} for item in rehearsal.answers],
        "sessions": [_plain(item) for item in rehearsal.sessions],
        "exit": _exit(rehearsal.exit),
        "memory_peak": rehearsal.peak,
        "stacks": list(rehearsal.dumps),
        "written": [_plain(item) for item in rehearsal.written],
        "passed_over": list(rehearsal.passed_over),
        "as_root": None if rehearsal.as_root is None else _short(rehearsal.as_root),
        "second": None if rehearsal.second is None else _short(rehearsal.second),
        "build_log": [line.text for line in rehearsal.build_log],
        "run_log": [line.text for line in rehearsal.run_log],
    }


def _short(rehearsal: Rehearsal) -> dict[str, Any]:
    return {
        "stage": rehearsal.stage,
        "serves": rehearsal.serves,
        "reason": rehearsal.reason,
        "exit": _exit(rehearsal.exit),
        "run_log": [line.text for line in rehearsal.run_log],
    }


def _exit(ended: Exit | None) -> dict[str, Any] | None:
    return None if ended is None else _plain(ended)


def _plain(item: Any) -> dict[str, Any]:
    values: dict[str, Any] = item._asdict()
    return {name: _seconds(value) if isinstance(value, float) else value for name, value in values.items()}


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
