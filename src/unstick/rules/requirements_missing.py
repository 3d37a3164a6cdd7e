"""Nothing installs what the app imports, because the requirements file is not where the platform reads it.

What it finds: a gradio or streamlit Space whose entry file imports packages that the platform does not
bring, without a
requirements.txt in the root: misspelt (requirments.txt), in another folder, or only a pyproject.toml.

Why it matters: the platform installs the root's requirements.txt (and pre-requirements.txt) and nothing
else; the app ends
with ModuleNotFoundError.

Example:

    requirments.txt
    app.py

Instead:

    requirements.txt
    app.py

Repair safety: no edit, since a file has to be renamed or written anew.

Source: Hub docs spaces-dependencies; build logs of 2026.
"""

from __future__ import annotations

from unstick.contract.imports import is_standard
from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.modules import modules
from unstick.space.provided import provided
from unstick.space.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="B140",
    title="No requirements file where the platform reads it",
    confidence=0.9,
    needs=("complete", "python", "sdk:gradio|streamlit"),
    causes=(("missing-dependency", 5.0),),
)


def check(space: Space) -> Iterator[Finding]:
    """One finding, at the file that was probably meant."""
    if space.tree.exists("requirements.txt"):
        return
    needed = missing(space)
    other = misplaced(space)
    if not needed and not (other and is_broken(space)):
        return
    names = ", ".join(sorted(needed)[:4])
    imports = f"; {names} {'is' if len(needed) == 1 else 'are'} imported" if names else ""
    field = space.field("app_file") or space.field("sdk")
    place = Place(other, 1) if other else (field.key if field else Place("README.md", 1))
    meant = f"The dependencies stand in {other}. " if other else ""
    yield RULE.finding(
        place,
        f"there is no requirements.txt in the root, the one file that the platform installs from{imports}",
        f"{meant}Name the file requirements.txt and put it into the root.",
    )


def missing(space: Space) -> set[str]:
    """Top names that the start needs and nothing provides."""
    have = provided(space)
    found = {r.found.module.partition(".")[0] for r in modules(space).outside if r.when == "start"}
    return {
        name for name in found if name and not is_standard(name, have.python) and have.module(name) == "no"
    }


def misplaced(space: Space) -> str:
    """The file that was probably meant: a name one slip away, a pyproject, or a requirements.txt
    elsewhere."""
    names = space.tree.names()
    for name in names:
        if (
            "/" not in name
            and name.endswith((".txt", ".text", ".md"))
            and _slip(name.lower().rpartition(".")[0])
        ):
            return name
    for name in ("pyproject.toml", "Pipfile", "environment.yml"):
        if name in names:
            return name
    return next((name for name in names if name.endswith("/requirements.txt")), "")


def _slip(name: str) -> bool:
    """Whether `name` is 'requirements' with a slip of the pen."""
    bare = name.replace("-", "").replace("_", "").replace(" ", "")
    if bare == "requirements":
        return True
    return (
        bare[:3] == "req"
        and len(bare) > 8
        and len(set("requirements") ^ set(bare)) <= 2
        and abs(len(bare) - 12) <= 2
    )


def is_broken(space: Space) -> bool:
    """Whether an entry file does not parse, so that its imports cannot be told."""
    return any(
        (source := space.python(path)) is not None and source.tree is None for path in modules(space).entries
    )
