"""One stage of an image while its instructions are walked: operations on files, users, variables, what it
runs.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.image_base import BaseImage
from unstick.space.image_ops import Operation, State, apply, inside, join, parents

if TYPE_CHECKING:
    from unstick.space.dockerfile_types import Instruction
    from unstick.space.types import Place

SYSTEM = frozenset(
    (
        "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc",
        "/root", "/run", "/sbin",
        "/srv", "/sys", "/tmp", "/usr", "/var", "/usr/local", "/usr/local/bin", "/usr/local/lib",
        "/usr/bin", "/usr/lib",
        "/usr/share", "/usr/src", "/var/lib", "/var/log", "/var/tmp", "/var/cache", "/var/run", "/dev/shm",
    )
)  # fmt: skip
FREE = frozenset(("/tmp", "/var/tmp", "/dev/shm"))
_FILLED = (
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
    "/root",
)


MAX_OPERATIONS = 600
MAX_DEPTH = 30
"""How far copies of copies are followed."""


class Access(NamedTuple):
    """Whether a user may write a path (or make it, where nothing stands there yet).

    `allowed` is None where it cannot be told. `blocker` is the file or folder that decides, `owner` its owner
    (-1: not known), `place` the instruction that made it, `missing` whether nothing stands at the path
    itself.
    """

    allowed: bool | None
    blocker: str = ""
    owner: int = -1
    place: Place | None = None
    missing: bool = False


class BuildRun(NamedTuple):
    """One RUN instruction with who ran it: uid, home folder, variables and working folder at that time. `at`
    is the
    number of operations before it (`Layers.state` takes it)."""

    step: Instruction
    uid: int
    home: str
    env: dict[str, str]
    workdir: str = "/"
    at: int = 0


class Refused(NamedTuple):
    """A build step that writes where its user may not: `path` is what it wants to write."""

    path: str
    access: Access
    place: Place
    command: str
    user: str


class User(NamedTuple):
    """A user of the image; -1 where a number is not known."""

    name: str
    uid: int
    gid: int
    home: str
    place: Place | None = None


class Layers:
    """What the instructions so far have made of one stage."""

    def __init__(self, base: BaseImage) -> None:
        self.base = base
        self.operations: list[Operation] = []
        self.links: list[tuple[str, str]] = []
        self.users: dict[str, User] = {a.name: User(a.name, a.uid, a.uid, a.home) for a in base.base.accounts}
        self.groups: dict[str, int] = {"root": 0, "users": 100, **{a.name: a.uid for a in base.base.accounts}}
        self.users["root"] = User("root", 0, 0, "/root")
        self.user = base.base.user if base.known else "?"
        self.user_place: Place | None = None
        self.env: dict[str, str] = {"HOME": base.base.home} if base.base.home else {}
        self.env_places: dict[str, Place] = {}
        self.arguments: dict[str, str] = {}
        self.workdir = base.base.workdir
        self.workdir_place: Place | None = None
        self.command: Instruction | None = None
        self.entrypoint: Instruction | None = None
        self.volumes: list[tuple[str, Place]] = []
        self.written: dict[str, str] = {}
        self.runs: list[BuildRun] = []
        self.refused: list[Refused] = []
        self.known: dict[tuple[str, int], State] = {}
        self.depth = 0

    def child(self) -> Layers:
        """A stage that begins where this one ends. Build arguments are not handed on."""
        out = Layers(self.base)
        out.operations, out.links = list(self.operations), list(self.links)
        out.users, out.groups = dict(self.users), dict(self.groups)
        out.user, out.user_place = self.user, self.user_place
        out.env, out.env_places = dict(self.env), dict(self.env_places)
        out.workdir, out.workdir_place = self.workdir, self.workdir_place
        out.command, out.entrypoint = self.command, self.entrypoint
        out.volumes, out.written, out.runs = list(self.volumes), dict(self.written), list(self.runs)
        out.refused = list(self.refused)
        return out

    def resolve(self, name: str) -> tuple[int, int]:
        """uid and gid of `USER`, `--chown` or chown's 'name', 'name:group', '1000', '1000:0'; -1 where not
        known.
        """
        name, _, group = name.partition(":")
        uid, gid = self._uid(name), -1
        if group:
            gid = int(group) if group.isdigit() else self.groups.get(group, -1)
        else:
            known = next((u for u in self.users.values() if u.uid == uid), None) if uid >= 0 else None
            gid = known.gid if known else 0 if name.isdigit() else -1
        return uid, gid

    def _uid(self, name: str) -> int:
        if name == "":
            return 0
        if name.isdigit():
            return int(name)
        user = self.users.get(name)
        return user.uid if user else -1

    @property
    def uid(self) -> int:
        """Who runs the next build step; -1 where not known."""
        return -1 if self.user == "?" else self.resolve(self.user)[0]

    @property
    def gid(self) -> int:
        """The group of the next build step."""
        return -1 if self.user == "?" else self.resolve(self.user)[1]

    def home(self, uid: int) -> str:
        """The home folder a process of `uid` sees: HOME of the image, else that of the user's entry, else
        '/'.

        Docker's own rule; an empty string where the base image is not known well enough.
        """
        if self.env.get("HOME"):
            return self.env["HOME"]
        user = next((u for u in self.users.values() if u.uid == uid), None)
        if user is not None and user.home:
            return user.home
        return "/" if self.base.known else ""

    def add(self, operation: Operation) -> None:
        """One more operation; a file of thousands of steps is no image, what follows is left out."""
        if len(self.operations) < MAX_OPERATIONS:
            self.operations.append(operation)

    def real(self, path: str) -> str:
        """A path with the links that build steps made followed."""
        for _ in range(4):
            for link, target in self.links:
                if path == link or inside(path, link):
                    path = join(target, path[len(link) :].lstrip("/"))
                    break
            else:
                return path
        return path

    def state(self, path: str, at: int = -1) -> State:
        """What stands at an absolute path, at the end or after the first `at` operations."""
        path = self.real(path)
        at = len(self.operations) if at < 0 else at
        known = self.known.get((path, at))
        if known is not None:
            return known
        if self.depth > MAX_DEPTH:
            return State(None)
        self.depth += 1
        state = self._begin(path)
        for operation in self.operations[:at]:
            state = apply(operation, path, state)
        self.depth -= 1
        self.known[path, at] = state
        return state

    def _begin(self, path: str) -> State:
        if path in FREE or path in self.base.base.path_open:
            return State(True, "folder", 0, 0, 0o1777)
        if path in SYSTEM:
            return State(True, "folder", 0, 0, 0o700 if path == "/root" else 0o755)
        if not self.base.known:
            return State(None)
        for account in self.base.base.accounts:
            if path == account.home:
                return State(True, "folder", account.uid, account.uid, 0o755)
            if inside(path, account.home):
                return State(False)
        if path == self.base.base.workdir or inside(self.base.base.workdir, path):
            return State(True, "folder", 0, 0, 0o755)
        if any(inside(path, folder) for folder in _FILLED):
            return State(None, "", 0, 0, -1)
        if any(inside(path, folder) for folder in FREE):
            return State(False)
        return State(False)

    def access(self, path: str, uid: int, gid: int = -1) -> Access:
        """Whether a user may write an absolute path, or make it where nothing stands there yet."""
        wanted = self.real(path)
        state = self.state(wanted)
        blocked = self.closed(wanted, uid)
        if blocked is not None:
            return blocked
        if state.exists:
            return Access(self._may(state, uid, gid), wanted, state.uid, state.place)
        if state.exists is None and state.uid < 0:
            return Access(None, wanted)
        for folder in parents(wanted):
            above = self.state(folder)
            if above.exists is False:
                continue
            may = self._may(above, uid, gid) if above.kind != "file" else None
            if above.exists is None and may is False:
                # Whether it is there or has to be made, the answer is that of the folder above it.
                continue
            return Access(may, folder, above.uid, above.place, True)
        return Access(None, wanted)

    def closed(self, path: str, uid: int) -> Access | None:
        """The first folder above a path that `uid` may not even enter, or None."""
        for folder in reversed(parents(path)):
            state = self.state(folder)
            if uid in (0, state.uid) or not state.exists or state.kind != "folder" or state.mode < 0:
                continue
            if not state.mode & 0o011:
                return Access(False, folder, state.uid, state.place)
        return None

    def _may(self, state: State, uid: int, gid: int) -> bool | None:
        if uid == 0:
            return True
        mode = state.mode if state.mode >= 0 else 0o644 if state.kind == "file" else 0o755
        if mode & 0o002:
            return True
        if state.uid < 0:
            return None
        if state.uid == uid:
            return bool(mode & 0o200)
        groups = {u.gid for u in self.users.values() if u.uid == uid} | ({gid} if gid >= 0 else set())
        return bool(mode & 0o020 and state.gid in groups)
