"""A Space's files at one commit in a folder, for a rehearsal: everything, large files too."""

from __future__ import annotations

import asyncio
import os
from urllib.parse import quote, urljoin

from unstick.errors import UnreadableError
from unstick.observe.live.files import AT_ONCE, Listed, listing
from unstick.observe.live.hub import Hub
from unstick.observe.live.wire import Refused, Wire, unpacked
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.observe.live.options import Options

MOST_BYTES = 8 * 1024**3
"""More than a Space's repository may hold (1 GB, and large files beside it)."""

SECONDS = 900.0
HOPS = 3


def to_folder(space: str, revision: str, folder: str, options: Options) -> None:
    """Put the files of a commit into an empty folder. Raises UnreadableError with what could not be had.

    Names are taken only if they stay below the folder, files are written plainly: no link, no git, nothing
    that could run.
    """
    from unstick.observe.live.loop import run

    try:
        run(_all(space, revision, folder, options))
    except OSError as error:
        raise UnreadableError(
            f"cannot be written: {error.strerror}", where=folder, todo="Make room, or choose another TMPDIR."
        ) from None


async def _all(space: str, revision: str, folder: str, options: Options) -> None:
    async with Wire() as wire:
        hub = Hub(wire, options)
        listed, reason = await listing(hub, space, revision)
        if reason:
            raise UnreadableError(f"its files cannot be listed: {reason}", where=space)
        if sum(file.size for file in listed) > MOST_BYTES:
            raise UnreadableError("its files are larger than 8 GB together", where=space)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(file: Listed) -> None:
            async with gate:
                await _file(hub, space, revision, file, folder)

        try:
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*(one(file) for file in listed))
        except TimeoutError:
            raise UnreadableError(f"its files did not come within {SECONDS:.0f} s", where=space) from None


async def _file(hub: Hub, space: str, revision: str, file: Listed, folder: str) -> None:
    path = os.path.join(folder, *file.path.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    url = f"{hub.endpoint}/spaces/{space}/resolve/{quote(revision, safe='')}/{quote(file.path)}"
    for _ in range(HOPS):
        mine = url.startswith(hub.endpoint + "/")
        headers = {**(hub.headers if mine else {}), "Accept": "*/*", "Accept-Encoding": "identity"}
        to = await _write(hub, url, headers, path, file, mine)
        if not to:
            return
        url = urljoin(url, to)
    raise UnreadableError("redirects without end", where=file.path)


async def _write(hub: Hub, url: str, headers: dict[str, str], path: str, file: Listed, mine: bool) -> str:
    """Write one answer to a new file; where it is a redirect, give its target instead."""
    patience, size = hub.options.patience, 0
    anywhere = mine or hub.options.local
    try:
        async with hub.wire.opened(url, headers=headers, anywhere=anywhere, seconds=patience) as (answer, _):
            if answer.status_code in (301, 302, 303, 307, 308):
                return str(answer.headers.get("location", ""))
            if answer.status_code != 200:
                raise UnreadableError(f"cannot be had: the Hub answers {answer.status_code}", where=file.path)
            with open(path, "xb") as out:
                async for piece in unpacked(answer, file.size):
                    size += len(piece)
                    if size > file.size:
                        raise UnreadableError("is larger than the Hub says", where=file.path)
                    out.write(piece)
    except Refused as refused:
        raise UnreadableError(f"cannot be had: {refused}", where=file.path) from None
    except UnreadableError:
        raise
    except OSError:
        raise
    except Exception as error:  # whatever a hostile server provokes in the library
        raise UnreadableError(f"cannot be had: {type(error).__name__}", where=file.path) from None
    return ""
