"""A file that the app needs and that the image does not hold.

What it finds: modules that the start command reaches and no COPY brings into the image; scripts and entry
files that the command names and that are not there; models, tables and configuration that the program reads
and nobody has (kept out by .gitignore, .dockerignore, or left in a git submodule); the readme that
pyproject.toml names when the project is installed before it is copied. Not: what a COPY names in vain
(copy-source-missing); while there is one, nothing is said of files that no COPY brings.

Why it matters: ModuleNotFoundError or FileNotFoundError, at start or at the first use. It works on the
author's machine, where the file lies beside the code.

Example:

    COPY app.py .            # app.py imports plots.py
    CMD ["python", "app.py"]

Instead:

    COPY . .

Repair safety: safe where a COPY of single files stands in the Dockerfile: the edit adds the missing ones to
it.

Source: Docker's COPY; what repairs of real Spaces were about.
"""

from __future__ import annotations

import posixpath

from unstick.record import TYPE_CHECKING
from unstick.rules.base import Rule
from unstick.space.types import Edit, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.image import Image

RULE = Rule(
    code="A133",
    title="Needed file that the image does not hold",
    severity="error",
    confidence=0.85,
    causes=(("app-file", 3.5), ("app-crash", 1.5)),
)
FIXABLE = True


def check(space: Space) -> Iterator[Finding]:
    """Missing entry files first; where there are none: missing modules, read files, the project's readme."""
    from unstick.rules.copy_source_missing import lacking
    from unstick.space.image import image_of

    image = image_of(space)
    if image is None or not space.complete or space.tree.truncated:
        return
    docker = space.sdk not in ("gradio", "streamlit")
    stale = lacking(space) if docker else frozenset()  # a list in COPY that no longer fits is one fault
    found = list(_named(space, image)) if docker and not stale else []
    if docker and not stale and not found:
        found += _modules(space, image)
    found += _readme(space, image) if docker else []
    yield from found
    yield from _not_sent(space)
    yield from _read(space, image, {posixpath.basename(path) for path in stale})


def _not_sent(space: Space) -> Iterator[Finding]:
    """Modules that the app imports and that a workflow, which names its files one by one, does not send."""
    from unstick.space.modules import modules
    from unstick.space.pushes import pushes_of, sent_files

    pushes = pushes_of(space)
    sent = sent_files(space, pushes[0]) if len(pushes) == 1 else ()
    reached = modules(space)
    if not sent or not set(reached.entries) & set(sent):
        return
    lost = [
        p
        for p, when in reached.files.items()
        if when == "start" and not any(p == s or p.startswith(s + "/") for s in sent)
    ]
    if not lost:
        return
    place = _importing(space, reached.entries[0], lost[0]) or pushes[0].place
    yield RULE.finding(
        place,
        f"{', '.join(lost[:4])}: imported by the app, but the workflow uploads only {', '.join(sent[:6])}"
        f" ({pushes[0].place}).",
        "Upload the whole folder (`HfApi.upload_folder`, `hf upload`), or name these files too.",
        confidence=0.75,
        related=(pushes[0].place, *(Place(p, 1) for p in lost[:4])),
    )


def _importing(space: Space, entry: str, lost: str) -> Place | None:
    """The import of a module in the entry file."""
    from unstick.space.python_imports import imports

    source = space.python(entry)
    if source is None or source.tree is None:
        return None
    wanted = lost.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for found in imports(source.tree):
        if found.module and (
            wanted == found.module
            or wanted.startswith(found.module + ".")
            or found.module.startswith(wanted + ".")
        ):
            return source.place(found.node)
    return None


