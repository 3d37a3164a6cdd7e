"""Faults switched on and off at random under `unstick watch`: is each told once, cleared once, and nothing else?

`python benchmarks/watch_soak.py [--minutes 30] [--seed N] [--database URL]`. The Spaces' own times are short (a
build 1 s, a start 2 s, a start-up timeout of 15 s) and the watcher polls every 2 s; everything else is as it
is: its own clock, its database, HTTP, apprise, rate limits. Among the faults are starts that come up in time
and must not be told, failures of the Hub's API, whole groups of Spaces that fail at once, and `kill -9` of the
watcher, which is started again. Ends with 1 when a fault was not told, was told twice or late, was not
cleared, or when anything was told that was no fault.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from watching import Hub, Watcher

EVERY = 2.0
TIMEOUT = 15.0
SETTLE = 4.0
FLAPPING = 40.0
SLACK = 6.0
"""Seconds for what is not the watcher's decision: the diagnosis, sending, a machine that does other things."""

POLICY = f"""
[poll]
probe = "all"
jitter = 0.1
[deadlines]
building = "15s"
announced = "6s"
settle = "{SETTLE:.0f}s"
flapping_within = "{FLAPPING:.0f}s"
[incident]
at_least = 12
at_most = 12
within = "10s"
"""


class Kind(NamedTuple):
    """A fault: the simulated Hub's name for it, seconds until it must be told (None: never), how long it lasts
    at least, and how long it may take until it is cleared after its end."""

    fault: str
    told_within: float | None
    lasts: float
    cleared_within: float


BACK = 3.0 + SETTLE + 3 * EVERY
KINDS = (
    Kind("stuck", TIMEOUT + 2 * EVERY, TIMEOUT + 8, BACK),
    Kind("stuck-build", 15.0 + 2 * EVERY, 15.0 + 8, BACK),
    Kind("crash", 2 * EVERY, 6.0, BACK),
    Kind("no-capacity", 2 * EVERY, 6.0, BACK),
    Kind("build-error", 2 * EVERY, 6.0, BACK),
    Kind("config-error", 2 * EVERY, 6.0, BACK),
    Kind("down", 5 * EVERY, 14.0, BACK),
    Kind("lagging", 6.0 + 4 * EVERY, 16.0, BACK),
    Kind("flapping", 2 * EVERY, 24.0, FLAPPING + BACK),
    Kind("late", None, 8.0, 0.0),
    Kind("deploy", None, 0.0, 0.0),
)
"""`late` is a start that comes up before its deadline, `deploy` an ordinary rebuild: neither is a fault."""


class Episode(NamedTuple):
    """One fault of one Space."""

    space: str
    kind: Kind
    begun: float
    ended: float
    incident: int


