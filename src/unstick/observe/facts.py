"""Plain values out of texts: ports, addresses, durations."""

from __future__ import annotations

from collections.abc import Iterator

from unstick.record import TYPE_CHECKING
from unstick.signs import matching

if TYPE_CHECKING:
    from typing import Any


OUTBOUND = frozenset({22, 25, 43, 443, 465, 587, 993, 1433, 3306, 5432, 5672, 6379, 6543, 7687, 9200, 27017})
"""Ports of services that an app connects to; seen in errors, they are not the port it listens on."""

# Patterns are RE2's: linear in the text, whatever a hostile one holds. Case does not matter.
APP_PORT = r"app[_ -]?port[\"'`]{0,3}\s{0,3}(?:is|of|to|=|:|set to|was)?\s{0,3}[\"'`]{0,3}(\d{2,5})"
LISTENS = (
    r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\*):(\d{2,5})\b",
    r"--(?:server[.-])?port[= \"',]+(\d{2,5})",
    r"\b(?:-b|--bind)[= \"',]+[\w.]*:(\d{2,5})",
    r"\bserver[._]port\s{0,3}[=:]\s{0,3}(\d{2,5})",
    r"(?:listen|serv|run|start|bind|launch|announc|us)(?:s|es|ed|ing|ening|ens|ning|ting|e)?\b[^.!?\n]{0,40}?"
    r"(?:on|at|port|uses|is)\s+(?:the\s+)?(?:port\s+|its own port\s+)?(\d{4,5})\b",
    r"\b(?:port|EXPOSE|PORT=|PORT:|PORT)\s{0,3}(?:is|of|=|:|to)?\s{0,3}(\d{2,5})\b",
)
NOT_A_PORT = r"^(?:[^.\n]{0,20}\brefus|\s*(?:seconds?|mb|gb|ms|files?|bytes?|lines?|users?|requests?)\b)"
LOOPBACK = (
    r"(?:--(?:host|bind|server[.-]address)[= \"',]+|-b[= \"',]+|\bhost\s{0,3}=\s{0,3}[\"']"
    r"|(?:running|listening|serving) (?:on|at)[: ]+(?:local url:\s+)?(?:https?://)?)(?:127\.0\.0\.1|localhost)"
)
_NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "ten": 10, "twelve": 12, "several": 4, "many": 12, "some": 4, "few": 4, "half": 0.5, "couple": 2,
    "un": 1, "una": 1, "um": 1, "uma": 1, "dos": 2, "dois": 2, "duas": 2, "tres": 3, "três": 3,
    "une": 1, "deux": 2, "trois": 3, "一": 1, "两": 2, "三": 3, "几": 4, "半": 0.5,
    "satu": 1, "dua": 2, "tiga": 3, "beberapa": 4,
}  # fmt: skip
# The beginning of a unit → hours.
UNITS = (
    ("min", 1 / 60), ("分", 1 / 60), ("menit", 1 / 60),
    ("week", 168.0), ("semana", 168.0), ("semaine", 168.0), ("minggu", 168.0),
    ("周", 168.0), ("星期", 168.0), ("个星期", 168.0),
    ("month", 720.0), ("mes", 720.0), ("mês", 720.0), ("mois", 720.0), ("bulan", 720.0), ("个月", 720.0),
    ("hour", 1.0), ("hr", 1.0), ("hora", 1.0), ("heure", 1.0), ("jam", 1.0),
    ("小时", 1.0), ("个小时", 1.0), ("h", 1.0),
    ("day", 24.0), ("día", 24.0), ("dia", 24.0), ("jour", 24.0), ("hari", 24.0), ("天", 24.0), ("日", 24.0),
)  # fmt: skip
DURATION = (
    r"(\d{1,6}(?:\.\d{1,3})?|\b(?:an?|one|two|three|four|five|six|seven|eight|ten|twelve|several|many|some|few|half|couple|"
    r"una?|uma?|dos|dois|duas|tr[eê]s|une|deux|trois|satu|dua|tiga|beberapa)\b|[一两三几半])"
    r"(?:\s{0,2}(?:-|to|–)\s{0,2}\d{1,6})?\s{0,2}\+?\s{0,2}(?:of |a |an |full |whole |more )?\s{0,2}-?"
    r"(minggu|minutes?|minutos?|mins?|hours?|hrs?|h\b|days?|weeks?|months?|horas?|d[ií]as?|semanas?|mes(?:es)?|m[eê]s|"
    r"heures?|jours?|semaines?|mois|jam|hari|bulan|menit|分钟|分|小时|个小时|天|周|个?星期|个月)"
)
WAITING = (
    r"stuck|hang|hung|stay|remain|since|for|more than|over|past|already|still|after|preparing|starting|"
    r"building|restarting|waiting|been|desde|hace|lleva|h[aá]|depuis|sejak|selama|已经|一直|了|卡"
)
SINCE = (
    r"since (?:yesterday|last (?:night|week|month)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"\d{1,2}(?:st|nd|rd|th)? \w+|this morning|\w+ \d{1,2}\b)|"
    r"overnight|all (?:day|night)|for (?:days|weeks|months|hours|ages)|"
    r"desde (?:ayer|ontem|hace)|depuis hier|sejak kemarin|从昨天|昨天"
)


