"""Secrets of every common kind, made anew for each run, and the search for what is left of them.

The values are random, so that nothing in this repository is one; the shapes are those of the makers' documents.
"""

from __future__ import annotations

import base64
import functools
import json
import random
import string
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

CHUNK = 12
"""So many characters of a secret in a row must appear nowhere."""

_LETTERS = string.ascii_letters + string.digits


class Planted(NamedTuple):
    """One secret: its kind, `secret` the part that must not be seen, `line` how it stands in a text."""

    kind: str
    secret: str
    line: str


def _letters(random_: random.Random, count: int, of: str = _LETTERS) -> str:
    """Random letters, a digit and both cases among them, as in every real token."""
    body = [random_.choice(of) for _ in range(count)]
    if of == _LETTERS:
        body[3:6] = ["7", "q", "K"]
    return "".join(body)


def plant(random_: random.Random) -> list[Planted]:
    """One of each kind."""
    letters = functools.partial(_letters, random_)

    def web_token() -> str:
        return ".".join((_b64(b'{"alg":"HS256"}'), _b64(letters(30).encode()), letters(43)))

    upper, hexadecimal = string.ascii_uppercase + string.digits, "0123456789abcdef"
    password = {
        name: letters(18) for name in ("url", "shell", "yaml", "query", "postgres", "mongo", "redis", "curl")
    }
    basic = _b64(f"user:{letters(20)}".encode())
    made = [
        _token("hugging-face", "hf_", letters(34), "token {} is not valid"),
        _token("aws-id", "AKIA", letters(16, upper), "aws: key {} denied"),
        Planted("aws-secret", secret := letters(40), f"AWS_SECRET_ACCESS_KEY={secret}"),
        _token("openai", "sk-", letters(48), "openai: Incorrect API key provided: {}"),
        _token("openai-project", "sk-proj-", f"{letters(40)}_{letters(20)}", "OPENAI_API_KEY={}"),
        _token("anthropic", "sk-ant-api03-", letters(80), "x-api-key: {}"),
        _token("github", "ghp_", letters(36), "remote: {} has expired"),
        _token("github-fine", "github_pat_", f"11{letters(20, upper)}_{letters(59)}", "GH_TOKEN={}"),
        _token("gitlab", "glpat-", letters(20), "gitlab token '{}'"),
        _token("slack", "xoxb-", f"{letters(12, string.digits)}-{letters(24)}", "slack said no to {}"),
        _token("google", "AIza", letters(35), '"key": "{}"'),
        _token("stripe", "sk_live_", letters(24), "stripe.api_key = '{}'"),
        Planted("web-token", token := web_token(), f"session {token} refused"),
        Planted("basic-auth-url", password["url"], f"pip index https://user:{password['url']}@pypi.example.org/simple"),
        Planted("bearer", bearer := letters(40), f"> Authorization: Bearer {bearer}"),
        Planted("basic", basic, f"> Authorization: Basic {basic}"),
        Planted("password", password["shell"], f"connecting with user=app password={password['shell']}"),
        Planted("password-yaml", password["yaml"], f"db_password: '{password['yaml']}'"),
        Planted("postgres", password["postgres"], f"postgresql://app:{password['postgres']}@db.example.org:5432/app"),
        Planted("mongo", password["mongo"], f"mongodb+srv://app:{password['mongo']}@c0.example.org/?w=1"),
        Planted("redis", password["redis"], f"redis://:{password['redis']}@cache.example.org:6379/0"),
        Planted("cookie", cookie := letters(32), f"Cookie: session={cookie}; theme=dark"),
        Planted("set-cookie", cookie := letters(32), f"Set-Cookie: sid={cookie}; Path=/"),
        Planted("query", password["query"], f"GET /hook?access_token={password['query']}&page=2 401"),
        Planted("curl", password["curl"], f"RUN curl -u me:{password['curl']} https://files.example.org/x"),
        Planted("hex-key", key := letters(40, hexadecimal), f'SECRET_KEY = "{key}"'),
        Planted("webhook", hook := letters(24), f"https://hooks.slack.com/services/T0AB/B0CD/{hook}"),
    ]  # fmt: skip
    key = "\n".join(letters(64) for _ in range(5))
    return [
        *made,
        Planted("private-key", key, f"-----BEGIN RSA PRIVATE KEY-----\n{key}\n-----END RSA PRIVATE KEY-----"),
    ]


def known(kind: str, value: str) -> Planted:
    """A secret that was given out by somebody else: a token of the hub."""
    return Planted(kind, value.removeprefix("hf_"), f"somebody used {value} here")


def text_of(planted: list[Planted], before: str = "") -> str:
    """All of them, a line (or several) each."""
    return "".join(f"{before}{line}\n" for one in planted for line in one.line.split("\n"))


def left_of(planted: list[Planted], text: str) -> list[str]:
    """The kinds of which something is left in a text, each with the words around it."""
    return [
        f"{one.kind}: …{text[max(0, at - 60) : at + 40]!r}…"
        for one in planted
        if (at := max((text.find(piece) for piece in _pieces(one.secret)), default=-1)) >= 0
    ]


def _pieces(secret: str) -> Iterator[str]:
    """What a secret would be recognised by: its pieces, and what it looks like in an address or in base64."""
    for part in secret.split("\n"):
        step = range(0, len(part) - CHUNK + 1, CHUNK)
        yield from (part[at : at + CHUNK] for at in step)
        yield part[-CHUNK:]
        yield base64.b64encode(part.encode()).decode().rstrip("=")[:-1]
        yield quote(part, safe="")
        yield json.dumps(part)[1:-1]


def _token(kind: str, prefix: str, body: str, line: str) -> Planted:
    return Planted(kind, body, line.format(prefix + body))


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
