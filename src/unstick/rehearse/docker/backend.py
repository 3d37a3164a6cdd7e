"""The backend that rehearses in containers."""

from __future__ import annotations

import hashlib
import os

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse import registry
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.docker import build, machine, network, sdk_image
from unstick.rehearse.docker.rewrite import rewrite
from unstick.rehearse.docker.running import DockerRunning

if TYPE_CHECKING:
    from unstick.rehearse.backend import Log
    from unstick.rehearse.docker.client import Client
    from unstick.rehearse.types import Plan

DEFAULT_PYTHON = "3.13"
"""What a Space without python_version gets (published logs of June and July 2026)."""

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
        self.limited = False
        self.data = ""
        sweep(client)

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
        user = self.client.run("image", "inspect", "--format", "{{.Config.User}}", tag).stdout.strip()
        return DockerBuilt(tag, user, notes)

    def start(self, built: DockerBuilt, plan: Plan, log: Log) -> DockerRunning:
        """See the protocol."""
        self.limited = network.ready(self.client)
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
        with open(os.path.join(folder, "Dockerfile"), encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
        lent = machine.lent()
        made = rewrite(text, modern=self.client.modern, lent=lent)
        for name, content in made.files:
            with open(os.path.join(folder, name), "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(content)
        apart = registry.scratch("dockerfile")
        self.folders.append(apart)
        path = self._written(apart, "Dockerfile", made.text)
        ignored = os.path.join(folder, "Dockerfile.dockerignore")
        if os.path.isfile(ignored):
            with open(ignored, encoding="utf-8", errors="surrogateescape") as file:
                self._written(apart, "Dockerfile.dockerignore", file.read())
        build.build(
            self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent,
            arguments=dict(plan.options.variables), secrets=plan.options.secrets, factory=plan.options.factory,
        )  # fmt: skip
        return (*made.passed_over, *self._said())

    def _sdk(self, plan: Plan, log: Log, folder: str, tag: str) -> tuple[str, ...]:
        """An image put together as the platform does."""
        python, notes = self._python(plan)
        recipe = sdk_image.recipe(plan, python)
        text = sdk_image.static_base() if plan.sdk == "static" else recipe.base
        base = f"unstick-sdk:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        if self.client.run("image", "inspect", "--format", "{{.Id}}", base, check=False).returncode:
            self._base(plan, log, text, base)
        lent = machine.lent()
        made = rewrite(recipe.space.replace("{base}", base), modern=self.client.modern, lent=lent)
        apart = registry.scratch("dockerfile")
        self.folders.append(apart)
        path = self._written(apart, "Dockerfile", made.text)
        build.build(
            self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent,
            factory=plan.options.factory,
        )  # fmt: skip
        return (*notes, *self._said())

    def _base(self, plan: Plan, log: Log, text: str, tag: str) -> None:
        """The platform's own layers: not the Space's fault when they cannot be built here."""
        folder = registry.scratch("base")
        self.folders.append(folder)
        lent = machine.lent()
        path = self._written(folder, "Dockerfile", rewrite(text, modern=self.client.modern, lent=lent).text)
        try:
            build.build(self.client, plan, log, folder=folder, dockerfile=path, tag=tag, lent=lent)
        except build.BuildFailed as error:
            raise CannotRehearse(
                f"the platform's own layers cannot be built here: {error.what}", where="base image"
            ) from None

    def _python(self, plan: Plan) -> tuple[str, tuple[str, ...]]:
        """The Python of the image, and what has to be said about it."""
        if plan.sdk == "static":
            return sdk_image.STATIC_PYTHON, ()
        if plan.python or self._has(DEFAULT_PYTHON):
            return plan.python or DEFAULT_PYTHON, ()
        found = next((version for version in OTHERS if self._has(version)), "")
        if not found:
            return DEFAULT_PYTHON, ()
        return found, (f"Python {found} instead of {DEFAULT_PYTHON}, whose base image is not here",)

    def _has(self, python: str) -> bool:
        done = self.client.run("image", "inspect", "--format", "{{.Id}}", f"python:{python}", check=False)
        return done.returncode == 0

    def _said(self) -> tuple[str, ...]:
        return () if network.ready(self.client) else (network.NOT_LIMITED,)

    def _data(self, plan: Plan) -> str:
        """The folder for /data: the same one for every start of this rehearsal."""
        if plan.options.data == "new" and not self.data:
            self.data = registry.scratch("data")
            os.chmod(self.data, 0o777)
            self.folders.append(self.data)
        return self.data or plan.options.data

    def _written(self, folder: str, name: str, text: str) -> str:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        return path


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