def _named(space: Space, image: Image) -> Iterator[Finding]:
    from unstick.space.started import named_files

    installed = any(_installs_project(r.step.text) for r in image.layers.runs)
    seen: set[str] = set()
    for named in named_files(space, image):
        if not named.certain or named.word in seen or any(image.exists(p) is not False for p in named.paths):
            continue
        where = _elsewhere(space, named.paths, module=":" in named.word)
        if (
            (":" in named.word and (installed or not where))
            or not image.known
            or named.paths[0].startswith(("/usr/", "/bin/"))
        ):
            continue
        seen.add(named.word)
        there = f" (the repository has {where})" if where else ""
        yield RULE.finding(
            named.place,
            f"{named.by} is started with {named.word!r}, but {named.paths[0]} is not in the image{there}.",
            f"Copy it there: `COPY {where or '…'} {posixpath.dirname(named.paths[0])}/`, or correct the"
            " command.",
            confidence=0.9 if where else 0.8,
            related=(Place(where, 1),) if where else (),
            data=(("path", named.paths[0]),),
        )


def _elsewhere(space: Space, paths: tuple[str, ...], module: bool) -> str:
    """The repository's file that is probably meant, or an empty string."""
    for path in paths:
        parts = path.strip("/").split("/")
        for count in range(
            len(parts), 1 if module and len(parts) > 1 and parts[-1] == "__init__.py" else 0, -1
        ):
            tail = "/".join(parts[-count:])
            if space.tree.is_file(tail):
                return tail
        base = parts[-1]
        same = (
            [n for n in space.tree.names() if posixpath.basename(n) == base] if base != "__init__.py" else []
        )
        if len(same) == 1:
            return same[0]
    folder = paths[0].rpartition("/")[2]
    inside = [n for n in (f"src/{folder}", f"app/{folder}") if space.tree.is_folder(n)]
    return inside[0] if inside else ""


def _modules(space: Space, image: Image) -> Iterator[Finding]:
    """Files of the repository that are imported and that no COPY brings along."""
    from unstick.space.modules import modules

    reached = modules(space)
    if not image.known or any(image.location(e) is None for e in reached.entries) or not reached.entries:
        return
    if any(_installs_project(r.step.text) for r in image.layers.runs):
        return
    lost = [
        p
        for p, when in reached.files.items()
        if when in ("start", "page") and image.location(p) is None and not p.endswith("__init__.py")
    ]
    if not lost:
        return
    ignored = space.docker_ignore.deciding(lost[0])
    copies = [
        o
        for o in image.layers.operations
        if o.kind == "copy" and o.target.startswith("context:") and o.place is not None
    ]
    names = ", ".join(lost[:4]) + (f" and {len(lost) - 4} more" if len(lost) > 4 else "")
    if ignored is not None:
        place = Place(".dockerignore", ignored.line)
        text = f"{names}: imported by the app, but .dockerignore keeps it out of the image"
    else:
        place = copies[-1].place if copies and copies[-1].place is not None else Place("Dockerfile", 1)
        it = "it" if len(lost) == 1 else "them"
        text = f"{names}: imported by the app, but no COPY brings {it} into the image"
    yield RULE.finding(
        place,
        text + ".",
        "Add the files to a COPY line, or copy the whole folder (`COPY . .`).",
        edits=() if ignored is not None else _add_to_copy(space, image, lost),
        related=tuple(Place(p, 1) for p in lost[:5]),
        data=(("missing", ",".join(lost[:10])),),
    )


def _add_to_copy(space: Space, image: Image, lost: list[str]) -> tuple[Edit, ...]:
    """The edit that names missing modules in the last COPY of single Python files of the same folder."""
    stage = space.dockerfile.final if space.dockerfile is not None else None
    if stage is None or any(" " in p for p in lost):
        return ()
    for step in reversed(stage.instructions):
        if (
            step.keyword != "COPY"
            or step.form != "shell"
            or step.flag("from") is not None
            or step.heredocs
            or len(step.words) < 2
        ):
            continue
        sources, target = step.words[:-1], step.words[-1]
        if not all(s.text.endswith(".py") for s in sources) or not target.text.endswith(("/", ".")):
            continue
        folder = posixpath.dirname(sources[0].text)
        wanted = sorted(p for p in lost if posixpath.dirname(p) == folder)
        if len(wanted) == len(lost):
            at = target.place.start
            return (Edit("Dockerfile", at, at, " ".join(wanted) + " ", title="Copy the missing modules too"),)
    return ()


