"""A Space as its repository declares it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from unstick.record import TYPE_CHECKING
from unstick.space.files import MAX_README, Tree
from unstick.space.ignore import IgnoreFile
from unstick.space.readme import Readme
from unstick.space.yaml_scalars import Field

if TYPE_CHECKING:
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.python_source import PythonSource
    from unstick.space.streamlit_config import StreamlitConfig

MAX_DOCKERFILE = 512 * 1024
MAX_PYTHON = 1024 * 1024
DEFAULT_APP_FILES = {"gradio": "app.py", "streamlit": "app.py", "static": "index.html"}


class Space:
    """One Space: everything is read when first asked for, and once.

    `tree` are its files, `complete` says whether that is the whole repository (only then is a file that is
    not there absent). Reading never fails: what cannot be parsed is None or carries its error, with the raw
    text beside it.
    """

    def __init__(self, tree: Tree, *, bare_readme: bool = False) -> None:
        self.tree = tree
        self._bare_readme = bare_readme
        self._python: dict[str, PythonSource | None] = {}

    @classmethod
    def open(cls, path: str) -> Space:
        """The Space in a folder. Raises UnreadableError when it is not one."""
        return cls(Tree.open(path))

    @classmethod
    def from_files(
        cls, files: Mapping[str, str], *, complete: bool = False, bare_readme: bool = False
    ) -> Space:
        """A Space from texts by path; `bare_readme` takes a README.md of fields
        without their lines of dashes."""
        return cls(Tree.of(files, complete), bare_readme=bare_readme)

    @property
    def root(self) -> str:
        """The folder on disk, or an empty string."""
        return self.tree.root

    @property
    def complete(self) -> bool:
        """Whether all files of the Space are known."""
        return self.tree.complete

    @cached_property
    def readme(self) -> Readme:
        """README.md; its state is 'missing' when there is none."""
        file = self.tree.read("README.md", MAX_README)
        return Readme(
            file if file is None or not file.binary else file._replace(text=""), bare=self._bare_readme
        )

    def field(self, name: str) -> Field | None:
        """One field of the block, wherever the block stands."""
        return self.readme.field(name)

    @cached_property
    def sdk(self) -> str:
        """The sdk as written, lower case or not; an empty string when there is none."""
        field = self.field("sdk")
        return field.text.strip() if field and not field.items else ""

    @cached_property
    def app_file(self) -> str:
        """The entry file: the field's value, else the SDK's default; empty for docker."""
        field = self.field("app_file")
        given = field.text.strip() if field and not field.items else ""
        return given or DEFAULT_APP_FILES.get(self.sdk, "")

    @cached_property
    def app_port(self) -> int | None:
        """The number in app_port, or None when there is none or it is no number."""
        field = self.field("app_port")
        return field.integer() if field else None

    @cached_property
    def dockerfile(self) -> Dockerfile | None:
        """The Dockerfile in the root, or None."""
        text = self.tree.read_text("Dockerfile", MAX_DOCKERFILE)
        if text is None:
            return None
        from unstick.space.dockerfile import Dockerfile

        return Dockerfile(text, excerpt=not self.complete)

    @cached_property
    def docker_ignore(self) -> IgnoreFile:
        """The patterns of .dockerignore (none when there is no such file)."""
        text = self.tree.read_text("Dockerfile.dockerignore") or self.tree.read_text(".dockerignore")
        return IgnoreFile(text or "", "docker")

    @cached_property
    def git_ignore(self) -> IgnoreFile:
        """The patterns of the root's .gitignore (none when there is no such file)."""
        return IgnoreFile(self.tree.read_text(".gitignore") or "", "git")

    @cached_property
    def streamlit_config(self) -> StreamlitConfig | None:
        """.streamlit/config.toml, or None."""
        text = self.tree.read_text(".streamlit/config.toml")
        if text is None:
            return None
        from unstick.space.streamlit_config import StreamlitConfig

        return StreamlitConfig(text)

    def text(self, path: str) -> str | None:
        """A file's text, or None."""
        return self.tree.read_text(path)

    def python(self, path: str) -> PythonSource | None:
        """A Python file parsed (its `tree` is None when it is broken); None when it is not there or over 1
        MB.
        """
        if path not in self._python:
            self._python[path] = self._parse(path)
        return self._python[path]

    def _parse(self, path: str) -> PythonSource | None:
        if self.tree.size(path) > MAX_PYTHON:
            return None
        data = self.tree.read_bytes(path)
        text = self.tree.read_text(path) if data is not None else None
        if data is None or text is None:
            return None
        from unstick.space.python_source import parse_python

        return parse_python(path, text, data)
