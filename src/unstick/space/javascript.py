"""What the JavaScript or TypeScript of a Space writes at run time, as far as simple expressions show it.

The files are those that the start command names, and what they import by relative paths. Only paths built
from literals, constants, `path.join`, `__dirname`, `process.cwd()` and environment variables with a default
are known.
"""

from __future__ import annotations

import posixpath
import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.space.image_shell import UNKNOWN, shell_commands
from unstick.space.writes import Write, absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.image import Image
    from unstick.space.space import Space

MAX_FILES = 150
MAX_TEXT = 400_000
ENDS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")
_IMPORT = lazy(r"(?:\bfrom\s*|\brequire\(\s*|\bimport\(?\s*)[\"'](\.{1,2}/[^\"'\n]+)[\"']")
_CALL = lazy(
    r"\b(mkdirSync|mkdir|writeFileSync|writeFile|appendFileSync|appendFile|createWriteStream"
    r"|ensureDirSync|ensureDir"
    r"|outputFileSync|outputFile|outputJsonSync|outputJson|writeJsonSync|writeJson|copyFileSync|renameSync)\s*\("
    r"|\bnew\s+(?:sqlite3\.)?(Database|Datastore|JSONFile|JSONFileSync|FileSync|LocalStorage)\s*\("
    r"|\b(dest|storage|filename)\s*:\s*(?=[\"'`])"
)
_CONST = lazy(r"\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=\n]{1,80})?=\s*")
_RUNNERS = frozenset(
    ("node", "bun", "tsx", "ts-node", "nodemon", "pm2", "deno", "tsm", "babel-node", "nodejs")
)
_KINDS = {"mkdirSync": "folder", "mkdir": "folder", "ensureDirSync": "folder", "ensureDir": "folder"}
_SECOND = frozenset(("copyFileSync", "renameSync"))


def javascript_writes(space: Space) -> Iterator[Write]:
    """The writes of the Node program that the start command runs, in the order of the files."""
    from unstick.space.image import image_of

    image = image_of(space)
    if image is None or not any(name.endswith(ENDS) for name in space.tree.names()):
        return
    entries = _entries(space, image)
    if entries:
        yield from _prisma(space, image)
    for path in _reached(space, entries):
        text = space.text(path)
        if text is not None:
            yield from _File(space, image, path, text[:MAX_TEXT]).writes()


def _prisma(space: Space, image: Image) -> Iterator[Write]:
    """The SQLite file that Prisma's schema names, itself or by a variable of the image."""
    from unstick.space.lines import Lines

    for name in (
        "prisma/schema.prisma",
        "schema.prisma",
        "server/prisma/schema.prisma",
        "backend/prisma/schema.prisma",
    ):
        text = space.text(name)
        if text is None or re.search(r"provider\s*=\s*\"sqlite\"", text) is None:
            continue
        match = re.search(r"\burl\s*=\s*(?:\"file:([^\"\n]+)\"|env\(\"(\w+)\"\))", text)
        given = (
            match.group(1) or image.environment.get(match.group(2), "").removeprefix("file:") if match else ""
        )
        folder = posixpath.dirname(image.location(name) or posixpath.join(image.workdir, name))
        path = absolute(given, folder)
        if match is not None and path is not None:
            yield Write(path, given, "database", "start", False, Lines(text, name).place(*match.span()))
        return


def node_entries(space: Space) -> tuple[str, ...]:
    """The source files that the start command runs with Node or a relative of it."""
    from unstick.space.image import image_of

    image = image_of(space)
    return tuple(_entries(space, image)) if image is not None else ()


def _entries(space: Space, image: Image) -> list[str]:
    out: list[str] = []
    from unstick.space.start import start

    texts = [_text(step) for step in (image.layers.entrypoint, image.layers.command) if step is not None]
    texts += [space.text(name) or "" for name in start(space).scripts]
    for text in texts:
        _follow(space, image, text, image.workdir, out, 0)
    return list(dict.fromkeys(out))


def _text(step: object) -> str:
    if step.form == "shell":  # type: ignore[attr-defined]
        return str(step.text)  # type: ignore[attr-defined]
    words = step.word_texts()  # type: ignore[attr-defined]
    if "-c" in words[:-1]:
        return str(words[words.index("-c") + 1])
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)


