"""What the command line names: checkouts, logs, descriptions, case files, Spaces on the Hub."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Sequence

from unstick.case import Case
from unstick.errors import UnreadableError, UsageError
from unstick.observe import build, pasted
from unstick.observe.reported import Reported
from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.observe.build import Parts
    from unstick.space import Space

KINDS = ("checkout", "description", "build-log", "container-log", "case")
IN_MEMORY = 4 * 1024 * 1024
"""A text up to this size is read whole; a larger one is taken for a log and scanned from the file."""

_NAME = lazy(r"^(?:spaces/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,95}/[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$")
_HOST = lazy(r"^(?:huggingface\.co|hf\.co|[a-z0-9-]+(?:\.static)?\.hf\.space)(?:/|$)", re.IGNORECASE)
CODE = (
    ".py",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".tsx",
    ".html",
    ".sh",
    ".r",
    ".R",
    ".go",
    ".rs",
    ".java",
    ".ipynb",
    ".php",
    ".rb",
)
CODE_NAMES = frozenset(
    {"Dockerfile", "dockerfile", "requirements.txt", "package.json", "pyproject.toml", "go.mod", "Cargo.toml"}
)
SINGLE = frozenset({"README.md", "Dockerfile"})
"""Files of a Space that can be named on their own."""

_CASE = lazy(r"^(?:id|source|reported|observed):(?:\s|$)", re.MULTILINE)


class Target(NamedTuple):
    """One target: its name as given, its kind, and its text (empty for a checkout and for a large log)."""

    name: str
    kind: str
    text: str = ""
    path: str = ""


def recognise(name: str, kind: str = "") -> Target:
    """What a word of the command line is. An existing path wins over owner/name.

    Raises UsageError for what is nothing, UnreadableError for what cannot be read.
    """
    if name == "-":
        return _text(name, sys.stdin.buffer.read(IN_MEMORY), kind)
    if os.path.isdir(name):
        if kind not in ("", "checkout"):
            raise UsageError(f"is a folder, not a {kind}", where=name, todo="Leave out --as.")
        if not os.access(name, os.R_OK | os.X_OK):
            raise UnreadableError("may not be read", where=name, todo="Check the folder's rights.")
        return Target(name, "checkout", path=name)
    if os.path.lexists(name):
        return _file(name, kind)
    if not kind and _may_be_live(name):
        if "://" not in name and os.path.isdir(name.partition("/")[0]):
            raise UsageError(
                "no such file or folder",
                where=name,
                todo=f"There is a folder {name.partition('/')[0]}, so this reads like a path; a Space on the Hub "
                "of this name is https://huggingface.co/spaces/OWNER/NAME.",
            )
        return Target(name, "space")
    raise UsageError(
        "no such file or folder",
        where=name,
        todo="Name a Space's folder, a log, a description, a case file, or a Space on the Hub (OWNER/NAME); "
        "`-` reads what you type or paste.",
    )


def _may_be_live(name: str) -> bool:
    """Whether a word that is no path reads like a Space on a Hub: owner/name, an address, a host."""
    return "://" in name or name.startswith("git@") or bool(_NAME.match(name) or _HOST.match(name))


def case_of(
    names: Sequence[str], kind: str = "", live: Callable[[str, Parts], None] | None = None
) -> tuple[Case, Reported]:
    """One case from several targets: they are several sources of the same trouble.

    `live` puts what a Space on a Hub shows among the parts of the case (`unstick.observe.live`); without it a
    Space is observed as anybody sees it, without a token.
    """
    targets = [recognise(name, kind) for name in names]
    checkouts = [target for target in targets if target.kind in ("checkout", "space")]
    if len(checkouts) > 1:
        what = "Spaces" if any(target.kind == "space" for target in checkouts) else "checkouts"
        raise UsageError(
            f"two {what}: {checkouts[0].name} and {checkouts[1].name}", reference="contradicting-targets",
            todo="The targets of one call are sources of one case; diagnose the Spaces one by one.",
        )  # fmt: skip
    if sum(target.kind == "case" for target in targets) > 1:
        raise UsageError(
            "two case files", reference="contradicting-targets", todo="Diagnose the cases one by one."
        )
    parts = build.Parts()
    for target in targets:
        if target.kind == "space":
            (live or _as_anybody)(target.name, parts)
        else:
            _add(parts, target)
    if parts.files and parts.space is None:
        from unstick.space import Space

        parts.space = Space.from_files(parts.files, complete=False)
    return build.assemble(parts), parts.reported


def _as_anybody(name: str, parts: Parts) -> None:
    from unstick.observe.live import Options, add_to, observe

    add_to(parts, observe(name), Options())


def _add(parts: Parts, target: Target) -> None:
    if target.kind == "checkout":
        parts.space = _space(target.path)
        parts.space_name = target.name
        return
    if target.kind == "file":
        parts.files[os.path.basename(target.path)] = target.text
        return
    if target.kind == "case":
        _add_case(parts, target)
        return
    if target.path and not target.text:
        parts.large.append((target.path, "build" if target.kind == "build-log" else "run"))
        return
    known = {
        "description": pasted.Pasted(target.text, "", ""),
        "build-log": pasted.Pasted("", target.text, ""),
        "container-log": pasted.Pasted("", "", target.text),
    }
    told = known.get(target.kind) or pasted.split(target.text)
    parts.tell(text=told.description, build_log=told.build_log, run_log=told.run_log)


def _space(path: str) -> Space:
    """The Space in a folder. A folder with nothing to build or run in it is an excerpt: what is not there
    is unknown."""
    from unstick.space import Space

    space = Space.open(path)
    if not any(map(_of_a_space, space.tree.names())):
        raise UnreadableError(
            "is no Space: it holds no README, Dockerfile, Python, HTML or requirements file", where=path,
            reference="no-space", todo="Name the folder of a Space's checkout, or the files themselves.",
        )  # fmt: skip
    if any(name.endswith(CODE) or os.path.basename(name) in CODE_NAMES for name in space.tree.names()):
        return space
    texts = {name: space.tree.read_text(name) for name in space.tree.names()}
    return Space.from_files({name: text for name, text in texts.items() if text is not None}, complete=False)


def _of_a_space(path: str) -> bool:
    """Whether a file is one that makes a folder a Space."""
    name = os.path.basename(path).lower()
    return (
        name.startswith(("readme", "dockerfile", "requirements"))
        or name in ("pyproject.toml", "environment.yml")
        or name.endswith((".py", ".html", ".htm"))
    )


def _add_case(parts: Parts, target: Target) -> None:
    from unstick.observe import casefile

    file = casefile.decode(target.text, target.name)
    reported = casefile.reported_of(file)
    evidence, unobserved, facts = casefile.observed_of(file)
    parts.name = file.id
    parts.tell(**reported._asdict())
    parts.observed = (evidence, unobserved, facts)


def _file(name: str, kind: str) -> Target:
    try:
        status = os.stat(name)
        if (
            not stat.S_ISREG(status.st_mode)
            and not (stat.S_ISFIFO(status.st_mode) and name.startswith(("/dev/", "/proc/")))
            and not stat.S_ISCHR(status.st_mode)
        ):
            raise UnreadableError("is neither a file nor a folder", where=name, todo="Name a text file.")
        with open(name, "rb") as file:
            data = file.read(IN_MEMORY + 1)
        if len(data) > IN_MEMORY:
            _refuse_binary(name, data)
            return Target(name, kind or "container-log", path=name)
    except OSError as error:
        raise UnreadableError(
            f"cannot be read: {error.strerror}", where=name, todo="Check the path and its rights."
        ) from None
    return _text(name, data, kind)


def _text(name: str, data: bytes, kind: str) -> Target:
    text = _decode(name, data)
    if not kind and os.path.basename(name) in SINGLE and text.strip():
        return Target(name, "file", text, path=name)
    if not text.strip():
        raise UnreadableError("is empty", where="standard input" if name == "-" else name,
                              todo="Say in a sentence what the Space shows, or paste its log.")  # fmt: skip
    if not kind and (name.endswith((".yaml", ".yml")) or _looks_like_case(text)):
        kind = "case" if _looks_like_case(text) or name.endswith((".yaml", ".yml")) else ""
    return Target(name, kind or "text", text)


def _looks_like_case(text: str) -> bool:
    return len(_CASE.findall(text[:20_000])) >= 2 or text.lstrip().startswith(("reported:", "observed:"))


def _refuse_binary(where: str, data: bytes) -> None:
    head = data[:65536]
    zeros = head.count(0)
    if zeros > len(head) * 0.3 and min(head[::2].count(0), head[1::2].count(0)) < zeros * 0.1:
        raise UnreadableError("looks like UTF-16 without its mark", where=where, todo="Save it as UTF-8.")
    if zeros:
        raise UnreadableError(
            "is a binary file", where=where, todo="Name a text: a log, a description, a case file."
        )


def _decode(name: str, data: bytes) -> str:
    where = "standard input" if name == "-" else name
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableError(
                    f"is not valid {encoding}", where=where, todo="Save it as UTF-8."
                ) from None
    _refuse_binary(where, data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        odd = sum(not (character.isprintable() or character.isspace()) for character in text[:65536])
        if odd > len(text[:65536]) * 0.05:
            raise UnreadableError(
                f"is not UTF-8 text (byte {error.start})", where=where, todo="Save it as UTF-8."
            ) from None
        mended = data.decode("utf-8", "replace")
        # No other letter came through: it never was UTF-8.
        return text if mended.replace("\ufffd", "").isascii() else mended
