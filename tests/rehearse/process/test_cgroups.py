"""Control groups, where this machine lets them be made."""

from __future__ import annotations

import os
import subprocess

import pytest

from unstick.rehearse.process.cgroups import Group
from unstick.rehearse.types import Limits


def test_a_group_that_is_not_empty_yet_is_removed_later() -> None:
    group = Group(Limits())
    if not group.limited:
        pytest.skip("NOT TESTED: no control group may be made here")
    places = list(group.paths)
    process = subprocess.Popen(["sleep", "60"])
    try:
        for path in group.procs():
            with open(path, "w", encoding="ascii") as file:
                file.write(str(process.pid))
        group.remove()
        assert group.paths == places and all(map(os.path.isdir, places))
    finally:
        process.kill()
        process.wait()
    group.remove()
    assert group.paths == [] and not any(map(os.path.exists, places))
