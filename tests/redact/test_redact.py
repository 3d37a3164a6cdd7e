"""Secrets of every common kind go, everything else stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.redact import MARK, redact
from unstick.redact.lines import ByLine

# Made up, in the shapes that the makers document; put together here, so that no scanner takes them for real.
LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
SECRETS = [
    ("Hugging Face", "hf_" + LETTERS, "hf_…"),
    ("OpenAI", "sk-" + LETTERS, "sk-…"),
    ("OpenAI project", "sk-proj-" + LETTERS + "_x-" + LETTERS, "sk-proj-…"),
    ("Anthropic", "sk-ant-" + "api03-" + LETTERS, "sk-ant-…"),
    ("OpenRouter", "sk-or-v1-" + "0123456789abcdef" * 4, "sk-or-v1-…"),
    ("GitHub", "ghp_" + LETTERS, "ghp_…"),
    ("GitHub OAuth", "gho_" + LETTERS, "gho_…"),
    ("GitHub fine-grained", "github_pat_" + "11ABCDEFG0_" + LETTERS, "github_pat_…"),
    ("GitLab", "glpat-" + LETTERS[:20], "glpat-…"),
    ("AWS id", "AKIA" + "IOSFODNN7EXAMPLE", "AKIA…"),
    ("AWS session id", "ASIA" + "IOSFODNN7EXAMPLE", "ASIA…"),
    ("Google", "AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "AIza…"),
    ("Slack bot", "xoxb-" + "123456789012-1234567890123-" + LETTERS[:24], "xoxb-…"),
    ("Stripe", "sk_live_" + LETTERS, "sk_live_…"),
    ("SendGrid", "SG." + LETTERS[:22] + "." + LETTERS, "SG.…"),
    ("npm", "npm_" + LETTERS, "npm_…"),
    ("PyPI", "pypi-" + "AgEIcHlwaS5vcmc" + LETTERS, "pypi-…"),
    ("Replicate", "r8_" + LETTERS, "r8_…"),
    ("Groq", "gsk_" + LETTERS, "gsk_…"),
    ("NVIDIA", "nvapi-" + LETTERS, "nvapi-…"),
    ("Docker", "dckr_pat_" + LETTERS[:27], "dckr_pat_…"),
    ("Telegram", "123456789:" + "AA" + LETTERS[:33], "123456789:…"),
    ("JSON web token", "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTYifQ." + LETTERS, "eyJ…"),
]

CHANGED = [
    ("Authorization: Bearer " + LETTERS, "Authorization: Bearer [redacted]"),
    ("-H 'authorization: Basic dXNlcjpwYXNzd29yZA=='", "-H 'authorization: Basic [redacted]'"),
    ("postgresql://me:p@ss/w0rd@db.example.org:5432/x", "postgresql://me:[redacted]@db.example.org:5432/x"),
    ("mongodb+srv://me:Secret1@c0.mongodb.net/?w=1", "mongodb+srv://me:[redacted]@c0.mongodb.net/?w=1"),
    ("mysql://me:$ecret1@db/x", "mysql://me:[redacted]@db/x"),
    ("host=db user=me password=hunter dbname=x", "host=db user=me password=[redacted] dbname=x"),
    ("curl -u me:hunter2 https://x/", "curl -u me:[redacted] https://x/"),
    ("redis://:topsecret@cache:6379/0", "redis://:[redacted]@cache:6379/0"),
    ("https://me:abc123@github.com/a/b", "https://me:[redacted]@github.com/a/b"),
    ("https://x/y?token=abcdef123&page=2", "https://x/y?token=[redacted]&page=2"),
    ("https://x/y?X-Amz-Signature=00ff00ff00ff", "https://x/y?X-Amz-Signature=[redacted]"),
    ("https://discord.com/api/webhooks/123/a_b-C", "https://discord.com/api/webhooks/[redacted]"),
    ("https://hooks.slack.com/services/T0/B0/X1", "https://hooks.slack.com/services/[redacted]"),
    ("DB_PASSWORD=hunter", "DB_PASSWORD=[redacted]"),
    ("export MY_API_KEY=abcd-efgh", "export MY_API_KEY=[redacted]"),
    ("password: hunter2", "password: [redacted]"),
    ('"api_key": "abcdef1234567890"', '"api_key": "[redacted]"'),
    ("api-key = 'abcdef1234567890'", "api-key = '[redacted]'"),
    ("my password is Xy7!abc", "my password is [redacted]"),
    ("client --token abcd1234efgh5678", "client --token [redacted]"),
    ("AccountKey=abcd1234efgh5678ijkl==;", "AccountKey=[redacted];"),
    (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret_access_key = [redacted]",
    ),
    ("Set-Cookie: session=abc; path=/", "Set-Cookie: [redacted]"),
    # One after another in one line, as a log becomes in a quote or in JSON.
    ('Cookie: sid=abc DB_KEY = "a1b2c3d4e5f6"', 'Cookie: [redacted] DB_KEY = "[redacted]"'),
    (r"one\nCookie: sid=abc; theme=dark\ntwo", r"one\nCookie: [redacted]\ntwo"),
    (r"PASSWORD=hunter\ndb_password: 'hunter2'\n", r"PASSWORD=[redacted]\ndb_password: '[redacted]'\n"),
    (r"{\"api_key\": \"abcdef1234567890\"}", r"{\"api_key\": \"[redacted]\"}"),
    ("/cb?next=%2Fx%3Faccess_token%3Dabcdef1234567890%26a", "/cb?next=%2Fx%3Faccess_token%3D[redacted]%26a"),
    ("SECRET_KEY = &quot;a1b2c3d4e5f6&quot; next", "SECRET_KEY = &quot;[redacted]&quot; next"),
    ("hf_\x1b[31m" + LETTERS + "\x1b[0m was seen", "hf_…[redacted] was seen"),
    (f"x\n{LETTERS}\n{LETTERS}\n-----END PRIVATE KEY-----\ny", "x\n[redacted]\n-----END PRIVATE KEY-----\ny"),
    ("/cb?error=bad%20hf_" + LETTERS, "/cb?error=bad%20hf_…[redacted]"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\nMIIE\nDone.",
        "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----.",
    ),
    (
        "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nab==\n-----END RSA PRIVATE KEY-----\nb",
        "a\n-----BEGIN RSA PRIVATE KEY-----[redacted]-----END PRIVATE KEY-----\nb",
    ),
]

UNTOUCHED = [
    "My Space is stuck on Preparing for over 12 hours, restart without effect.",
    "You can now view your Streamlit app in your browser. URL: http://0.0.0.0:8501",
    "hf_hub_download, hf_transfer and HF_HUB_ENABLE_HF_TRANSFER=1",
    "/usr/lib/python3.13/site-packages/hf_xet/xorb_v2/file1.py and hf_hub-0.23.4-py3-none-any.whl",
    "risk-management-for-all-of-us, sk-learn-is-a-long-package-name",
    "KeyError: 'OPENAI_API_KEY'",
    "token = os.environ['HF_TOKEN']",
    "def login(token: str | None = None, password: str = '') -> None:",
    "max_new_tokens=512, pad_token='[PAD]', eos_token=\"</s>\", tokenizer: bert-base-uncased-v1",
    'password authentication failed for user "postgres"',
    "password: incorrect",
    "Invalid token: 401 Client Error",
    "RUN --mount=type=secret,id=HF_TOKEN,mode=0444,required=true",
    "===== Build Queued at 2026-04-07 15:12:19 / Commit SHA: f7add1a =====",
    "Create a token at https://huggingface.co/settings/tokens and set HF_TOKEN=$TOKEN",
    "api_key=st.secrets.openai",
    "http://127.0.0.1:7860/x@y and git@github.com:a/b.git and user@host",
    "Basic authentication, bearer authorization: none",
    "sha256:d967395a643b7f7acfaebbc6f70620868ea62bf2ea3a23562a2ed4a52e48ff5d",
    "git push https://USER:$HF_TOKEN@huggingface.co/spaces/USER/x and postgres://me:***@db/x",
    "connect(user=user, password=password, token=token) and f(password=db_pass)",
    "docker run -u 1000:1000 app; python -u app.py",
    "app_port: 8501\nsdk: docker\ncolorFrom: blue",
    "primary_key=True, sort_key=name, foreign_key='users.id'",
    "?code=404&page=12",
    "\x1b[32mINFO\x1b[0m: token found",
    "abc\n-----END CERTIFICATE-----",
]


@pytest.mark.parametrize(("secret", "left"), [row[1:] for row in SECRETS], ids=[row[0] for row in SECRETS])
@pytest.mark.parametrize(
    "frame", ["{}", "my token is {} ok", "x='{}'", "[{}]", "two\n{}\nlines", "<{}>", "{},"]
)
def test_tokens_leave_their_first_letters(secret: str, left: str, frame: str) -> None:
    assert redact(frame.format(secret)) == frame.format(left + MARK)


@pytest.mark.parametrize(("secret", "left"), [row[1:] for row in SECRETS], ids=[row[0] for row in SECRETS])
def test_no_part_of_a_token_survives_an_assignment(secret: str, left: str) -> None:
    out = redact(f'export SERVICE_TOKEN={secret}\nTOKEN: {secret}\n"token": "{secret}"')
    assert MARK in out
    assert all(
        secret[start : start + 12] not in out for start in range(len(secret) - 12) if start > len(left)
    )


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_other_secrets(before: str, after: str) -> None:
    assert redact(before) == after


@pytest.mark.parametrize("text", UNTOUCHED)
def test_everything_else_stays(text: str) -> None:
    assert redact(text) == text


def test_emails_only_when_asked() -> None:
    text = "write to jane.doe@mail.example.net, not to website@huggingface.co or git@github.com"
    assert redact(text) == text
    assert redact(text, emails=True) == text.replace("jane.doe@mail.example.net", "j…[e-mail redacted]")


PIECES = st.sampled_from(
    [row[1] for row in SECRETS]
    + [row[0] for row in CHANGED]
    + [
        "token",
        "=",
        ": ",
        "password",
        '"',
        "'",
        "://",
        "@",
        " ",
        "\n",
        "?key=",
        "Bearer ",
        "eyJ",
        "hf_",
        "a1b2c3d4e5f6",
        "-",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)), st.booleans())
def test_twice_is_once(text: str, emails: bool) -> None:
    once = redact(text, emails=emails)
    assert redact(once, emails=emails) == once


@given(st.text(alphabet=st.characters(exclude_characters="=:@"), max_size=300))
def test_text_without_signs_of_secrets_stays(text: str) -> None:
    assert redact(text) == text or any(
        word in text.lower() for word in ("token", "key", "pass", "pwd", "eyj", "_", "-", ".")
    )


def test_a_token_after_a_line_end_printed_as_two_letters() -> None:
    assert redact(r"Illegal header value b'Bearer \nhf_" + LETTERS + "'") == (
        rf"Illegal header value b'Bearer \nhf_…{MARK}'"
    )


KEY = ["-----BEGIN PRIVATE KEY-----", LETTERS, LETTERS[:8] + "==", "-----END PRIVATE KEY-----"]


@pytest.mark.parametrize("before", ["", "    ", "#8 0.312 "])
def test_a_private_key_that_comes_line_by_line(before: str) -> None:
    by_line = ByLine()
    out = [by_line(line) for line in ["made a key", *(before + line for line in KEY), "Started server 1"]]
    assert out[0] == "made a key" and out[-1] == "Started server 1"
    assert LETTERS[:8] not in "".join(out)


def test_a_key_without_an_end_hides_no_more_than_its_lines() -> None:
    by_line = ByLine()
    out = [by_line(line) for line in [*KEY[:2], "Traceback (most recent call last):", "ready"]]
    assert out[1:] == [MARK, "Traceback (most recent call last):", "ready"]
