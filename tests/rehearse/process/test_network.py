"""The firewall of rehearsals, in a network namespace of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

if not sys.platform.startswith("linux") or os.geteuid():
    pytest.skip("NOT TESTED: the firewall needs Linux and root", allow_module_level=True)

from unstick.rehearse.process import network

SCRIPT = """
import os, subprocess, sys
from unstick.rehearse.process import network
network.LOCK = sys.argv[1]
def rules():
    shown = subprocess.run(["iptables-save"], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if network.CHAIN in line or network.PREFIX in line]
names = lambda: [name for name in ("lo", *sys.argv[2:])]
os.listdir = lambda folder: names()
before = rules()
assert network._allow() and network._allow()
print(len(before), len(rules()), len(set(rules())))
network.sweep()
print(len(rules()))
"""

pytestmark = [pytest.mark.needs("ip"), pytest.mark.needs("iptables"), pytest.mark.needs("unshare")]


def run(lock: str, *names: str) -> list[str]:
    command = ["unshare", "--net", sys.executable, "-c", SCRIPT, lock, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_rules_are_made_once_and_go_with_the_last(tmp_path: os.PathLike[str]) -> None:
    before, there, different, after = run(os.path.join(tmp_path, "lock"))
    assert before == "0"
    assert there == different
    assert int(there) > 10
    assert after == "0"


def test_rules_stay_while_another_rehearsal_runs(tmp_path: os.PathLike[str]) -> None:
    _, there, _, after = run(os.path.join(tmp_path, "lock"), f"{network.PREFIX}1")
    assert after == there


def test_no_other_interface_has_such_a_name() -> None:
    others = ("usb0", "unstick0", "eth0", "docker0", "wlan0", "uns0")
    assert not any(name.startswith(network.PREFIX) for name in others)
    assert len(f"{network.PREFIX}4194304") <= 15
