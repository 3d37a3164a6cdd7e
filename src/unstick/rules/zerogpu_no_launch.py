"""A ZeroGPU Space whose Blocks are never launched.

What it finds: decorated functions, but no call of launch() in the files that the start command loads: the
app is mounted
into FastAPI and served by uvicorn.

Why it matters: the package reports to the platform in the first `Blocks.launch()` only; without it the
Space ends with 'No
@spaces.GPU function detected during startup'.

Example:

    app = gr.mount_gradio_app(app, demo, path="/")
    uvicorn.run(app, port=7860)

Instead:

    demo.launch()

Repair safety: no edit.

Source: the package `spaces` 0.51.3 (the hook on Blocks.launch).
"""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.modules import modules
from unstick.space.zerogpu import use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A181",
    title="ZeroGPU without launch()",
    severity="error",
    confidence=0.85,
    needs=("complete", "python", "sdk:gradio"),
    causes=(("zerogpu-usage", 5.0),),
)

_LAUNCH = lazy(r"\.launch\s*\(|\blaunch\s*\(")


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the first decorated function."""
    found = use(space)
    if not found.decorated:
        return
    texts = [space.text(path) or "" for path in modules(space).files]
    if any(_LAUNCH.search(text) for text in texts):
        return
    yield RULE.finding(
        found.decorated[0][0],
        "a function carries @spaces.GPU, and launch() is never called, where alone the package "
        "reports to the platform",
        "Start the app with demo.launch() instead of a server of its own.",
        severity="error" if found.asked else "warning",
    )
