"""Debian and Ubuntu releases: when their support ended, whether their packages are still where images look
for them, and well-known
packages that a release no longer has.

Sources: debian.org and ubuntu.com (release pages), the package indexes of the releases, October 2026.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Release(NamedTuple):
    """One release. `ended` is the month in which support for everybody ended, `moved` the month from which
    its packages are
    only in an archive that images do not ask (empty: they are still in place)."""

    name: str
    shown: str
    ended: str
    moved: str = ""


RELEASES = (
    Release("jessie", "Debian 8 (jessie)", "2020-06", "2023-03"),
    Release("stretch", "Debian 9 (stretch)", "2022-07", "2023-04"),
    Release("buster", "Debian 10 (buster)", "2024-06", "2025-06"),
    Release("bullseye", "Debian 11 (bullseye)", "2026-08"),
    Release("trusty", "Ubuntu 14.04", "2019-04"),
    Release("xenial", "Ubuntu 16.04", "2021-04"),
    Release("bionic", "Ubuntu 18.04", "2023-05"),
    Release("focal", "Ubuntu 20.04", "2025-05"),
    Release("oracular", "Ubuntu 24.10", "2025-07", "2025-10"),
    Release("plucky", "Ubuntu 25.04", "2026-01", "2026-04"),
)


class Gone(NamedTuple):
    """A package that some releases do not have. `package` may end in '*'; `instead` is what takes its place
    (empty: nothing does).
    """

    package: str
    releases: tuple[str, ...]
    instead: str = ""


_NEW = ("trixie", "forky", "sid")
_BOOKWORM = ("bookworm", *_NEW)
_BULLSEYE = ("bullseye", *_BOOKWORM)
_NOBLE = ("noble", "oracular", "plucky", "questing")
_ALL_DEBIAN = ("buster", *_BULLSEYE)

GONE = (
    Gone("libgl1-mesa-glx", (*_NEW, *_NOBLE), "libgl1"),
    Gone("openjdk-8-*", _ALL_DEBIAN, "default-jre-headless"),
    Gone("openjdk-11-jdk", _BOOKWORM, "default-jdk"),
    Gone("openjdk-11-jdk-headless", _BOOKWORM, "default-jdk-headless"),
    Gone("openjdk-11-jre", _BOOKWORM, "default-jre"),
    Gone("openjdk-11-jre-headless", _BOOKWORM, "default-jre-headless"),
    Gone("openjdk-17-jdk", _NEW, "default-jdk"),
    Gone("openjdk-17-jdk-headless", _NEW, "default-jdk-headless"),
    Gone("openjdk-17-jre", _NEW, "default-jre"),
    Gone("openjdk-17-jre-headless", _NEW, "default-jre-headless"),
    Gone("openjdk-21-*", ("buster", "bullseye", "bookworm"), "default-jre-headless"),
    Gone("python3-distutils", (*_NEW, *_NOBLE), "python3-setuptools"),
    Gone("software-properties-common", _NEW),
    Gone("netcat", _BOOKWORM, "netcat-openbsd"),
    Gone("python", _BULLSEYE, "python3"),
    Gone("python-dev", _BULLSEYE, "python3-dev"),
    Gone("python-pip", _BULLSEYE, "python3-pip"),
    Gone("libssl1.1", (*_BOOKWORM, "jammy", *_NOBLE), "libssl3"),
    Gone("libmysqlclient-dev", _ALL_DEBIAN, "default-libmysqlclient-dev"),
    Gone("mysql-client", _ALL_DEBIAN, "default-mysql-client"),
    Gone("mysql-server", _ALL_DEBIAN, "default-mysql-server"),
    Gone("chromium-browser", _ALL_DEBIAN, "chromium"),
    Gone("chromium-chromedriver", _ALL_DEBIAN, "chromium-driver"),
    Gone("libappindicator1", _BULLSEYE),
    Gone("gconf-service", _BOOKWORM),
    Gone("libgconf-2-4", _NEW),
    Gone("libjasper-dev", _ALL_DEBIAN),
    Gone("libjasper1", _ALL_DEBIAN),
    Gone("libatlas-base-dev", _NEW, "libopenblas-dev"),
    Gone("libtiff5", _BOOKWORM, "libtiff6"),
    Gone("libwebp6", _BOOKWORM, "libwebp7"),
    Gone("libffi7", _BOOKWORM, "libffi8"),
    Gone("libtinfo5", _NEW, "libtinfo6"),
    Gone("libncurses5", _NEW, "libncurses6"),
    Gone("libicu67", _BOOKWORM),
    Gone("libicu72", _NEW, "libicu76"),
    Gone("libavcodec58", _BOOKWORM),
    Gone("libasound2", _NOBLE, "libasound2t64"),
    Gone("wkhtmltopdf", _NEW),
    Gone("policykit-1", _NEW, "polkitd"),
    Gone("ttf-freefont", _BOOKWORM, "fonts-freefont-ttf"),
)  # fmt: skip


def release(name: str) -> Release | None:
    """The row of a release whose support has ended, or None."""
    return next((row for row in RELEASES if row.name == name), None)


def gone(package: str, release_name: str) -> Gone | None:
    """Why a package is not in a release, or None where nothing says so."""
    for row in GONE:
        fits = package.startswith(row.package[:-1]) if row.package.endswith("*") else package == row.package
        if fits and release_name in row.releases:
            return row
    return None
