"""What `unstick watch` prints: a line for each thing that happens, for people or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from unstick.redact import in_values, redact
from unstick.text import json_safe, one_line, printable


class Lines:
    """Writes lines. `after_round` is called after each round."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.after_round: Callable[[], None] | None = None
        self._stretched = 0.0

    def tell(self, kind: str, values: dict[str, Any]) -> None:
        """One event of the watcher."""
        if kind == "round":
            if self.after_round is not None:
                self.after_round()
            return
        if kind == "stretched":
            if abs(values["every"] - self._stretched) < 1:
                return
            self._stretched = values["every"]
        if self.as_json:
            self._json(kind, values)
            return
        words = _WORDS.get(kind)
        text = words(values) if words else ""
        if text:
            self._line(text)

    def begun(self, watcher: Any, listen: str) -> None:
        """The first line."""
        targets = watcher.parts.targets
        named = [*(f"{owner}/*" for owner in targets.owners), *targets.spaces]
        shown = ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
        served = f", serving http://{listen}/metrics" if listen else ""
        if self.as_json:
            self._json("begun", {"targets": named, "every": watcher.every})
        else:
            self._line(f"watching {shown}, every {watcher.every:g} s{served}")

    def summary(self, records: Mapping[str, Any], opens: Iterable[Any]) -> None:
        """The last line of `--once`."""
        troubles = list(opens)
        stages: dict[str, int] = {}
        for record in records.values():
            stages[record.now_in.stage] = stages.get(record.now_in.stage, 0) + 1
        if self.as_json:
            self._json("summary", {"stages": stages, "open": [one._asdict() for one in troubles]})
            return
        counted = ", ".join(f"{count} {stage}" for stage, count in sorted(stages.items()))
        self._line(f"{len(records)} Spaces: {counted}" if records else "no Space was seen")
        for one in troubles:
            self._line(_trouble("still", {"trouble": one}))

    def _json(self, kind: str, values: dict[str, Any]) -> None:
        import json

        plain = {
            name: value._asdict() if hasattr(value, "_asdict") else value for name, value in values.items()
        }
        at = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps({"at": at, "event": kind, **in_values(plain)}, ensure_ascii=False)
        self._write(json_safe(text))

    def _line(self, text: str) -> None:
        self._write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}  {printable(redact(one_line(text)))}")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _changed(values: dict[str, Any]) -> str:
    change = values["change"]
    if change.field not in ("stage", "url") or (change.field == "stage" and not change.old):
        return ""
    return f"{change.space}  {change.field} {change.old or '–'} → {change.new or '–'}"


def _trouble(word: str, values: dict[str, Any]) -> str:
    from unstick.watch.wording import title

    trouble = values["trouble"]
    return f"{word}: {title(trouble)}: {trouble.detail}"


def _closed(values: dict[str, Any]) -> str:
    from unstick.watch.wording import title

    return f"over: {title(values['trouble'])}: {values['why']}"


def _diagnosed(values: dict[str, Any]) -> str:
    said = values["said"]
    return f"{values['trouble'].space}  {said.sentence}" if said and said.sentence else ""


def _alerted(values: dict[str, Any]) -> str:
    if values["state"] == "sent":
        return ""
    return f"alert not delivered ({values['state']}): {values['alert'].title}"


def _acted(values: dict[str, Any]) -> str:
    act = values["act"]
    return f"{act.rung} {act.space}: {'done' if values['ok'] else 'failed'}: {values['detail']}"


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "changed": _changed,
    "opened": lambda values: _trouble("ALERT", values),
    "closed": _closed,
    "diagnosed": _diagnosed,
    "alerted": _alerted,
    "acted": _acted,
    "unanswered": lambda values: f"not observed: {values['asked']}: {values['why']}",
    "undiagnosed": lambda values: f"{values['trouble'].space}  no diagnosis ({values['why']})",
    "database": lambda values: f"the database fails ({values['why']}); the next round finds the same again",
    "stretched": lambda values: (
        f"everything takes {values['requests']} requests, and the rate limit is {values['limit']}: "
        f"each Space is looked at about every {values['every']:.0f} s"
    ),
}
