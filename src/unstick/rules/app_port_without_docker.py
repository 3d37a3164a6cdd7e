"""app_port stands in a Space that is not a Docker Space.

What it finds: the field app_port with the SDK gradio, streamlit or static.

Why it matters: only Docker Spaces have it; elsewhere it is ignored, so that an app on that port is not found.
With a Dockerfile beside it the SDK is probably the mistake.

Example:

    sdk: streamlit
    app_port: 8501

Instead:

    sdk: docker
    app_port: 8501

Repair safety: unsafe; without a Dockerfile the line is taken out, with one sdk: docker is written.

Source: Hub docs spaces-config-reference.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._block import remove_lines, replace_value
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="C132",
    title="app_port without effect",
    severity="advice",
    confidence=0.9,
    needs=("field:app_port", "sdk:gradio|streamlit|static"),
    causes=(("readme-config", 1.0), ("port-mismatch", 1.0)),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding at app_port."""
    field, sdk = space.field("app_port"), space.field("sdk")
    if field is None or sdk is None or space.readme.state != "top":
        return
    meant = space.tree.is_file("Dockerfile")
    if meant:
        edits = replace_value(space, sdk, "docker", safe=False)
    else:
        edits = remove_lines(space, field.key, field.value, safe=False, title="remove app_port")
    yield RULE.finding(
        field.key,
        f"app_port has no effect with sdk {space.sdk}"
        + (": the Dockerfile beside it is ignored too" if meant else ""),
        "Write `sdk: docker` if the Dockerfile is meant." if meant else "Take the line out.",
        severity="warning" if meant else "advice",
        edits=edits,
    )
