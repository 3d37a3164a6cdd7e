"""Running `uv pip compile`: only published wheels and metadata, no code of a package, results kept by
their inputs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

from unstick.record import NamedTuple

PLATFORM = "x86_64-unknown-linux-gnu"
TIMEOUT = 90.0


class Answer(NamedTuple):
    """What uv said: `versions` by name when there is a solution. `state` is solved, unsolved, or
    unobserved with the
    reason in `text` (no uv, no network, out of time); for unsolved `text` is uv's explanation. `skipped`
    are distributions
    without a wheel that were left out, because only a build would tell."""

    state: str
    versions: dict[str, str]
    text: str = ""
    skipped: tuple[str, ...] = ()


def find_uv() -> str:
    """The path of uv: on PATH, or of the `uv` distribution; an empty string when there is none."""
    found = shutil.which("uv")
    if found:
        return found
    try:
        from uv import find_uv_bin  # type: ignore[import-not-found,unused-ignore]

        return str(find_uv_bin())
    except (ImportError, OSError):
        return ""


def cache_folder() -> str:
    """Where answers are kept: unstick/resolve in the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "unstick", "resolve")


def compile_(
    lines: tuple[str, ...],
    python: str,
    *,
    constraints: tuple[str, ...] = (),
    skip: tuple[str, ...] = (),
    newest: str = "",
    index: tuple[str, ...] = (),
    urls: bool = False,
    deps: bool = True,
    day: str = "",
    timeout: float = TIMEOUT,
    cache: str = "",
) -> Answer:
    """Resolve requirement lines for one Python. `skip` are names to leave out wherever they occur,
    `newest` an RFC 3339
    date after which releases do not count, `day` makes yesterday's answers stale."""
    inputs = json.dumps([lines, python, constraints, sorted(skip), newest, index, urls, deps, day, 1])
    folder = cache or cache_folder()
    kept = os.path.join(folder, hashlib.sha256(inputs.encode()).hexdigest() + ".json")
    known = _load(kept)
    if known is not None:
        return known
    uv = find_uv()
    if not uv:
        return Answer("unobserved", {}, "uv is not installed")
    answer = _run(uv, lines, python, constraints, skip, newest, index, urls, deps, timeout)
    if answer.state != "unobserved":
        _keep(kept, answer)
    return answer


def _run(
    uv: str,
    lines: tuple[str, ...],
    python: str,
    constraints: tuple[str, ...],
    skip: tuple[str, ...],
    newest: str,
    index: tuple[str, ...],
    urls: bool,
    deps: bool,
    timeout: float,
) -> Answer:
    command = [
        uv, "pip", "compile", "in.txt", "--python-version", python, "--python-platform", PLATFORM,
        "--no-header", "--no-annotate",
        "--no-python-downloads", "--no-config", "--color", "never", "--no-progress", "--no-build",
    ]  # fmt: skip
    command += ["--no-deps"] if not deps else []
    command += ["--exclude-newer", newest] if newest else []
    if urls:
        for address in index:
            command += ["--extra-index-url", address]
        command += ["--index-strategy", "unsafe-best-match"]
    with tempfile.TemporaryDirectory(prefix="unstick-") as folder:
        for name, rows in (("in.txt", lines), ("constraints.txt", constraints)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write("\n".join(rows) + "\n")
        if constraints:
            command += ["--constraint", "constraints.txt"]
        if skip:
            with open(os.path.join(folder, "overrides.txt"), "w", encoding="utf-8") as file:
                file.writelines(f"{name}; sys_platform == 'never'\n" for name in skip)
            command += ["--override", "overrides.txt"]
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("UV_INDEX", "PIP_", "UV_FIND"))
        }
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=timeout,
                check=False,
                stdin=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Answer("unobserved", {}, f"no answer within {timeout:g} seconds")
        except OSError as error:
            return Answer("unobserved", {}, f"uv could not be started: {error.strerror}")
    return _read(done.returncode, done.stdout, done.stderr)


def _read(code: int, out: str, errors: str) -> Answer:
    if code == 0:
        found = re.findall(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(\S+)", out)
        return Answer("solved", {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found})
    text = "\n".join(line for line in errors.splitlines() if not line.startswith("warning:"))
    if "No solution found" in text:
        return Answer("unsolved", {}, text)
    return Answer("unobserved", {}, _reason(text)[:300])


def _reason(text: str) -> str:
    """uv's error with its innermost cause, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    error = next((line[6:].strip() for line in lines if line.startswith("error:")), "")
    causes = [
        line.partition(":")[2].strip() for line in lines if line.lower().startswith(("cause", "caused"))
    ]
    return ": ".join(filter(None, (error, *causes[-1:]))) or (lines[-1] if lines else "uv gave no reason")


def _load(path: str) -> Answer | None:
    try:
        with open(path, encoding="utf-8") as file:
            state, versions, text = json.load(file)
        return Answer(str(state), dict(versions), str(text))
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: str, answer: Answer) -> None:
    """Keep an answer; a cache that cannot be written is no reason to fail."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump([answer.state, answer.versions, answer.text], file)
        os.replace(path + ".part", path)
    except OSError:
        return
