"""Which Space an argument names: owner/name, an address of the Hub, or the Space's own address."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from unstick.contract.network import HUB, SPACE_HOST, STATIC_HOST
from unstick.errors import UsageError
from unstick.patterns import lazy
from unstick.record import NamedTuple

ID = lazy(r"^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$")
_SUBDOMAIN = lazy(r"^[a-z0-9](?:[a-z0-9_-]{0,199}[a-z0-9])?$")
_PORT = lazy(r"--\d{2,5}$")
HUBS = ("huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co")
MOST = 2000
"""Characters of an argument that can be an address."""


class SpaceTarget(NamedTuple):
    """A Space by its id ('owner/name'), or, where only its own address is known, by `subdomain`."""

    id: str = ""
    subdomain: str = ""

    @property
    def name(self) -> str:
        """What to call it."""
        return self.id or self.subdomain


def parse(word: str, endpoint: str = HUB) -> SpaceTarget:
    """The Space that a word names. Raises UsageError for what names none.

    Understood are owner/name, spaces/owner/name, addresses of the Hub and of `endpoint` (page, files,
    settings, API, git), hf:// paths, hf.space and static.hf.space addresses, and those of a local Hub.
    """
    word = word.strip()
    if len(word) > MOST:
        raise _not_one(word[:40] + "…")
    if word.startswith("git@"):
        host, _, path = word.removeprefix("git@").partition(":")
        word = f"https://{host}/{path}"
    if word.startswith("hf://"):
        return _of_path(word.removeprefix("hf://").split("/"), word)
    if "://" not in word:
        if _bare_host(word, endpoint):
            word = f"https://{word}"
        else:
            return _of_path(word.split("/"), word)
    return _of_url(word, endpoint)


def _bare_host(word: str, endpoint: str) -> bool:
    """An address typed without its scheme."""
    host = word.partition("/")[0].lower()
    own = urlsplit(endpoint).netloc.lower()
    return host in (*HUBS, own) or host.partition(":")[0].endswith((SPACE_HOST, ".hf.localhost"))


def _of_url(word: str, endpoint: str) -> SpaceTarget:
    try:
        split = urlsplit(word)
        host, netloc = (split.hostname or "").lower(), split.netloc.rpartition("@")[2].lower()
    except ValueError:
        raise _not_one(word) from None
    if split.scheme not in ("http", "https", "ssh"):
        raise _not_one(word)
    if host in HUBS or netloc == urlsplit(endpoint).netloc.lower():
        parts = [part for part in split.path.split("/") if part]
        return _of_path(parts[1:] if parts[:1] == ["api"] else parts, word, page=True)
    for suffix in (STATIC_HOST, SPACE_HOST, ".static.hf.localhost", ".hf.localhost"):
        if host.endswith(suffix):
            label = _PORT.sub("", host.removesuffix(suffix).rpartition(".")[2])
            if _SUBDOMAIN.match(label):
                return SpaceTarget(subdomain=label)
    raise UsageError(
        "is no address of a Space", where=word,
        todo="Name the Space as OWNER/NAME; a Hub of your own is named by HF_ENDPOINT.",
    )  # fmt: skip


def _of_path(parts: list[str], word: str, page: bool = False) -> SpaceTarget:
    parts = [unquote(part) for part in parts if part]
    if parts[:1] == ["spaces"]:
        parts = parts[1:]
    elif page:
        raise UsageError(
            "is an address of the Hub, but of no Space", where=word,
            todo="A Space's address is https://huggingface.co/spaces/OWNER/NAME.",
        )  # fmt: skip
    if len(parts) < 2 or (len(parts) > 2 and not page):
        raise _not_one(word)
    owner, name = parts[0], parts[1].removesuffix(".git").partition("@")[0]
    if not (_valid(owner) and _valid(name)):
        raise _not_one(word)
    return SpaceTarget(id=f"{owner}/{name}")


def _valid(part: str) -> bool:
    """Whether the Hub allows an owner or name (huggingface_hub 2.4, utils/_validators)."""
    return ID.match(part) is not None and "--" not in part and ".." not in part


def _not_one(word: str) -> UsageError:
    return UsageError(
        "names no Space", where=word, todo="Give OWNER/NAME, its address on the Hub, or its hf.space address."
    )
