"""A server runs with its debugger or its reloader on.

What it finds: Flask's and Dash's debug=True, FLASK_DEBUG=1, --reload, `next dev`, `vite`, nodemon and the
like in what the start command really reaches; what only a `__main__` guard holds is left alone.

Why it matters: Flask's debugger lets any visitor run code; reloaders start the app twice and watch every
file.

Example:

    app.run(host="0.0.0.0", port=7860, debug=True)

Instead:

    app.run(host="0.0.0.0", port=7860)

Repair safety: safe for a written `True` or the option --reload; the app does the same without.

Source: the documentation of Flask (debugger), uvicorn (--reload).
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.launch import launch_of
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.launch import Flag

RULE = Rule(
    code="A111",
    title="A debugger or a reloader is on",
    severity="warning",
    confidence=0.85,
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each place; the debugger is a warning, a reloader advice."""
    seen = set()
    for flag in launch_of(space).flags:
        if flag.name == "share" or flag.place in seen:
            continue
        seen.add(flag.place)
        debug = flag.name == "debug"
        yield RULE.finding(
            flag.place,
            f"{flag.text}: "
            + (
                "the reloader and a debugger that runs code are public"
                if debug
                else "made for development only"
            ),
            "Switch it off for the Space.",
            severity="warning" if debug else "advice",
            edits=_edits(space, flag),
        )


def _edits(space: Space, flag: Flag) -> tuple[Edit, ...]:
    place = flag.place
    text = space.text(place.path) if place.path and place.start >= 0 else None
    if text is None:
        return ()
    written = text[place.start : place.end]
    if written == "True":
        return (
            Edit(
                place.path, place.start, place.end, "False", True, f"set {flag.text.split('=')[0]} to False"
            ),
        )
    if written == "--reload" and text[place.start - 1 : place.start] == " ":
        return (Edit(place.path, place.start - 1, place.end, "", True, "remove --reload"),)
    return ()
