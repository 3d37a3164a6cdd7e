"""A connection to a port that Spaces cannot reach.

What it finds: mail by SMTP, databases, caches and brokers at addresses outside the Space, in the files
that the start command
loads and in committed .env files: ports other than 80, 443 and 8080. Addresses that only come from the
environment are advice.

Why it matters: such a connection ends in a timeout, usually after a minute; where it is awaited at the
start, nothing listens.

Example:

    smtplib.SMTP_SSL("smtp.gmail.com", 465)

Instead:

    httpx.post("https://api.resend.com/emails", ...)

Repair safety: no edit.

Source: Hub docs spaces-overview (ports 80, 443, 8080). A few histories read as if some database traffic
passes: a warning.
"""

from __future__ import annotations

import ast
import re

from unstick.contract.network import OUTBOUND_PORTS, USUAL_VICTIMS
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.python_source import PythonSource

RULE = Rule(
    code="A155",
    title="Outbound port that Spaces cannot reach",
    severity="warning",
    confidence=0.75,
    causes=(("network-blocked", 5.0),),
)

SCHEMES = {
    "postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mongodb": 27017,
    "mongodb+srv": 27017, "redis": 6379,
    "rediss": 6379, "amqp": 5672, "amqps": 5671, "bolt": 7687, "neo4j": 7687, "neo4j+s": 7687, "ftp": 21,
    "sftp": 22, "ssh": 22,
    "mqtt": 1883, "mqtts": 8883, "mssql": 1433, "http": 80, "https": 443, "ws": 80, "wss": 443,
}  # fmt: skip
"""Schemes of addresses by the port they mean without one."""
_ADDRESS = lazy(
    r"\b([a-z][a-z0-9]*(?:\+[a-z0-9]+)?)://(?:[^\s'\"@/<>{}]*@)?([A-Za-z0-9.-]+\.[A-Za-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?::(\d{2,5}))?(?=[/?'\"\s,)]|$)"
)
_LOCAL = lazy(
    r"^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|169\.254\.)|(?:^|\.)(?:local|internal|localhost|example\.(?:com|org|net)|test|invalid)$|^(?:your|my|host|user|xxx)[.-]",
    re.IGNORECASE,
)
_MAIL = {"SMTP": 25, "SMTP_SSL": 465, "IMAP4_SSL": 993, "IMAP4": 143, "POP3_SSL": 995, "FTP": 21}
CLIENTS = {
    "pg8000.dbapi.connect": 5432, "pg8000.connect": 5432, "oracledb.connect": 1521, "QdrantClient": 6333,
    "psycopg2.connect": 5432, "psycopg.connect": 5432, "asyncpg.connect": 5432, "asyncpg.create_pool": 5432,
    "MongoClient": 27017,
    "AsyncIOMotorClient": 27017, "pymysql.connect": 3306, "mysql.connector.connect": 3306,
    "aiomysql.create_pool": 3306,
    "paramiko.SSHClient": 22, "GraphDatabase.driver": 7687, "AsyncGraphDatabase.driver": 7687,
    "pyodbc.connect": 1433,
}  # fmt: skip
"""Clients that are given their address by the environment, by the port they speak to."""
_WORDS = (
    "smtplib",
    "imaplib",
    "poplib",
    "ftplib",
    "port=",
    *(name.rpartition(".")[0] or name for name in CLIENTS),
)
_LIMIT = 8


def check(space: Space) -> Iterator[Finding]:
    """One finding for each port; what is certain first."""
    rows = sorted(_all(space), key=lambda row: row[2] != "warning")
    said: set[int] = set()
    for place, port, severity, what in rows[:200]:
        if port in said or len(said) >= _LIMIT:
            continue
        said.add(port)
        service = dict(USUAL_VICTIMS).get(port, "")
        name = f"port {port}" + (f" ({service})" if service else "")
        yield RULE.finding(
            place,
            f"{what} {name}, and a Space reaches only the ports {', '.join(map(str, OUTBOUND_PORTS))} "
            "outside",
            "Use the service's HTTPS interface, or one that answers on 443.",
            severity=severity,
            data=(("port", str(port)),),
        )


def _all(space: Space) -> Iterator[tuple[Place, int, str, str]]:
    for path, when in modules(space).files.items():
        source = space.python(path)
        if source is None or when == "optional" or not _worth_walking(source.text):
            continue
        if source.tree is not None:
            yield from _python(source)
    yield from _settings(space)
    if space.sdk not in ("gradio", "streamlit", "static"):
        yield from _scripts(space)
    for name in space.tree.names():
        base = name.rpartition("/")[2]
        if base == ".env" or base in (
            "config.yaml",
            "config.yml",
            "settings.toml",
            "database.yml",
            "secrets.toml",
        ):
            text = space.text(name) or ""
            for number, line in enumerate(text.splitlines()[:500], 1):
                if not line.lstrip().startswith("#"):
                    for port in _ports(line):
                        yield Place(name, number), port, "warning", "an address has"


def _worth_walking(text: str) -> bool:
    """Whether a file may hold such a connection: an address with a port of interest, or a client's name."""
    if any(word in text for word in _WORDS):
        return True
    return "://" in text and next(_ports(text), 0) != 0


