"""The first commit of a new repository: what the Hub itself puts there."""

from __future__ import annotations

from unstick.localhub.repository import Change
from unstick.record import TYPE_CHECKING
from unstick.space.yaml_scalars import plain_tag

if TYPE_CHECKING:
    from unstick.localhub.repository import Repository

MESSAGE = "initial commit"
LARGE = (
    "*.7z", "*.arrow", "*.bin", "*.bz2", "*.ckpt", "*.ftz", "*.gz", "*.h5", "*.joblib", "*.lfs.*", "*.mlmodel",
    "*.model", "*.msgpack", "*.npy", "*.npz", "*.onnx", "*.ot", "*.parquet", "*.pb", "*.pickle", "*.pkl", "*.pt",
    "*.pth", "*.rar", "*.safetensors", "saved_model/**/*", "*.tar.*", "*.tar", "*.tflite", "*.tgz", "*.wasm",
    "*.xz", "*.zip", "*.zst", "*tfevents*",
)  # fmt: skip
"""What the Hub's own .gitattributes gives to Git LFS (any public repository)."""


def first_commit(repository: Repository, kind: str, name: str, sdk: str, author: str) -> None:
    """Make a new repository with its attributes and, for a Space, the README whose block names the SDK: a Space
    that then gets nothing but its app file builds."""
    repository.create()
    files = {".gitattributes": "".join(f"{row} filter=lfs diff=lfs merge=lfs -text\n" for row in LARGE)}
    if kind == "space":
        files["README.md"] = _readme(name, sdk)
    changes = [Change(path, repository.store(text.encode())) for path, text in files.items()]
    repository.commit("main", changes, MESSAGE, author=author, parent="")


def _readme(name: str, sdk: str) -> str:
    title = (
        " ".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-") if word) or name
    )
    if plain_tag(title) != "str":
        title = f'"{title}"'
    rows = [f"title: {title}", "emoji: 🚀", "colorFrom: blue", "colorTo: gray", f"sdk: {sdk}"]
    rows += ["app_file: app.py"] if sdk in ("gradio", "streamlit") else []
    block = "\n".join([*rows, "pinned: false"])
    return (
        f"---\n{block}\n---\n\n"
        "Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference\n"
    )
