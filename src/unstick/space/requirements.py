"""Reading requirements.txt as pip reads it, tolerantly: each line a value, also the damaged ones.

The ordinary form (`name[extras]==1.2, <2 ; marker`) is read by one pattern; only a line outside it goes
to the
`packaging` library, whose import costs more than a whole check may take.
"""

from __future__ import annotations

import re

from unstick.contract import markers, versions
from unstick.patterns import lazy
from unstick.record import NamedTuple
from unstick.space.types import Place

LIMIT = 20_000
"""Lines read of one file; no real file comes near it."""


class Requirement(NamedTuple):
    """One requirement. `name` is normalised (lower case, runs of - _ . as one -), empty where a URL or
    folder hides it.

    `specifiers` are (operator, version) pairs, `url` a direct reference, VCS address or local path,
    `ignored` the
    options after the package name that pip reads and drops on such a line (`--index-url ...`).
    """

    name: str
    place: Place
    raw: str
    extras: tuple[str, ...] = ()
    specifiers: tuple[tuple[str, str], ...] = ()
    marker: str = ""
    url: str = ""
    editable: bool = False
    hashed: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def pin(self) -> str:
        """The exact version asked for, or the empty string."""
        for operator, version in self.specifiers:
            if operator in {"==", "==="} and not version.endswith("*"):
                return version
        return ""

    def applies(self, python: str) -> bool:
        """Whether the marker holds on this Python (in doubt it does)."""
        return markers.applies(self.marker, python) is not False


class Option(NamedTuple):
    """A line of options for the whole file: `name` in its long form ('--requirement'), `value` as written."""

    name: str
    value: str
    place: Place


class Damaged(NamedTuple):
    """A line that pip cannot read. `kind` is a short key, `reason` a clause for people, `repaired` the
    line as it was
    probably meant (empty when unknown)."""

    kind: str
    reason: str
    place: Place
    raw: str
    repaired: str = ""


class RequirementsFile(NamedTuple):
    """A requirements file, line by line; `encoding` is what its bytes were decoded with."""

    path: str
    encoding: str
    requirements: tuple[Requirement, ...] = ()
    options: tuple[Option, ...] = ()
    damaged: tuple[Damaged, ...] = ()


_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_LONG = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
}
_OPTIONS = {
    "--requirement", "--constraint", "--editable", "--index-url", "--extra-index-url", "--find-links",
    "--no-index",
    "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes", "--pre", "--trusted-host",
    "--use-feature",
    "--pypi-url", "--hash", "--global-option", "--config-settings", "--config-setting", "--install-option",
    "--build-option",
}  # fmt: skip
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_HEAD = rf"(?P<name>{_NAME})\s*(?:\[(?P<extras>\s*(?:{_NAME}\s*(?:,\s*{_NAME}\s*)*)?)\])?\s*"
_ORDINARY = lazy(
    _HEAD + r"(?P<specifiers>\(?"
    r"(?:(?:===|~=|==|!=|<=|>=|<|>)\s*[^\s,;()<>=!~]+\s*(?:,\s*(?=[=<>!~])|(?=[;)]|$)))*\)?)"
    r"\s*(?:;(?P<marker>.*))?"
)
_SPECIFIER = lazy(r"(===|~=|==|!=|<=|>=|<|>)\s*([^\s,;()]+)")
_DIRECT = lazy(_HEAD + r"@\s*(?P<url>\S+)\s*(?:;(?P<marker>.*))?")
_ADDRESS = lazy(r"(?:(?:git|hg|svn|bzr)\+\S+|(?:https?|ftp|file)://\S+|git@\S+)", re.IGNORECASE)
_COMMENT = lazy(r"(?:^|\s+)#.*$")
_EGG = lazy(rf"[#&]egg=({_NAME})")
_WHEEL = lazy(r"(?:^|/)([A-Za-z0-9._]+)-[0-9][^/]*\.(?:whl|tar\.gz|zip)(?:#.*)?$")


def normalise(name: str) -> str:
    """A distribution's name in the one spelling that compares."""
    return re.sub(r"[-_.]+", "-", name).lower()


def decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding, as pip decodes: byte order mark, else UTF-8, else Latin-1."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def parse(path: str, text: str, encoding: str = "utf-8") -> RequirementsFile:
    """Read `text`, already decoded; offsets in places count its characters."""
    requirements: list[Requirement] = []
    options: list[Option] = []
    damaged: list[Damaged] = []
    for line, place in _logical_lines(path, text):
        for item in _read_line(line, place):
            if isinstance(item, Requirement):
                requirements.append(item)
            elif isinstance(item, Option):
                options.append(item)
            else:
                damaged.append(item)
    return RequirementsFile(path, encoding, tuple(requirements), tuple(options), tuple(damaged))


def parse_one(text: str, place: Place) -> Requirement | Damaged:
    """Read one requirement as it stands in a command or a TOML list; `place` is where."""
    return _requirement(text.strip(), (), place)


def _logical_lines(path: str, text: str) -> list[tuple[str, Place]]:
    """Lines with continuations joined and comments cut off; the place covers the text without its line
    end."""
    found: list[tuple[str, Place]] = []
    parts: list[str] = []
    begin = begin_line = offset = 0
    for number, physical in enumerate(text.splitlines(keepends=True), 1):
        if number > LIMIT:
            break
        bare = physical.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        if number == 1:
            bare = bare.lstrip("\ufeff") if bare.startswith("\ufeff") else bare
        if not parts:
            begin, begin_line = offset, number
        cut = _COMMENT.sub("", bare)
        comment = not cut.strip() and bare.strip().startswith("#")
        if cut.endswith("\\") and not comment:
            parts.append(cut[:-1])
        else:
            joined = "".join([*parts, cut])
            if joined.strip():
                end = offset + len(bare) if parts else begin + len(cut.rstrip())
                lead = len(joined) - len(joined.lstrip())
                found.append((joined.strip(), Place(path, begin_line, lead + 1, begin + lead, end)))
            parts = []
        offset += len(physical)
    if parts and "".join(parts).strip():
        found.append(("".join(parts).strip(), Place(path, begin_line, 1, begin, offset)))
    return found


