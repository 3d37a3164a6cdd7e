"""The machine's own package settings, lent to build steps: mounted while they run, never copied into a layer.

On a machine with a private certificate authority, a package mirror or a proxy, a build works only with
these. They are found where pip, uv, npm, apt and OpenSSL look for them. Only what leads to an index is taken:
a folder with packages on this machine is nothing that the platform has.
"""

from __future__ import annotations

import os
import subprocess

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.package_settings import CA_VARIABLES, PROXIES

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "/run/unstick"
CA = f"{FOLDER}/ca.pem"
CA_ID = "unstick-ca"
RUNS_WITH = "the app sees this machine's bundle of certificates, and variables that name it"
PIP_FILES = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf", "$PIP_CONFIG_FILE")
PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "retries")
UV_FILES = ("$UV_CONFIG_FILE", "~/.config/uv/uv.toml", "/etc/uv/uv.toml")
UV_KEYS = (("UV_DEFAULT_INDEX", "index-url"), ("UV_INDEX_URL", "index-url"))
NPM_FILES = ("$NPM_CONFIG_USERCONFIG", "~/.npmrc")
NPM_KEY = lazy(r"^\s*(?:registry|(?:https?-)?proxy|noproxy|strict-ssl|@[\w.-]+:registry|//\S+?)\s*=")
APT_KEY = lazy(r"^Acquire::https?::Proxy\b")
SCHEMES = ("http://", "https://")


class Lent(NamedTuple):
    """One file lent to a build: `id` of the mount, the path here and there, the variables that name it."""

    id: str
    source: str
    target: str
    variables: tuple[str, ...]


def lent(folder: str) -> tuple[Lent, ...]:
    """What this machine has to lend; nothing where the package indexes are reached without settings.

    Settings that are put together anew are written to `folder`, which has to stay while they are lent.
    """
    pip = _pip()
    out = []
    bundle = certificates(pip)
    if bundle:
        out.append(Lent(CA_ID, bundle, CA, CA_VARIABLES))
    for name, variable, text in (
        ("pip.conf", "PIP_CONFIG_FILE", _pip_text(pip)),
        ("uv.toml", "UV_CONFIG_FILE", _uv_text()),
        ("npmrc", "NPM_CONFIG_USERCONFIG", _npm_text()),
        ("apt.conf", "APT_CONFIG", _apt_text()),
    ):
        if text:
            path = os.path.join(folder, name)
            write_private(path, text)
            out.append(Lent(f"unstick-{name}", path, f"{FOLDER}/{name}", (variable,)))
    return tuple(out)


def write_private(path: str, text: str) -> None:
    """Write a file that only this user can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def certificates(pip: dict[str, str] | None = None) -> str:
    """The bundle of certificates that this machine's settings name, or ''."""
    named = [os.environ.get(name, "") for name in CA_VARIABLES]
    named.append((_pip() if pip is None else pip).get("cert", ""))
    return next((path for path in named if path and os.path.isfile(path)), "")


def proxies() -> tuple[str, ...]:
    """Names of the proxy variables that are set here."""
    return tuple(name for name in PROXIES if os.environ.get(name))


def _pip() -> dict[str, str]:
    """pip's settings, later files winning over earlier ones and variables over files, as pip does it."""
    import configparser

    found: dict[str, str] = {}
    for path in _files(PIP_FILES):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update({key.replace("_", "-"): value for key, value in parser.items(section)})
    for key in (*PIP_KEYS, "cert"):
        value = os.environ.get("PIP_" + key.upper().replace("-", "_"))
        if value:
            found[key] = value
    return found


def _pip_text(settings: dict[str, str]) -> str:
    lines = []
    for key in PIP_KEYS:
        words = settings.get(key, "").split()
        if key.endswith("index-url"):
            words = [word for word in words if word.startswith(SCHEMES)]
        if words:
            lines.append(f"{key} = {' '.join(words)}")
    return "\n".join(["[global]", *lines, ""]) if lines else ""


def _uv_text() -> str:
    for name, key in UV_KEYS:
        value = os.environ.get(name, "")
        if value.startswith(SCHEMES) and '"' not in value:
            return f'{key} = "{value}"\n'
    return next((_read(path) for path in _files(UV_FILES)), "")


def _npm_text() -> str:
    lines = [
        line for path in _files(NPM_FILES)[:1] for line in _read(path).splitlines() if NPM_KEY.search(line)
    ]
    return "\n".join([*lines, ""]) if lines else ""


def _apt_text() -> str:
    if not os.path.isdir("/etc/apt"):
        return ""
    try:
        done = subprocess.run(
            ["apt-config", "dump", "--no-empty"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line for line in done.stdout.splitlines() if APT_KEY.search(line)]
    return "\n".join([*lines, ""]) if lines else ""


def _files(places: tuple[str, ...]) -> list[str]:
    return list(_existing(places))


def _existing(places: tuple[str, ...]) -> Iterator[str]:
    for place in places:
        path = os.environ.get(place[1:], "") if place.startswith("$") else os.path.expanduser(place)
        if path and os.path.isfile(path) and os.access(path, os.R_OK):
            yield path


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(64 * 1024)
    except OSError:
        return ""
