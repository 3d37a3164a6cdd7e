"""pip and uv lines of a Dockerfile, done by uv into one environment."""

from __future__ import annotations

import os
import posixpath
import re
import shlex

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.process import environments, uv
from unstick.rehearse.process.spec import Mount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unstick.rehearse.backend import Log

INSTALL = lazy(
    r"^(?:\. \S+/activate && )?(?:\S*/)?(?:python3?(?:\.\d+)? -m )?(?:pip3?(?:\.\d+)?|uv pip) install\b"
    r"|^(?:\S*/)?uv sync\b"
    r"|^(?:\S*/)?(?:python3?(?:\.\d+)? -m (?:venv|virtualenv)|virtualenv|uv venv)\b"
)
FORGIVEN = lazy(r"\s*\|\|\s*(?:true|:|echo [^|&;]*)\s*$")
DROPPED = frozenset((
    "--no-cache-dir", "--no-cache", "--user", "--system", "--disable-pip-version-check", "--quiet", "-q", "-v", "-qq",
    "--no-warn-script-location", "--root-user-action=ignore", "--break-system-packages", "--prefer-binary",
    "--use-deprecated=legacy-resolver", "--ignore-installed", "-I", "--progress-bar=off", "--compile", "--verbose",
    "--no-input", "--use-pep517", "--frozen-lockfile", "--no-progress", "--isolated", "--no-python-version-warning",
))  # fmt: skip
"""Options of pip that uv does not have, and that change nothing about what is installed."""

WITH_VALUE = (
    "--default-timeout", "--timeout", "--retries", "--root-user-action", "--progress-bar", "--trusted-host",
    "--use-feature", "--use-deprecated", "--cache-dir", "--log", "--python", "-p", "--exists-action", "--src",
)  # fmt: skip
TOOLS = frozenset(("pip", "setuptools", "wheel", "uv", "pip-tools", "virtualenv"))
TEXTS = (".txt", ".toml", ".in", ".lock", ".cfg")
BASE = ("pip", "setuptools", "wheel")
"""What the official Python images bring."""


def may_fail(piece: str) -> tuple[str, bool]:
    """The command without a last `|| true`, and whether there was one."""
    found = FORGIVEN.search(piece)
    return (piece[: found.start()], True) if found is not None else (piece, False)


def is_install(piece: str) -> bool:
    """Whether a simple command installs Python packages or makes a virtual environment."""
    return INSTALL.match(piece) is not None and re.search(r"[|;`<&]|\$\(", piece.replace("'", "")) is None