def _follow(space: Space, image: Image, text: str, cwd: str, out: list[str], depth: int) -> None:
    if depth > 4:
        return
    for command in shell_commands(text, image.environment):
        words = [w for w in command.words if not w.startswith("-")]
        name = posixpath.basename(words[0]) if words else ""
        if name == "cd" and len(words) > 1 and UNKNOWN not in words[1]:
            cwd = posixpath.normpath(posixpath.join(cwd, words[1]))
        elif name in ("npm", "yarn", "pnpm", "bun") and len(words) > 1:
            script = words[2] if words[1] == "run" and len(words) > 2 else words[1]
            body = _script(space, image, cwd, script)
            if body:
                _follow(space, image, body, cwd, out, depth + 1)
            elif name == "bun":
                out += _source(space, image, posixpath.join(cwd, script))
        elif name in _RUNNERS or (name == "npx" and len(words) > 1 and words[1] in _RUNNERS):
            target = next(
                (w for w in words[1:] if w.endswith(ENDS) or w in (".", "index", "server", "app")), ""
            )
            if target:
                out += _source(space, image, posixpath.join(cwd, "index.js" if target == "." else target))


def _script(space: Space, image: Image, cwd: str, name: str) -> str:
    import json

    source = image.source_of(posixpath.join(cwd, "package.json")) or "package.json"
    try:
        data = json.loads(space.text(source) or "{}")
    except (ValueError, RecursionError):
        return ""
    scripts = data.get("scripts") if isinstance(data, dict) else None
    body = scripts.get(name) if isinstance(scripts, dict) else None
    return body if isinstance(body, str) else ""


def _source(space: Space, image: Image, path: str) -> list[str]:
    """The repository's file behind a program's path; for a compiled one the source of the same name."""
    path = posixpath.normpath(path)
    found = image.source_of(path)
    if found and space.tree.is_file(found):
        return [found]
    stem = posixpath.basename(path).partition(".")[0]
    same = [
        n for n in space.tree.names()
        if n.endswith(ENDS) and posixpath.basename(n).partition(".")[0] == stem
        if "node_modules" not in n and n.count("/") < 4
    ]  # fmt: skip
    return sorted(same, key=lambda n: (n.count("/"), n))[:1]


def _reached(space: Space, entries: list[str]) -> list[str]:
    seen: dict[str, None] = dict.fromkeys(entries)
    todo = list(entries)
    while todo and len(seen) < MAX_FILES:
        path = todo.pop(0)
        for match in _IMPORT.finditer((space.text(path) or "")[:MAX_TEXT]):
            target = _module(
                space, posixpath.normpath(posixpath.join(posixpath.dirname(path), match.group(1)))
            )
            if target and target not in seen:
                seen[target] = None
                todo.append(target)
    return list(seen)


def _module(space: Space, base: str) -> str:
    stem = base
    for end in (".js", ".mjs", ".cjs", ".jsx"):
        stem = stem.removesuffix(end)
    for name in (base, *(stem + end for end in ENDS), *(f"{base}/index{end}" for end in ENDS)):
        if name.endswith(ENDS) and space.tree.is_file(name):
            return name
    return ""


