"""CUDA-only packages or code, and nothing that suggests a GPU.

What it finds: requirements with the CUDA libraries (nvidia-*-cu12 ...) or a CUDA build of torch pinned;
4-bit or 8-bit
loading with bitsandbytes that is not conditional on a GPU; in a Space without suggested GPU hardware,
without ZeroGPU and
without a CUDA base image.

Why it matters: on CPU hardware the CUDA wheels only take room and time (several GB), and quantised
loading raises.

Example:

    nvidia-cublas-cu12==12.4.5.8
    torch==2.5.1

Instead:

    --extra-index-url https://download.pytorch.org/whl/cpu
    torch==2.5.1+cpu

Repair safety: no edit.

Source: Hub docs spaces-gpus; bitsandbytes' installation notes.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.installed import installed
from unstick.space.modules import modules
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B146",
    title="CUDA without a GPU",
    severity="warning",
    confidence=0.75,
    needs=("complete",),
    causes=(("gpu-mismatch", 4.0),),
)

_QUANTISED = lazy(r"load_in_[48]bit\s*=\s*True")
_LIBRARIES = 4


def check(space: Space) -> Iterator[Finding]:
    """At most one finding for the requirements and one for the code."""
    if _expects_gpu(space):
        return
    rows = installed(space).requirements()
    libraries = [r for r in rows if r.name.startswith("nvidia-") and r.applies("3.12")]
    builds = [r for r in rows if r.name in ("torch", "torchvision") and "+cu" in r.pin]
    if len(libraries) >= _LIBRARIES or builds:
        first = (libraries or builds)[0]
        what = f"{len(libraries)} CUDA libraries" if libraries else f"{first.raw[:40]}, a CUDA build,"
        yield RULE.finding(
            first.place,
            f"{what} among the requirements, and nothing suggests GPU hardware",
            "On CPU hardware take torch from the CPU index and drop the nvidia lines; else set "
            "suggested_hardware.",
        )
    for path, when in modules(space).files.items():
        text = space.text(path) or ""
        found = _QUANTISED.search(text) if "load_in_" in text else None
        if (
            found
            and when != "optional"
            and "cuda.is_available" not in text
            and "bitsandbytes" in {r.name for r in rows}
        ):
            yield RULE.finding(
                Place(path, text.count("\n", 0, found.start()) + 1),
                f"{found[0].replace(' ', '')} needs a GPU, and nothing suggests GPU hardware",
                "Load the model unquantised on CPU hardware, or set suggested_hardware.",
            )
            return


def _expects_gpu(space: Space) -> bool:
    field = space.field("suggested_hardware")
    if field is not None and not field.text.startswith("cpu"):
        return True
    dockerfile = space.dockerfile
    if dockerfile is not None and re.search(
        r"(?i)cuda|nvidia|vllm|rocm",
        dockerfile.base_image(dockerfile.stages[-1]) if dockerfile.stages else "",
    ):
        return True
    text = space.text("README.md") or ""
    if re.search(r"(?i)zero-?gpu|\b(?:A10G|T4|A100|L4|H100|H200)\b", text[:20_000]):
        return True
    return any(row.found.module == "spaces" for row in modules(space).outside)
