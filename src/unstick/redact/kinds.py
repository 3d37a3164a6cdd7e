"""What secrets look like: prefixes, patterns, names, and the values that are none."""

from __future__ import annotations

# Each prefix names its maker in public documentation of tokens: Hugging Face, OpenAI, Anthropic, GitHub,
# GitLab, AWS, Google, Slack, Stripe, SendGrid, npm, PyPI, Replicate, Groq, xAI, Perplexity, NVIDIA,
# Docker, DigitalOcean, Supabase, PlanetScale, Shopify, Linear, Notion, Figma, Databricks, Vault, Tavily,
# Fly, LangSmith, Doppler, Sentry.
_LETTERS_FOLLOW = (
    "hf_", "hf_jwt_", "hf_oauth_", "api_org_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "AKIA", "ASIA",
    "npm_", "r8_", "gsk_", "xai-", "tvly-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_",
    "ntn_", "lin_api_", "shpat_", "dapi", "rnd_", "dop_v1_", "sbp_", "sntrys_",
)  # fmt: skip
_HYPHENS_FOLLOW = (
    "sk-", "sk-ant-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-lf-", "github_pat_",
    "glpat-", "gldt-", "AIza", "GOCSPX-", "xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxo-", "xoxp-",
    "xoxr-", "xoxs-", "xapp-", "pypi-", "pplx-", "nvapi-", "dckr_pat_", "sb_secret_", "pscale_tkn_",
    "pscale_pw_", "figd_", "hvs.", "hvb.", "lsv2_pt_", "lsv2_sk_", "dp.st.", "glsa_",
)  # fmt: skip
_ANYTHING_FOLLOWS = ("SG.", "ya29.", "fm2_")
PREFIXES = (*_LETTERS_FOLLOW, *_HYPHENS_FOLLOW, *_ANYTHING_FOLLOWS)


def _either(prefixes: tuple[str, ...]) -> str:
    """One of these, the longest first."""
    longest_first = sorted(prefixes, key=len, reverse=True)
    return "|".join(prefix.replace(".", r"\.") for prefix in longest_first)


# Prefix and body; 16 is the shortest body (AKIA has it). Words joined by hyphens are sorted out later.
# A token may follow a line end that a program printed as two letters ('Bearer \\nhf_…'), or a sign of an
# address ('%20hf_…'): then a letter or a digit stands before it all the same.
_AFTER = r"(?<=\\[nrt])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])"
PREFIXED = (
    rf"(?:(?<![A-Za-z0-9])|{_AFTER})(?:({_either(_LETTERS_FOLLOW)})([A-Za-z0-9]{{16,}})"
    rf"|({_either(_HYPHENS_FOLLOW)})([A-Za-z0-9_-]{{15,}}[A-Za-z0-9_])"
    rf"|({_either(_ANYTHING_FOLLOWS)})([A-Za-z0-9_.~+/=-]{{15,}}[A-Za-z0-9_=]))"
)

# A key's lines: base64, headers as `Proc-Type: 4,ENCRYPTED`, and the prefix that BuildKit gives to each line.
PEM = (
    r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)"
    r"(?!\[redacted\])(?:\\{1,8}[nr]|[\sA-Za-z0-9+/=:,]|\b-(?!-)|(?<=\n)#\d{1,4} \d{1,6}\.\d{1,4} )*"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
)
JWT = rf"(?:(?<![A-Za-z0-9_-])|{_AFTER})eyJ[A-Za-z0-9_-]{{6,}}\.[A-Za-z0-9_-]{{6,}}(?:\.[A-Za-z0-9_-]*)*"
TELEGRAM = r"(?<![0-9])([0-9]{8,10}):AA[A-Za-z0-9_-]{30,}"
WEBHOOK = (
    r"(hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/)"
    r"(?!\[redacted\])[A-Za-z0-9_/@%.-]+"
)
AUTHORIZATION = (
    r"(authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:[a-z]{1,20}\s{1,3})?|(?:\b|(?<=\\[nrt]))(?:bearer|basic)\s{1,3})"
    r"([a-z0-9._~+/=-]{12,})"
)
CURL_USER = r"(\s(?:-u|--user)[ =][\"']?[^\s:\"'/]{1,100}:)(?!\d{1,6}\s)([^\s\"']{1,300})()"
COOKIE = (
    r"((?:\b|(?<=\\[nrt]))(?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?)"
    r"([^\s\"'\[=;\\]{1,200}=[^\s\"';\\]*(?:; ?[^\s\"';=\\]{1,200}(?:=[^\s\"';\\]*)?)*)"
)

# Passwords between `:` and `@`. Those of databases may hold a slash; in web addresses a slash ends the host.
CONNECTION = (
    r"((?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|clickhouse|neo4j|bolt)"
    r"(?:\+[a-z0-9]{1,20}){0,3}://[^\s/:@\"'<>]{0,200}:)([^\s\"'<>]{1,300})(@)"
)
USERINFO = r"(://[^\s/:@\"'<>?#]{0,200}:)([^\s/\"'<>?#]{1,300})(@)"
USER_ONLY = r"(://)([^\s/:@\"'<>?#\[]{16,300})@"

QUERY_NAMES = tuple(
    name + "="
    for name in (
        "token", "key", "sig", "signature", "secret", "password", "passwd", "pwd", "auth", "__sign",
        "credential", "code",
    )
)  # fmt: skip
QUERY = (
    r"([?&;](?:[a-z0-9_-]{0,30}(?:token|key|signature|secret|password|passwd|auth|credential)|sig|pwd|__sign|code)=)"
    r"([^&\s\"'<>#\[]+)"
)

