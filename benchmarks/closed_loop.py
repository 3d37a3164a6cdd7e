"""Every fault of the local Hub, and every Space of the failure zoo, diagnosed live: is the right cause on top?

`python benchmarks/closed_loop.py [--half first|second|both] [--only WORD] [--backend process] [--jobs 2]
[--json FILE]`. Starts a hub with scaled times, pushes the Spaces with the official client, switches the faults on
by the admin's command, and asks `unstick.observe.live` and the engine as `unstick diagnose OWNER/NAME` does. Pairs
are split into halves by a digest of their name: the second half is for the end, when nothing is tuned any more.
Prints the table; exit 1 when a goal is missed (cause 95 %, domain 98 %, no healthy Space called sick).
"""

import argparse
import concurrent.futures
import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from huggingface_hub.errors import HfHubHTTPError  # noqa: E402

from e2e.hubs import hub as running_hub  # noqa: E402

ZOO = ROOT / "examples/failures"
HEALTHY = {
    "docker": (ZOO / "loopback-uvicorn", True),
    "streamlit": (ROOT / "examples/er-predictor/docker", False),
    "gradio": (ZOO / "no-launch", True),
    "static": (None, False),
}
"""The healthy Spaces: a folder, and whether what is in `repaired` is laid over its `space`."""

START_TIMEOUT = 20
PACE = START_TIMEOUT / 1800
LONGEST = 240
GOALS = (("cause", 0.95), ("domain", 0.98))
WHOLE = ("api-slow", "api-failing", "incident")
"""Faults of the whole hub: their pairs run alone, at the end."""

STATIC = {
    "README.md": b"---\ntitle: Hello\nsdk: static\n---\n",
    "index.html": b"<!doctype html><title>Hello</title><h1>Hello</h1>\n",
}


class Pair(NamedTuple):
    """One Space in one situation; `fault` '' for one of the zoo or a healthy one."""

    space: str
    fault: str
    causes: tuple
    row: dict

    @property
    def name(self):
        return f"{self.space}-{self.fault or 'alone'}"

    @property
    def half(self):
        return "first" if hashlib.sha256(self.name.encode()).digest()[0] % 2 else "second"


class Outcome(NamedTuple):
    """What came of a pair."""

    pair: Pair
    stage: str
    cause: str
    probability: float
    right: bool
    right_domain: bool
    note: str = ""
    seconds: float = 0.0


def pairs():
    """All pairs, in a fixed order."""
    with open(Path(__file__).with_suffix(".toml"), "rb") as file:
        faults = tomllib.load(file)["faults"]
    for kind, row in faults.items():
        for space in HEALTHY:
            if space not in row.get("not", ()):
                yield Pair(space, kind, tuple(row["cause"]), row)
    for space in HEALTHY:
        yield Pair(space, "", ("healthy",), {"until": ["RUNNING"]})
    for folder in sorted(ZOO.iterdir()):
        path = folder / "expect.toml"
        if path.exists():
            told = tomllib.loads(path.read_text())
            causes = (told["cause"], *told.get("also_acceptable", ()))
            # A rehearsal looks longer than the hub's readiness: what dies a moment after it opened its port was up.
            until = [told["stage"]]
            until += ["RUNNING"] if told["stage"] == "RUNTIME_ERROR" else []
            until += ["RUNTIME_ERROR"] if told["stage"] == "RUNNING" else []
            yield Pair(folder.name, "", causes, {"until": until, "zoo": told, "settle": 3})


