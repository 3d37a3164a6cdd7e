"""A password, token or key in the repository.

What it finds: values in the form of real access tokens (Hugging Face, OpenAI, Google, AWS, GitHub, Slack,
Telegram ...),
private keys, passwords in database addresses, long random values given to names such as api_key or
password, cookie jars, in
files that would be pushed. Placeholders and examples are left in peace, and so are keys that their issuers
mean to be public: Firebase's web configuration, the script of Google Maps, publishable
keys of Stripe, Clerk, Mapbox, Supabase and PostHog.

Why it matters: a public Space shows every file of its repository; the Hub's scanner reports tokens, and
some are revoked
at once.

Example:

    API_KEY = "AIza..."          # followed by the rest of a real key

Instead:

    API_KEY = os.environ["API_KEY"]

Repair safety: no edit: a published key has to be revoked, not only removed.

Source: the issuers' documented forms of their tokens; Firebase docs projects/api-keys (its keys only name the
project); Hub docs spaces-overview (secrets).
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._secret_forms import ASSIGNED, FORMS, PASSWORD, PUBLISHABLE, looks_random, placeholder
from unstick.rules.base import Rule
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A153",
    title="Secret in the repository",
    severity="warning",
    confidence=0.85,
    causes=(("flagged-or-moderated", 1.0),),
)

_ENDS = (
    ".py",
    ".js",
    ".ts",
    ".jsx",
    ".tsx",
    ".json",
    ".yml",
    ".yaml",
    ".toml",
    ".ini",
    ".cfg",
    ".conf",
    ".sh",
    ".txt",
    ".env",
    ".ipynb",
    ".html",
    ".md",
    ".properties",
    ".xml",
)
_SKIP = lazy(
    r"(?:^|/)(?:node_modules|dist|build|vendor|static/lib|tests?|__tests__|fixtures|\.git|site-packages|docs?|examples?)/|package-lock\.json$|yarn\.lock$|pnpm-lock\.yaml$|\.min\.js$|\.lock$|(?:^|/)test_[^/]*\.py$|tsconfig[^/]*\.json$"
)
_REMOTE = lazy(r"(?i)host\w*[\"']?\s*[:=]\s*[\"'][a-z0-9-]+\.[a-z0-9.-]+\.[a-z]{2,}")
_SERVED = lazy(r"(?:^|/)(?:static|public|assets|www)/(?:.*/)?[^/]*\.m?js$")
"""Scripts that browsers load: a service's key there was public before, on purpose or not."""
_IN_PAGES = lazy(r"(?i)auth_?domain|firebaseapp|messaging_?sender_?id|maps\.googleapis\.com/maps/api/js")
_VALUE = lazy(r"[\"'][A-Za-z0-9_\-/+=. ]{15,90}[\"']")
_LARGEST = 400_000
_MOST = 5
_LINES = 2000
_BEFORE = 100
"""How far before the telling word a name may begin."""


def check(space: Space) -> Iterator[Finding]:
    """At most one finding a file and five in all; the value itself is never shown."""
    found = 0
    for name in space.tree.names():
        base = name.rpartition("/")[2]
        if (
            _SKIP.search(name)
            or not (base.endswith(_ENDS) or base.startswith(".env"))
            or space.tree.size(name) > _LARGEST
        ):
            continue
        file = space.tree.read(name)
        text = file.text if file is not None and (not file.binary or file.text.startswith("# ")) else None
        row = _first(name, text) if text else None
        if row is not None:
            offset, what = row
            line = text.count("\n", 0, offset) + 1 if text else 1
            yield RULE.finding(
                Place(name, line),
                f"{what} stands in {name}, which is pushed to the Space",
                "Revoke it, make it a secret of the Space, and read it from the environment.",
                severity="advice" if what.startswith("what looks like") and _SERVED.search(name) else "",
            )
            found += 1
            if found >= _MOST:
                return


def _first(name: str, text: str) -> tuple[int, str] | None:
    """Offset and kind of the first secret in a file."""
    if text.startswith(("# Netscape HTTP Cookie File", "# HTTP Cookie File")):
        return (text.find("\n"), "a browser's cookie jar") if text.count("\t") > 12 else None
    example = re.search(r"example|sample|template|dist$", name.rpartition("/")[2]) is not None
    for form in FORMS:
        if form.marker not in text:
            continue
        for match in re.finditer(form.pattern, text):
            value = match[match.lastindex or 0]
            if (
                not placeholder(value)
                and not (form.random and not looks_random(value))
                and not _web_configuration(value, text, match.start())
            ):
                return match.start(), form.name
    if example or name.endswith((".md", ".ipynb", ".html")):
        return None
    for match in _assignments(text):
        value = match["value"]
        if value.startswith(PUBLISHABLE) or _web_configuration(value, text, match.start()):
            continue
        if looks_random(value) and not placeholder(value) and "test" not in match["name"].lower():
            return match.start(), f"what looks like a real value of {match['name']}"
    for match in PASSWORD.finditer(text) if _holds_password(name, text) else ():
        around = text[max(match.start() - 300, 0) : match.end() + 300]
        digits = sum(c.isdigit() for c in match["value"])
        if (
            digits >= 2
            and not match["value"].isdigit()
            and not placeholder(match["value"])
            and _REMOTE.search(around)
        ):
            return match.start(), "the password of a remote service"
    return None


def _assignments(text: str) -> Iterator[re.Match[str]]:
    """The long values given to telling names; only lines that speak of a secret are searched."""
    lower = text.lower()
    tried = 0
    for word in ("key", "secret", "token", "passw"):
        at = lower.find(word)
        while at >= 0 and tried < _LINES:
            # Not from the line's beginning: a minified file is one line, searched again for each word.
            start = max(text.rfind("\n", max(at - _BEFORE, 0), at) + 1, at - _BEFORE, 0)
            end = text.find("\n", at)
            end = len(text) if end < 0 else min(end, at + 400)
            tried += 1
            # Most such lines hold no long value in quotes; asking for that first is what makes this quick.
            found = ASSIGNED.search(text, start, end) if _VALUE.search(text, start, end) else None
            if found:
                yield found
            at = lower.find(word, end)


def _holds_password(name: str, text: str) -> bool:
    return name.endswith((".py", ".env", ".js", ".ts")) and (
        "passw" in text or "PASSW" in text or "pwd" in text
    )


def _web_configuration(value: str, text: str, at: int) -> bool:
    """Whether a Google key stands in the web configuration of Firebase or the address of the Maps script, where
    every visitor sees it by design."""
    around = text[max(at - 400, 0) : at + 400]
    return value.startswith("AIza") and _IN_PAGES.search(around) is not None
