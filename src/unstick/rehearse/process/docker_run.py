"""RUN lines without an engine: installs through uv, everything else in the sandbox, on the image's folders."""

from __future__ import annotations

import os
import posixpath
import re
import shlex

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.process import bubblewrap, confined, stand_ins
from unstick.rehearse.process.docker_install import Installs, is_install, may_fail
from unstick.rehearse.process.docker_users import Users
from unstick.rehearse.process.sdk_space import not_installed
from unstick.rehearse.process.spec import Mount

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan
    from unstick.space.dockerfile_types import Instruction

APT = lazy(
    r"^(?:sudo )?(?:[A-Z_]+=\S+ )*(?:apt(?:-get)?|apk|aptitude) |^rm -rf /var/(?:lib/apt|cache/ap)\S*(?: /\S+)*$"
)
USER_COMMANDS = lazy(r"^(?:useradd|adduser|groupadd|addgroup|usermod) ")
MAKE_FOLDERS = lazy(r"^mkdir (?:-p |--parents )?[\w./ -]+$")
MOVED = lazy(r"^cd\s+([\w./-]+)$")
COMPLEX = lazy(r"\|\||(?<!\|)\|(?!\|)|\b(?:if|for|while|case|until)\b|<<|[(`]|\\\n|(?<![&>])&(?![&>\d])|[{}]")
NOTHING = lazy(
    r"^(?:true|:|set [-+]\S+|echo [^>|&;`$]*|(?:python3? -m )?pip3? (?:cache purge|--version)|pip check)$"
)
NAMED = lazy(r"(?<![\w.~$}-])/([A-Za-z0-9_][\w.-]*)")
SYSTEM = frozenset(
    (
        "bin",
        "sbin",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "usr",
        "proc",
        "sys",
        "dev",
        "run",
        "etc",
        "root",
        "var",
    )
)
"""Folders at the top that are the machine's, or made for every start."""

UNREACHABLE = lazy(
    r"(?i)temporary failure in name resolution|could not resolve host|name or service not known|unable to resolve"
    r"|certificate_?verify_?failed|failed to establish a new connection|network is unreachable|ETIMEDOUT|EAI_AGAIN"
    r"|getaddrinfo|dns error|ssl certificate problem|self-signed certificate|proxyerror|connection refused"
    r"|connection timed out|error sending request for url|failed to lookup address|localentrynotfounderror"
    r"|couldn't connect to 'https://huggingface|max retries exceeded|unable to access 'https"
)
"""What programs say when they cannot reach what they fetch (wording of pip, uv, curl, npm, git, requests)."""

CHANGES_SYSTEM = lazy(r"Read-only file system|Permission denied|Operation not permitted|not permitted")
MISSING_PROGRAM = lazy(r"(?m): (?:command )?not found|No such file or directory$|cannot execute")


