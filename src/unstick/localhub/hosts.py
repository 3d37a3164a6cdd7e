"""Addresses that a hub gives out: of its pages, and of the apps of Spaces."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.localhub.settings import Settings
    from unstick.localhub.store.repos import Repo

SUFFIX = ".hf.localhost"
"""Ends the host name of every Space here; names below .localhost mean this machine (RFC 6761). Static Spaces
have no suffix of their own."""

PREFIXES = {"space": "/spaces", "dataset": "/datasets", "model": ""}


def page_of(settings: Settings, repo: Repo) -> str:
    """The address of a repository's page, from which the client reads its kind and name."""
    return f"{settings.endpoint}{PREFIXES[repo.kind]}/{repo.full_name}"


def domain_of(settings: Settings, subdomain: str | None) -> str:
    """The host name of a Space's app, with the port: it has none of its own."""
    return f"{subdomain}{SUFFIX}:{settings.port}"


def host_of(settings: Settings, subdomain: str | None) -> str:
    """The address of a Space's app."""
    return f"http://{domain_of(settings, subdomain)}"
