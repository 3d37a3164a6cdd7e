"""Binary files that a git push brings to the Hub outside LFS and Xet.

What it finds: pictures, models, archives, databases and the like that no pattern of .gitattributes puts under
Git LFS, when a workflow pushes the repository with git (its own `git lfs track`, `lfs migrate` and removed
folders are counted in).

Why it matters: the Hub refuses the push: "Your push was rejected because it contains binary files". The Space
stays at its old commit and nobody is told. Small ones have been seen to pass, so small ones are an advice
only.

Example:

    run: git push --force https://user:$HF_TOKEN@huggingface.co/spaces/user/app main      # assets/logo.png is
    a plain file

Instead: `hf upload user/app . --repo-type space` in the workflow, or `*.png filter=lfs diff=lfs merge=lfs
-text` in .gitattributes and `git lfs migrate import` for what is already committed.

Repair safety: none is offered: history has to be rewritten as well, and that no edit can do.

Source: the Hub's own answer to such a push; Hub docs repositories-xet.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.rules._binaries import Binary
    from unstick.space import Finding, Space
    from unstick.space.pushes import Push

RULE = Rule(
    code="A130",
    title="Binary files outside LFS in a git push",
    severity="warning",
    confidence=0.7,
    causes=(("push-not-deployed", 3.0), ("lfs-or-file-problem", 2.5)),
)

LARGE = 1_000_000
MANY = 6
SINGLY = 5
TYPES = 4


def check(space: Space) -> Iterator[Finding]:
    """One finding for each file while they are few, else one for each type, with the push beside it."""
    from unstick.rules._binaries import (
        PRODUCT,
        by_type,
        committed_environment,
        lower_harmless,
        plain_binaries,
    )
    from unstick.space.pushes import LfsPatterns, pushes_of
    from unstick.space.types import Place

    pushes = pushes_of(space)
    push = next((p for p in pushes if p.method == "git"), None)
    if push is None and (pushes or not LfsPatterns(space)):
        return
    binaries = plain_binaries(space, push)
    telling = [b for b in binaries if not lower_harmless(b.path)]
    environment = committed_environment(space) if push is not None else ""
    if environment and push is not None:
        yield RULE.finding(
            Place(environment, 0),
            f"{environment}/ is a whole virtual environment, with its binary files, and {push.place}"
            " pushes it by git.",
            f"Take it out of the repository (`git rm -r --cached {environment}`) and add it to .gitignore.",
            related=(push.place,),
        )
        return
    if not telling:
        return
    serious = push is not None and (
        max(b.size for b in telling) >= LARGE
        or len(telling) >= MANY
        or any(b.path.lower().endswith(PRODUCT) for b in telling)
    )
    # A few files are named one by one, so that each stands where it is; more of them type by type.
    groups = [[b] for b in binaries] if len(binaries) <= SINGLY else by_type(telling)[:TYPES]
    for group in groups:
        yield RULE.finding(
            Place(group[0].path, 0),
            _message(group, push),
            "Upload with the Hub's own client (`hf upload … --repo-type space`), or put the types under"
            " Git LFS and migrate"
            " them (`git lfs migrate import`).",
            severity="warning" if serious else "advice",
            confidence=0.75 if serious else 0.5,
            related=((push.place,) if push is not None else ()) + tuple(Place(b.path, 0) for b in group[1:5]),
            data=(("files", str(len(group))), ("largest", str(max(b.size for b in group)))),
        )


def _message(telling: list[Binary], push: Push | None) -> str:
    first, more = telling[0], len(telling) - 1
    others = f" and {more} more binary file{'s' if more > 1 else ''}" if more else ""
    verb = "are" if more else "is"
    size = f"{first.size / 1e6:.1f} MB" if first.size >= 100_000 else f"{max(first.size // 1000, 1)} kB"
    if push is None:
        return (
            f"{first.path} ({size}){others} {verb} not under Git LFS, while .gitattributes puts other"
            " types there; a git push is refused for that."
        )
    history = "" if push.fresh else ", and so is everything its history holds"
    return (
        f"{first.path} ({size}){others} {verb} pushed by git as plain file{'s' if more else ''}"
        f" ({push.place}){history}; the Hub refuses binary files outside LFS and Xet."
    )
