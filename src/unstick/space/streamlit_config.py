"""`.streamlit/config.toml`: the values that decide where Streamlit listens, each with its line."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.lines import Lines
from unstick.space.types import Place

PATH = ".streamlit/config.toml"
_SECTION = lazy(r"[ \t]*\[[ \t]*([A-Za-z0-9_.\"-]+)[ \t]*\]")
_PAIR = lazy(r"[ \t]*([A-Za-z0-9_.\"-]+)[ \t]*=[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|[^#\r\n]*[^#\s])")


class Setting(NamedTuple):
    """One value as text (quotes gone) with the place of the value as written."""

    text: str
    place: Place

    @property
    def true(self) -> bool:
        """Whether it is `true`."""
        return self.text.lower() == "true"

    @property
    def false(self) -> bool:
        """Whether it is `false`."""
        return self.text.lower() == "false"


class StreamlitConfig:
    """The settings by dotted name (`server.port`, `browser.gatherUsageStats`); `error` when the file is no
    valid TOML.
    """

    def __init__(self, text: str, path: str = PATH) -> None:
        self.path = path
        self.text = text
        self.lines = Lines(text, path)
        self.settings: dict[str, Setting] = {}
        section = ""
        for number, start in enumerate(self.lines.starts, 1):
            row = self.lines.line_text(number)[:2000]
            head = _SECTION.match(row)
            if head:
                section = head.group(1).replace('"', "") + "."
                continue
            pair = _PAIR.match(row)
            if pair:
                place = self.lines.place(start + pair.start(2), start + pair.end(2))
                name = section + pair.group(1).replace('"', "")
                self.settings.setdefault(name, Setting(pair.group(2).strip("\"'"), place))

    def get(self, name: str) -> Setting | None:
        """A setting such as `server.port`."""
        return self.settings.get(name)

    @property
    def error(self) -> str:
        """Why Python's own TOML reader refuses the file, or an empty string."""
        import tomllib

        try:
            tomllib.loads(self.text.lstrip("\ufeff"))
        except (tomllib.TOMLDecodeError, RecursionError) as problem:
            return str(problem)
        return ""
