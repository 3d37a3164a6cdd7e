"""The tables. Times are seconds since 1970 as floats; ids of repositories never come back."""

from __future__ import annotations

import sqlalchemy as sa

VERSION = 1

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # user, org
    sa.Column("creator_id", sa.String(24), nullable=False),
    sa.Column("plan", sa.String(16), nullable=False, server_default="pro"),
    sa.Column("created", sa.Float, nullable=False),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("org", sa.String(96), sa.ForeignKey("accounts.name"), primary_key=True),
    sa.Column("member", sa.String(96), sa.ForeignKey("accounts.name"), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),  # read, write, admin
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the token: the token is not kept
    sa.Column("account", sa.String(96), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("name", sa.String(96), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # read, write, admin
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("expires", sa.Float),
)

repos = sa.Table(
    "repos",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(8), nullable=False),  # space, model, dataset
    sa.Column("owner", sa.String(96), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("name", sa.String(96), nullable=False),
    sa.Column("subdomain", sa.String(200), nullable=True, unique=True),  # of Spaces only
    sa.Column("storage", sa.String(32), nullable=False, unique=True),  # its folder below repositories/
    sa.Column("visibility", sa.String(12), nullable=False),  # public, protected, private
    sa.Column("sdk", sa.String(16), nullable=False, server_default=""),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("kind", "owner", "name"),
    sqlite_autoincrement=True,
)

# The Hub does not tell capitals apart.
sa.Index(
    "repos_by_name", repos.c.kind, sa.func.lower(repos.c.owner), sa.func.lower(repos.c.name), unique=True
)

moved = sa.Table(
    "moved",
    metadata,
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("owner", sa.String(96), primary_key=True),
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False),
)

spaces = sa.Table(
    "spaces",
    metadata,
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    # What is wanted: written by the API. `generation` grows with every restart and change of settings; the wanted
    # commit is the repository's HEAD, so that a push cannot be forgotten.
    sa.Column("desired", sa.String(12), nullable=False),  # running, paused
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column(
        "factory", sa.Integer, nullable=False, server_default="0"
    ),  # the generation to build without cache
    sa.Column("visited", sa.Float, nullable=False, server_default="0"),
    sa.Column("wake", sa.Boolean, nullable=False, server_default=sa.false()),
    # What is: written by the Space's reconciler and by nobody else.
    sa.Column("stage", sa.String(24), nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("deadline", sa.Float),  # of a transitional stage
    sa.Column("owner", sa.String(64), nullable=False, server_default=""),  # who has to end that stage
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("seen", sa.Integer, nullable=False, server_default="-1"),  # the generation that was acted on
    sa.Column("attempted", sa.String(40), nullable=False, server_default=""),  # the commit that was acted on
    sa.Column("sha", sa.String(40), nullable=False, server_default=""),  # the commit that serves
    sa.Column("restarts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("current_hardware", sa.String(32)),
    # Settings: written by the API.
    sa.Column("hardware", sa.String(32), nullable=False, server_default="cpu-basic"),
    sa.Column("sleep", sa.Integer),
    sa.Column("dev_mode", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("replicas", sa.Integer, nullable=False, server_default="1"),
    sa.Column("volumes", sa.Text, nullable=False, server_default="[]"),
    sa.Column("storage", sa.String(16)),  # the tier of older clients' persistent storage
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),  # secret, variable
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("updated", sa.Float, nullable=False),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("before", sa.String(24), nullable=False),
    sa.Column("after", sa.String(24), nullable=False),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

objects = sa.Table(
    "objects",
    metadata,
    sa.Column("oid", sa.String(64), primary_key=True),  # SHA-256 of an LFS object
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)

holdings = sa.Table(
    "holdings",  # which repository has which LFS object: knowing the digest of another's file is not having it
    metadata,
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("oid", sa.String(64), sa.ForeignKey("objects.oid"), primary_key=True, index=True),
    sa.Column("filename", sa.Text, nullable=False, server_default=""),
    sa.Column("pushed", sa.Float, nullable=False),
)

faults = sa.Table(
    "faults",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("repo", sa.Integer, sa.ForeignKey("repos.id", ondelete="CASCADE")),  # NULL: every Space
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("until", sa.Float),
    sqlite_autoincrement=True,
)
