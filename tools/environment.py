"""Make .venv from a lock file: `python3 tools/environment.py try` or `dev`.

Runs on any Python 3 with nothing but its standard library: picks the newest Python between 3.11 and 3.14
that it finds, makes .venv with it, installs requirements/NAME.lock with pip (every file checked by its
hash), then unstick itself from this folder, and compiles the bytecode. It is pip that installs, because pip
obeys the machine's own package settings; the lock files name no address.
"""

import glob
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
OLDEST, NEWEST = (3, 11), (3, 14)
PROBE = """
import json, sys, sysconfig
try:
    import ensurepip, venv
    whole = True
except ImportError:
    whole = False
usual = sys.version_info[3] == "final" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(json.dumps([sys.version_info[:3], usual, whole, sys.executable]))
"""


def candidates():
    """Paths of Pythons to try: the running one, those on the path, those that pyenv keeps."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3", "python"]
    suffix = ".exe" if os.name == "nt" else ""
    paths = [sys.executable]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        paths += [os.path.join(folder, name + suffix) for name in names]
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    paths += sorted(glob.glob(os.path.join(pyenv, "versions", "3.*", "bin", "python3")), reverse=True)
    seen = []
    for path in paths:
        if path not in seen and os.path.isfile(path) and not os.path.abspath(path).startswith(VENV + os.sep):
            seen.append(path)
    return seen


def probe(path):
    """(version, usual build, has venv, real path) of one Python, or None where it does not run."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=True,
        )
        version, usual, whole, executable = json.loads(done.stdout.decode())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return tuple(version), usual, whole, executable


def choose():
    """The newest suitable Python, or an exit with one line that says what to install."""
    found = [result for result in map(probe, candidates()) if result]
    fitting = [r for r in found if OLDEST <= r[0][:2] <= NEWEST and r[1]]
    whole = [r for r in fitting if r[2]]
    if whole:
        return max(whole)[3]
    if fitting:
        version = ".".join(map(str, fitting[0][0]))
        sys.exit(f"environment: Python {version} has no venv module. On Debian: apt-get install python3-venv")
    sys.exit("environment: no Python from 3.11 to 3.14 was found on the path. Install one, then try again.")


def venv_python():
    """The interpreter inside .venv."""
    return (
        os.path.join(VENV, "Scripts", "python.exe")
        if os.name == "nt"
        else os.path.join(VENV, "bin", "python")
    )


def usable(python):
    """Whether .venv is there, works and is of a suitable version."""
    result = probe(python) if os.path.exists(python) else None
    return bool(result) and OLDEST <= result[0][:2] <= NEWEST


def run(command, what):
    """Run one command quietly; its whole output is shown when it fails."""
    began = time.monotonic()
    print(f"environment: {what} ...", flush=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stdout.write(done.stdout.decode(errors="replace"))
        sys.exit(f"environment: failed: {' '.join(command)}")
    print(f"environment: {what}: {time.monotonic() - began:.1f} s", flush=True)


def main():
    """Make or bring up to date the environment for the lock file named on the command line."""
    if len(sys.argv) != 2 or not os.path.isfile(os.path.join(ROOT, "requirements", sys.argv[1] + ".lock")):
        sys.exit("usage: python3 tools/environment.py try|dev")
    name = sys.argv[1]
    lock = os.path.join("requirements", name + ".lock")
    python = venv_python()
    if not usable(python):
        base = choose()
        run([base, "-m", "venv", "--clear", VENV], f"making .venv with {base}")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        run([python, "-m", "ensurepip"], "adding pip")
    install = [*pip, "install", "--no-deps", "--only-binary", ":all:", "--compile"]
    run([*install, "--require-hashes", "-r", lock], f"installing {lock}")
    run([*pip, "install", "--no-deps", "--no-build-isolation", "--editable", "."], "installing unstick")
    site = glob.glob(os.path.join(VENV, "lib", "python3*", "site-packages")) or [os.path.join(VENV, "Lib")]
    run([python, "-m", "compileall", "-q", "-x", r"bad_coding|badsyntax", "src", *site], "compiling bytecode")
    with open(os.path.join(VENV, name + ".stamp"), "w") as stamp:
        stamp.write(time.strftime("%Y-%m-%d %H:%M:%S\n"))


if __name__ == "__main__":
    main()
