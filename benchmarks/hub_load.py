"""A local Hub under load: 50 Spaces (10 static ones running), 100 parallel clients on the API and the router.

`python benchmarks/hub_load.py [--minutes 10] [--clients 100]`. Half of the clients ask the API (runtime, info,
tree, a list), half ask running Spaces through the router. Prints each minute the answers, the errors, and what
the hub uses (memory, file descriptors, threads); ends with an error when a call failed or something grew
steadily: the last third of the time may use at most 10 % and 8 MB more memory than the second.
"""

import argparse
import asyncio
import collections
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import httpx2

from e2e.hubs import hub

SPACES, RUNNING = 50, 10
STATIC = {"README.md": b"---\nsdk: static\n---\n", "index.html": b"<h1>here</h1>" * 200}


def prepare(running):
    """Register the Spaces; gives their names and the host names of those that run."""
    from huggingface_hub import CommitOperationAdd

    api = running.api()
    owner = api.whoami()["name"]
    names = [f"{owner}/load-{number}" for number in range(SPACES)]
    for number, name in enumerate(names):
        api.create_repo(name, repo_type="space", space_sdk="static")
        if number < RUNNING:
            adds = [CommitOperationAdd(path, data) for path, data in STATIC.items()]
            api.create_commit(name, adds, commit_message="x", repo_type="space")
    hosts = []
    for name in names[:RUNNING]:
        while api.get_space_runtime(name).stage != "RUNNING":
            time.sleep(0.2)
        hosts.append(api.space_info(name).host.removeprefix("http://"))
    return names, hosts


async def client(number, running, names, hosts, until, seen):
    """One client: asks one thing after the other, on connections that it keeps."""
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx2.AsyncClient(base_url=running.endpoint, timeout=60) as http:
        turn = number
        while time.monotonic() < until:
            turn += 1
            if number % 2:
                host = hosts[turn % len(hosts)]
                kind, path, sent = "router", "/", {"Host": host}
            else:
                name = names[turn % RUNNING]
                kind, sent = "api", headers
                path = (
                    f"/api/spaces/{name}/runtime", f"/api/spaces/{names[turn % SPACES]}",
                    f"/api/spaces/{name}/tree/main", "/api/spaces?limit=20",
                )[turn % 4]  # fmt: skip
            began = time.monotonic()
            try:
                answer = await http.get(path, headers=sent)
                right = answer.status_code == 200 and (
                    kind == "api" or answer.content == STATIC["index.html"]
                )
                error = "" if right else f"{answer.status_code} {path}"
            except httpx2.HTTPError as failed:
                error = f"{type(failed).__name__} {path}"
            seen[kind].append(time.monotonic() - began)
            if error:
                seen["errors"].append(error)


def uses(pid):
    """Memory in MB, file descriptors and threads of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"])


def told(seconds):
    """Answers and their median time."""
    return f"{len(seconds):6} answers" + (
        f", median {statistics.median(seconds) * 1e3:4.0f} ms" if seconds else ""
    )


async def load(running, args):
    names, hosts = prepare(running)
    until = time.monotonic() + args.minutes * 60
    seen = collections.defaultdict(list)
    clients = [
        asyncio.create_task(client(number, running, names, hosts, until, seen))
        for number in range(args.clients)
    ]
    memory, errors, began = [], [], time.monotonic()
    while time.monotonic() < until:
        await asyncio.sleep(min(60.0, args.minutes * 6))
        used = uses(running.process.pid)
        memory.append(used[0])
        errors += seen["errors"]
        api, router = seen["api"], seen["router"]
        print(
            f"{time.monotonic() - began:5.0f} s  api {told(api)}  router {told(router)}  errors {len(errors)}  "
            f"hub {used[0]:.0f} MB, {used[1]} descriptors, {used[2]} threads",
            flush=True,
        )
        for kind in ("api", "router", "errors"):
            seen[kind].clear()
    await asyncio.gather(*clients)
    errors += seen["errors"]
    third = max(1, len(memory) // 3)
    middle, last = statistics.mean(memory[third : 2 * third] or memory), statistics.mean(memory[-third:])
    print(f"errors: {collections.Counter(errors).most_common(5)}")
    print(f"memory: {middle:.0f} MB in the middle third, {last:.0f} MB in the last")
    return not errors and last - middle < max(0.1 * middle, 8)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=100)
    args = parser.parse_args()
    with hub() as running:
        sys.exit(0 if asyncio.run(load(running, args)) else 1)


if __name__ == "__main__":
    main()
