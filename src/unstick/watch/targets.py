"""What is watched: Spaces, everything of an owner, or a file of such words; and how to ask for it cheaply."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping

from unstick.errors import UnreadableError, UsageError
from unstick.observe.live.target import ID, parse
from unstick.record import NamedTuple
from unstick.watch.types import GONE, Record, Seen

MOST_LINES = 20_000
MOST_BYTES = 4 * 1024 * 1024
WORTH_A_LIST = 3
"""From so many Spaces of one owner on, his list is asked rather than each Space."""


class Targets(NamedTuple):
    """Owners whose every Space is watched, and single Spaces."""

    owners: tuple[str, ...]
    spaces: tuple[str, ...]


class Question(NamedTuple):
    """One thing to ask the Hub: the list of an owner, or one Space. `wanted` are the Spaces that it is asked
    for; None means all that come."""

    owner: str
    space: str
    wanted: frozenset[str] | None = None


def read(words: Iterable[str], endpoint: str) -> Targets:
    """The targets that words of the command line name. An existing file wins over owner/name.

    Raises UsageError for a word that names nothing, UnreadableError for a file that cannot be read.
    """
    owners: dict[str, None] = {}
    spaces: dict[str, None] = {}
    for word, where in _words(words):
        owner, slash, name = word.partition("/")
        if slash and name == "*":
            if not ID.match(owner):
                raise UsageError("is no owner's name", where=where or word, todo="Write OWNER/*.")
            owners[owner] = None
            continue
        space = _named(word, where, endpoint)
        if not space:
            raise UsageError("is a Space's own address; watch needs its name", where=where or word,
                             todo="Write OWNER/NAME.")  # fmt: skip
        spaces[space] = None
    if not owners and not spaces:
        raise UsageError("nothing to watch", todo="Name OWNER/NAME, OWNER/*, or a file of such lines.")
    return Targets(tuple(owners), tuple(space for space in spaces if space.split("/")[0] not in owners))


def _named(word: str, where: str, endpoint: str) -> str:
    try:
        return parse(word, endpoint).id
    except UsageError as error:
        if where:
            raise UsageError(f"{word[:200]} {error.what}", where=where, todo=error.todo) from None
        raise


def _words(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each target with the file and line it stands in, '' for the command line."""
    for word in words:
        if not os.path.lexists(word):
            yield word, ""
            continue
        for number, line in enumerate(_lines(word), 1):
            given = line.partition("#")[0].strip()
            if given:
                yield given, f"{word}:{number}"


def _lines(path: str) -> list[str]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UsageError("is no file of targets", where=path, todo="Name a text file, one target a line.")
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", where=path) from None
    except UnicodeDecodeError:
        raise UnreadableError("is not UTF-8 text", where=path) from None
    if len(data) > MOST_BYTES or len(lines) > MOST_LINES:
        raise UnreadableError(f"holds more than {MOST_LINES} targets", where=path)
    return lines


def questions(targets: Targets, pages_of: Callable[[str], int]) -> list[Question]:
    """What to ask in one round. Several Spaces of one owner are asked by his list, unless that turned out to
    take more requests than they do (`pages_of` gives the requests of his list last time, 0 before it)."""
    asked = [Question(owner, "") for owner in targets.owners]
    by_owner: dict[str, list[str]] = {}
    for space in targets.spaces:
        by_owner.setdefault(space.split("/")[0], []).append(space)
    for owner, spaces in by_owner.items():
        if len(spaces) >= WORTH_A_LIST and pages_of(owner) <= len(spaces):
            asked.append(Question(owner, "", frozenset(spaces)))
        else:
            asked += [Question("", space) for space in spaces]
    return asked


def names_of(targets: Targets) -> frozenset[str]:
    """Owners and Spaces in lower case: the Hub does not tell cases apart."""
    return frozenset(word.lower() for word in (*targets.owners, *targets.spaces))


def covers(names: frozenset[str], space: str) -> bool:
    """Whether a Space is one of the targets or belongs to an owner who is."""
    name = space.lower()
    return name in names or name.partition("/")[0] in names


def absent(question: Question, listed: Iterable[Seen], records: Mapping[str, Record]) -> list[str]:
    """The Spaces that a list should hold and does not: they are asked for one by one."""
    there = {seen.space for seen in listed}
    prefix = f"{question.owner}/".lower()
    wanted = question.wanted
    if wanted is None:
        wanted = frozenset(space for space in records if space.lower().startswith(prefix))
    gone = {space for space in wanted if space in records and records[space].now_in.stage == GONE}
    return sorted(wanted - there - gone)
