"""Plain values out of texts: ports, addresses, durations."""

from __future__ import annotations

import re

OUTBOUND = frozenset({22, 25, 43, 443, 465, 587, 993, 1433, 3306, 5432, 5672, 6379, 6543, 7687, 9200, 27017})
"""Ports of services that an app connects to; seen in errors, they are not the port it listens on."""

_APP_PORT = re.compile(r"app[_ -]?port[\"'`]*\s*(?:is|of|to|=|:|set to|was)?\s*[\"'`]*(\d{2,5})", re.IGNORECASE)
_LISTENS = (
    re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\*):(\d{2,5})\b", re.IGNORECASE),
    re.compile(r"--(?:server[.-])?port[= \"',]+(\d{2,5})", re.IGNORECASE),
    re.compile(r"\b(?:-b|--bind)[= \"',]+[\w.]*:(\d{2,5})", re.IGNORECASE),
    re.compile(r"\bserver[._]port\s*[=:]\s*(\d{2,5})", re.IGNORECASE),
    re.compile(
        r"(?:listen|serv|run|start|bind|launch|announc|us)(?:s|es|ed|ing|ening|ens|ning|ting|e)?\b[^.!?\n]{0,40}?"
        r"(?:on|at|port|uses|is)\s+(?:the\s+)?(?:port\s+|its own port\s+)?(\d{4,5})\b(?!\s*(?:seconds|mb|gb|ms|files))",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:port|EXPOSE|PORT=|PORT:|PORT)\s*(?:is|of|=|:|to)?\s*(\d{2,5})\b", re.IGNORECASE),
)
_LOOPBACK = re.compile(
    r"(?:--(?:host|bind|server[.-]address)[= \"',]+|-b[= \"',]+|\bhost\s*=\s*[\"']|(?:running|listening|serving) (?:on|at)[: ]+(?:local url:\s+)?(?:https?://)?)"
    r"(?:127\.0\.0\.1|localhost)",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "ten": 10, "twelve": 12, "several": 4, "many": 12, "some": 4, "few": 4, "half": 0.5, "couple": 2, "un": 1, "una": 1, "um": 1,
    "uma": 1, "dos": 2, "dois": 2, "duas": 2, "tres": 3, "une": 1, "deux": 2, "trois": 3, "一": 1, "两": 2, "三": 3, "几": 4, "半": 0.5,
    "satu": 1, "dua": 2, "tiga": 3, "beberapa": 4,
}  # fmt: skip
_UNITS = (
    (re.compile(r"^(?:min|分|menit)"), 1 / 60),
    (re.compile(r"^(?:hour|hr|hora|heure|jam|小时|个小时|h$)"), 1.0),
    (re.compile(r"^(?:day|d[ií]a|dia|jour|hari|天|日)"), 24.0),
    (re.compile(r"^(?:week|semana|semaine|minggu|周|星期|个星期)"), 168.0),
    (re.compile(r"^(?:month|mes|m[eê]s|mois|bulan|个月)"), 720.0),
)
_DURATION = re.compile(
    r"(\d+(?:\.\d+)?|\b(?:an?|one|two|three|four|five|six|seven|eight|ten|twelve|several|many|some|few|half|couple|"
    r"una?|uma?|dos|dois|duas|tres|une|deux|trois|satu|dua|tiga|beberapa)\b|[一两三几半])"
    r"(?:\s*(?:-|to|–)\s*\d+)?\s*\+?\s*(?:of |a |an |full |whole |more )?\s*-?"
    r"(minutes?|mins?|hours?|hrs?|h\b|days?|weeks?|months?|horas?|d[ií]as?|semanas?|mes(?:es)?|m[eê]s|minutos?|"
    r"heures?|jours?|semaines?|mois|jam|hari|minggu|bulan|menit|分钟|分|小时|个小时|天|周|个?星期|个月)",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"stuck|hang|hung|stay|remain|since|for|more than|over|past|already|still|after|preparing|starting|building|restarting|"
    r"waiting|been|desde|hace|lleva|h[aá]|depuis|sejak|selama|已经|一直|了|卡",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"since (?:yesterday|last (?:night|week|month)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}(?:st|nd|rd|th)? \w+|this morning|\w+ \d{1,2}\b)|"
    r"overnight|all (?:day|night)|for (?:days|weeks|months|hours|ages)|desde (?:ayer|ontem|hace)|depuis hier|sejak kemarin|从昨天|昨天",
    re.IGNORECASE,
)


def app_port(text: str) -> int | None:
    """The port that a text gives as app_port."""
    match = _APP_PORT.search(text)
    return _port(match.group(1)) if match else None


def listening_ports(text: str) -> list[int]:
    """The ports that a text says the app listens on, in order, without that given as app_port."""
    text = _APP_PORT.sub(" ", text)
    found: list[int] = []
    for pattern in _LISTENS:
        for match in pattern.finditer(text):
            port = _port(match.group(1))
            if port and port not in found:
                found.append(port)
    return found


def binds_loopback(text: str) -> bool:
    """Whether a text gives or announces a loopback address to listen on."""
    return _LOOPBACK.search(text) is not None


def is_loopback(address: str) -> bool:
    """Whether an announced address can be reached from inside the container only."""
    return address.strip("[]").lower() in ("localhost", "::1") or address.startswith("127.")


def longest_wait(text: str) -> float:
    """The longest time in hours for which something is said not to move; 0 when none is given."""
    longest = 0.0
    for match in _DURATION.finditer(text):
        before = text[max(0, match.start() - 45) : match.start()]
        if not _WAITING.search(before):
            continue
        number = match.group(1).lower()
        amount = float(number) if number[0].isdigit() else float(_NUMBER_WORDS.get(number, 1))
        unit = match.group(2).lower()
        hours = next((factor for pattern, factor in _UNITS if pattern.match(unit)), 0.0)
        longest = max(longest, amount * hours)
    if _SINCE.search(text):
        longest = max(longest, 12.0)
    return min(longest, 24.0 * 400)


def _port(digits: str) -> int | None:
    number = int(digits)
    if number in OUTBOUND:
        return None
    return number if 20 < number < 65536 and not 1990 <= number <= 2035 else None
