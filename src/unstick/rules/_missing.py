"""Files that the program reads, that are not in the image, and that nothing makes."""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.rules.absolute_local_path import of_another_machine
from unstick.space.image_shell import UNKNOWN
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Space
    from unstick.space.image import Image
    from unstick.space.reads import Read

FETCHERS = frozenset(
    (
        "urlretrieve",
        "hf_hub_download",
        "snapshot_download",
        "download",
        "download_file",
        "cached_download",
        "iter_content",
        "extractall",
        "wget",
    )
)


_OUTSIDE = (
    "/tmp", "/data", "/var", "/etc", "/proc", "/run", "/root", "/home/user/.", "/content", "/kaggle",
    "/mnt", "/usr", "/opt", "/dev", "/sys",
)  # fmt: skip
"""Folders that belong to the system, to a volume or to another host."""


def missing_reads(space: Space, image: Image) -> Iterator[tuple[Read, str, Place]]:
    """Each missing file once: the read, why it is not there, and the place that says so."""
    from unstick.space.program import program_of
    from unstick.space.reads import Read, asked_for, reads_of
    from unstick.space.writes import writes_of

    program = program_of(space)
    if program is None:
        return
    written = [w.path for w in writes_of(space)]
    asked = asked_for(program)
    reads = list(reads_of(space))
    known = {r.path for r in reads}
    reads += [
        Read(p, p, "later", True, at, None) for p, at in asked.items() if p not in known and UNKNOWN not in p
    ]
    fetches = bool(FETCHERS & program.calls.keys())
    seen: set[str] = set()
    for read in reads:
        group = posixpath.dirname(read.path)
        if group in seen or image.exists(read.path) is not False or read.path.startswith(_OUTSIDE):
            continue
        if of_another_machine(read.given, image):
            continue  # absolute-local-path speaks
        guarded = (
            read.path in asked
            or group in asked
            or read.caught
            or (read.site is not None and read.site.missing_ok)
        )
        why, place = _reason(space, image, read, guarded, fetches or _made(read.path, written))
        if why:
            seen.add(group)
            yield read, why, place or read.place


def _reason(space: Space, image: Image, read: Read, guarded: bool, made: bool) -> tuple[str, Place | None]:
    """Why a file is not there, and the place that says so where it is not the read; nothing where that is
    in order.
    """
    relative = _relative(read.path, image)
    in_tree = space.tree.exists(relative)
    if in_tree and space.sdk not in ("gradio", "streamlit"):
        ignored = space.docker_ignore.deciding(relative)
        if ignored is not None:
            return f".dockerignore (line {ignored.line}) keeps it out of the image", Place(
                ".dockerignore", ignored.line
            )
        return ("", None) if guarded or made else ("no COPY brings it into the image", None)
    if made or in_tree:
        return "", None
    module = _submodule(space, relative)
    if module:
        return f"it lies in the git submodule {module}, and a push carries only the link", None
    ignored = space.git_ignore.deciding(relative)
    if ignored is not None and read.site is not None and _is_product(read.path):
        return f"it is not in the repository (.gitignore line {ignored.line} keeps it out)", None
    if guarded or not (read.when == "import" or _is_product(read.path) or read.site is None):
        return "", None
    return "it is not in the repository", None


def _relative(path: str, image: Image) -> str:
    """The repository's path that would have been copied there."""
    folder = path
    while folder != "/":
        folder = posixpath.dirname(folder)
        source = image.source_of(folder)
        if source is not None:
            return posixpath.join(source, path[len(folder) :].lstrip("/"))
    return path.removeprefix(image.workdir).lstrip("/")


def _made(path: str, written: list[str]) -> bool:
    for target in written:
        if target == path:
            return True
        if UNKNOWN in target:
            head = target[: target.index(UNKNOWN)]
            if head.rpartition("/")[0] == posixpath.dirname(path):
                return True
    return False


def _submodule(space: Space, relative: str) -> str:
    for line in (space.text(".gitmodules") or "").splitlines():
        key, _, value = line.strip().partition("=")
        folder = value.strip().strip("/")
        if key.strip() == "path" and folder and (relative == folder or relative.startswith(folder + "/")):
            return folder
    return ""


def _is_product(path: str) -> bool:
    """A model or a table: something that a program cannot do without."""
    return path.endswith(
        (
            ".pkl",
            ".joblib",
            ".h5",
            ".keras",
            ".pt",
            ".pth",
            ".onnx",
            ".pickle",
            ".npy",
            ".model",
            ".tflite",
            ".sav",
            ".safetensors",
        )
    )
