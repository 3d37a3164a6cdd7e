"""A Git LFS pointer where the file's content is needed.

What it finds: pointer files (three lines of text, about 130 bytes) that no pattern of .gitattributes puts
under LFS, so that a clone leaves them as they are; pointers that the app needs, in a workflow that uploads
the files without fetching their contents first; a download that is skipped because a pointer stands in its
place.

Why it matters: the app opens 130 bytes of text instead of a model: "invalid load key, 'v'",
"PackageNotFoundError".

Example:

    version https://git-lfs.github.com/spec/v1
    oid sha256:4665…
    size 1204224

in templates/base.pptx, and no .gitattributes.

Instead: `git lfs track "*.pptx"` and the real files pushed, `lfs: true` for actions/checkout, or the content
committed as it is.

Repair safety: unsafe: the edit adds the type to .gitattributes, which helps only when the LFS server has the
content.

Source: Git LFS specification.
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space

RULE = Rule(
    code="A131",
    title="Git LFS pointer instead of content",
    severity="error",
    confidence=0.85,
    causes=(("lfs-or-file-problem", 4.5),),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """One finding for each type of pointer that nothing will replace by its content."""
    from unstick.space.pushes import LfsPatterns, pushes_of
    from unstick.space.types import Place

    pointers = [
        p
        for p, e in space.tree.entries.items()
        if e.kind == "file" and 60 < e.size < 400 and space.tree.is_lfs_pointer(p)
    ]
    if not pointers:
        return
    patterns = LfsPatterns(space)
    lost = [p for p in pointers if not patterns.covers(p)]
    if lost:
        end = posixpath.splitext(lost[0])[1]
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        yield RULE.finding(
            Place(lost[0], 1, 1, 0, 0),
            f"{lost[0]}{more}: a Git LFS pointer that no pattern of .gitattributes covers, so a clone"
            " never fetches the content.",
            "Track the type with `git lfs track` and push the real file, or commit the content as it is.",
            edits=_track(space, end) if end else (),
            related=tuple(Place(p, 1) for p in lost[1:5]),
        )
    yield from _taken_for_the_file(space, pointers)
    pushes = pushes_of(space)
    client = next((p for p in pushes if p.method == "client" and not p.fetches_lfs), None)
    needed = [p for p in pointers if p not in lost and _is_needed(space, p)]
    if client is not None and len(pushes) == 1 and needed:
        yield RULE.finding(
            Place(needed[0], 1, 1, 0, 0),
            f"{needed[0]} is a Git LFS pointer, and the workflow uploads files without fetching the"
            f" contents ({client.place}): the Space"
            " gets the pointer.",
            "Give actions/checkout `lfs: true`.",
            severity="warning",
            confidence=0.7,
            related=(client.place,),
        )


def _taken_for_the_file(space: Space, pointers: list[str]) -> Iterator[Finding]:
    """A download that is skipped when the file exists: a pointer whose content did not arrive exists too."""
    from unstick.space.image import image_of
    from unstick.space.program import program_of
    from unstick.space.reads import asked_for
    from unstick.space.writes import writes_of

    image, program = image_of(space), program_of(space)
    if image is None or program is None:
        return
    fetched = {w.path: w for w in writes_of(space) if w.kind == "model" and w.site is not None}
    for path, place in asked_for(program).items():
        write = fetched.get(path)
        text = write.site.unit.source.text if write is not None and write.site is not None else ""
        if write is None or image.source_of(path) not in pointers or "getsize" in text or "st_size" in text:
            continue
        yield RULE.finding(
            place,
            f"{posixpath.basename(path)} is fetched only when it does not exist, and the repository has it as"
            " a Git LFS pointer: where the content has not arrived, the pointer is loaded.",
            "Ask for the size as well, or fetch the file in the build.",
            severity="warning",
            confidence=0.6,
            related=(write.place,),
        )
        return


def _is_needed(space: Space, path: str) -> bool:
    """Whether the program names the file."""
    from unstick.space.program import program_of

    program = program_of(space)
    base = posixpath.basename(path)
    return program is not None and any(base in u.source.text for u in program.units.values())


def _track(space: Space, end: str) -> tuple[Edit, ...]:
    text = space.text(".gitattributes") or ""
    lead = "" if not text or text.endswith("\n") else "\n"
    line = f"{lead}*{end} filter=lfs diff=lfs merge=lfs -text\n"
    return (
        Edit(".gitattributes", len(text), len(text), line, safe=False, title=f"Track *{end} with Git LFS"),
    )