def app_port(text: str) -> int | None:
    """The port that a text gives as app_port."""
    match = matching.compile(APP_PORT).search(text) if "port" in text.lower() else None
    return _port(match.group(1)) if match else None


def listening_ports(text: str) -> list[int]:
    """The ports that a text says the app listens on, in order, without that given as app_port."""
    if not any(character.isdigit() for character in text):
        return []
    text = matching.compile(APP_PORT).sub(" ", text)
    found: list[int] = []
    for match in _matches(LISTENS, text):
        port = _port(match.group(1))
        if (
            port
            and port not in found
            and not matching.compile(NOT_A_PORT).search(text[match.end() : match.end() + 40])
        ):
            found.append(port)
    return found


def binds_loopback(text: str) -> bool:
    """Whether a text gives or announces a loopback address to listen on."""
    lowered = text.lower()
    return ("127.0.0.1" in lowered or "localhost" in lowered) and matching.compile(LOOPBACK).search(
        text
    ) is not None


def is_unreachable(address: str, line: str = "") -> bool:
    """Whether an announced address cannot be reached from outside the container: a loopback one, or `::` of
    uvicorn, which listens on IPv6 alone there (asyncio sets IPV6_V6ONLY on it), while the platform asks by IPv4.
    """
    plain = address.strip("[]").lower()
    if plain == "::":
        return "uvicorn running on" in line.lower()
    return plain in ("localhost", "::1") or address.startswith("127.")


def longest_wait(text: str) -> float:
    """The longest time in hours for which something is said not to move; 0 when none is given."""
    longest = 0.0
    for match in _matches((DURATION,), text):
        before = text[max(0, match.start() - 45) : match.start()]
        if not matching.compile(WAITING).search(before):
            continue
        number = match.group(1).lower()
        amount = float(number) if number[0].isdigit() else float(_NUMBER_WORDS.get(number, 1))
        longest = max(longest, amount * _hours(match.group(2).lower()))
    if matching.compile(SINCE).search(text):
        longest = max(longest, 12.0)
    return min(longest, 24.0 * 400)


def _hours(unit: str) -> float:
    """The hours of a unit: the longest beginning counts ('minggu' is no minute, 'hari' no hour)."""
    return max((len(start), hours) for start, hours in (*UNITS, ("", 0.0)) if unit.startswith(start))[1]


def _matches(patterns: tuple[str, ...], text: str) -> Iterator[Any]:
    for pattern in patterns:
        yield from matching.compile(pattern).finditer(text)


def _port(digits: str) -> int | None:
    number = int(digits)
    if number in OUTBOUND:
        return None
    return number if 20 < number < 65536 and not 1990 <= number <= 2035 else None