class Told:
    """Receives the alerts."""

    def __init__(self) -> None:
        self.got: list[tuple[float, str]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.got.append((time.time(), body["title"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Soak:
    """One run: what was done, and what was told."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.args = args
        self.folder = folder
        self.chance = random.Random(args.seed)
        self.hub = Hub(
            "--spaces", str(args.spaces), "--owners", "3", "--build", "1", "--start", "2", "--flap", "3",
            "--timeout", f"{TIMEOUT:.0f}s", "--limit", "100000",
        )  # fmt: skip
        self.told = Told()
        self.names = [f"owner{number % 3}/space-{number}" for number in range(args.spaces)]
        self.running: dict[str, tuple[Kind, float, float, int]] = {}
        self.rests: dict[str, float] = {}
        self.episodes: list[Episode] = []
        self.incidents = 0
        self.disturbed: list[tuple[float, float]] = []
        self.kills = 0
        self.excused: Counter[str] = Counter()
        (folder / "policy.toml").write_text(POLICY)
        self.watcher = self.start()

    def start(self) -> Watcher:
        """Start the watcher."""
        database = self.args.database or str(self.folder / "h.db")
        watcher = Watcher(
            self.hub, self.folder, "owner0/*", "owner1/*", "owner2/*", "--every", f"{EVERY:.0f}s",
            "--policy", str(self.folder / "policy.toml"), "--alert", self.told.url, "--database", database,
        )  # fmt: skip
        watcher.wait_for("begun")
        return watcher

    def run(self) -> None:
        """Switch faults on and off until the time is over, then let everything recover."""
        time.sleep(3 * EVERY)
        ends = time.time() + self.args.minutes * 60
        next_kill = time.time() + self.chance.uniform(15, 90)
        next_outage = time.time() + self.chance.uniform(20, 120)
        next_incident = time.time() + self.chance.uniform(10, 60)
        quiet_until = 0.0
        while time.time() < ends:
            now = time.time()
            self.end_those_over(now)
            if self.args.kills and now > next_kill:
                self.kill()
                next_kill = now + self.chance.uniform(60, 240)
            if now > next_outage:
                self.outage()
                next_outage = now + self.chance.uniform(120, 300)
            if now > next_incident and not self.running and now > quiet_until:
                quiet_until = self.incident(now) + 15
                next_incident = now + self.chance.uniform(150, 400)
            if now > quiet_until and (now < next_incident or not self.free(now)):
                self.begin_one(now)
            time.sleep(self.chance.uniform(0.3, 2.0))
        while self.running:
            self.end_those_over(time.time())
            time.sleep(0.5)
        time.sleep(FLAPPING + BACK + SLACK)
        self.watcher.close()
        self.hub.close()

    def free(self, now: float) -> list[str]:
        """The Spaces that have no fault and have recovered from the last one."""
        return [name for name in self.names if name not in self.running and self.rests.get(name, 0) <= now]

    def begin_one(self, now: float) -> None:
        """One fault of one Space; never so many at once that they would be an incident."""
        free = self.free(now)
        if not free or len(self.running) > 6:
            return
        space, kind = self.chance.choice(free), self.chance.choice(KINDS)
        fault = {"late": "stuck", "deploy": "push"}.get(kind.fault, kind.fault)
        at = self.switch([space], fault)
        self.running[space] = (
            kind,
            at,
            at + kind.lasts * (1 if kind.told_within is None else self.chance.uniform(1.0, 2.0)),
            0,
        )

    def incident(self, now: float) -> float:
        """Many Spaces at once; gives when it is over for sure."""
        self.incidents += 1
        kind = next(one for one in KINDS if one.fault == "no-capacity")
        lasts = self.chance.uniform(12, 25)
        chosen = self.chance.sample(self.free(now), min(20, len(self.free(now))))
        at = self.switch(chosen, kind.fault)
        for space in chosen:
            self.running[space] = (kind, at, at + lasts, self.incidents)
        return now + lasts + BACK + SLACK

    def end_those_over(self, now: float) -> None:
        """Switch off the faults whose time is over."""
        over = [space for space, (_, _, ends, _) in self.running.items() if ends <= now]
        faulty = [space for space in over if self.running[space][0].fault != "deploy"]
        ended = self.switch(faulty, "") if faulty else now
        for space in over:
            kind, begun, _, incident = self.running.pop(space)
            at = begun if kind.fault == "deploy" else ended
            self.episodes.append(Episode(space, kind, begun, at, incident))
            # Three falls within a while are a fault, whatever each was: one Space's keep apart.
            self.rests[space] = at + max(kind.cleared_within, BACK) + SLACK + 4

    def switch(self, spaces: list[str], fault: str) -> float:
        """Give Spaces a fault, or none with ''; when that was, by the simulated Hub, whose record is the truth:
        this driver may be held up."""
        state = self.hub.post("/_sim/fault", [{"space": space, "fault": fault} for space in spaces])
        return float(state["at"])

    def outage(self) -> None:
        """The Hub's API fails for a while."""
        begun = time.time()
        self.hub.post("/_sim/broken", {"status": self.chance.choice([500, 502, 503])})
        time.sleep(self.chance.uniform(2, 6))
        self.hub.post("/_sim/broken", {})
        # After a failure the watcher rests, for 5 s at first and twice as long each time.
        self.disturbed.append((begun, time.time() + 22))

    def kill(self) -> None:
        """kill -9 of the watcher; it is started again."""
        begun = time.time()
        self.watcher.process.kill()
        self.watcher.process.wait()
        self.kills += 1
        time.sleep(self.chance.uniform(0.1, 2))
        self.watcher = self.start()
        self.disturbed.append((begun, time.time() + 3 * EVERY))

    def verdict(self) -> list[str]:
        """What is wrong with what was told."""
        wrong = [f"nobody did this: {title}" for _, title in self.unmatched()]
        for episode in self.episodes:
            if episode.incident:
                continue
            wrong += self.of_one(episode)
        told = Counter(title for _, title in self.told.got if "many Spaces" in title)
        expected = {
            "many Spaces failed at once": self.incidents,
            "over: many Spaces failed at once": self.incidents,
        }
        if any(told.get(title, 0) != count for title, count in expected.items()):
            wrong.append(f"{self.incidents} incidents, told: {dict(told)}")
        return wrong

    def of_one(self, episode: Episode) -> list[str]:
        """What is wrong with what was told of one fault."""
        opened, cleared = self.alerts_of(episode)
        name = f"{episode.kind.fault} of {episode.space} ({episode.begun:.0f}; {self.trace(episode)})"
        if episode.kind.told_within is None and episode.ended - episode.begun + 3 > TIMEOUT - EVERY:
            # By the Hub's record the start was late indeed: this driver was held up.
            self.excused["late indeed"] += 1
            return []
        if episode.kind.told_within is not None and not opened and not cleared and self.unseen(episode):
            self.excused["never in sight for long enough"] += 1
            return []
        if episode.kind.told_within is None:
            return [f"{name} is no fault and was told: {opened + cleared}"] if opened or cleared else []
        if len(opened) != 1 or len(cleared) != 1:
            return [f"{name} was told {len(opened)} times, cleared {len(cleared)} times"]
        late = opened[0] - self.due(episode.begun, episode.kind.told_within)
        slow = cleared[0] - self.due(episode.ended, episode.kind.cleared_within)
        return [f"{name} was told {late:.1f} s late"] * (late > 0) + [
            f"{name} was cleared {slow:.1f} s late"
        ] * (slow > 0)

    def unseen(self, episode: Episode) -> bool:
        """Whether a fault was over before it could be told: it was never in sight for as long as that takes,
        as the Hub failed or the watcher was killed meanwhile. What happened out of sight is not known, so the
        time counts from the end of a gap."""
        gaps = self.gaps(episode.begun, episode.ended)
        begins = [episode.begun, *(last for _, last in gaps)]
        ends = [*(first for first, _ in gaps), episode.ended]
        longest = max(end - begin for begin, end in zip(begins, ends, strict=True))
        return bool(gaps) and longest < (episode.kind.told_within or 0.0)

    def due(self, begun: float, within: float) -> float:
        """When something that began then is told at the latest: `within`, and some time to send it. A gap in
        which nothing could be observed lets it count anew from the gap's end."""
        latest = begun + within + SLACK
        for first, last in sorted(self.disturbed):
            if last > begun and first < latest:
                latest = max(latest, last + within + SLACK)
        return latest

    def gaps(self, begun: float, ended: float) -> list[tuple[float, float]]:
        """The times between these in which nothing could be observed, joined where they overlap."""
        joined: list[tuple[float, float]] = []
        for first, last in sorted((max(begun, first), min(ended, last)) for first, last in self.disturbed):
            if first >= last:
                continue
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        return joined

    def alerts_of(self, episode: Episode) -> tuple[list[float], list[float]]:
        """When a fault was told, and cleared."""
        until = min(
            (one.begun for one in self.episodes if one.space == episode.space and one.begun > episode.begun),
            default=1e12,
        )
        mine = [
            (at, title)
            for at, title in self.told.got
            if f"{episode.space} " in f"{title} " and episode.begun <= at < until
        ]
        return [at for at, title in mine if not title.startswith("over:")], [
            at for at, title in mine if title.startswith("over:")
        ]

    def trace(self, episode: Episode) -> str:
        """What happened around a fault, in seconds since its beginning."""
        begun = episode.begun
        mine = [(at - begun, title) for at, title in self.told.got if f"{episode.space} " in f"{title} "]
        told = [f"{at:.1f} {title}" for at, title in mine if -5 < at < 120]
        near = [(first - begun, last - begun) for first, last in self.disturbed if -60 < first - begun < 120]
        blind = [f"{first:.1f} to {last:.1f}" for first, last in near]
        return f"lasted {episode.ended - begun:.1f}; told {told}; disturbed {blind}"

    def unmatched(self) -> list[tuple[float, str]]:
        """Alerts of Spaces that had no fault at that time."""
        found = []
        for at, title in self.told.got:
            space = title.removeprefix("over: ").split(" ")[0]
            known = [
                one
                for one in self.episodes
                if one.space == space and one.begun <= at and one.kind.told_within is not None
            ]
            if space in self.names and not known:
                found.append((at, title))
        return found


def main() -> int:
    """Soak, judge, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spaces", type=int, default=60)
    parser.add_argument("--database", default="", help="instead of a file of SQLite")
    parser.add_argument("--no-kills", dest="kills", action="store_false", help="never kill the watcher")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(args, Path(folder))
        try:
            soak.run()
        finally:
            soak.hub.close()
            if soak.watcher.process.poll() is None:
                soak.watcher.close()
        wrong = soak.verdict()
    counted = Counter(one.kind.fault for one in soak.episodes if not one.incident)
    faults = sum(count for fault, count in counted.items() if fault not in ("late", "deploy"))
    print(
        f"{faults} faults, {counted['late']} late starts, {counted['deploy']} deployments, {soak.incidents} incidents, "
        f"{soak.kills} kills, {len(soak.disturbed) - soak.kills} failures of the Hub, {len(soak.told.got)} alerts; "
        f"wrong: {len(wrong)}; not judged: {dict(soak.excused) or 'none'}"
    )
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