class Runner:
    """What RUN lines build up: folders, environment, users, and what was passed over."""

    def __init__(self, plan: Plan, root: str, folder: str, executable: str, cache: str, log: Log) -> None:
        self.plan, self.root, self.folder, self.log = plan, root, folder, log
        self.users = Users(root, node=not executable)
        self.notes: list[str] = []
        self.missing: list[str] = []
        self.programs = stand_ins.write(os.path.join(folder, "stand-ins"))
        self.installs = Installs(folder, executable, cache, log, self._tree)

    def run(
        self, step: Instruction, document: str | None, workdir: str, uid: int, known: dict[str, str],
        shell: tuple[str, ...],
    ) -> None:  # fmt: skip
        """One RUN instruction. Raises BuildFailed, CannotRehearse."""
        secrets = self._secrets(step)
        if step.form == "exec":
            self._execute(
                step.word_texts(), shlex.join(step.word_texts()), workdir, uid, known, step, secrets
            )
            return
        text = document if document is not None else step.text
        where = workdir
        for piece in pieces(text):
            moved = MOVED.match(piece)
            if moved is not None:
                where = posixpath.normpath(posixpath.join(where, moved[1]))
            else:
                self._piece(piece, where, uid, known, step, shell, secrets)

    def _piece(
        self, piece: str, where: str, uid: int, known: dict[str, str], step: Instruction, shell: tuple[str, ...],
        secrets: list[Mount],
    ) -> None:  # fmt: skip
        plain = COMPLEX.search(piece) is None
        if plain and NOTHING.match(piece):
            return
        if plain and APT.match(piece):
            self.log(f"--> RUN {piece}")
            self._packages(piece)
            self.log("DONE 0.0s")
        elif plain and USER_COMMANDS.match(piece):
            self.users.command(piece)
        elif plain and uid == 0 and MAKE_FOLDERS.match(piece):
            self._folders(piece, where)
        elif self.installs.executable and is_install(may_fail(piece)[0]):
            self.installs.take(piece, where, known, secrets)
        else:
            self._execute((*shell, piece), piece, where, uid, known, step, secrets)

    def _packages(self, piece: str) -> None:
        """Debian packages: those that are not on this machine are kept in mind."""
        if not re.search(r"\b(?:install|add)\b", piece):
            return
        words = re.split(r"\b(?:install|add)\b", piece, maxsplit=1)[1].split()
        names = [
            word.partition("=")[0] for word in words if re.match(r"^[a-z0-9][a-z0-9+.-]+(?:=\S+)?$", word)
        ]
        missing = [name for name in not_installed(names) if name not in self.missing]
        if missing:
            self.missing += missing
            self.notes.append(f"Debian packages that this machine lacks: {', '.join(missing)}")

    def _folders(self, piece: str, where: str) -> None:
        for word in shlex.split(piece)[1:]:
            if not word.startswith("-"):
                path = posixpath.normpath(posixpath.join(where, word))
                if path.split("/")[1] in SYSTEM - {"usr", "var", "etc", "root"}:
                    continue
                os.makedirs(os.path.join(self.root, path.lstrip("/")), mode=0o755, exist_ok=True)

    def _execute(
        self, argv: tuple[str, ...], piece: str, where: str, uid: int, known: dict[str, str], step: Instruction,
        secrets: list[Mount],
    ) -> None:  # fmt: skip
        """A command in the sandbox, with the image's folders to write to."""
        if bubblewrap.problem():
            raise CannotRehearse("RUN lines need a sandbox or a container engine", where=str(step.place))
        made = self._placeholders(piece)
        tree = self._tree()
        mounts = [*tree, *self.installs.mounts(), *secrets, Mount(self.programs, stand_ins.PLACE)]
        noted = os.path.join(self.programs, "noted")
        mounts.append(Mount(noted, f"{stand_ins.PLACE}/noted", True))
        home = known.get("HOME") or self.users.home(uid)
        if not any(home == m.target or home.startswith(m.target + "/") for m in tree) and home != "/":
            path = os.path.join(self.folder, "home-of-builds")
            os.makedirs(path, exist_ok=True)
            mounts.append(Mount(path, home, True))
        path = ":".join((stand_ins.PLACE, *self.installs.paths(known.get("PATH", "")), "/usr/sbin:/sbin"))
        lines: list[str] = []
        self.log(f"--> RUN {piece}")
        code = confined.run(
            argv, where, mounts, {**known, "PATH": path, "HOME": home, **self.installs.variables()},
            confined.kept(self.log, lines), uid=uid,
            users=self.users.texts(), open_without=False,
        )  # fmt: skip
        self._note()
        for name in made:
            _remove_empty(os.path.join(self.root, name))
        if code:
            self._failed(piece, code, "\n".join(lines), step)
        self.log("DONE")

    def _note(self) -> None:
        asked = stand_ins.noted(self.programs)
        for line in asked.packages:
            self._packages(line)
        for line in asked.users:
            self.users.command(line)

    def _failed(self, piece: str, code: int, output: str, step: Instruction) -> None:
        short = piece if len(piece) < 100 else piece[:99] + "…"
        found = UNREACHABLE.search(output)
        if found is not None:
            raise CannotRehearse(f"a build step cannot reach what it needs: {short}", where=str(step.place))
        if code in (126, 127) or (self.missing and MISSING_PROGRAM.search(output)):
            raise CannotRehearse(
                f"a build step needs what is not on this machine: {short}",
                where=str(step.place),
                todo="Start Docker.",
            )
        if CHANGES_SYSTEM.search(output) or code == 124:
            raise CannotRehearse(
                f"a build step changes the system, or takes too long: {short}", where=str(step.place),
                todo="Start Docker.",
            )  # fmt: skip
        raise confined.failed(self.log, piece, code, f"RUN {short}")

    def _secrets(self, step: Instruction) -> list[Mount]:
        """Build secrets, at /run/secrets as the platform mounts them. Raises BuildFailed."""
        out: list[Mount] = []
        for flag in step.flags:
            options = dict(part.partition("=")[::2] for part in flag.value.split(","))
            if flag.name != "mount" or options.get("type") != "secret":
                continue
            name = options.get("id") or posixpath.basename(options.get("target", ""))
            value = dict(self.plan.options.secrets).get(name)
            if value is None:
                if options.get("required", "false") not in ("false", "0"):
                    self.log(f"--> ERROR: failed to solve: secret {name}: not found")
                    raise BuildFailed(f"the image cannot be built: secret {name}: not found")
                continue
            path = os.path.join(self.folder, f"secret-{len(os.listdir(self.folder))}")
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w", encoding="utf-8"
            ) as file:
                file.write(value)
            out.append(Mount(path, options.get("target") or f"/run/secrets/{name}"))
        return out

    def _tree(self) -> list[Mount]:
        """The image's folders, as they can be written by the build."""
        return [Mount(os.path.join(self.root, name), f"/{name}", True) for name in tops(self.root)]

    def _placeholders(self, piece: str) -> list[str]:
        """Folders at the top that a step names and that are not there: they can be made only from outside."""
        names = {name for name in NAMED.findall(piece) if name not in SYSTEM} | {"tmp"}
        if "/usr/local" in piece or re.search(r"\bnpm (?:i|install)\b.* (?:-g|--global)\b", piece):
            names.add("usr/local")
        made = []
        for name in sorted(names):
            path = os.path.join(self.root, name)
            if not os.path.lexists(path):
                os.makedirs(path)
                os.chmod(path, 0o1777 if name == "tmp" else 0o755)
                made.append(name)
        return made


