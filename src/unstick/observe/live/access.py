"""Why a Space cannot be observed at all: one clear message for each reason."""

from __future__ import annotations

from unstick.errors import UnreadableError
from unstick.observe.live.fields import items, mapping, text
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.observe.live.hub import Got
    from unstick.observe.live.options import Options
    from unstick.observe.live.target import SpaceTarget

DISABLED = "disabled"
"""In the Hub's words for a repository that moderation took away (X-Error-Message)."""


class Asker(NamedTuple):
    """Who asks: `user` is '' for nobody, `groups` the organisations, `plan` what the token shows of it,
    `role` the token's ('read', 'write', 'fineGrained', '')."""

    user: str = ""
    groups: tuple[str, ...] = ()
    plan: str = ""
    role: str = ""
    can_pay: bool | None = None

    def owns(self, space: str) -> bool:
        """Whether a Space is the asker's own or one of his organisations'."""
        owner = space.partition("/")[0].lower()
        return bool(owner) and owner in (self.user.lower(), *(group.lower() for group in self.groups))


def asker(got: Got) -> Asker:
    """Who asks, from the answer of whoami; nobody where it is none."""
    data = got.mapping
    if got.reason or not data:
        return Asker()
    token = mapping(mapping(data.get("auth")).get("accessToken"))
    groups = tuple(text(mapping(org).get("name"), 100) for org in items(data.get("orgs"))[:200])
    paid = data.get("canPay")
    return Asker(
        user=text(data.get("name"), 100),
        groups=tuple(group for group in groups if group),
        plan={True: "PRO", False: "free"}.get(data.get("isPro"), ""),  # type: ignore[arg-type]
        role=text(token.get("role"), 40),
        can_pay=paid if isinstance(paid, bool) else None,
    )


def is_disabled(got: Got) -> bool:
    """Whether the answer is moderation's."""
    return got.status in (401, 403, 404, 410, 451) and DISABLED in got.said.lower()


def refusal(target: SpaceTarget, got: Got, who: Got, options: Options) -> UnreadableError:
    """The error for a Space whose description the Hub did not give. `who` is the answer of whoami."""
    name, hub = target.name, options.endpoint
    if not got.status:
        return UnreadableError(
            got.reason, where=hub, reference="live-unreachable",
            todo="Check the connection and HF_ENDPOINT; the Hub's own state is at https://status.huggingface.co.",
        )  # fmt: skip
    if options.token and 401 in (got.status, who.status) and who.status in (0, 401):
        return _token(got, who, hub)
    if got.status == 403:
        role = asker(who).role
        return UnreadableError(
            f"the access token{f' (role {role})' if role else ''} has no right to read this Space", where=name,
            reference="live-no-rights",
            todo=f"Give it the right to read the Space's content at {hub}/settings/tokens, or use another one.",
        )  # fmt: skip
    if got.status in (401, 404):
        return _missing(target, who, options)
    if got.status == 429:
        return UnreadableError(
            got.reason, where=hub, reference="live-rate-limit",
            todo="Wait, or log in: with a token the limit is higher.",
        )  # fmt: skip
    return UnreadableError(
        got.reason, where=f"{hub}, {name}", reference="live-no-answer",
        todo="Try again; where it stays, it is the Hub: https://status.huggingface.co.",
    )  # fmt: skip


def _token(got: Got, who: Got, hub: str) -> UnreadableError:
    said = f"{got.said} {who.said}".lower()
    todo = (
        f"Make a new one at {hub}/settings/tokens and give it by `hf auth login` or HF_TOKEN; a public Space "
        "needs none."
    )
    if "expired" in said:
        return UnreadableError("the access token has expired", where=hub, todo=todo, reference="live-expired")
    return UnreadableError(
        "the Hub does not accept the access token", where=hub, todo=todo, reference="live-bad-token"
    )


def _missing(target: SpaceTarget, who: Got, options: Options) -> UnreadableError:
    person = asker(who)
    if not options.token:
        return UnreadableError(
            "there is no such Space, or it is private: without a token the Hub does not tell which",
            where=target.name, reference="live-private-or-missing",
            todo="Check the name; for a private Space log in (`hf auth login`) or set HF_TOKEN.",
        )  # fmt: skip
    if target.id and person.owns(target.id):
        return UnreadableError(
            f"there is no such Space: {person.user} would see it", where=target.name, reference="live-missing",
            todo="Check the name; it may have been removed.",
        )  # fmt: skip
    seen = f"{person.user} may not see it" if person.user else "the token may not see it"
    return UnreadableError(
        f"there is no such Space, or it is private and {seen}", where=target.name,
        reference="live-missing-or-hidden", todo="Check the name, or ask its owner for access.",
    )  # fmt: skip