def _python(source: PythonSource) -> Iterator[tuple[Place, int, str, str]]:
    for node in ast.walk(source.tree) if source.tree else ():
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "://" in node.value
            and len(node.value) < 500
        ):
            for port in _ports(node.value):
                yield source.place(node), port, "warning", "an address has"
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            name = ast.unparse(node.func)
            short = name.rpartition(".")[2]
            if port := _given(node):
                yield source.place(node), port, "warning", f"{short} goes to"
            if short in _MAIL and (
                "smtplib" in source.text
                or "imaplib" in source.text
                or "poplib" in source.text
                or "ftplib" in source.text
            ):
                yield source.place(node), _port_of(node, _MAIL[short]), "warning", f"{short} goes to"
            elif name in CLIENTS or short in CLIENTS:
                constant = [a.value for a in node.args if isinstance(a, ast.Constant)]
                local = any(isinstance(v, str) and ("localhost" in v or "127.0.0.1" in v) for v in constant)
                if not local and not _given(node):
                    yield (
                        source.place(node),
                        CLIENTS.get(name) or CLIENTS[short],
                        "advice",
                        f"{short} usually goes to",
                    )


def _given(node: ast.Call) -> int:
    """The port of a call that names a remote host: its port argument, or what its driver speaks to; 0 for
    none."""
    words = {k.arg: k.value.value for k in node.keywords if k.arg and isinstance(k.value, ast.Constant)}
    host = words.get("host") or words.get("hostname")
    if not isinstance(host, str) or "." not in host or _LOCAL.search(host):
        return 0
    port = words.get("port") or SCHEMES.get(str(words.get("drivername", "")).partition("+")[0], 0)
    return port if isinstance(port, int) and port not in OUTBOUND_PORTS else 0


def _port_of(node: ast.Call, default: int) -> int:
    values = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "port")]
    numbers = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, int)]
    return numbers[0] if numbers else default


def _ports(text: str) -> Iterator[int]:
    for found in _ADDRESS.finditer(text):
        scheme, host = found[1].lower(), found[2]
        default = SCHEMES.get(scheme) or SCHEMES.get(scheme.partition("+")[0])
        if default is None or _LOCAL.search(host) or "*" in host:
            continue
        port = int(found[3]) if found[3] else default
        if port not in OUTBOUND_PORTS and port < 65536:
            yield port


_SENDS = ("send_mail(", "EmailMessage(", "EmailMultiAlternatives(", "PasswordResetView")
_BY_HTTPS = (
    "api.brevo.com", "api.sendinblue.com", "api.sendgrid.com", "api.resend.com", "api.mailgun.net",
    "api.postmarkapp.com", "api.mailjet.com", "api.elasticemail.com", "import anymail", "SendGridAPIClient",
    "gmail.googleapis.com",
)  # fmt: skip
"""Signs that mail goes out through a provider's HTTPS interface; SMTP is the way for other hosts then."""


def _sends_mail(space: Space) -> bool:
    """Whether the code sends mail, and has no other way than SMTP."""
    texts = [space.text(name) or "" for name in space.tree.names() if name.endswith(".py")]
    return any(word in text for text in texts for word in _SENDS) and not any(
        word in text for text in texts for word in _BY_HTTPS
    )


_NODE = (
    ("mongoose.connect(", 27017),
    ("new MongoClient(", 27017),
    ("new Pool(", 5432),
    ("createTransport(", 587),
)


def _scripts(space: Space) -> Iterator[tuple[Place, int, str, str]]:
    """Clients of Node.js servers and of Rails' database.yml, whose addresses come from the environment."""
    for name in space.tree.names():
        base = name.rpartition("/")[2]
        if base == "database.yml":
            text = space.text(name) or ""
            found = re.search(r"(?m)^production:[\s\S]*?adapter:\s*(postgresql|mysql2)", text)
            if found:
                line = text.count("\n", 0, found.start(1)) + 1
                yield (
                    Place(name, line),
                    5432 if found[1] == "postgresql" else 3306,
                    "advice",
                    "the production database answers on",
                )
        elif (
            base.endswith((".js", ".ts", ".mjs", ".cjs"))
            and not re.search(r"node_modules|/dist/|\.test\.|\.min\.", name)
            and space.tree.size(name) < 200_000
        ):
            text = space.text(name) or ""
            for word, port in _NODE:
                at = text.find(word)
                if at >= 0 and "localhost" not in text[at : at + 200]:
                    yield (
                        Place(name, text.count("\n", 0, at) + 1),
                        port,
                        "advice",
                        f"{word.rstrip('(')} usually goes to",
                    )


def _settings(space: Space) -> Iterator[tuple[Place, int, str, str]]:
    """EMAIL_PORT of a Django project's settings, with the SMTP backend."""
    for path in modules(space).files:
        text = space.text(path) or ""
        if not path.endswith("settings.py") or "EMAIL_HOST" not in text or not _sends_mail(space):
            continue
        found = re.search(r"(?m)^EMAIL_PORT\s*=\s*(?:int\()?(?:[\w.]+\([^)]*?,\s*)?['\"]?(\d+)", text)
        if found and int(found[1]) not in OUTBOUND_PORTS:
            yield (
                Place(path, text.count("\n", 0, found.start()) + 1),
                int(found[1]),
                "warning",
                "mail goes to",
            )
