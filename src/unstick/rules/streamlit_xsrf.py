"""Streamlit's upload protection is left on, so uploads fail in the frame of the Space page.

What it finds: an app that uses st.file_uploader, in a Docker Space where server.enableXsrfProtection is not
switched off, or in a Streamlit SDK Space whose configuration switches it on.

Why it matters: browsers keep the protection's cookie from pages in a frame: each upload ends in 403.

Example:

    CMD ["streamlit", "run", "app.py", "--server.port=7860"]

Instead:

    CMD ["streamlit", "run", "app.py", "--server.port=7860", "--server.enableXsrfProtection=false"]

Repair safety: unsafe: it switches a protection off, as the platform's own Streamlit SDK did.

Source: Hub docs spaces-cookie-limitations.
"""

from __future__ import annotations

import re

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING
from unstick.rules._ports import option_edit, public
from unstick.rules.base import Rule
from unstick.space.launch import launch_of
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space

RULE = Rule(
    code="C137",
    title="Uploads fail in the frame of the Space page",
    severity="warning",
    confidence=0.8,
    causes=(("browser-or-embed", 2.0),),
    needs=("python",),
)
FIXABLE = True
_UPLOAD = lazy(
    r"(?m)^[^#\n]*\.(?:file_uploader|camera_input|audio_input)\s*\(|accept_file\s*=\s*(?:True|['\"])"
)
_OPTION = "--server.enableXsrfProtection"


def check(space: Space) -> Iterator[Finding]:
    """At most one finding, at the setting or the start command."""
    launch = launch_of(space)
    server = public(launch)
    if server is None or server.kind != "streamlit":
        return
    config = space.streamlit_config
    said = config.get("server.enableXsrfProtection") if config is not None else None
    if said is not None and said.true and not _off(space, server.arguments):
        if uploads(space):
            place = said.place
            edit = Edit(place.path, place.start, place.end, "false", False, "switch the protection off")
            yield _finding(space, place, "is switched on", (edit,))
        return
    if launch.sdk != "docker" or said is not None or _off(space, server.arguments) or not uploads(space):
        return
    edits = option_edit(space, server, _OPTION, "false", "switch the protection off")
    yield _finding(space, server.place, "is left on", tuple(e._replace(safe=False) for e in edits))


def _finding(space: Space, place: Place, how: str, edits: tuple[Edit, ...]) -> Finding:
    return RULE.finding(
        place,
        f"the app takes uploads and Streamlit's XSRF protection {how}:"
        " in the frame of the Space page they answer 403",
        "Set server.enableXsrfProtection to false.",
        # Without a block that the Hub reads there is no page, and no frame.
        severity="" if space.readme.usable else "advice",
        edits=edits,
    )


def _off(space: Space, arguments: tuple[str, ...]) -> bool:
    for i, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == _OPTION:
            following = value if equals else (arguments[i + 1] if i + 1 < len(arguments) else "")
            return following.lower() == "false"
    file = space.dockerfile
    given = file.environment().values if file is not None else {}
    if given.get("STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION", "").lower() in ("false", "0"):
        return True
    written = file.text if file is not None else ""
    scripts = [space.text(n) or "" for n in space.tree.names() if n.endswith(".sh")]
    return any(re.search(r"(?i)enable_?xsrf_?protection\W{1,4}(?:false|0)", t) for t in (written, *scripts))


def uploads(space: Space) -> bool:
    """Whether some Python file calls an upload widget."""
    for name in space.tree.names():
        if name.endswith(".py") and "test" not in name:
            text = space.text(name) or ""
            if ("uploader" in text or "_input" in text or "accept_file" in text) and _UPLOAD.search(text):
                return True
    return False
