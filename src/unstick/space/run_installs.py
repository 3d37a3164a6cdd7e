"""What the app's own code installs with pip while it starts."""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING
from unstick.space.requirements import normalise

if TYPE_CHECKING:
    from unstick.space import Space

_CALL = re.compile(r"\bpip3?[\"']?\s*,?\s*[\"']?install\b(?P<rest>[^)]{0,400})")
_STARTS = re.compile(
    r"(?:\bos\.(?:system|popen)|\bsubprocess\.\w+|\b(?:check_call|check_output|Popen|run))\s*\([^()#]*$"
)
_END = re.compile(r"\](?=\s*,|\s*$)")
"""The end of a list of words; brackets of extras stand inside quotes."""
_QUOTED = re.compile(r"[\"']([^\"'\n]*)[\"']")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def run_installs(space: Space) -> tuple[frozenset[str], bool]:
    """Distributions that reached Python files install themselves, and whether there are more whose names
    are not written there.

    Read are calls such as `os.system("pip install a b")` and
    `subprocess.run([sys.executable, "-m", "pip", "install", "a==1.0"])`.
    """
    from unstick.space.modules import modules

    names: set[str] = set()
    more = False
    for path in modules(space).files:
        text = space.text(path) or ""
        if "pip" not in text or "install" not in text:
            continue
        for call in _CALL.finditer(text):
            line = text[text.rfind("\n", 0, call.start()) + 1 : call.start()]
            before = text[max(call.start() - 200, 0) : call.start()]
            if line.lstrip().startswith("#") or _STARTS.search(before) is None:
                continue  # words about it, such as those of an error
            words, unknown = _words(_END.split(call["rest"], maxsplit=1)[0])
            names.update(words)
            more = more or unknown
    return frozenset(names), more


def _words(rest: str) -> tuple[set[str], bool]:
    """The names behind `install`, and whether a variable stands there in place of one."""
    if rest[:1] in "\"'":
        quoted = _QUOTED.findall(rest[1:])
        bare = re.sub(r"[\"'][^\"'\n]*[\"']", "", rest[1:])
        unknown = re.search(r"[A-Za-z_]\w*", re.sub(r"\w+\s*=[^,]*", "", bare)) is not None
    else:
        quoted = re.split(r"[\"'\n;&|]", rest, maxsplit=1)[0].split()
        unknown = any("{" in word for word in quoted) or not quoted
    names: set[str] = set()
    option = False
    for word in quoted:
        found = _NAME.match(word)
        if not option and found:
            names.add(normalise(found[0]))
        unknown = unknown or (not option and "{" in word)
        option = word in ("-r", "-c", "-i", "--requirement", "--index-url", "--extra-index-url", "-t")
    return names, unknown
