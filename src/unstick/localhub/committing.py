"""A commit through the API: its lines taken as they arrive, checked, and made one commit of git."""

from __future__ import annotations

import base64
import binascii
import os

import msgspec

from unstick.localhub import metadata, pointers, wording
from unstick.localhub.ndjson import BadLine, Splitter, TooMuch
from unstick.localhub.repository import BadPath, Change, checked_path
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unstick.localhub.ndjson import Line
    from unstick.localhub.repository import Repository
    from unstick.localhub.store.objects import Held

MOST_OPERATIONS = 25_000


class Refused(Exception):
    """A commit that is not taken: `status` of the answer, its text, and each single message."""

    def __init__(self, status: int, text: str, messages: tuple[str, ...] = (), code: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.messages, self.code = status, text, messages, code


class _Header(msgspec.Struct):
    summary: str = ""
    description: str = ""
    parentCommit: str | None = None


class _File(msgspec.Struct):
    path: str
    content: str
    encoding: str = "utf-8"


class _Large(msgspec.Struct):
    path: str
    oid: str
    algo: str = "sha256"
    size: int | None = None


class _Gone(msgspec.Struct):
    path: str


class _HeaderLine(msgspec.Struct, tag_field="key", tag="header"):
    value: _Header


class _FileLine(msgspec.Struct, tag_field="key", tag="file"):
    value: _File


class _LargeLine(msgspec.Struct, tag_field="key", tag="lfsFile"):
    value: _Large


class _GoneLine(msgspec.Struct, tag_field="key", tag="deletedFile"):
    value: _Gone


class _GoneFolderLine(msgspec.Struct, tag_field="key", tag="deletedFolder"):
    value: _Gone


_DECODER = msgspec.json.Decoder(_HeaderLine | _FileLine | _LargeLine | _GoneLine | _GoneFolderLine)


class Operation(NamedTuple):
    """One operation: `stored` is the file with the new content, '' for a removal; `oid` of a large file."""

    path: str
    stored: str = ""
    folder: bool = False
    oid: str = ""


class Incoming:
    """A commit that comes in. `folder` is its own, for as long as it lasts; `room` the bytes that it may add,
    `held` the large files that the repository has, `kind` of the repository."""

    def __init__(self, folder: str, room: int, held: Mapping[str, Held], kind: str) -> None:
        self.header: _Header | None = None
        self.operations: list[Operation] = []
        self._folder, self._room, self._held, self._kind = folder, room, held, kind
        self._added = 0
        self._splitter = Splitter(folder, room)

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body. Raises Refused."""
        try:
            for line in self._splitter.feed(piece):
                self._take(line)
        except BadLine as error:
            raise Refused(400, str(error)) from None
        except TooMuch:
            raise Refused(403, wording.FULL) from None

    def close(self) -> None:
        """The body has ended. Raises Refused for what cannot be a commit."""
        try:
            for line in self._splitter.close():
                self._take(line)
        except BadLine as error:
            raise Refused(400, str(error)) from None
        if self.header is None:
            raise Refused(400, "a commit begins with a line whose key is header")
        if not self.header.summary.strip():
            raise Refused(400, '"summary" is not allowed to be empty')

    def abandon(self) -> None:
        """Close what is open."""
        self._splitter.abandon()

    def _take(self, line: Line) -> None:
        try:
            decoded = _DECODER.decode(line.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(
                400, f"line {len(self.operations) + 1} is not what a commit takes: {error}"
            ) from None
        if isinstance(decoded, _HeaderLine):
            if self.header is not None or line.mark:
                raise Refused(400, "a commit has one header")
            self.header = decoded.value
            return
        try:
            path = checked_path(
                decoded.value.path.rstrip("/") if isinstance(decoded, _GoneFolderLine) else decoded.value.path
            )
        except BadPath:
            raise Refused(400, f"Invalid path in repo: {decoded.value.path[:100]!r}") from None
        if len(self.operations) >= MOST_OPERATIONS:
            raise Refused(413, f"a commit has at most {MOST_OPERATIONS} operations")
        self.operations.append(self._operation(decoded, path, line))

    def _operation(
        self, decoded: _FileLine | _LargeLine | _GoneLine | _GoneFolderLine, path: str, line: Line
    ) -> Operation:
        if isinstance(decoded, _FileLine):
            if line.mark:
                if decoded.value.content != line.mark or decoded.value.encoding != "base64":
                    raise Refused(400, "a long content has to be base64, and nothing else of a line long")
                return Operation(path, line.spilled)
            return Operation(path, self._keep(_content(decoded.value)))
        if line.mark:
            raise Refused(400, "only the content of a file may be long")
        if isinstance(decoded, _LargeLine):
            found = self._held.get(decoded.value.oid)
            if (
                found is None
                or decoded.value.algo != "sha256"
                or decoded.value.size not in (None, found.size)
            ):
                raise Refused(
                    400, (text := f"{' '.join(wording.NO_OBJECT)} Offending file: - {path}"), (text,)
                )
            pointer = pointers.text(pointers.Pointer(found.oid, found.size))
            return Operation(path, self._keep(pointer), oid=found.oid)
        return Operation(path, folder=isinstance(decoded, _GoneFolderLine))

    def _keep(self, data: bytes) -> str:
        self._added += len(data)
        if self._added > self._room or not self._room:
            raise Refused(403, wording.FULL)
        path = os.path.join(self._folder, f"short-{len(self.operations)}")
        with open(path, "xb") as file:
            file.write(data)
        return path

    def check_readme(self) -> None:
        """Raises Refused when the README that the commit brings would not be taken."""
        last = next((one for one in reversed(self.operations) if one.path == "README.md"), None)
        if last is None or not last.stored:
            return
        with open(last.stored, "rb") as file:
            found = metadata.verdict(file.read(metadata.MOST_README + 1), self._kind)
        if found.errors:
            raise Refused(400, "Invalid metadata in README.md: " + "; ".join(found.errors), found.errors)

    def store(self, repository: Repository) -> list[Change]:
        """Put the contents into the repository; gives the changes of the commit."""
        oids = iter(repository.store_files([one.stored for one in self.operations if one.stored]))
        return [Change(one.path, next(oids) if one.stored else "", one.folder) for one in self.operations]

    @property
    def message(self) -> str:
        """The commit's message: its summary, and the description behind an empty line."""
        assert self.header is not None
        summary = " ".join(self.header.summary.split())
        description = self.header.description.strip()
        return f"{summary}\n\n{description}\n" if description else f"{summary}\n"


def _content(value: _File) -> bytes:
    if value.encoding == "utf-8":
        return value.content.encode("utf-8", "surrogatepass")
    if value.encoding != "base64":
        raise Refused(400, '"encoding" must be one of [utf-8, base64]')
    try:
        return base64.b64decode(value.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, f"the content of {value.path[:100]!r} is no base64: {error}") from None