def _read_line(line: str, place: Place) -> list[Requirement | Option | Damaged]:
    if "\x00" in line:
        clean = line.replace("\x00", "").strip()
        why = "NUL bytes stand between the letters: UTF-16 text was appended to a plain text file"
        return [Damaged("nul-bytes", why, place, line, clean)]
    known = _well_known_damage(line, place)
    if known is not None:
        return [known]
    if line.startswith("-"):
        return _option_line(line, place)
    head, tail = _split_options(line)
    return [_requirement(head, tail, place)]


def _split_options(line: str) -> tuple[str, tuple[str, ...]]:
    """What stands before the first option, as pip splits it, and the options after it."""
    words = line.split(" ")
    for at, word in enumerate(words):
        if word.startswith("-") and at:
            return " ".join(words[:at]).strip(), tuple(word for word in words[at:] if word)
    return line.strip(), ()


def _option_line(line: str, place: Place) -> list[Requirement | Option | Damaged]:
    if line.strip("-") == "":
        return [Damaged("lone-dash", "a line that holds only dashes", place, line)]
    word, _, value = line.partition(" ")
    name, equals, inline = word.partition("=")
    if equals:
        value = inline
    if not name.startswith("--") and len(name) > 2 and name[:2] in _LONG:
        name, value = name[:2], name[2:] + ("=" + inline if equals else "")
    long = _LONG.get(name, name)
    if long not in _OPTIONS:
        if name == "-" or (not name.startswith("--") and len(name) > 2):
            why = f"a list mark before the name ({line[:40]!r}): pip takes it for an option"
            return [Damaged("list-mark", why, place, line, line.lstrip("- ").strip())]
        return [Damaged("unknown-option", f"pip knows no option {name} in a requirements file", place, line)]
    if long == "--editable":
        target = value.strip().strip("'\"")
        egg = _EGG.search(target)
        return [Requirement(normalise(egg[1]) if egg else "", place, line, url=target, editable=True)]
    return [Option(long, value.strip().strip("'\""), place)]


def _requirement(head: str, tail: tuple[str, ...], place: Place) -> Requirement | Damaged:
    hashed = any(word.startswith("--hash") for word in tail)
    ignored = tuple(word for word in tail if word.startswith("-") and word.split("=")[0] in {
        "--index-url", "--extra-index-url", "-i", "-f", "--find-links", "--no-deps", "--pre", "--upgrade",
        "-U", "--no-cache-dir",
    })  # fmt: skip
    found = _ORDINARY.fullmatch(head)
    if found is not None:
        specifiers = tuple((m[1], m[2]) for m in _SPECIFIER.finditer(found["specifiers"] or ""))
        told = found["specifiers"] or ""
        sound = told.startswith("(") is told.endswith(")")
        sound = sound and all(_good_bound(operator, bound) for operator, bound in specifiers)
        marker = found["marker"]
        if sound and (marker is None or (marker.strip() and markers.applies(marker, "3.12") is not None)):
            return Requirement(
                normalise(found["name"]), place, head, _extras(found["extras"]), specifiers,
                (marker or "").strip(), "", False, hashed, ignored,
            )  # fmt: skip
    direct = _DIRECT.fullmatch(head)
    if direct is not None:
        return Requirement(
            normalise(direct["name"]), place, head, _extras(direct["extras"]), (),
            (direct["marker"] or "").strip(),
            direct["url"], False, hashed, ignored,
        )  # fmt: skip
    address = head.split(";")[0].strip()
    if _ADDRESS.fullmatch(address) or address == "." or address.startswith(("./", "../", "/", ".[")):
        egg = _EGG.search(address) or _WHEEL.search(address)
        return Requirement(
            normalise(egg[1]) if egg else "", place, head, url=address, hashed=hashed, ignored=ignored
        )
    if re.fullmatch(r"[\w./-]+\.(?:whl|tar\.gz|zip)", address):
        wheel = _WHEEL.search(address)
        return Requirement(normalise(wheel[1]) if wheel else "", place, head, url=address, hashed=hashed)
    return _ask_packaging(head, place)


def _extras(text: str | None) -> tuple[str, ...]:
    return tuple(normalise(extra.strip()) for extra in (text or "").split(",") if extra.strip())


def _good_bound(operator: str, bound: str) -> bool:
    if operator == "===":
        return True
    if bound.endswith(".*"):
        return operator in {"==", "!="} and versions.is_version(bound[:-2])
    if operator == "~=" and "." not in bound:
        return False
    return versions.is_version(bound)


def _ask_packaging(head: str, place: Place) -> Requirement | Damaged:
    """The slow, exact way for a line outside the ordinary form."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Exact

    try:
        exact = Exact(head)
    except InvalidRequirement as error:
        from unstick.space.damage import explain

        return explain(head, place, str(error).splitlines()[0])
    specifiers = tuple((s.operator, s.version) for s in exact.specifier)
    marker = str(exact.marker) if exact.marker else ""
    return Requirement(
        normalise(exact.name), place, head, tuple(sorted(exact.extras)), specifiers, marker, exact.url or ""
    )


def _well_known_damage(line: str, place: Place) -> Damaged | None:
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return Damaged("merge-conflict", "a merge conflict mark", place, line)
    if line.startswith("```"):
        return Damaged("code-fence", "a code fence of Markdown", place, line)
    return None