def _installs_project(text: str) -> bool:
    """Whether a step installs the repository as a package, so that modules are found elsewhere."""
    words = text.replace("&&", " ").split()
    pip = any(w in ("pip", "pip3") or w.endswith("/pip") for w in words) and "install" in words
    if pip and any(w in (".", "-e.", "./") or w.startswith((".[", "./[", "'.[", '".[')) for w in words):
        return "-e" not in words and "--editable" not in words
    return (
        "uv" in words
        and "sync" in words
        and "--no-install-project" not in words
        and "--no-root" not in words
        and "--no-editable" in words
    )


def _readme(space: Space, image: Image) -> Iterator[Finding]:
    """The readme that pyproject.toml names, where the project is installed before the file is there."""
    for run in image.layers.runs:
        words = run.step.text.split()
        installs = (
            ("pip" in words or "pip3" in words)
            and "install" in words
            and any(
                w.startswith((".", "'.", '".'))
                and w.strip("'\"").startswith((".[", "./", "."))
                and w.strip("'\"").rstrip("/").partition("[")[0] == "."
                for w in words
            )
        )
        if not installs and not ("uv" in words and "sync" in words and "--no-install-project" not in words):
            continue
        source = image.layers.state(posixpath.join(run.workdir, "pyproject.toml"), run.at).source
        name = _readme_of(space.text(source) or "") if source else ""
        if not name:
            continue
        path = posixpath.normpath(posixpath.join(run.workdir, name))
        if image.layers.state(path, run.at).exists is False:
            yield RULE.finding(
                run.step.place,
                f"the project is installed here, and pyproject.toml names {name} as its readme, but"
                f" {path} is not in the image yet: the"
                " build backend stops.",
                f"Copy {name} together with pyproject.toml, before the install.",
                edits=_copy_readme(space, name),
            )
            return


def _readme_of(text: str) -> str:
    """The readme file of a project whose build backend insists on it."""
    import tomllib

    try:
        data = tomllib.loads(text.lstrip("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    backend = data.get("build-system", {})
    backend = backend.get("build-backend", "") if isinstance(backend, dict) else ""
    if not str(backend).startswith(("hatchling", "poetry", "flit", "uv_build", "pdm")):
        return ""
    project = data.get("project", {})
    readme = project.get("readme", "") if isinstance(project, dict) else ""
    readme = readme.get("file", "") if isinstance(readme, dict) else readme
    return readme if isinstance(readme, str) and not readme.startswith(("/", "..")) else ""


def _copy_readme(space: Space, name: str) -> tuple[Edit, ...]:
    stage = space.dockerfile.final if space.dockerfile is not None else None
    for step in stage.instructions if stage is not None else ():
        if (
            step.keyword == "COPY"
            and step.form == "shell"
            and step.flag("from") is None
            and len(step.words) >= 2
            and space.tree.is_file(name)
        ):
            sources = [w.text for w in step.words[:-1]]
            if "pyproject.toml" in sources and step.words[-1].text.endswith(("/", ".")):
                at = step.words[-1].place.start
                return (Edit("Dockerfile", at, at, f"{name} ", title=f"Copy {name} too"),)
    return ()


def _read(space: Space, image: Image, spoken: set[str]) -> Iterator[Finding]:
    """Files that the program reads and that are nowhere, apart from those that a COPY names in vain."""
    from unstick.rules._missing import missing_reads

    for read, why, place in missing_reads(space, image):
        if spoken.intersection(read.path.split("/")):
            continue
        caught = read.caught
        yield RULE.finding(
            place,
            f"the app reads {read.given!r}{' while it is loaded' if read.when == 'import' else ''}, but {why}"
            + ("; the error is caught, so that part stays silent." if caught else "."),
            "Put the file into the Space (Git LFS for large ones), fetch it in the build or at start, or"
            " take it out of the ignore file.",
            severity="warning",
            confidence=0.7 if not caught else 0.6,
            related=(read.place,) if read.place != place else (),
            data=(("path", read.path),),
        )
