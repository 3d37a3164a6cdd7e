"""The machine's own package settings, lent to build steps: mounted while they run, never copied.

On a machine with a private certificate authority, a package mirror or a proxy, a build works only with these.
They are found where pip, uv, npm and OpenSSL look for them.
"""

from __future__ import annotations

import os

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "/run/unstick"
CA_VARIABLES = (
    "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
)  # fmt: skip
"""Variables that name a bundle of certificates: read by OpenSSL and uv, pip, requests, curl, Node, git."""

FILES = (
    ("pip.conf", "PIP_CONFIG_FILE", ("$PIP_CONFIG_FILE", "~/.config/pip/pip.conf", "~/.pip/pip.conf", "/etc/pip.conf")),
    ("uv.toml", "UV_CONFIG_FILE", ("$UV_CONFIG_FILE", "~/.config/uv/uv.toml", "/etc/uv/uv.toml")),
    ("npmrc", "NPM_CONFIG_USERCONFIG", ("$NPM_CONFIG_USERCONFIG", "~/.npmrc")),
)
"""Settings files: name, the variable that points a program to it, where it may be on this machine."""


class Lent(NamedTuple):
    """One file lent to a build: `id` of the mount, the path here, the path there, the variables that name it."""

    id: str
    source: str
    target: str
    variables: tuple[str, ...]


def lent() -> tuple[Lent, ...]:
    """What this machine has to lend; nothing on a machine with ordinary access to the package indexes."""
    return tuple(_lent())


def _lent() -> Iterator[Lent]:
    bundle = next((path for name in CA_VARIABLES if os.path.isfile(path := os.environ.get(name, ""))), "")
    if bundle:
        yield Lent("unstick-ca", bundle, f"{FOLDER}/ca.pem", CA_VARIABLES)
    for name, variable, places in FILES:
        for place in places:
            path = os.environ.get(place[1:], "") if place.startswith("$") else os.path.expanduser(place)
            if path and os.path.isfile(path) and os.access(path, os.R_OK):
                yield Lent(f"unstick-{name}", path, f"{FOLDER}/{name}", (variable,))
                break
