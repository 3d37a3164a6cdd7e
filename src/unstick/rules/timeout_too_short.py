"""The start-up timeout is too short for what the entry file loads.

What it finds: a model whose name tells its size (…-7b, …-70B), loaded by the entry file before it serves,
that needs longer to download and load than startup_duration_timeout (or the 30 minutes without it) allows.

Why it matters: a Space that is not healthy when the time is over is stopped: "Launch timed out, workload
was not healthy after 30 min". It starts again from nothing, so it never comes up.

Example:

    startup_duration_timeout: 5m        (app.py loads a model of 13 billion parameters)

Instead:

    startup_duration_timeout: 30m

Repair safety: unsafe, since the time needed is an estimate.

Source: Hub docs spaces-config-reference. The estimate: two bytes a parameter, 100 MB a second for download
and load together, and a minute for everything else; twice that has to fit.
"""

from __future__ import annotations

import re

from unstick.contract.timeouts import STARTUP_SECONDS, seconds
from unstick.record import TYPE_CHECKING
from unstick.rules._block import replace_value
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C123",
    title="Start-up timeout too short for what is loaded",
    severity="warning",
    confidence=0.6,
    needs=("sdk:gradio|streamlit|docker", "python", "state:top"),
    causes=(("slow-start", 3.0),),
)
FIXABLE = True

BYTES_A_SECOND = 100e6
OTHER_SECONDS = 60
LOADS = (
    "from_pretrained", "snapshot_download", "hf_hub_download", "pipeline(", "LLM(", "AutoModel",
    "SentenceTransformer(",
)  # fmt: skip
REMOTE = ("InferenceClient", "inference_api", "openai", "groq", "together", "litellm", "ollama")
SMALL = ("gguf", "awq", "gptq", "4bit", "8bit", "int4", "int8", "q4", "q5", "bnb")
_MODEL = r"""["']([\w.-]+/[\w.-]*?[-_](\d{1,3}(?:\.\d)?)[bB](?:[-_.][\w.-]*)?)["']"""


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the timeout or at the line that names the model."""
    field = space.field("startup_duration_timeout")
    allowed = seconds(field.text) if field is not None and not field.items else STARTUP_SECONDS
    readme = space.readme
    if allowed is None or readme.state != "top" or readme.error or readme.conflicts:
        return
    largest = max(_models(space), key=lambda m: m[0], default=None)
    if largest is None or 2 * largest[0] <= allowed:
        return
    needed, name, place = largest
    minutes = max(5, -(-2 * needed // 300) * 5)
    if field is not None:
        edits = replace_value(space, field, f"{minutes}m", safe=False)
    else:
        at, text = readme.insert_field(f"startup_duration_timeout: {minutes}m")
        edits = (Edit(readme.path, at, at, text, False, f"allow {minutes} minutes"),)
    what = f"{place.path} loads {name} before it serves, about {-(-needed // 60)} min to download and load"
    yield RULE.finding(
        field.value if field else place,
        f"{what}; the start may take {allowed // 60} min",
        f"Set `startup_duration_timeout: {minutes}m`, or load it in the background after the server listens.",
        edits=edits,
        related=(place,) if field else (),
    )


def _models(space: Space) -> Iterator[tuple[int, str, Place]]:
    """Seconds, name and place of each model of a known size that the entry file loads at its top level."""
    for path in [space.app_file] if space.app_file else ["app.py", "main.py"]:
        text = space.text(path) if space.tree.is_file(path) else None
        if text is None or not _any(LOADS, text) or _any(REMOTE, text):
            continue
        top = [(n, row) for n, row in enumerate(text.split("\n"), 1) if row[:1].isalpha() and len(row) < 1000]
        if not any(_any(LOADS, row) and not row.startswith(("from ", "import ", "def ")) for _, row in top):
            continue
        for number, row in top:
            found = re.search(_MODEL, row)
            if found and not _any(SMALL, found[1].lower()):
                size = float(found[2]) * 2e9
                yield (
                    int(size / BYTES_A_SECOND) + OTHER_SECONDS,
                    found[1],
                    Place(path, number, found.start(1) + 1),
                )


def _any(words: tuple[str, ...], text: str) -> bool:
    return any(word in text for word in words)
