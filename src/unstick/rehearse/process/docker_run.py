"""RUN lines without an engine: installs through uv, small commands in the sandbox, the rest passed over."""

from __future__ import annotations

import os
import posixpath
import re
import shlex
import subprocess

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.docker.build import NO_NETWORK
from unstick.rehearse.process import bubblewrap, environments, uv
from unstick.rehearse.process.sdk_space import not_installed
from unstick.rehearse.process.spec import Mount, Spec

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.types import Plan
    from unstick.space.dockerfile_types import Instruction

SECONDS = 1200
PIP = lazy(r"^(?:python3?(?:\.\d+)? -m )?pip3?(?:\.\d+)? install\b|^uv pip install\b")
UV_SYNC = lazy(r"^uv sync\b")
APT = lazy(r"^(?:sudo )?apt(?:-get)?\b|^rm -rf /var/lib/apt|^dpkg\b")
USERS = lazy(r"^(?:useradd|adduser|groupadd|addgroup|usermod)\b")
NOTHING = lazy(r"^(?:true|:|set -\S+|echo .*|(?:python3? -m )?pip3? (?:cache purge|--version))$")
DROPPED = frozenset((
    "--no-cache-dir", "--no-cache", "--user", "--system", "--disable-pip-version-check", "--quiet", "-q", "-v",
    "--no-warn-script-location", "--root-user-action=ignore", "--break-system-packages", "--prefer-binary",
    "--use-deprecated=legacy-resolver", "--ignore-installed", "--progress-bar=off", "--compile",
))  # fmt: skip
"""Options of pip that uv does not have, and that change nothing about what is installed."""

WITH_VALUE = ("--default-timeout", "--timeout", "--retries", "--root-user-action", "--progress-bar", "--trusted-host")
UPGRADES_TOOLS = frozenset(("pip", "setuptools", "wheel", "uv"))


