"""How a live Space is observed: which Hub, as whom, and how long each source may take."""

from __future__ import annotations

import os
from collections.abc import Mapping

from unstick.contract.network import HUB, STATUS_JSON
from unstick.record import NamedTuple

MOST_TOKEN = 4096
"""Bytes of a token file that are read; a token has 37."""


class Options(NamedTuple):
    """What one observation may do.

    `endpoint` is the Hub's address, `token` an access token or '', `status_page` the address of the status
    page's index.json ('' for the endpoint's own choice). The times are seconds: `patience` for each answer of
    the Hub, `visit` for the direct URL, `logs` for reading one log in all, of which at most `follow` are spent
    watching whether it moves, `files` for the repository, `look_for` how long the stage is looked at again
    and again, which one that flips within minutes needs. With `ask_url` False the Space's own address is
    never asked. `pace` scales what counts as a long time (1: the platform's own times); a Hub whose time-outs
    are shorter is watched with a smaller one.
    """

    endpoint: str = HUB
    token: str = ""
    status_page: str = ""
    patience: float = 12.0
    visit: float = 8.0
    logs: float = 4.0
    follow: float = 1.2
    files: float = 40.0
    ask_url: bool = True
    look_for: float = 0.0
    pace: float = 1.0

    @property
    def local(self) -> bool:
        """Whether the Hub is one on this machine."""
        from unstick.observe.live.addresses import is_local_url

        return is_local_url(self.endpoint)

    @property
    def status_address(self) -> str:
        """Where the status page answers: a Hub on this machine serves its own."""
        if self.status_page:
            return self.status_page
        return self.endpoint + "/index.json" if self.local else STATUS_JSON


def from_environment(environ: Mapping[str, str]) -> Options:
    """The options that the official client's variables and files give: HF_ENDPOINT, HF_TOKEN, the stored
    token; UNSTICK_STATUS_PAGE names another status page.

    Source: huggingface_hub 2.4, constants and utils/_auth.
    """
    endpoint = environ.get("HF_ENDPOINT", "").strip().rstrip("/") or HUB
    return Options(
        endpoint=endpoint,
        token=token_of(environ),
        status_page=environ.get("UNSTICK_STATUS_PAGE", "").strip(),
        pace=_pace(environ.get("UNSTICK_PACE", "")),
    )


def _pace(value: str) -> float:
    try:
        return min(max(float(value), 0.0001), 100.0)
    except ValueError:
        return 1.0


def token_of(environ: Mapping[str, str]) -> str:
    """The token that the official client would send, or ''."""
    if environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").strip().upper() in ("1", "ON", "YES", "TRUE"):
        return _clean(environ.get("HF_TOKEN", ""))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        token = _clean(environ.get(name, ""))
        if token:
            return token
    return _stored(_token_path(environ))


def _token_path(environ: Mapping[str, str]) -> str:
    home = environ.get("HF_HOME", "")
    if not home:
        cache = environ.get("XDG_CACHE_HOME", "") or os.path.join("~", ".cache")
        home = os.path.join(cache, "huggingface")
    path = environ.get("HF_TOKEN_PATH", "") or os.path.join(home, "token")
    return os.path.expanduser(os.path.expandvars(path))


def _stored(path: str) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    with open(handle, "rb") as file:
        try:
            return _clean(file.read(MOST_TOKEN).decode("utf-8", "replace"))
        except OSError:
            return ""


def _clean(token: str) -> str:
    """A token without line ends; nothing that could break out of a header line."""
    token = token.replace("\r", "").replace("\n", "").strip()
    return token if token.isascii() and token.isprintable() else ""
