"""Which files of a tree are binary, and which of them a push brings to the Hub as ordinary files."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unstick.space import Space
    from unstick.space.pushes import Push

MAX_SNIFFED = 3000
TEXT = (
    ".py", ".md", ".txt", ".json", ".js", ".ts", ".tsx", ".jsx", ".css", ".html", ".yml", ".yaml", ".toml",
    ".cfg", ".ini", ".csv", ".xml",
    ".svg", ".sh", ".ipynb", ".lock", ".mjs", ".cjs", ".map", ".scss", ".rb", ".java", ".go", ".rs",
    ".sql", ".env", ".r", ".vue", ".jsonl",
    ".tsv", ".rst", ".c", ".h", ".cpp", ".hpp", ".kt", ".php", ".properties", ".bat", ".ps1", ".gitignore",
    ".gitattributes", ".dockerignore",
)  # fmt: skip
HARMLESS = (".pyc", ".pyo", ".ds_store", "thumbs.db", "favicon.ico")
"""What comes along unnoticed and has been seen to pass."""
PRODUCT = (
    ".h5", ".hdf5", ".onnx", ".joblib", ".pkl", ".pickle", ".keras", ".faiss", ".pt", ".pth",
    ".safetensors", ".bin", ".gguf", ".tflite",
    ".model", ".npy", ".npz", ".parquet", ".exe", ".dll", ".so", ".mp4", ".mov", ".zip", ".gz", ".7z",
    ".rar", ".xlsx", ".caffemodel",
)  # fmt: skip


class Binary(NamedTuple):
    """A binary file and its size in bytes."""

    path: str
    size: int


def plain_binaries(space: Space, push: Push | None) -> list[Binary]:
    """Binary files that are neither under LFS nor taken out by the workflow, the largest first."""
    from unstick.space.pushes import LfsPatterns, fits

    patterns = LfsPatterns(space)
    sniffed = 0
    out = []
    for path in space.tree.names():
        lower = path.lower()
        if lower.endswith(TEXT) or patterns.covers(path) or _left_out(path, push):
            continue
        size = space.tree.size(path)
        if size == 0 or (push is not None and any(fits(p, path) for p in push.tracked)):
            continue
        sniffed += 1
        if sniffed > MAX_SNIFFED:
            break
        if _is_binary(space, path):
            out.append(Binary(path, size))
    return sorted(
        out, key=lambda b: (lower_harmless(b.path), not b.path.lower().endswith(PRODUCT), -b.size, b.path)
    )


def by_type(binaries: list[Binary]) -> list[list[Binary]]:
    """The files of each type, as .gitattributes names them; the order of the first ones is kept."""
    groups: dict[str, list[Binary]] = {}
    for binary in binaries:
        name = binary.path.rpartition("/")[2].lower()
        groups.setdefault(name.rpartition(".")[2] if "." in name else name, []).append(binary)
    return list(groups.values())


def committed_environment(space: Space) -> str:
    """The folder of a virtual environment that lies in the tree and that git does not ignore, or an empty
    string.
    """
    for name in ("venv", ".venv", "env"):
        if space.tree.is_folder(name) and not space.git_ignore.ignores(name, True):
            inner = ("pyvenv.cfg", "Lib/site-packages", "lib", "Scripts")
            if any(space.tree.exists(f"{name}/{i}") for i in inner):
                return name
    return ""


def lower_harmless(path: str) -> bool:
    """Whether the file is one of those that come along unnoticed."""
    return path.lower().endswith(HARMLESS)


def _left_out(path: str, push: Push | None) -> bool:
    if push is None or not push.fresh:
        return False
    return any(path == r or path.startswith(r + "/") for r in push.removed)


def _is_binary(space: Space, path: str) -> bool:
    data = space.tree.read_bytes(path, 8000) or b""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"version https://git-lfs")):
        return False
    return b"\0" in data