class Runner:
    """The state that RUN lines build up: the environment, users, what was passed over."""

    def __init__(self, plan: Plan, root: str, folder: str, executable: str, cache: str, log: Log) -> None:
        self.plan, self.root, self.folder, self.executable = plan, root, folder, executable
        self.cache, self.log = cache, log
        self.users = {"root": 0, "user": 1000}
        self.homes = {"root": "/root"}
        self.groups: dict[str, int] = {}
        self.notes: list[str] = []
        self.missing: list[str] = []
        self.environment = ""
        self.installed: list[list[object]] = []

    def run(
        self, step: Instruction, document: str | None, workdir: str, uid: int, known: dict[str, str],
        shell: tuple[str, ...],
    ) -> None:  # fmt: skip
        """One RUN instruction."""
        text = document if document is not None else step.text
        words = step.word_texts() if step.form == "exec" else None
        if words is not None:
            self._execute(shlex.join(words), workdir, uid, known, step)
            return
        where = workdir
        for piece in _pieces(text):
            moved = re.match(r"^cd\s+(\S+)$", piece)
            if moved is not None:
                where = posixpath.normpath(posixpath.join(where, moved[1].strip("\"'")))
            else:
                self._piece(piece, where, uid, known, step)

    def uid(self, name: str) -> int:
        """The number of a user of the image; 0 for none."""
        if not name or name.isdigit():
            return int(name or 0)
        return self.users.get(name, 1000)

    def home(self, name: str) -> str:
        """The home folder of a user made by the image, '' where that is not known."""
        return self.homes.get(name, "")

    def base(self) -> None:
        """The environment of an image that installs nothing: what the official base image brings."""
        if self.environment or not self.executable:
            return

        def make(target: str) -> None:
            installer = uv.Installer(target, self.log, self.cache)
            installer.create(self.executable)
            installer.install(["pip", "setuptools", "wheel"], step="FROM (what the base image brings)", cwd="/")

        self.environment, _ = environments.kept(environments.key([self.executable, "base"]), make)

    def _piece(self, piece: str, where: str, uid: int, known: dict[str, str], step: Instruction) -> None:
        if NOTHING.match(piece) and ">" not in piece:
            return
        if APT.match(piece):
            self._apt(piece)
        elif USERS.match(piece):
            self._user(piece)
        elif PIP.match(piece) and self.executable and not re.search(r"[|;`<]|\$\(", piece.replace("'", "")):
            self._pip(piece, where, known)
        elif UV_SYNC.match(piece) and self.executable:
            self._sync(piece, where)
        else:
            self._execute(piece, where, uid, known, step)

    def _apt(self, piece: str) -> None:
        if not re.search(r"\binstall\b", piece):
            return
        names = [word for word in piece.split("install", 1)[1].split() if re.match(r"^[a-z0-9][a-z0-9+.-]+$", word)]
        missing = [name for name in not_installed(names) if name not in self.missing]
        self.log(f"--> RUN {piece}\nDONE (this machine's own packages)".replace("\n", " "))
        if missing:
            self.missing += missing
            self.notes.append(f"Debian packages that this machine lacks: {', '.join(missing)}")

    def _user(self, piece: str) -> None:
        words = shlex.split(piece, comments=True)
        name = next((w for w in reversed(words[1:]) if not w.startswith("-") and not w.isdigit() and "/" not in w), "")
        number = next((words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-u", "--uid")), "")
        number = next((w.partition("=")[2] for w in words if w.startswith("--uid=")), number)
        if words[0] in ("groupadd", "addgroup") and name:
            given = next((words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-g", "--gid")), "")
            self.groups[name] = int(given) if given.isdigit() else 1000
        if words[0] in ("useradd", "adduser") and name:
            self.users[name] = int(number) if number.isdigit() else 1000
            self.homes[name] = f"/home/{name}"
            if "-M" not in words and "--no-create-home" not in words:
                path = os.path.join(self.root, "home", name)
                os.makedirs(path, exist_ok=True)
                if os.geteuid() == 0:
                    os.chown(path, self.users[name], self.users[name])

    def _pip(self, piece: str, where: str, known: dict[str, str]) -> None:
        from unstick.space.docker_variables import expand

        words = shlex.split(expand(piece, known), comments=True)
        words = words[words.index("install") + 1 :]
        kept: list[str] = []
        skip = False
        for word in words:
            if skip:
                skip = False
            elif word in WITH_VALUE:
                skip = True
            elif word in DROPPED or word.startswith(tuple(f"{name}=" for name in WITH_VALUE)):
                continue
            else:
                kept.append(word)
        named = [word for word in kept if not word.startswith("-")]
        if named and all(re.split(r"[<>=~!\[]", word)[0] in UPGRADES_TOOLS for word in named):
            return
        here = os.path.join(self.root, where.lstrip("/"))
        kept = [self._here(word, here) for word in kept]
        self._install(kept, f"RUN {piece}", here)

    def _here(self, word: str, where: str) -> str:
        """A path of the image as a path of this machine."""
        if word.startswith("/") and os.path.exists(self.root + word):
            return self.root + word
        return word

    def _install(self, words: list[str], step: str, where: str) -> None:
        """Into an environment that is kept by all that was installed so far; an editable install is not."""
        own = any(word in ("-e", "--editable", ".") or word.startswith((".", "/")) for word in words if not word.endswith(".txt"))
        inputs = [*self.installed, [words, _texts(words, where)]]
        before, self.installed = self.installed, inputs
        name = environments.key([self.executable, inputs, self.folder if self.cache or own else ""])

        def make(target: str) -> None:
            installer = uv.Installer(target, self.log, self.cache)
            installer.create(self.executable)
            for earlier in before:
                installer.install(list(earlier[0]), step="RUN (as before)", cwd=where)  # type: ignore[call-overload]
            if "setuptools" not in step and not before:
                installer.install(["pip", "setuptools", "wheel"], step="FROM (what the base image brings)", cwd=where)
            installer.install(words, step=step, cwd=where)

        self.environment, known = environments.kept(name, make)
        if known:
            self.log(f"--> {step}")
            self.log("CACHED")

    def _sync(self, piece: str, where: str) -> None:
        target = os.path.join(self.folder, "venv")
        installer = uv.Installer(target, self.log, self.cache)
        installer.create(self.executable)
        words = [word for word in shlex.split(piece)[2:] if word not in ("--no-cache", "--quiet", "-q")]
        installer.sync(words, step=f"RUN {piece}", cwd=os.path.join(self.root, where.lstrip("/")))
        self.environment = target

    def _execute(self, piece: str, where: str, uid: int, known: dict[str, str], step: Instruction) -> None:
        """A small command in the sandbox, with the image's folders to write to."""
        bwrap = bubblewrap.program()
        if not bwrap:
            raise CannotRehearse("RUN lines need bubblewrap or a container engine", where=str(step.place))
        mounts = [Mount(os.path.join(self.root, name), f"/{name}", True) for name in self._writable()]
        for folder in (self.environment, uv.prefix(self.executable) if self.executable else ""):
            if folder:
                mounts.append(Mount(folder, folder, False))
        secrets = self._secrets(step, mounts)
        files = os.path.join(self.folder, "files-of-etc")
        os.makedirs(files, exist_ok=True)
        bubblewrap.made_files(files, "/home/user")
        self._named_users(files)
        path = f"{self.environment}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" if self.environment else "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        environment = {**known, "PATH": path, "HOME": known.get("HOME", "/root" if not uid else "/home/user"), **secrets}
        lent = {name: os.environ[name] for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "npm_config_cafile") if name in os.environ}
        spec = Spec(("/bin/sh", "-c", piece), (), where, tuple(mounts), self.plan.options.limits, uid=uid)
        self.log(f"--> RUN {piece}")
        try:
            done = subprocess.run(
                bubblewrap.command(spec, bwrap, files), env={**lent, **environment}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, text=True, errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise CannotRehearse(f"a build step took more than {SECONDS // 60} min: {piece[:80]}", where=str(step.place)) from None
        for line in done.stdout.splitlines():
            self.log(line)
        if done.returncode:
            self._failed(piece, done.returncode, done.stdout, step)
        self.log("DONE")

    def _named_users(self, files: str) -> None:
        """The users and groups that earlier lines made, so that chown and su know their names."""
        for name, uid in self.users.items():
            if name in ("root", "user"):
                continue
            with open(os.path.join(files, "passwd"), "a", encoding="utf-8") as file:
                file.write(f"{name}:x:{uid}:{uid}:{name}:{self.home(name) or '/'}:/bin/sh\n")
        with open(os.path.join(files, "group"), "a", encoding="utf-8") as file:
            for name, gid in {**self.groups, **self.users}.items():
                if name not in ("root", "user"):
                    file.write(f"{name}:x:{gid}:\n")

    def _failed(self, piece: str, code: int, output: str, step: Instruction) -> None:
        if NO_NETWORK.search(output):
            raise CannotRehearse(f"a build step cannot reach what it needs: {piece[:80]}", where=str(step.place))
        if code in (126, 127) or self.missing:
            raise CannotRehearse(
                f"a build step needs what is not on this machine: {piece[:80]}", where=str(step.place), todo="Start Docker."
            )
        if "Read-only file system" in output or "Permission denied" in output:
            raise CannotRehearse(
                f"a build step changes the system, which needs a container engine: {piece[:80]}", where=str(step.place)
            )
        self.log(f'--> ERROR: process "/bin/sh -c {piece}" did not complete successfully: exit code: {code}')
        raise BuildFailed(f"a build step ended with exit code {code}: RUN {piece[:120]}")

    def _secrets(self, step: Instruction, mounts: list[Mount]) -> dict[str, str]:
        """Build secrets, at /run/secrets as the platform mounts them."""
        for flag in step.flags:
            if flag.name != "mount" or "type=secret" not in flag.value:
                continue
            options = dict(part.partition("=")[::2] for part in flag.value.split(","))
            name = options.get("id", "")
            value = dict(self.plan.options.secrets).get(name)
            if value is None:
                if options.get("required") == "true":
                    raise BuildFailed(f"the image cannot be built: secret {name}: not found")
                continue
            path = os.path.join(self.folder, f"secret-{name}")
            with open(path, "w", encoding="utf-8") as file:
                file.write(value)
            mounts.append(Mount(path, options.get("target") or f"/run/secrets/{name}", False))
        return {}

    def _writable(self) -> list[str]:
        """Top folders of the image that may be written: those that exist, and the usual ones, made."""
        for name in ("home", "tmp", "opt", "srv", "data", "app"):
            path = os.path.join(self.root, name)
            if not os.path.isdir(path):
                os.mkdir(path)
                os.chmod(path, 0o1777 if name == "tmp" else 0o755)
        out = []
        for name in sorted(os.listdir(self.root)):
            path = os.path.join(self.root, name)
            out += [f"{name}/{inner}" for inner in sorted(os.listdir(path))] if name in ("usr", "var") else [name]
        return out


def _pieces(text: str) -> list[str]:
    """The commands of a line, where they are simply joined by && (or ; or lines); else the line as one."""
    plain = text.strip()
    if re.search(r"\|\||(?<!\|)\|(?!\|)|\b(?:if|for|while|case)\b|<<|\(|`", plain):
        return [plain]
    return [piece.strip() for piece in re.split(r"&&|;|\n", plain) if piece.strip() and not piece.strip().startswith("#")]


def _texts(words: list[str], where: str) -> list[str]:
    """What the requirement files among the words say."""
    out = []
    for word in words:
        path = os.path.join(where, word)
        if word.endswith((".txt", ".toml", ".in")) and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                out.append(file.read(1024 * 1024))
    return out
