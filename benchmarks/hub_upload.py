"""Memory of a local Hub that takes and gives large files: `python benchmarks/hub_upload.py [MB …]` (10 300).

For each size a hub of its own by the real command, one commit with one file of that size, its download, and the same
by LFS in one request. Says seconds, and the most memory that the hub had (VmHWM) after each.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from e2e.hubs import hub

PIECE = os.urandom(999_999)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10, 300], metavar="MB")
    for size in parser.parse_args().sizes:
        with hub() as running:
            measure(running, size)


def measure(running, size):
    where = urlsplit(running.endpoint)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=600)
    headers = {"Authorization": f"Bearer {running.token}"}

    def ask(what, method, path, body=None, **more):
        began = time.monotonic()
        connection.request(method, path, body, {**headers, **more})
        answer = connection.getresponse()
        data, count = b"", 0
        while piece := answer.read(1 << 20):
            data, count = (data + piece)[:4096], count + len(piece)
        if answer.status >= 300:
            sys.exit(f"{what}: {answer.status} {data!r}")
        print(f"{what:24} {time.monotonic() - began:6.1f} s   {peak(running.process.pid):4} MB", flush=True)
        return data, count

    new = json.dumps({"name": "large", "type": "space", "sdk": "static"}).encode()
    ask("(new Space)", "POST", "/api/repos/create", new)
    length = {"Content-Length": str(sum(map(len, lines(size))))}
    ask(f"commit of {size} MB", "POST", "/api/spaces/user/large/commit/main", lines(size), **length)
    _, count = ask(f"download of {size} MB", "GET", "/spaces/user/large/resolve/main/big.bin")
    assert count == size * len(PIECE)
    digest = hashlib.sha256()
    for _ in range(size):
        digest.update(PIECE)
    batch = {"operation": "upload", "objects": [{"oid": digest.hexdigest(), "size": count}]}
    data, _ = ask(
        "(batch)", "POST", "/spaces/user/large.git/info/lfs/objects/batch", json.dumps(batch).encode()
    )
    path = urlsplit(json.loads(data)["objects"][0]["actions"]["upload"]["href"]).path
    ask(
        f"LFS upload of {size} MB",
        "PUT",
        path,
        (PIECE for _ in range(size)),
        **{"Content-Length": str(count)},
    )


def lines(size):
    """The body of a commit with one file, never whole in memory."""
    yield b'{"key":"header","value":{"summary":"large"}}\n{"key":"file","value":{"content":"'
    encoded = base64.b64encode(PIECE)
    for _ in range(size):
        yield encoded
    yield b'","path":"big.bin","encoding":"base64"}}\n'


def peak(process):
    """The most memory that a process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(row for row in status.splitlines() if row.startswith("VmHWM")).split()[1]) // 1024


if __name__ == "__main__":
    main()
