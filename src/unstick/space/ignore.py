"""What .gitignore and .dockerignore keep out."""

from __future__ import annotations

from unstick.record import NamedTuple
from unstick.space.globs import match_path


class Pattern(NamedTuple):
    """One line of an ignore file. `line` counts from 1, `negated` is a leading `!`."""

    text: str
    line: int
    negated: bool
    folder_only: bool


class IgnoreFile:
    """The patterns of one ignore file, later lines winning over earlier ones.

    `style` is 'docker' (all patterns from the root, as the Docker engine reads .dockerignore) or 'git'.
    """

    __slots__ = ("patterns", "style")

    def __init__(self, text: str, style: str) -> None:
        self.style = style
        read = _docker_patterns if style == "docker" else _git_patterns
        self.patterns: tuple[Pattern, ...] = tuple(read(text))

    def deciding(self, path: str, folder: bool = False) -> Pattern | None:
        """The line that keeps `path` out, or None when it stays in.

        A folder that is kept out takes everything below it along. For git nothing below it can be brought
        back; for Docker a later `!` line can.
        """
        parts = path.strip("/").split("/")
        prefixes = ["/".join(parts[: i + 1]) for i in range(len(parts))]
        if self.style == "docker":
            return self._docker(prefixes)
        for i, prefix in enumerate(prefixes):
            hit = self._git(prefix, folder or i + 1 < len(prefixes))
            if hit is not None and not hit.negated:
                return hit
        return None

    def ignores(self, path: str, folder: bool = False) -> bool:
        """Whether `path` is kept out."""
        return self.deciding(path, folder) is not None

    def may_bring_back(self, folder: str) -> bool:
        """Whether a `!` line names something below `folder` (then the folder itself is not empty)."""
        prefix = folder.strip("/") + "/"
        return any(
            p.negated and (p.text.startswith(prefix) or p.text.startswith("**")) for p in self.patterns
        )

    def _docker(self, prefixes: list[str]) -> Pattern | None:
        hit: Pattern | None = None
        for pattern in self.patterns:
            if pattern.negated == (hit is None):
                continue
            if any(match_path(pattern.text, p) for p in prefixes):
                hit = None if pattern.negated else pattern
        return hit

    def _git(self, path: str, folder: bool) -> Pattern | None:
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folder_only) and match_path(pattern.text, path):
                return pattern
        return None


def _docker_patterns(text: str) -> list[Pattern]:
    out = []
    for number, raw in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        line = raw.strip()
        if not line or raw.startswith("#"):
            continue
        negated = line.startswith("!")
        parts = [p for p in line[negated:].strip().split("/") if p not in ("", ".")]
        if parts:
            out.append(Pattern(_join(parts), number, negated, False))
        elif not negated and line.strip("./") == "" and line != "/":
            out.append(Pattern("**", number, negated, False))
    return out


def _join(parts: list[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept:
            kept.pop()
        else:
            kept.append(part)
    return "/".join(kept)


def _git_patterns(text: str) -> list[Pattern]:
    out = []
    for number, raw in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        line = raw.rstrip("\r")
        if not line.endswith("\\ "):
            line = line.rstrip(" ")
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        body = line[negated:]
        folder_only = body.endswith("/")
        body = body.rstrip("/")
        if not body:
            continue
        anchored = "/" in body
        body = body.lstrip("/")
        out.append(Pattern(body if anchored else f"**/{body}", number, negated, folder_only))
    return out
