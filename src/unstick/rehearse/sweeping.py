"""Removes what a killed rehearsal left: containers, control groups, firewall rules, environments, folders."""

from __future__ import annotations

import os

from unstick.rehearse import registry


def sweep() -> bool:
    """Look for rehearsals whose process is gone, and remove what they made; whether there was any.

    Every rehearsal has a scratch folder from its first moment to its last, so that one listing of one folder
    tells whether there is anything to do.
    """
    try:
        if not registry.dead(os.listdir(registry.top())):
            return False
    except OSError:
        return False
    from unstick.rehearse.docker import client
    from unstick.rehearse.docker.backend import sweep as containers
    from unstick.rehearse.process import cgroups, network, uv

    engine = client.available()
    if engine is not None:
        containers(engine)
    cgroups.sweep()
    network.sweep()
    uv.sweep()
    # The folders last: they are what the next look goes by, if this one is killed as well.
    registry.sweep()
    return True