EMAIL = r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,20})\b"

_PASSWORD_WORDS = ("passw", "pwd", "passphrase", "passcode", "contrase", "senha")
_WORDS = ("token", "secret", *_PASSWORD_WORDS, "apikey", "api key", "_key", "-key", "accesskey", "accountkey",
          "credential")  # fmt: skip
# `tokenizer`, `max_tokens`, `secrets` and the like name no secret.
ASSIGNMENT = (
    r"(?P<name>(?:token(?!i[sz]|s\b)|secret(?!s\b)|passw(?:or)?[dt]|pwd|passphrase|passcode|contraseña|senha"
    r"|api[_ -]?key|[a-z0-9][_-]key|access_?key|account_?key|credential)(?:[_-]?[a-z0-9]){0,30})"
    r"(?P<between>\\{0,8}[\"'`]?(?:\s{0,3}(?:=>|:=|==?|:)\s{0,3}|%3[DA]|\s{1,3}(?:is|es|é|est)\s{1,3}|\s{1,3}(?=\S)))"
    r"(?P<quote>\\{0,8}[\"'`]|&(?:quot|#0?39|#x27|#34);)?(?P<value>(?(quote)(?:(?!&(?:quot|#))[^\"'`\r\n\\]|\\+(?![\"'`\\])){1,500}"
    r"|(?:(?!%(?:0[AD]|2[06]))[^\s\"'`,;&<>(){}\[\]\\]|\\+(?![nrt\"'`\\])){1,500}))"
)

_NO_VALUES = frozenset((
    "none", "null", "nil", "true", "false", "undefined", "str", "string", "bytes", "bool", "int", "any",
    "optional", "required", "missing", "invalid", "expired", "empty", "unset", "set", "not", "found",
    "error", "failed", "changeme", "todo", "tbd", "the", "a", "an", "and", "or", "in", "is", "on", "to",
    "for", "from", "with", "was", "has", "default", "hidden", "redacted", "masked", "removed", "admin",
    "root", "user", "password", "secret", "token", "key", "value", "yes", "no", "incorrect", "wrong",
))  # fmt: skip
_CODE = ("$", "<", "{", "[", "%", "*", "/", "./", "~", "os.", "process.", "st.secrets", "secrets.", "env.",
         "http://", "https://", "config.", "settings.", "self.", "args.", "import.")  # fmt: skip


def may_assign(lower: str) -> bool:
    """Whether some secret's name is followed by `=`, `:` or a verb: the cheap test before the pattern."""
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            after = lower[at + len(word) : at + len(word) + 40]
            if (
                "=" in after
                or "%3d" in after
                or ":" in after
                or " is " in after
                or lower[max(0, at - 30) : at].rfind("--") >= 0
            ):
                return True
            at = lower.find(word, at + len(word))
    return False


def is_reference(value: str) -> bool:
    """Whether a value only refers to a secret (`os.environ[…]`, `$TOKEN`, a path) or is a blank (`***`)."""
    placeholder = not value.strip("*.xX-_•…?\"' ")
    return value.lower().startswith(_CODE) or value.endswith("…") or "[redacted]" in value or placeholder


def is_blank(value: str) -> bool:
    """Whether a value is a variable in capitals (`$TOKEN`), a name in brackets or a blank (`***`)."""
    name = value.strip("${}")
    variable = value.startswith(("$", "{")) and name == name.upper() and name.replace("_", "").isalnum()
    bracketed = value.startswith("<") and value.endswith(">")
    return variable or bracketed or value == "[redacted]" or not value.strip("*xX.…")


def is_secret(name: str, between: str, quote: str, value: str, after: str = "") -> bool:
    """Whether an assignment of `value` to `name` gives a secret away; `after` is the character that follows
    it.

    A shell assignment in capitals (`DB_PASSWORD=…`) always does. Prose and code (`token: str`,
    `token = load()`, `password: incorrect`) only when the value looks made: letters with digits or signs.
    """
    bare = value.strip()
    between, quote = between.replace("%3D", "=").replace("%3d", "="), quote.lstrip("\\")
    if is_reference(bare) or bare.lower().rstrip(".,:;!") in _NO_VALUES:
        return False
    password = any(word in name.lower() for word in _PASSWORD_WORDS)
    if between == "=" and not quote and name == name.upper():
        return len(bare) >= 4 and not (bare.isdigit() and not password)
    if " " in bare and not password:
        return False
    if quote and password and between.strip("\"'` ") not in ("", "is"):
        return len(bare) >= (6 if bare.isalpha() else 4) and not (
            " " in bare and bare.replace(" ", "").isalpha()
        )
    digits = sum(c.isdigit() for c in bare)
    letters = sum(c.isalpha() for c in bare)
    signs = len(bare) - digits - letters
    if password and between == "=" and after not in tuple(",()[."):
        return len(bare) >= 3
    if password:
        return len(bare) >= 5 and (digits > 0 or signs > 1) and not bare.startswith("(")
    mixed = letters >= 2 and ((digits >= 2 and len(bare) >= 10) or (digits >= 1 and len(bare) >= 20))
    return mixed and not bare.lower().endswith((".py", ".json", ".txt", ".yaml", ".toml"))
