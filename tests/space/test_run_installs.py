"""What the app installs itself while it starts."""

from __future__ import annotations

import pytest

from unstick.space import Space
from unstick.space.run_installs import run_installs

CASES = [
    ('os.system("pip install a b==1.0")', {"a", "b"}, False),
    ("subprocess.run([sys.executable, '-m', 'pip', 'install', 'TA_Lib>=0.6'])", {"ta-lib"}, False),
    ("subprocess.check_call(['pip3', 'install', '--quiet', 'a[x]'], shell=False)", {"a"}, False),
    ('os.system("pip install -r requirements.txt")', set(), False),
    ("subprocess.run(['pip', 'install', name])", set(), True),
    ('os.system(f"pip install {name}")', set(), True),
    ('raise ImportError("run pip install a first")', set(), False),
    ('# subprocess.run("pip install a")', set(), False),
]


@pytest.mark.parametrize(("line", "names", "more"), CASES, ids=[line for line, _, _ in CASES])
def test_calls_of_pip(line: str, names: set[str], more: bool) -> None:
    space = Space.from_files(
        {
            "README.md": "---\nsdk: gradio\napp_file: app.py\n---\n",
            "app.py": f"import os, subprocess, sys\n{line}\n",
        },
        complete=True,
    )
    assert run_installs(space) == (frozenset(names), more)
