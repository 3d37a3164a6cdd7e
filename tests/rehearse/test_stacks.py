"""Where real processes wait."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from unstick.rehearse import stacks

HANGS = """
import sys, threading

def load_the_model():
    print("here", flush=True)
    threading.Event().wait()

def deeper(count):
    return deeper(count - 1) if count else load_the_model()

def main():
    deeper(2)

main()
"""


@pytest.mark.skipif(not stacks.py_spy(), reason="NOT TESTED: py-spy is not installed")
def test_a_python_process_shows_its_own_frames_and_the_innermost(tmp_path: Path) -> None:
    script = tmp_path / "hangs.py"
    script.write_text(HANGS, encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        found: tuple[str, ...] = ()
        for _ in range(20):  # it may be between two calls when it is looked at without being stopped
            found = stacks.dump([process.pid])
            if found and "load_the_model" in found[0]:
                break
            time.sleep(0.1)
        if found and "waits in the kernel" in found[0]:
            pytest.skip("NOT TESTED: py-spy may not look at processes here")
        lines = found[0].splitlines()
        assert lines[0].startswith(f"Process {process.pid}: ")
        assert "wait (" in lines[1]
        assert [line.partition(" ")[0] for line in lines[1:] if str(script) in line][:3] == [
            "load_the_model",
            "deeper",
            "deeper",
        ]
        assert f"main ({script}:12)" in lines
    finally:
        process.kill()
        process.wait()


def test_another_program_shows_where_the_kernel_holds_it() -> None:
    process = subprocess.Popen(["sleep", "60"])
    try:
        time.sleep(0.2)
        for text in stacks.dump([process.pid]):
            assert text.startswith(f"Process {process.pid}: sleep\nwaits in the kernel at ")
    finally:
        process.kill()
        process.wait()


def test_what_has_ended_is_left_out() -> None:
    assert stacks.dump([2**22 + 1]) == ()
