"""Secrets out of texts, before anything is stored or shown.

Every kind is a row of a table: words that have to occur for the pattern to be looked for at all (so that a
text without secrets costs microseconds and compiles nothing), the pattern, and what stays. Patterns are
bounded or consume what they scan, so the time is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Callable

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.redact import kinds

if TYPE_CHECKING:
    from re import Match, Pattern
    from typing import Any

MARK = "[redacted]"
_PASSES = 8


class Kind(NamedTuple):
    """One kind of secret: literals of which one must occur, a pattern, and what replaces a match."""

    literals: tuple[str, ...]
    pattern: str
    replace: Callable[[Match[str]], str]
    ignore_case: bool = False


_compiled: dict[str, Pattern[str]] = {}


def redact(text: str, *, emails: bool = False) -> str:
    """The text with every secret replaced by its first letters and `…[redacted]`; the rest stays as it is.

    Covered are the tokens of common services, JSON web tokens, `Authorization` headers, private keys,
    passwords in addresses and connection strings, signed query parameters, webhooks, and values assigned to
    names such as `DB_PASSWORD` or `api_key`. With `emails` addresses of persons as well. Doing it twice
    changes nothing. A text with a secret loses its colours.
    """
    if "\x1b" in text or "\x9b" in text:
        # A program that colours a half of a token hides it from every pattern, and not from a person.
        from unstick.text import without_sequences

        plain = without_sequences(text)
        done = _passes(plain, emails)
        return text if done == plain else done
    return _passes(text, emails)


def _passes(text: str, emails: bool) -> str:
    """Until nothing is left to be found."""
    for _ in range(_PASSES):
        done = _pass(text, emails)
        if done == text:
            break
        text = done
    return text


def in_values(value: Any, clean: Callable[[str], str] = redact) -> Any:
    """Plain values (of JSON) with every text in them redacted. Redacting the JSON itself could take a
    backslash away that stands for a quote."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: in_values(item, clean) for name, item in value.items()}
    return [in_values(item, clean) for item in value] if isinstance(value, list | tuple) else value


def _pass(text: str, emails: bool) -> str:
    """Every kind once."""
    lower = text.lower()
    for kind in KINDS:
        if any(literal in (lower if kind.ignore_case else text) for literal in kind.literals):
            text = _pattern(kind).sub(kind.replace, text)
    if "-----END " in text:
        from unstick.redact.keys import without_rests

        text = without_rests(text, MARK)
    if kinds.may_assign(lower):
        text = _pattern(ASSIGNMENT).sub(ASSIGNMENT.replace, text)
    if emails and "@" in text:
        text = _pattern(EMAIL).sub(EMAIL.replace, text)
    return text


def _pattern(kind: Kind) -> Pattern[str]:
    """The compiled pattern, made when first wanted."""
    import re

    found = _compiled.get(kind.pattern)
    if found is None:
        found = _compiled[kind.pattern] = re.compile(kind.pattern, re.IGNORECASE if kind.ignore_case else 0)
    return found


def _token(match: Match[str]) -> str:
    """Prefix and mark, if what follows the prefix is made by a machine: it holds a digit or both cases."""
    prefix, rest = (group for group in match.groups() if group is not None)
    made = (
        any(c.isdigit() for c in rest)
        or (rest != rest.lower() and rest != rest.upper())
        or len(set(rest)) < 3
    )
    return f"{prefix}…{MARK}" if made else match[0]


def _keep_first(match: Match[str]) -> str:
    """The first group, then the mark."""
    return match[1] + MARK


def _password(match: Match[str]) -> str:
    """A password between `:` and `@`; a variable or a blank in its place stays."""
    return match[0] if kinds.is_blank(match[2]) else match[1] + MARK + match[3]


def _credentials(match: Match[str]) -> str:
    """Scheme of an `Authorization` value and mark, unless the value is plain words."""
    value = match[2]
    plain = value.isalpha() and (value == value.lower() or value.istitle())
    return match[0] if plain or kinds.is_reference(value) else match[1] + MARK


def _user_only(match: Match[str]) -> str:
    """An address with one word before the `@`: a token is long and mixed, a user name is neither."""
    word = match[2]
    return match[1] + MARK + "@" if len(word) >= 16 and any(c.isdigit() for c in word) else match[0]


def _query(match: Match[str]) -> str:
    """A query parameter: short numbers and short words are no secrets."""
    value = match[2]
    return match[0] if len(value) < 6 or (value.isdigit() and len(value) < 12) else match[1] + MARK


def _cookie(match: Match[str]) -> str:
    """A cookie header holds name=value."""
    return match[1] + MARK if "=" in match[2] else match[0]


def _assigned(match: Match[str]) -> str:
    """`name = value` with the value gone, when name and value look like a secret."""
    name, between, quote, value = match["name"], match["between"], match["quote"] or "", match["value"]
    after = match.string[match.end() : match.end() + 1]
    if not kinds.is_secret(name, between, quote, value, after):
        return match[0]
    return match["name"] + between + quote + MARK


def _email(match: Match[str]) -> str:
    """An address of a person; service accounts and the platform's own addresses stay."""
    local, host = match[1], match[2].lower()
    kept = local.lower() in ("git", "noreply", "no-reply") or host.endswith(("huggingface.co", "example.com"))
    return match[0] if kept else f"{local[0]}…[e-mail redacted]"


KINDS: tuple[Kind, ...] = (
    Kind(("PRIVATE KEY",), kinds.PEM, lambda match: f"{match[1]}{MARK}-----END PRIVATE KEY-----"),
    Kind(kinds.PREFIXES, kinds.PREFIXED, _token),
    Kind(("eyJ",), kinds.JWT, lambda match: f"eyJ…{MARK}"),
    Kind((":AA",), kinds.TELEGRAM, lambda match: f"{match[1]}:…{MARK}"),
    Kind(("hooks.slack.com/", "api/webhooks/", "webhook.office.com/"), kinds.WEBHOOK, _keep_first),
    Kind(("bearer", "basic", "authorization"), kinds.AUTHORIZATION, _credentials, True),
    Kind((" -u ", " --user"), kinds.CURL_USER, _password),
    Kind(("cookie",), kinds.COOKIE, _cookie, True),
    Kind(("@",), kinds.CONNECTION, _password, True),
    Kind(("@",), kinds.USERINFO, _password),
    Kind(("@",), kinds.USER_ONLY, _user_only),
    Kind(kinds.QUERY_NAMES, kinds.QUERY, _query, True),
)
ASSIGNMENT = Kind((), kinds.ASSIGNMENT, _assigned, True)
EMAIL = Kind((), kinds.EMAIL, _email)