class _File:
    """One source file: its constants and the calls in it."""

    def __init__(self, space: Space, image: Image, path: str, text: str) -> None:
        from unstick.space.lines import Lines

        self.text = text
        self.lines = Lines(text, path)
        self.cwd = image.workdir
        self.folder = posixpath.dirname(image.location(path) or posixpath.join(image.workdir, path))
        self.environment = image.environment
        self.constants: dict[str, int] = {}
        for match in _CONST.finditer(text):
            self.constants.setdefault(match.group(1), match.end())

    def writes(self) -> Iterator[Write]:
        for match in _CALL.finditer(self.text):
            name = match.group(1) or match.group(2) or match.group(3)
            at = match.end()
            if name in _SECOND:
                at = self._end(at) + 1
            if name in ("dest", "storage", "filename") and not self._is_store(match.start(), name):
                continue
            given = self.value(at, 0)
            path = absolute(given, self.cwd)
            if path is None or given is None:
                continue
            line_start = self.text.rfind("\n", 0, match.start()) + 1
            when = "import" if not self.text[line_start : line_start + 1].isspace() else "later"
            kind = _KINDS.get(
                name,
                "database" if match.group(2) or name == "storage" else "folder" if name == "dest" else "file",
            )
            yield Write(path, given, kind, when, False, self.lines.place(match.start(), match.end()))

    def _is_store(self, at: int, name: str) -> bool:
        """`multer({ dest: "…" })`, and `storage: "x.sqlite"` of an object mapper."""
        before = self.text[max(at - 120, 0) : at]
        if name == "dest":
            return "multer" in before
        return name == "storage" and re.match(r"[^\n]{0,80}\.(?:sqlite3?|db)\b", self.text[at:]) is not None

    def value(self, at: int, depth: int) -> str | None:
        """The value of the expression that begins at an offset."""
        end = self._end(at)
        return self._expression(self.text[at:end].strip(), depth) if end - at < 600 else None

    def _end(self, at: int) -> int:
        """Where an argument or an initialiser ends: the comma, bracket, semicolon or line end at its own
        depth.
        """
        depth, quote = 0, ""
        for i in range(at, min(at + 800, len(self.text))):
            char = self.text[i]
            if quote:
                quote = "" if char == quote and self.text[i - 1] != "\\" else quote
            elif char in "\"'`":
                quote = char
            elif char in "([{":
                depth += 1
            elif char in ")]}":
                depth -= 1
                if depth < 0:
                    return i
            elif depth == 0 and (
                char in ",;"
                or (char == "\n" and self.text[at:i].strip() and self.text[at:i].rstrip()[-1:] not in "|?=+(")
            ):
                return i
        return min(at + 800, len(self.text))

    def _expression(self, text: str, depth: int) -> str | None:
        if depth > 8 or not text:
            return None
        for sign in ("||", "??"):
            if sign in text and not text.startswith(("path.", "`", '"', "'")):
                left, _, right = text.partition(sign)
                return self._expression(left.strip(), depth + 1) or self._expression(right.strip(), depth + 1)
        if text[0] in "\"'" and text.find(text[0], 1) == len(text) - 1:
            return text[1:-1]
        if text[0] == "`":
            return re.sub(
                r"\$\{([^{}]*)\}",
                lambda m: self._expression(m.group(1).strip(), depth + 1) or UNKNOWN,
                text.strip("`"),
            )
        call = re.match(r"(?:path\.)?(join|resolve|dirname)\s*\(", text)
        if call:
            return self._joined(call.group(1), text[call.end() : text.rfind(")")], depth)
        if text in ("__dirname", "import.meta.dirname") or "fileURLToPath" in text:
            return self.folder + ("/x" if "fileURLToPath" in text and "dirname" not in text else "")
        if text.startswith("process.cwd()"):
            return self.cwd
        if "tmpdir()" in text:
            return "/tmp"
        if match := re.fullmatch(r"process\.env(?:\.(\w+)|\[[\"'](\w+)[\"']\])!?", text):
            return self.environment.get(match.group(1) or match.group(2))
        if re.fullmatch(r"[A-Za-z_$][\w$]*", text) and text in self.constants:
            return self.value(self.constants[text], depth + 1)
        return None

    def _joined(self, name: str, inner: str, depth: int) -> str | None:
        parts = []
        at = 0
        whole, self.text = self.text, inner
        try:
            while at < len(inner):
                end = self._end(at)
                parts.append(inner[at:end].strip())
                at = end + 1
        finally:
            self.text = whole
        values = [self._expression(p, depth + 1) for p in parts if p]
        if not values or values[0] is None:
            return None
        if name == "dirname":
            return posixpath.dirname(values[0])
        out = values[0] if name == "join" else posixpath.join(self.cwd, values[0])
        for value in values[1:]:
            out = posixpath.join(
                out, (UNKNOWN if value is None else value).lstrip("/") if name == "join" else value or UNKNOWN
            )
        return out