def files_of(pair):
    """The files of a Space: path → bytes."""
    if pair.space in HEALTHY:
        folder, repaired = HEALTHY[pair.space]
        if folder is None:
            return dict(STATIC)
        layers = [folder / "space", folder / "repaired"] if repaired else [folder]
    else:
        layers = [ZOO / pair.space / "space"]
    found = {}
    for layer in layers:
        for path in sorted(layer.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[str(path.relative_to(layer))] = path.read_bytes()
    # Gradio takes ten seconds to start on a busy machine.
    seconds = 2 * START_TIMEOUT if pair.space == "gradio" else START_TIMEOUT
    return {**found, "README.md": in_time(found["README.md"], seconds)} if "README.md" in found else found


def in_time(readme, seconds):
    """The block with a start-up timeout that is worth waiting for, where it declares none."""
    if b"startup_duration_timeout" in readme or not readme.startswith(b"---\n"):
        return readme
    return readme.replace(b"---\n", b"---\nstartup_duration_timeout: %ds\n" % seconds, 1)


class Loop:
    """One hub, and the pairs that run on it."""

    def __init__(self, hub, backend):
        self.hub, self.backend = hub, backend
        self.api = hub.api()
        self.owner = self.api.whoami()["name"]
        self.lock = threading.Lock()

    def run(self, pair):
        """Bring one Space into its situation, and diagnose it."""
        began = time.monotonic()
        space = f"{self.owner}/{pair.name}"[:90]
        try:
            said = self.bring(pair, space)
            outcome = self.judge(pair, space, said)
        except Exception as error:  # one pair that cannot be brought about must not end the others
            outcome = Outcome(pair, "?", "?", 0.0, False, False, f"{type(error).__name__}: {error}"[:300])
        finally:
            self.clear(pair, space)
        return outcome._replace(seconds=time.monotonic() - began)

    def bring(self, pair, space):
        """Create, push, switch the fault on; gives the words of a refused commit."""
        row, when, files = pair.row, pair.row.get("when", ""), files_of(pair)
        sdk = re.search(rb"^sdk:\s*(\w+)", files.get("README.md", b""), re.M)
        self.api.create_repo(space, repo_type="space", space_sdk=sdk[1].decode() if sdk else "docker")
        try:
            self.commit(space, files)
        except (ValueError, HfHubHTTPError) as error:  # what the Hub refuses to take
            return f"My push to the Space is refused: {error}"
        if "--twice" in row.get("zoo", {}).get("options", ()):
            self.with_data(space)
        if not when:
            self.reach(space, row["until"])
            return self.settle(row)
        self.reach(space, ["RUNNING"], serving=True)
        if when == "again":
            self.fault(row["before"], space)
            self.again(space, files)
            self.reach(space, row["until"])
            self.admin("clear", row["before"], "--space", space)
        if when == "starting":
            # Without its cache the build takes long enough to be met.
            self.api.restart_space(space, factory_reboot=True)
            self.reach(space, ["BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING"])
        self.fault(pair.fault, space)
        if when == "refused":
            try:
                self.commit(space, {"notes.txt": b"one line\n"})
            except Exception as error:
                return f"My push to the Space is refused: {error}"
            raise RuntimeError("the commit was accepted")
        if when in ("restarted", "again"):
            self.again(space, files)
            if when == "restarted" and row["until"] == ["RUNNING"]:
                time.sleep(2)
        self.reach(space, row["until"])
        return self.settle(row)

    def judge(self, pair, space, said):
        """The diagnosis as the command line gives it."""
        from unstick.diagnose import diagnose
        from unstick.observe import build, live

        options = live.Options(
            endpoint=self.hub.endpoint,
            token=self.hub.token,
            pace=PACE,
            look_for=pair.row.get("look_for", 0.0),
        )
        parts = build.Parts()
        if said:
            parts.tell(text=said)
        live.add_to(parts, live.observe(space, options), options)
        case = build.assemble(parts)
        diagnosis = diagnose(case)
        top = diagnosis.causes[0]
        healthy = case.fact("health") in ("serves", "in-time")
        cause, domain = ("healthy", "healthy") if healthy else (top.cause, top.domain)
        domains = {"healthy" if name == "healthy" else domain_of(name) for name in pair.causes}
        return Outcome(
            pair, case.fact("stage"), cause, top.probability, cause in pair.causes, domain in domains,
            case.fact("error_message")[:100].replace("\n", " "),
        )  # fmt: skip

    def with_data(self, space):
        """Give it a disk at /data, let it run once, and start it again."""
        from huggingface_hub import Volume

        self.api.set_space_volumes(
            space, [Volume(type="bucket", source=f"{self.owner}/data", mount_path="/data")]
        )
        self.reach(space, ["RUNNING"])
        self.api.restart_space(space)
        time.sleep(1)

    def commit(self, space, files):
        from huggingface_hub import CommitOperationAdd

        operations = [CommitOperationAdd(path, io.BytesIO(data)) for path, data in files.items()]
        self.api.create_commit(space, operations, commit_message="a commit", repo_type="space")

    def again(self, space, files):
        """A restart, or for a static Space a new commit."""
        if b"sdk: static" in files.get("README.md", b""):
            self.commit(space, {"index.html": files["index.html"] + b"\n"})
        else:
            self.api.restart_space(space)

    def reach(self, space, stages, serving=False):
        """Wait for a stage."""
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            try:
                state = self.api.get_space_runtime(space)
            except HfHubHTTPError:  # a fault of the API
                time.sleep(0.2)
                continue
            if state.stage in stages:
                return
            time.sleep(0.15 if "APP_STARTING" in stages else 0.4)
        raise RuntimeError(f"never {stages}: it is {state.stage}: {state.raw.get('errorMessage', '')[:150]}")

    def settle(self, row):
        time.sleep(row.get("settle", 0.5))
        return ""

    def fault(self, kind, space):
        if kind in WHOLE:
            self.admin("set", kind)
        else:
            self.admin("set", kind, "--space", space)

    def admin(self, *words):
        environment = {**self.hub.environment(), "UNSTICK_HUB_ADMIN_TOKEN": self.hub.admin_token}
        command = [os.path.join(os.path.dirname(sys.executable), "unstick"), "hub", "fault", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())

    def clear(self, pair, space):
        """Switch the fault off, and remove the Space."""
        try:
            if pair.fault in WHOLE:
                self.admin("clear", pair.fault)
            self.api.delete_repo(space, repo_type="space", missing_ok=True)
        except Exception as error:
            print(f"{space}: {error}", file=sys.stderr)


def domain_of(cause):
    from unstick.causes import load

    return load()[cause].domain


def table(outcomes):
    """The table, and whether the goals are met."""
    print(f"{'Space':28} {'fault':18} {'stage':14} {'leading cause':24} {'':5} right  s")
    for o in sorted(outcomes, key=lambda o: (o.right, o.pair.fault, o.pair.space)):
        mark = "yes" if o.right else "domain" if o.right_domain else "NO"
        print(
            f"{o.pair.space:28} {o.pair.fault or '-':18} {o.stage:14} {o.cause:24} {o.probability:4.0%}  {mark:6}"
            f" {o.seconds:3.0f}  {'' if o.right else '(wanted ' + ', '.join(o.pair.causes) + ') ' + o.note}"
        )
    count = len(outcomes)
    sick = [o for o in outcomes if o.pair.causes == ("healthy",) and not o.right]
    cause, domain = sum(o.right for o in outcomes) / count, sum(o.right_domain for o in outcomes) / count
    print(
        f"\n{count} pairs: right cause on top {cause:.1%}, right domain {domain:.1%}, healthy called sick {len(sick)}"
    )
    return cause >= GOALS[0][1] and domain >= GOALS[1][1] and not sick


def limits_of(pair):
    """The memory and disk that a Space of the zoo is meant for, as options of the hub."""
    options = pair.row.get("zoo", {}).get("options", [])
    given = dict(itertools.pairwise(options))
    return tuple((name, given[f"--{name}"]) for name in ("memory", "disk") if f"--{name}" in given)


def on_a_hub(wanted, limits, args):
    """Run pairs on one hub, those of whole faults alone."""
    outcomes = []
    with running_hub(faults=True, backend=args.backend, builds=args.jobs, **limits) as hub:
        loop = Loop(hub, args.backend)
        alone = [pair for pair in wanted if pair.fault in WHOLE]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for outcome in pool.map(loop.run, [pair for pair in wanted if pair not in alone]):
                outcomes.append(outcome)
                print(
                    outcome.pair.name,
                    outcome.cause,
                    outcome.right,
                    outcome.note[:120],
                    file=sys.stderr,
                    flush=True,
                )
        outcomes += [loop.run(pair) for pair in alone]
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("first", "second", "both"), default="both")
    parser.add_argument("--only", default="", help="pairs whose name contains this word")
    parser.add_argument("--backend", default="process")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", help="write the outcomes here as well")
    args = parser.parse_args()
    wanted = [p for p in pairs() if args.half in ("both", p.half) and args.only in p.name]
    outcomes = []
    for limits in sorted({limits_of(pair) for pair in wanted}):
        outcomes += on_a_hub([pair for pair in wanted if limits_of(pair) == limits], dict(limits), args)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump([o._asdict() | {"pair": o.pair.name} for o in outcomes], file)
    sys.exit(0 if table(outcomes) else 1)


if __name__ == "__main__":
    main()