class Installs:
    """The one environment that all installs of a stage go to, however they call it.

    `aliases` are paths of the image at which it stands as well (virtual environments, .venv of a project).
    """

    def __init__(
        self, folder: str, executable: str, cache: str, log: Log, tree: Callable[[], list[Mount]]
    ) -> None:
        self.folder, self.executable, self.cache, self.log, self.tree = folder, executable, cache, log, tree
        self.environment = ""
        self.aliases: list[str] = []
        self.steps: list[tuple[str, list[str], str, list[str]]] = []
        self.has_uv = self.synced = self.own = False

    def take(self, piece: str, where: str, known: dict[str, str], secrets: Sequence[Mount]) -> None:
        """Do one such command. Raises BuildFailed, CannotRehearse."""
        from unstick.space.docker_variables import expand

        plain, forgiven = may_fail(piece)
        words = shlex.split(expand(plain, known), comments=True)
        kind = _kind(words)
        if kind == "venv":
            names = [
                word
                for word in words[words.index("venv" if "venv" in words else words[0]) + 1 :]
                if word[0] != "-"
            ]
            self.aliases.append(posixpath.normpath(posixpath.join(where, names[-1] if names else ".venv")))
            self.log(f"--> RUN {piece}")
            self._install([], "", where, forgiven, secrets)
            return
        if kind == "sync":
            self.aliases.append(posixpath.join(where, ".venv"))
            self.synced = self.has_uv = True
            kept = [
                word
                for word in words[words.index("sync") + 1 :]
                if word not in ("--no-cache", "--quiet", "-q")
            ]
            self._install(["sync", *kept], f"RUN {piece}", where, forgiven, secrets)
            return
        kept = _kept(words[words.index("install") + 1 :])
        named = [word for word in kept if not word.startswith("-")]
        self.has_uv = self.has_uv or any(_name(word) == "uv" for word in named)
        if (
            named
            and all(_name(word) in TOOLS for word in named)
            and not any(word in ("-r", "-c") for word in kept)
        ):
            return
        self._install(kept, f"RUN {piece}", where, forgiven, secrets)

    def adopt(self, other: Installs, alias: str) -> None:
        """Take over the environment of an earlier stage."""
        self.environment, self.steps, self.own = other.environment, list(other.steps), other.own
        self.has_uv, self.synced = self.has_uv or other.has_uv, self.synced or other.synced
        if alias:
            self.aliases.append(alias)

    def paths(self, path: str) -> list[str]:
        """The folders of PATH, the environment's first."""
        own = [f"{self.environment}/bin"] if self.environment else []
        given = [part for part in path.split(":") if part and "$" not in part]
        return list(dict.fromkeys([*own, *given, "/usr/local/bin", "/usr/bin", "/bin"]))

    def variables(self) -> dict[str, str]:
        """What `uv run` needs to find the environment as it is."""
        if not self.has_uv:
            return {}
        return {"UV_PROJECT_ENVIRONMENT": self.environment, "UV_NO_SYNC": "1", "UV_PYTHON_DOWNLOADS": "never"}

    def mounts(self) -> list[Mount]:
        """What has to be seen to use it: the environment, under all its names, its Python, and uv."""
        out = []
        prefix = uv.prefix(self.executable) if self.executable else ""
        if self.environment:
            out += [
                Mount(self.environment, path) for path in dict.fromkeys((self.environment, *self.aliases))
            ]
        if prefix:
            out.append(Mount(prefix, prefix))
        if self.has_uv:
            out.append(Mount(uv.program(), "/usr/local/bin/uv"))
        return out

    def base(self) -> None:
        """What the base image brings, where nothing was installed."""
        if not self.environment and self.executable:
            self._install([], "", "/", False, ())

    def _install(
        self, words: list[str], step: str, where: str, forgiven: bool, secrets: Sequence[Mount]
    ) -> None:
        """Into an environment that is kept by all that went into it so far; one with the Space's own package
        in it is not kept."""
        own = any(_is_path(word) for word in words) or (
            words[:1] == ["sync"] and "--no-install-project" not in words
        )
        self.own = self.own or own or bool(secrets)
        before = list(self.steps)
        if step:
            self.steps.append((step, words, where, self._texts(words, where)))

        def make(target: str) -> None:
            quiet = before if self.environment else []
            with uv.Installer(target, lambda _: None, self.cache, [*self.tree(), *secrets]) as installer:
                installer.create(self.executable)
                installer.install(BASE, step="", cwd="/")
                for text, earlier, place, _ in before:
                    installer.log = (lambda _: None) if quiet else self.log
                    self._one(installer, earlier, text, place, True)
                installer.log = self.log
                if step:
                    self._one(installer, words, step, where, forgiven)

        if self.own or self.cache:
            target = os.path.join(
                self.folder, f"environment-{len(self.steps)}-{len(os.listdir(self.folder))}"
            )
            make(target)
            self.environment = target
            return
        name = environments.key([self.executable, BASE, self.steps])
        self.environment, known = environments.kept(name, make)
        if known and step:
            self.log(f"--> {step}")
            self.log("CACHED")

    def _one(self, installer: uv.Installer, words: list[str], step: str, where: str, forgiven: bool) -> None:
        if words[:1] == ["sync"]:
            installer.sync(words[1:], step=step, cwd=where)
        else:
            installer.install(words, step=step, cwd=where, may_fail=forgiven)

    def _texts(self, words: list[str], where: str) -> list[str]:
        """What the files among the words say, as they lie in the image now."""
        names = [word.rpartition("=")[2] for word in words if word.endswith(TEXTS)]
        if words[:1] == ["sync"]:
            names += ["pyproject.toml", "uv.lock"]
        out = []
        for name in names:
            path = posixpath.normpath(posixpath.join(where, name))
            for mount in self.tree():
                if path == mount.target or path.startswith(mount.target + "/"):
                    out += [_text(mount.source + path[len(mount.target) :])]
        return out


def _kind(words: list[str]) -> str:
    if "sync" in words[:2]:
        return "sync"
    return "venv" if {"venv", "virtualenv"} & {os.path.basename(word) for word in words[:3]} else "install"


def _kept(words: list[str]) -> list[str]:
    """The words of pip that uv understands."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in WITH_VALUE:
            skip = True
        elif word not in DROPPED and not word.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
            kept.append(word)
    return kept


def _name(word: str) -> str:
    return re.split(r"[<>=~!\[;@ ]", word)[0].lower()


def _is_path(word: str) -> bool:
    return word in ("-e", "--editable", ".") or (word.startswith((".", "/")) and not word.endswith(TEXTS))


def _text(path: str) -> str:
    try:
        if not os.path.isfile(path) or os.path.islink(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1024 * 1024)
    except OSError:
        return ""
