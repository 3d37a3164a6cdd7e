"""Signed permissions to see one private Space: short ones for a link, longer ones for a cookie."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import time

from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.hub import Hub

LINK_SECONDS = 300
COOKIE_SECONDS = 12 * 3600
MOST = 1024
KEY_FILE = "signing.key"


class Signer:
    """Signs and checks with the key of one hub; a token names the Space, the account, its purpose and its end."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, label: str, account: str, purpose: str = "link") -> str:
        """A token by which an account sees the Space of a host label: `?__sign=` of a 'link', or a 'cookie'."""
        end = int(time.time()) + (LINK_SECONDS if purpose == "link" else COOKIE_SECONDS)
        payload = _encode(json.dumps([purpose, label, account, end]).encode())
        return f"{payload}.{_encode(self._mac(payload))}"

    def account(self, token: str, label: str, purpose: str) -> str | None:
        """The account of a token; None for one that is forged, has expired, or is for something else."""
        payload, _, mac = token.partition(".")
        if len(token) > MOST or not token.isascii():
            return None
        try:
            if not hmac.compare_digest(_decode(mac), self._mac(payload)):
                return None
            told_purpose, told_label, account, end = json.loads(_decode(payload))
        except (binascii.Error, ValueError):
            return None
        if (told_purpose, told_label) != (purpose, label) or end < time.time():
            return None
        return str(account)

    def _mac(self, payload: str) -> bytes:
        return hmac.new(self._key, payload.encode(), hashlib.sha256).digest()


def signer(hub: Hub) -> Signer:
    """The signer of a hub; its key is made at the first call and kept in the data folder, so that cookies
    outlive a restart. Raises UnreadableError for a key file that has none."""
    path = hub.settings.folder(KEY_FILE)
    if not os.path.exists(path):
        new = f"{path}.{secrets.token_hex(4)}"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # two that start at once agree on the first key
            os.link(new, path)
        os.unlink(new)
    with open(path, "rb") as file:
        key = file.read(64)
    if len(key) < 32:
        raise UnreadableError("has no key", where=path, todo="Remove it: a new one is made.")
    return Signer(key)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
