"""What in an answer breaks the page inside the Hub's frame (Hub docs: spaces-embed,
spaces-cookie-limitations)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from unstick.text import one_line

MOST_COOKIES = 20


def refused(headers: Mapping[str, str]) -> str:
    """The header that forbids the Hub to frame the page, or ''. A Content-Security-Policy with
    frame-ancestors outranks X-Frame-Options (CSP level 3)."""
    for policy in headers.get("content-security-policy", "").split(","):
        for directive in policy.split(";"):
            name, *sources = directive.split()[:50] or [""]
            if name.lower() == "frame-ancestors":
                if any(_allows(source) for source in sources):
                    return ""
                return one_line(f"Content-Security-Policy: {directive.strip()}")[:160]
    options = headers.get("x-frame-options", "").strip().lower()
    return f"X-Frame-Options: {one_line(options)[:60]}" if options in ("deny", "sameorigin") else ""


def _allows(source: str) -> bool:
    source = source.lower().strip("'")
    if source in ("*", "https:", "https://*"):
        return True
    split = urlsplit(source if "://" in source else f"https://{source}")
    host = split.netloc.partition(":")[0]
    return split.scheme == "https" and host in ("huggingface.co", "*.co", "*.huggingface.co")


def lost(cookies: Iterable[str]) -> tuple[str, ...]:
    """Names of cookies that a browser keeps back inside a frame of another site: without SameSite=None."""
    found = []
    for cookie in list(cookies)[:MOST_COOKIES]:
        first, *rest = cookie.split(";")
        said = dict(part.strip().lower().partition("=")[::2] for part in rest[:20])
        if said.get("samesite") != "none" or "secure" not in said:
            found.append(one_line(first.partition("=")[0])[:60])
    return tuple(found)
