"""Files too large for a plain git push, or a repository above the Hub's limit.

What it finds: files above 10 MB that a workflow pushes with git outside LFS; a tree above 1 GB; model files
that are empty in this checkout (so that their size cannot be told) and would go the same way.

Why it matters: the push is refused, or the Space cannot be cloned, and it stays at its old commit.

Example:

    run: git push https://user:$HF_TOKEN@huggingface.co/spaces/user/app main     # model.keras, 90 MB, no
    .gitattributes

Instead: `hf upload` in the workflow, Git LFS, or the model in a repository of its own, fetched at start.

Repair safety: none is offered: the file is in the history too.

Source: reports of users (10 MB); the Hub's answer "Repository storage limit reached (Max: 1 GB)".
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A132",
    title="File too large for the push",
    severity="error",
    confidence=0.8,
    causes=(("push-not-deployed", 3.0), ("repo-storage-limit", 2.0)),
)

WEIGHTS = (
    ".keras",
    ".h5",
    ".pth",
    ".pt",
    ".safetensors",
    ".onnx",
    ".bin",
    ".gguf",
    ".ckpt",
    ".tflite",
    ".caffemodel",
)


def check(space: Space) -> Iterator[Finding]:
    """One finding for the largest file outside LFS, one for the whole tree, one for empty models."""
    from unstick.contract.limits import limit
    from unstick.rules._binaries import _left_out
    from unstick.space.pushes import LfsPatterns, fits, pushes_of
    from unstick.space.types import Place

    pushes = pushes_of(space)
    push = next((p for p in pushes if p.method == "git"), None)
    entries = [(p, e) for p, e in space.tree.entries.items() if e.kind == "file" and not _left_out(p, push)]
    whole = sum(e.size for _, e in entries)
    most = limit("repository-bytes")
    if whole > most and (push is not None or space.sdk):
        largest = max(entries, key=lambda row: row[1].size)[0]
        yield RULE.finding(
            Place(largest, 0),
            f"the files come to {whole / 1e9:.1f} GB; a Space's repository may hold {most / 1e9:.0f} GB.",
            "Keep models and data in repositories of their own and fetch them at start.",
            confidence=0.7,
        )
    if push is None:
        return
    patterns = LfsPatterns(space)

    def plain(path: str) -> bool:
        return not patterns.covers(path) and not any(fits(t, path) for t in push.tracked)

    large = [(p, e.size) for p, e in entries if e.size > limit("plain-file-bytes") and plain(p)]
    if large:
        path, size = max(large, key=lambda row: row[1])
        yield RULE.finding(
            Place(path, 0),
            f"{path} has {size / 1e6:.0f} MB and is pushed by git outside LFS ({push.place}); above 10 MB"
            " the Hub refuses it.",
            "Upload with the Hub's own client, or put the type under Git LFS and migrate the history.",
            related=(push.place,),
        )
        return
    empty = [p for p, e in entries if e.size == 0 and p.lower().endswith(WEIGHTS)]
    if empty:
        yield RULE.finding(
            Place(empty[0], 0),
            f"{empty[0]} is empty in this checkout, so its size cannot be told; pushed by git outside LFS"
            f" ({push.place}) a model above"
            " 10 MB is refused.",
            "Look at the real file's size; upload with the Hub's own client, or use Git LFS.",
            severity="advice",
            confidence=0.4,
            related=(push.place,),
        )
