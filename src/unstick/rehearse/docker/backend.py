"""The backend that rehearses in containers."""

from __future__ import annotations

import hashlib
import os

from unstick.contract.sdks import LOGGED_PYTHON
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse import registry, sweeping
from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.docker import build, heredocs, machine, network, sdk_image
from unstick.rehearse.docker.rewrite import rewrite
from unstick.rehearse.docker.running import DockerRunning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstick.rehearse.backend import Log
    from unstick.rehearse.docker.client import Client
    from unstick.rehearse.types import Plan

OTHERS = ("3.12", "3.11", "3.10", "3.14", "3.9")
"""What is taken where that base image cannot be had, in this order."""

PLATFORM_USER = "1000"
ROOTS = ("", "0", "root", "0:0", "root:root")


class DockerBuilt(NamedTuple):
    """An image; `user` is the one it names."""

    image: str
    user: str
    passed_over: tuple[str, ...]


class DockerBackend:
    """Builds with BuildKit, runs under the contract's limits."""

    name = "docker"

    def __init__(self, client: Client) -> None:
        self.client = client
        self.folders: list[str] = []
        self.images: list[str] = []
        self.data = ""
        sweeping.sweep()

    def build(self, plan: Plan, log: Log) -> DockerBuilt:
        """See the protocol."""
        folder = build.context(plan)
        self.folders.append(folder)
        tag = f"unstick-rehearsal:{registry.owner()}-{hashlib.sha256(folder.encode()).hexdigest()[:12]}"
        self.images.append(tag)
        if plan.sdk == "docker":
            notes = self._own(plan, log, folder, tag)
        else:
            notes = self._sdk(plan, log, folder, tag)
        found = self.client.image(tag) or {}
        user = str((found.get("Config") or {}).get("User") or "")
        return DockerBuilt(tag, user, notes)

    def start(self, built: DockerBuilt, plan: Plan, log: Log) -> DockerRunning:
        """See the protocol."""
        network.ready(self.client)
        if plan.options.user == "root":
            user = "0"
        else:
            user = PLATFORM_USER if built.user in ROOTS else ""
        return DockerRunning(self.client, built.image, plan, log, user, self._data(plan))

    def close(self) -> None:
        """See the protocol."""
        if self.images:
            self.client.run("image", "rm", "--force", *self.images, check=False)
        for folder in self.folders:
            registry.remove(folder)
        self.images, self.folders, self.data = [], [], ""

    def _own(self, plan: Plan, log: Log, folder: str, tag: str) -> tuple[str, ...]:
        """The Space's own Dockerfile."""
        text = _text(os.path.join(folder, "Dockerfile"))
        apart = self._apart()
        lent = machine.lent(apart)
        made = rewrite(text, modern=self.client.modern, lent=lent)
        self._added(folder, made.files)
        path = self._written(apart, "Dockerfile", made.text)
        self._written(apart, "Dockerfile.dockerignore", self._ignored(folder, bool(made.files)))
        build.build(
            self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent,
            arguments=dict(plan.options.variables), secrets=plan.options.secrets,
            factory=plan.options.factory,
        )  # fmt: skip
        return (*made.passed_over, *self._said())

    def _sdk(self, plan: Plan, log: Log, folder: str, tag: str) -> tuple[str, ...]:
        """An image put together as the platform does."""
        python, notes = self._python(plan)
        base, said = self._base(plan, log, python)
        recipe = sdk_image.space(plan, base)
        apart = self._apart()
        lent = machine.lent(apart)
        made = rewrite(recipe, modern=self.client.modern, lent=lent)
        path = self._written(apart, "Dockerfile", made.text)
        build.build(
            self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent,
            factory=plan.options.factory,
        )  # fmt: skip
        return (*notes, *said, *self._said())

    def _base(self, plan: Plan, log: Log, python: str) -> tuple[str, tuple[str, ...]]:
        """The image with the platform's own layers, kept for all Spaces, and what was left out of it."""
        if plan.sdk == "static":
            return f"python:{python}", ()
        try:
            return self._kept(plan, log, sdk_image.base(python)), (sdk_image.NO_NODE,)
        except CannotRehearse:
            if self.client.image(f"python:{python}") is None:
                raise
            text = sdk_image.base(python, system=False)
            return self._kept(plan, log, text), (sdk_image.NO_NODE, sdk_image.NO_SYSTEM)

    def _kept(self, plan: Plan, log: Log, text: str) -> str:
        """An image that stays for the next rehearsals. Its failures are never the Space's."""
        source = text.partition("\n")[0].removeprefix("FROM ")
        version = (self.client.image(source) or {}).get("Id", "")
        tag = f"unstick-sdk:{hashlib.sha256((text + version).encode()).hexdigest()[:16]}"
        if self.client.image(tag) is not None:
            return tag
        folder, apart = self._apart(), self._apart()
        lent = machine.lent(apart)
        path = self._written(apart, "Dockerfile", rewrite(text, modern=self.client.modern, lent=lent).text)
        try:
            build.build(self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent)
        except BuildFailed as error:
            what = f"the platform's own layers cannot be built here: {error.what}"
            raise CannotRehearse(what, where="base image") from None
        return tag

    def _python(self, plan: Plan) -> tuple[str, tuple[str, ...]]:
        """The Python of the image, and what has to be said about it."""
        if plan.sdk == "static":
            versions = (sdk_image.STATIC_PYTHON, LOGGED_PYTHON, *OTHERS)
            return next(filter(self._has, versions), sdk_image.STATIC_PYTHON), (sdk_image.STATIC,)
        if plan.python or self._has(LOGGED_PYTHON):
            return plan.python or LOGGED_PYTHON, ()
        found = next((version for version in OTHERS if self._has(version)), "")
        if not found:
            return LOGGED_PYTHON, ()
        return found, (f"Python {found} instead of {LOGGED_PYTHON}, whose base image is not here",)

    def _has(self, python: str) -> bool:
        return self.client.image(f"python:{python}") is not None

    def _said(self) -> tuple[str, ...]:
        lent = (machine.RUNS_WITH,) if machine.certificates() else ()
        return lent if network.ready(self.client) else (network.NOT_LIMITED, *lent)

    def _data(self, plan: Plan) -> str:
        """The folder for /data: the same one for every start of this rehearsal."""
        if plan.options.data == "new" and not self.data:
            self.data = registry.scratch("data")
            os.chmod(self.data, 0o777)
            self.folders.append(self.data)
        return self.data or plan.options.data

    def _apart(self) -> str:
        """A scratch folder that goes with this backend."""
        self.folders.append(registry.scratch("build"))
        return self.folders[-1]

    def _added(self, folder: str, files: Sequence[tuple[str, str]]) -> None:
        """Files that take the place of here-documents."""
        for name, content in files:
            self._written(folder, name, content)

    def _ignored(self, folder: str, added: bool) -> str:
        """The ignore file that counts for this Dockerfile, with what was added let through."""
        for name in ("Dockerfile.dockerignore", ".dockerignore"):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return _text(path) + (f"\n!{heredocs.NAME}*\n" if added else "")
        return ""

    def _written(self, folder: str, name: str, text: str) -> str:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        return path


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def sweep(client: Client) -> int:
    """Remove containers and images of rehearsals whose process is gone; gives how many."""
    form = f'{{{{.ID}}}} {{{{.Label "{registry.LABEL}"}}}}'
    count = 0
    listed = client.run("ps", "--all", "--filter", f"label={registry.LABEL}", "--format", form, check=False)
    for line in listed.stdout.splitlines():
        name, _, owner = line.partition(" ")
        if owner and not registry.alive(owner):
            client.run("rm", "--force", "--volumes", name, check=False)
            count += 1
    tags = client.run("images", "--format", "{{.Tag}}", "unstick-rehearsal", check=False).stdout.split()
    for tag in registry.dead(tags):
        client.run("image", "rm", "--force", f"unstick-rehearsal:{tag}", check=False)
        count += 1
    return count
