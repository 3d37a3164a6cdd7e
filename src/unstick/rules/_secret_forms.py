"""The forms of real tokens and keys, and what a placeholder looks like."""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import NamedTuple


class Form(NamedTuple):
    """One kind of secret: `marker` has to stand in the text before `pattern` is tried; `random` asks for
    a random value."""

    name: str
    marker: str
    pattern: str
    random: bool = True


FORMS: tuple[Form, ...] = (
    Form("a Hugging Face token", "hf_", r"\bhf_[A-Za-z]{30,40}\b"),
    Form("a Google API key", "AIza", r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
    Form("an OpenAI key", "sk-", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}"),
    Form("a Groq key", "gsk_", r"\bgsk_[A-Za-z0-9]{40,}"),
    Form("a GitHub token", "ghp_", r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    Form("a GitHub token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,}"),
    Form("an AWS access key", "AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    Form("a Slack token", "xox", r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    Form("a Telegram bot token", ":AA", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    Form("a private key", "PRIVATE KEY-----",
        r"-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE KEY-----[\s\\nrA-Za-z0-9+/=]{100}", False),
    Form("a SendGrid key", "SG.", r"\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{30,}"),
    Form("a Stripe key", "_live_", r"\b[sr]k_live_[A-Za-z0-9]{20,}"),
    Form("a Tavily key", "tvly-", r"\btvly-[A-Za-z0-9-]{28,}"),
    Form("a Replicate token", "r8_", r"\br8_[A-Za-z0-9]{37}\b"),
    Form("an NVIDIA key", "nvapi-", r"\bnvapi-[A-Za-z0-9_-]{50,}"),
    Form("a Pinecone key", "pcsk_", r"\bpcsk_[A-Za-z0-9_]{50,}"),
    Form("an OpenRouter key", "sk-or-", r"\bsk-or-v1-[0-9a-f]{60,}"),
    Form("an Anthropic key", "sk-ant-", r"\bsk-ant-[A-Za-z0-9_-]{60,}"),
    Form("a database address with its password", "@",
        r"\b(?:postgres(?:ql)?|mysql|mongodb|rediss?|amqps?)(?:\+\w+)?://[^\s:'\"/@{}<>$]+"
        r":([^\s:'\"/@{}<>$]{6,})@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+", False),
    Form("a key in an address", "ey=", r"https?://[^\s'\"]*[?&](?:api_?[kK]ey|appid|token|access_key)=([A-Za-z0-9_-]{24,})"),
)  # fmt: skip
"""Most telling first (the issuers' documented forms)."""

PUBLISHABLE = ("pk_live_", "pk_test_", "pk.eyJ", "sb_publishable_", "phc_")
"""How keys begin that belong into a page (Stripe and Clerk, Mapbox, Supabase, PostHog: their own documentation)."""

ASSIGNED = lazy(
    r"(?im)(?<![\w-])(?P<name>[\w-]{0,40}(?:api[_-]?key|apikey|secret[_-]?key|api[_-]?secret|client[_-]?secret"
    r"|access[_-]?token|auth[_-]?token"
    r"|api[_-]?token|bot[_-]?token|app[_-]?password|email[_-]?password|smtp[_-]?pass(?:word)?|mail[_-]?password|db[_-]?password|password))"
    r"[\"']?\s*[:=]\s*(?:(?:os\.)?(?:getenv|environ\.get)\(\s*[\"']\w+[\"']\s*,\s*)?"
    r"[\"'](?P<value>[A-Za-z0-9_\-/+=. ]{15,90})[\"']"
)
"""A long value given to a name that speaks of a secret, also as the default of an environment variable."""

PASSWORD = lazy(
    r"(?i)\b(?P<name>password|passwd|pwd|db_pass(?:word)?)\s*[:=]\s*[\"'](?P<value>[^\s\"'{}<>$]{5,60}[^\s\"'{}<>]{3,40})[\"']"
)
"""A password written out, as an argument or a variable; it counts beside the address of another host."""

_PLACEHOLDER = lazy(
    r"your|xxx|example|sample|change|placeholder|dummy|fake|test|secret-?key|insecure|<|\.\.\.|\*\*\*|todo|replace|insert|enter|mysecret|"
    r"default|development|1234|abcdef|password|postgres$|admin|user|token_here|key_here|supersecret|local",
    re.IGNORECASE,
)


def placeholder(value: str) -> bool:
    """Whether a value is plainly not meant as a real one."""
    return _PLACEHOLDER.search(value) is not None or len(set(value)) < 6


def looks_random(value: str) -> bool:
    """Whether a value looks drawn by lot: letters and digits mixed, or the four groups of a mail
    account's app password."""
    if re.fullmatch(r"[a-z]{4} [a-z]{4} [a-z]{4} [a-z]{4}", value):
        return True
    if " " in value:
        return False
    digits = sum(c.isdigit() for c in value)
    upper, lower = any(c.isupper() for c in value), any(c.islower() for c in value)
    if re.fullmatch(r"[0-9a-f]{24,}", value):
        return len(set(value)) >= 8 and 0 < digits < len(value)
    return (
        len(set(value)) >= 10
        and (
            digits >= 3 or (upper and lower and digits >= 1) or (value.startswith("hf_") and upper and lower)
        )
        and not re.fullmatch(r"[a-z]+(?:[-_.][a-z0-9]+)+", value)
    )
