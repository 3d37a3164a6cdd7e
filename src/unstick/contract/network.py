"""What a Space may reach and how it is reached: outbound ports, host names, addresses of support and
status."""

from __future__ import annotations

OUTBOUND_PORTS = (80, 443, 8080)
"""The only ports a Space may connect to (Hub docs: spaces-overview). A few reports read as if some
databases pass."""

USUAL_VICTIMS = (
    (21, "FTP"), (22, "SSH"), (25, "SMTP"), (43, "WHOIS"), (110, "POP3"), (143, "IMAP"), (465, "SMTP"),
    (587, "SMTP"), (993, "IMAP"), (995, "POP3"), (1433, "SQL Server"), (1521, "Oracle"), (1883, "MQTT"),
    (3306, "MySQL"), (5432, "PostgreSQL"), (5672, "RabbitMQ"), (6333, "Qdrant"), (6379, "Redis"),
    (6543, "PostgreSQL"), (7687, "Neo4j"), (8883, "MQTT"), (9042, "Cassandra"), (9092, "Kafka"),
    (9200, "Elasticsearch"), (19530, "Milvus"), (27017, "MongoDB"),
)  # fmt: skip
"""Ports outside OUTBOUND_PORTS that applications usually want, by the name of the service (IANA registry,
projects' defaults)."""

SPACE_HOST = ".hf.space"
STATIC_HOST = ".static.hf.space"
HUB = "https://huggingface.co"

STATUS_PAGE = "https://status.huggingface.co"
STATUS_JSON = "https://status.huggingface.co/index.json"
"""JSON:API without a key; aggregate_state and per resource `status` (several public adapters, 2026).
Statuspage-style paths do not exist."""

STATUS_STATES = ("operational", "degraded", "downtime", "maintenance", "not_monitored", "resolved")

SUPPORT = (
    ("general", "website@huggingface.co", "general questions and Spaces"),
    ("safety", "safety@huggingface.co", "content policy and moderation"),
    ("legal", "legal@huggingface.co", "legal questions"),
    ("forum", "https://discuss.huggingface.co/c/spaces/24", "the forum's category for Spaces"),
)
"""Where to write: purpose, address, what for (answers of staff in public threads)."""


def subdomain(owner: str, name: str) -> str:
    """The label a Space's host name begins with: 'microsoft', 'TRELLIS.2' -> 'microsoft-trellis-2'.

    Observed, not documented: owner-name in lower case, every other character than a-z, 0-9 and - replaced
    by -. A renamed Space keeps older names: read `host` from the Hub where that can be done.
    """
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in f"{owner}-{name}".lower())


def host(owner: str, name: str, sdk: str = "") -> str:
    """The host name a Space answers on; static Spaces have another suffix."""
    return subdomain(owner, name) + (STATIC_HOST if sdk == "static" else SPACE_HOST)