def tops(root: str) -> list[str]:
    """The folders of an image's root that are mounted: of /usr, /var and /etc those one level down."""
    out = []
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name)
        if name in ("usr", "var", "etc") and os.path.isdir(path) and not os.path.islink(path):
            # A link would be followed on this machine, not in the image.
            out += [
                f"{name}/{n}" for n in sorted(os.listdir(path)) if not os.path.islink(os.path.join(path, n))
            ]
        elif not os.path.islink(path):
            out.append(name)
    return out


def pieces(text: str) -> list[str]:
    """The commands of a line, where they are simply joined by && (or ; or line ends); else the line as one.

    A last `|| true` belongs to the command before it.
    """
    plain = re.sub(r"\\\r?\n", " ", text).strip()
    whole, forgiven = may_fail(plain)
    if (
        COMPLEX.search(whole)
        or "'" in re.sub(r"'[^';&\n]*'", "", whole)
        or '"' in re.sub(r'"[^";&\n]*"', "", whole)
    ):
        return [plain]
    if forgiven and re.search(r"&&|;|\n", whole):
        return [plain]
    found = [piece.strip() for piece in re.split(r"&&|;|\n", plain if not forgiven else whole)]
    kept = [re.sub(r"\s+", " ", piece) for piece in found if piece and not piece.startswith("#")]
    return [f"{kept[0]} || true"] if forgiven and kept else kept


def _remove_empty(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        return
