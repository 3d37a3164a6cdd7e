"""Headers or cookies that break the page inside the Hub's frame.

What it finds: X-Frame-Options DENY or SAMEORIGIN, a Content-Security-Policy whose frame-ancestors leaves
huggingface.co out,
session cookies with SameSite Lax or Strict set on purpose, in Python, JavaScript and nginx files that the
Space serves with.

Why it matters: the Space is RUNNING and its page on the Hub stays blank, or every login is lost inside
the frame.

Example:

    response.headers["X-Frame-Options"] = "DENY"

Instead:

    response.headers["Content-Security-Policy"] = "frame-ancestors https://huggingface.co https://*.hf.space"

Repair safety: no edit, since the header may protect something.

Source: Hub docs spaces-cookie-limitations, spaces-embed.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A156",
    title="Headers or cookies that break the Hub's frame",
    severity="warning",
    confidence=0.8,
    needs=("sdk:docker|gradio",),
    causes=(("browser-or-embed", 5.0),),
)

_HEADER = lazy(r"""X-Frame-Options["']?\]?\s*(?:[:=,]|\s)\s*["']?(DENY|SAMEORIGIN)""", re.IGNORECASE)
_POLICY = lazy(r"frame-ancestors\s+([^;\"'\n]*(?:'(?:none|self)'[^;\"\n]*)?)", re.IGNORECASE)
_COOKIE = lazy(
    r"""(?:SESSION_COOKIE_SAMESITE["']?\]?\s*=|same_?site["']?\s*[=:])\s*["'](lax|strict)["']""",
    re.IGNORECASE,
)
_SERVER = (".js", ".ts", ".mjs", ".cjs", ".conf", ".template")


def check(space: Space) -> Iterator[Finding]:
    """One finding for each kind: the header and the policy are warnings, cookies are advice."""
    names = [p for p, when in modules(space).files.items() if when in ("start", "later")]
    if space.sdk == "docker":
        names += [n for n in space.tree.names() if _serves(n) and space.tree.size(n) < 200_000]
    said: set[str] = set()
    for name in names:
        text = space.text(name) or ""
        for pattern, kind, severity in (
            (_HEADER, "header", "warning"),
            (_POLICY, "header", "warning"),
            (_COOKIE, "cookie", "advice"),
        ):
            found = pattern.search(text)
            if (
                found is None
                or kind in said
                or (pattern is _POLICY and ("huggingface" in found[1] or "*" in found[1]))
            ):
                continue
            line_start = text.rfind("\n", 0, found.start()) + 1
            if text[line_start : found.start()].lstrip().startswith(("#", "//", "*")):
                continue
            said.add(kind)
            what = "a cookie that the browser keeps back" if kind == "cookie" else "the page stays blank"
            yield RULE.finding(
                Place(name, text.count("\n", 0, found.start()) + 1),
                f"{found[0].strip()[:60]!r}: {what} inside the Hub's frame",
                "Allow https://huggingface.co and https://*.hf.space as frame-ancestors."
                if kind == "header"
                else "Set SameSite=None; Secure.",
                severity=severity,
            )


def _serves(name: str) -> bool:
    base = name.rpartition("/")[2]
    if "node_modules/" in name or "/dist/" in name or "test" in name:
        return False
    if base.endswith((".conf", ".template")) or base == "Caddyfile":
        return True
    return base.endswith(_SERVER) and base.partition(".")[0] in {
        "server",
        "index",
        "app",
        "main",
        "next",
        "middleware",
        "hf-server",
    }
