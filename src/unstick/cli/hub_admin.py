"""The subcommands of `unstick hub`, for one that runs: faults, users, tokens."""

from __future__ import annotations

import os
import sys

from unstick.errors import UnreadableError, UsageError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from typing import Any

    import sqlalchemy as sa

ROLES = ("read", "write", "admin")
PLANS = ("free", "pro", "team", "enterprise", "enterprise-plus")
DAY = 24 * 3600
SECONDS = 30.0
"""How long a hub may take to answer; a fault can make it slow."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="fault|user|token", title="for a hub that runs")
    fault = actions.add_parser("fault", help="switch faults on and off (needs a hub with --faults)")
    verbs = fault.add_subparsers(dest="verb", required=True, metavar="set|clear|list|kinds")
    on = verbs.add_parser("set", help="switch one on")
    on.add_argument("kind", metavar="KIND", help="`unstick hub fault kinds` lists them")
    on.add_argument("--space", default="", metavar="OWNER/NAME", help="this Space only (default: every one)")
    on.add_argument("--for", default="", dest="seconds", metavar="TIME", help="for 90s, 10m, 2h")
    off = verbs.add_parser("clear", help="switch them off")
    off.add_argument("kind", nargs="?", default="", metavar="KIND", help="those of one kind (default: all)")
    off.add_argument("--space", default="", metavar="OWNER/NAME", help="those of one Space (default: all)")
    listing = verbs.add_parser("list", help="those that are on")
    kinds = verbs.add_parser("kinds", help="every kind, and what it does")
    for one in (on, off, listing):
        _reach(one)
        one.add_argument(
            "--endpoint", default="", metavar="URL", help="the hub (default: that of the data folder)"
        )
    for one in (listing, kinds):
        one.add_argument("--json", action="store_true", help="as JSON")
    _accounts(actions)


def _accounts(actions: Any) -> None:
    user = actions.add_parser("user", help="more users and organisations")
    add = user.add_subparsers(dest="verb", required=True, metavar="add").add_parser("add", help="add one")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--org", action="store_true", help="an organisation; --member says who belongs to it")
    add.add_argument(
        "--member", action="append", default=[], metavar="USER[=ROLE]", help="a member (read, write or admin)"
    )
    add.add_argument("--plan", choices=PLANS, default="pro", help="its plan (default: pro)")
    _reach(add)
    token = actions.add_parser("token", help="more tokens")
    add = token.add_subparsers(dest="verb", required=True, metavar="add").add_parser(
        "add", help="print a new one"
    )
    add.add_argument("--user", dest="account", required=True, metavar="NAME", help="whose it is")
    add.add_argument("--role", choices=ROLES, default="write", help="what it may do (default: write)")
    add.add_argument(
        "--for", default="", dest="seconds", metavar="TIME", help="it expires after 90s, 10m, 2h, 7d"
    )
    add.add_argument("--name", dest="token_name", default="token", metavar="NAME", help="what it is called")
    _reach(add)


def _reach(parser: argparse.ArgumentParser) -> None:
    """How a subcommand finds the hub. Without a default, so that what stands before the subcommand counts."""
    import argparse

    parser.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the data folder of the hub")
    parser.add_argument(
        "--database", default=argparse.SUPPRESS, metavar="URL", help="its database, if not in DIR"
    )


def run(args: argparse.Namespace) -> int:
    """Do what the subcommand says."""
    from unstick.cli.hub import check_libraries

    check_libraries()
    return ACTIONS[args.action, args.verb](args)


def _fault_set(args: argparse.Namespace) -> int:
    body: dict[str, Any] = {"kind": args.kind}
    if args.space:
        body["space"] = args.space
    if args.seconds:
        body["seconds"] = seconds_of(args.seconds)
    _say(f"on: {_line(_ask(args, 'POST', json=body))}")
    return 0


def _fault_clear(args: argparse.Namespace) -> int:
    query = {name: value for name, value in (("kind", args.kind), ("space", args.space)) if value}
    count = _ask(args, "DELETE", params=query)["cleared"]
    _say(f"{count} switched off")
    return 0


def _fault_list(args: argparse.Namespace) -> int:
    active = _ask(args, "GET")["active"]
    if args.json:
        _print_json(active)
    else:
        _say("\n".join(_line(fault) for fault in active) or "no fault is on")
    return 0


def _fault_kinds(args: argparse.Namespace) -> int:
    from unstick.localhub.faults import KINDS

    if args.json:
        _print_json([kind._asdict() for kind in KINDS])
    else:
        for kind in KINDS:
            where = "the hub" if kind.whole else "a Space or all"
            _say(f"{kind.id:16} {kind.component} {kind.does} ({where})\n{'':16} seen: {kind.seen}")
    return 0


def _line(fault: dict[str, Any]) -> str:
    whom = fault["space"] or "the whole hub"
    return f"{fault['kind']} · {whom} · since {fault['since']} · until {fault['until'] or 'it is cleared'}"


def _user_add(args: argparse.Namespace) -> int:
    from unstick.localhub.credentials import checked_user
    from unstick.localhub.store import accounts

    name = checked_user(args.name, "NAME")
    members = [_member(text) for text in args.member]
    if members and not args.org:
        raise UsageError("is for organisations", where="--member", todo="Add --org.")
    with _database(args).begin() as connection:
        if not accounts.create_account(connection, name, "org" if args.org else "user", args.plan):
            raise UsageError(f"the name {name} is taken", where="NAME")
        for member, role in members:
            _known(connection, member, "--member")
            accounts.join(connection, name, member, role)
    _say(
        f"{name} is there" + ("" if args.org else f"; `unstick hub token add --user {name}` gives it a token")
    )
    return 0


def _token_add(args: argparse.Namespace) -> int:
    from unstick.localhub.store import accounts

    seconds = seconds_of(args.seconds) if args.seconds else None
    with _database(args).begin() as connection:
        _known(connection, args.account, "--user")
        token = accounts.create_token(connection, args.account, args.token_name[:96], args.role, seconds)
    _say(token)
    return 0


ACTIONS = {
    ("fault", "set"): _fault_set, ("fault", "clear"): _fault_clear, ("fault", "list"): _fault_list,
    ("fault", "kinds"): _fault_kinds, ("user", "add"): _user_add, ("token", "add"): _token_add,
}  # fmt: skip


def _member(text: str) -> tuple[str, str]:
    name, _, role = text.partition("=")
    if role and role not in ROLES:
        raise UsageError(f"is no role: {role[:40]!r}", where="--member", todo=f"One of: {', '.join(ROLES)}.")
    return name, role or "write"


def _known(connection: sa.Connection, name: str, where: str) -> None:
    """Raises UsageError unless there is such a user."""
    import sqlalchemy as sa

    from unstick.localhub.store import schema

    table = schema.accounts
    if not connection.execute(
        sa.select(table.c.name).where(table.c.name == name, table.c.kind == "user")
    ).first():
        raise UsageError(
            f"there is no user {name[:100]!r}", where=where, todo="`unstick hub user add` adds one."
        )


def seconds_of(text: str) -> float:
    """Seconds of a time such as 90s, 10m, 2h or 7d. Raises UsageError."""
    from unstick.cli.run_options import duration

    days = text.removesuffix("d")
    if days != text and days.isascii() and days.isdigit() and len(days) < 6:
        return float(int(days) * DAY)
    return duration(text, "--for")


def _database(args: argparse.Namespace) -> sa.Engine:
    """The database of a hub that was started before."""
    from unstick.cli.hub import data_folder
    from unstick.localhub.settings import Settings
    from unstick.localhub.store.database import open_database

    settings = Settings(data_folder(args.data), database=args.database)
    if not args.database and not os.path.isfile(os.path.join(settings.data, "hub.db")):
        raise UnreadableError(
            "there is no hub", where=settings.data, todo="Start one, or name its folder with --data."
        )
    return open_database(settings.database_url)


def _ask(args: argparse.Namespace, method: str, **more: Any) -> Any:
    """Call the admin API. Raises UnreadableError where no hub answers, UsageError for a refusal."""
    import httpx2

    endpoint, token = _where(args)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx2.Client(trust_env=False, timeout=SECONDS) as client:
            answer = client.request(method, f"{endpoint}/admin/faults", headers=headers, **more)
            body = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        raise UnreadableError(
            "no hub answers", where=endpoint, todo="Start one with `unstick hub --faults`."
        ) from None
    if answer.status_code == 404 and body.get("error") == "Not found":
        raise UsageError("this hub runs without faults", where=endpoint, todo="Start it with --faults.")
    if answer.status_code != 200:
        raise UsageError(str(body.get("error", answer.status_code)).rstrip("."), where="fault")
    return body


def _where(args: argparse.Namespace) -> tuple[str, str]:
    """The hub and its admin token: of the options, else of the environment, else of the data folder."""
    from unstick.cli.hub import data_folder
    from unstick.localhub import credentials

    folder = data_folder(args.data)
    token = os.environ.get("UNSTICK_HUB_ADMIN_TOKEN", "")
    named = os.environ.get("HF_ENDPOINT", "") if token and not args.data else ""
    endpoint = args.endpoint or named or credentials.read(folder, credentials.ENDPOINT)
    if not endpoint:
        raise UnreadableError("no hub runs", where=folder, todo="Start one, or name its folder with --data.")
    kept = credentials.read(folder, credentials.ADMIN_TOKEN)
    return endpoint.rstrip("/"), (kept if args.data else token or kept) or token


def _print_json(value: Any) -> None:
    import json

    from unstick.text import json_safe

    sys.stdout.write(json_safe(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def _say(text: str) -> None:
    from unstick.text import printable

    print(printable(text, lines=True), flush=True)
