"""An import that nothing installed provides.

What it finds: modules that the start command reaches, through the files of the repository, and that
neither Python nor the
repository nor any installed distribution (with what that brings along) provides; modules that the newest
release of an
unpinned distribution no longer has; programs of the start command (gunicorn, uvicorn) that are not
installed; what a
distribution needs without declaring it. Not: what a damaged line of the requirements was meant to name
(requirement-invalid).

Why it matters: ModuleNotFoundError at the start. Guarded imports (try ... except ImportError) and
conditional ones are
left in peace; what stands in a function is advice, since it fails later if at all.

Example:

    import cv2               # app.py
    streamlit                # requirements.txt

Instead:

    streamlit
    opencv-python-headless

Repair safety: unsafe, the distribution is added to the requirements file without a version.

Source: the distributions' own top-level names; ../contract/imports.py and brings.py.
"""

from __future__ import annotations

from unstick.contract import imports
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space import zerogpu
from unstick.space.installed import Installed, installed
from unstick.space.modules import Reached, modules
from unstick.space.provided import Provided, provided
from unstick.space.start import start
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from unstick.space import Finding, Space

RULE = Rule(
    code="B142",
    title="Import that no requirement provides",
    confidence=0.9,
    needs=("complete", "python"),
    network=True,
    causes=(("missing-dependency", 6.0),),
)
FIXABLE = True

PROGRAMS = {
    "gunicorn": "gunicorn", "uvicorn": "uvicorn", "hypercorn": "hypercorn", "granian": "granian",
    "streamlit": "streamlit",
    "flask": "flask", "celery": "celery", "daphne": "daphne", "waitress-serve": "waitress",
    "chainlit": "chainlit",
    "gradio": "gradio", "alembic": "alembic", "panel": "panel", "bokeh": "bokeh", "voila": "voila",
    "marimo": "marimo",
    "jupyter": "jupyter", "solara": "solara", "shiny": "shiny", "mlflow": "mlflow", "litellm": "litellm",
}  # fmt: skip
"""Programs of a start command by the distribution that brings them."""


def check(space: Space, resolve: Any = None) -> Iterator[Finding]:
    """One finding for each missing distribution, at its first import."""
    build = installed(space)
    if space.sdk in ("gradio", "streamlit") and not build.files:
        return  # requirements-missing speaks of that
    if not build.groups and not build.names and space.sdk not in ("gradio", "streamlit"):
        return
    have = provided(space, resolve.names(space) if resolve is not None else None)
    yield from _programs(space, build, have)
    seen: set[str] = set()
    rank = {"start": 0, "page": 1, "later": 2, "optional": 3}
    for row in sorted(modules(space).outside, key=lambda r: rank[r.when]):
        missing = _missing(row, have)
        if missing is None or missing in seen:
            continue
        seen.add(missing)
        finding = _finding(space, build, have, row, missing)
        if finding is not None:
            yield finding
    from unstick.rules._import_extras import moved, undeclared

    yield from moved(space, have, resolve, RULE)
    yield from undeclared(space, have, RULE)


def _missing(row: Reached, have: Provided) -> str | None:
    """The distribution (or module) that is missing for this import, or None."""
    module = row.found.module
    if not module or row.found.level:
        return None
    names = [module]
    if module in ("google", "google.cloud", "azure", "azure.ai"):
        names = [f"{module}.{name}" for name in row.found.names]
    for name in names:
        if have.module(name) == "no":
            known = imports.distributions(name)
            return known[0] if known else name.partition(".")[0]
    return None


def _finding(space: Space, build: Installed, have: Provided, row: Reached, missing: str) -> Finding | None:
    module = row.found.module
    top = module.partition(".")[0]
    guard = row.found.guard
    if guard == "import" or (guard == "condition" and not row.found.later):
        return None
    if row.when == "optional" and guard not in ("broad", "condition"):
        return None
    removed = imports.REMOVED_FROM_STDLIB.get(top, "")
    severity = {"start": "error", "page": "warning", "later": "advice", "optional": "advice"}[row.when]
    source = space.python(row.path)
    place = source.place(row.found.node) if source else Place(row.path, 1)
    if removed:
        severity = "warning" if severity == "error" and len(build.pythons) > 1 else severity
        why = f"{top} left Python with {removed}"
    elif imports.distributions(module):
        why = f"nothing that is installed provides {module} ({missing})"
    else:
        why = f"nothing that is installed provides {module}, and no file of the repository has that name"
        if row.when == "page":
            severity = "advice"
    if missing == "torch" and severity == "error" and zerogpu.wanted(space):
        severity = "warning"
        why = "no requirement brings torch, and the platform adds it on ZeroGPU hardware only"
    if not have.exact and severity == "error" and _may_come_along(missing, have):
        severity = "advice"
    target = next((f.path for f in build.files), "requirements.txt")
    name = imports.REPLACEMENTS.get(top, missing) if removed else missing
    edits = _append(space, target, name) if build.files else ()
    where = {
        "start": "at the start",
        "page": "on a further page",
        "later": "inside a function",
        "optional": "inside a function, under a condition"
        if guard == "condition"
        else "where failing is caught",
    }
    return RULE.finding(
        place,
        f"{why}; it is imported {where[row.when]}",
        f"Add {name} to {target}." if build.files else f"Install {name} in the build.",
        severity=severity,
        confidence=0.93 if severity == "error" else 0.75,
        edits=edits,
        data=(("module", module), ("distribution", name)),
    )


COMMON = {
    "numpy", "requests", "pillow", "pyyaml", "tqdm", "pandas", "python-dotenv", "typing-extensions",
    "packaging", "six",
    "python-dateutil", "pytz", "scipy", "matplotlib", "protobuf", "jinja2", "httpx", "pydantic",
    "aiohttp", "certifi",
}  # fmt: skip
"""What so many distributions bring along that a requirement outside the table may well do it."""


def _may_come_along(missing: str, have: Provided) -> bool:
    from unstick.contract.brings import BRINGS

    return missing in COMMON and any(name not in BRINGS and "[" not in name for name in have.named)


def _append(space: Space, path: str, name: str) -> tuple[Edit, ...]:
    text = space.tree.read(path)
    if text is None or "\x00" in text.text:
        return ()
    end = len(text.text)
    lead = "" if not text.text or text.text.endswith("\n") else "\n"
    return (Edit(path, end, end, f"{lead}{name}\n", False, f"add {name}"),)


def _programs(space: Space, build: Installed, have: Provided) -> Iterator[Finding]:
    """Servers of the start command that no requirement installs."""
    for name, place in start(space).programs:
        distribution = PROGRAMS.get(name)
        if distribution is None or distribution in have.names or have.unknown or distribution in build.debian:
            continue
        if not have.named or build.pythons == ():
            continue
        target = next((f.path for f in build.files), "the build")
        yield RULE.finding(
            place,
            f"the start command is {name}, which no requirement installs",
            f"Add {distribution} to {target}.",
            edits=_append(space, build.files[0].path, distribution) if build.files else (),
        )
