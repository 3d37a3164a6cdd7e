"""A ZeroGPU Space without a decorated function.

What it finds: `spaces` is imported, or the block asks for ZeroGPU, and no function that is loaded before
launch carries
@spaces.GPU: there is none, or it stands in a module that is imported inside a function.

Why it matters: nothing is reported at launch, and the platform ends the Space with 'No @spaces.GPU
function detected during
startup'.

Example:

    import spaces
    def generate(prompt): ...

Instead:

    import spaces
    @spaces.GPU
    def generate(prompt): ...

Repair safety: no edit, since only the author knows which function needs the GPU.

Source: the package `spaces` 0.51.3; Hub docs spaces-zerogpu.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.modules import modules
from unstick.space.zerogpu import use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A180",
    title="ZeroGPU without a decorated function",
    severity="error",
    confidence=0.85,
    needs=("complete", "python", "sdk:gradio"),
    causes=(("zerogpu-usage", 6.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the import of `spaces` or the field of the block."""
    found = use(space)
    reached = modules(space)
    if (found.imported is None and found.asked is None) or not reached.files:
        return
    if any(when in ("start", "page") for _, when in found.decorated):
        return
    if any(source.tree is None for path in reached.files if (source := space.python(path)) is not None):
        return  # a file that does not compile may hold it
    late = found.decorated[0][0] if found.decorated else None
    place = found.imported[1] if found.imported else found.asked
    if place is None:
        return
    why = f"the function at {late} is loaded only later" if late else "no function carries it"
    yield RULE.finding(
        place,
        f"ZeroGPU wants a function with @spaces.GPU before launch, and {why}",
        "Decorate the function that uses the GPU, in a module that the entry file imports at its top.",
        severity="error" if found.asked else "warning",
        related=(late,) if late else (),
    )
