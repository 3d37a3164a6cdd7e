"""What a command that runs for days asks of Python's collector."""

import subprocess
import sys

PROGRAM = """
import gc
gc.set_threshold(100_000, 50, 50)
from unstick.cli.staying import stay
stay()

class Cycle:
    def __init__(self): self.me = self
for _ in range(150_000): Cycle()
print(sum(isinstance(one, Cycle) for one in gc.get_objects()))
"""


def test_rubbish_in_cycles_does_not_pile_up() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000
