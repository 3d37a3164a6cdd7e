"""A library keeps its downloads where uid 1000 may not write.

What it finds: models and data that the app fetches at run time (transformers, sentence-transformers,
huggingface_hub, datasets, Whisper, torch hub, EasyOCR, DeepFace and others), programs that need a folder in
the home (streamlit, uv run, ollama, jupyter), when the folder they use belongs to root; and what a build step
fetched as root into /root/.cache, where nobody else looks.

Why it matters: without HOME in the image, and without a user with uid 1000, HOME is `/`. The first download
then ends in `PermissionError: [Errno 13] Permission denied: '/.cache'`, often at import; Streamlit serves
blank pages.

Example:

    FROM python:3.11-slim
    WORKDIR /app
    CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "7860"]     # main.py loads a model of the Hub

Instead:

    RUN useradd -m -u 1000 user
    USER user
    ENV HOME=/home/user

or `ENV HF_HOME=/tmp/huggingface`.

Repair safety: safe; the edit sets the library's own variable to a folder below /tmp, which any user may
write. None is offered where the build fetches the model beforehand: then the user has to come first.

Source: Hub docs spaces-sdks-docker (permissions); the libraries' documentation of their cache folders.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.rules._image import DOUBT, belongs, runs_as, set_variable
from unstick.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Place, Space
    from unstick.space.caches import Use
    from unstick.space.image import Image
    from unstick.space.image_layers import Access, BuildRun

RULE = Rule(
    code="A101",
    title="Cache where uid 1000 may not write",
    severity="warning",
    confidence=0.8,
    needs=("dockerfile",),
    causes=(("permission-denied", 3.5),),
)
FIXABLE = True

SETTINGS = {
    "huggingface": ("HF_HOME", "/tmp/huggingface"),
    "torch": ("TORCH_HOME", "/tmp/torch"),
    "deepface": ("DEEPFACE_HOME", "/tmp"),
    "streamlit": ("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false"),
    "uv": ("UV_CACHE_DIR", "/tmp/uv"),
    "easyocr": ("EASYOCR_MODULE_PATH", "/tmp/easyocr"),
    "rembg": ("U2NET_HOME", "/tmp/u2net"),
    "ctranslate": ("OLLAMA_MODELS", "/tmp/ollama"),
    "whisper": ("XDG_CACHE_HOME", "/tmp/cache"),
}


def check(space: Space) -> Iterator[Finding]:
    """One finding for each folder that refuses, at what says so: the variable, the build step, else the
    first call.
    """
    from unstick.space.caches import filled_by, uses_of
    from unstick.space.image import image_of

    image = image_of(space)
    if image is None or space.sdk in ("gradio", "streamlit"):
        return
    fetched: dict[str, BuildRun] = {}
    for run in image.layers.runs:
        for cache in filled_by(space, run):
            fetched[cache.name] = run
    groups: dict[str, list[tuple[Use, Access]]] = {}
    for use in uses_of(space):
        access = image.writable(f"{use.folder}/x") if use.folder else None
        if (
            access is None
            or access.allowed is not False
            or (use.cache.needed and not _lost(use, fetched, image))
        ):
            continue
        if image.layers.uid not in (0, 1000) and access.owner == image.layers.uid:
            # The image is made for a user with another uid: not-writable says so, once.
            continue
        groups.setdefault(access.blocker, []).append((use, access))
    for group in groups.values():
        yield _finding(space, image, group, fetched)


def _lost(use: Use, fetched: dict[str, BuildRun], image: Image) -> bool:
    """Whether what the build fetched lies in a home folder that uid 1000 cannot enter."""
    from unstick.space.caches import folder_of

    run = fetched.get(use.cache.name)
    if run is None or use.cache.name == "nltk":
        return False
    folder, _ = folder_of(use.cache, run.env, run.home)
    return bool(folder) and folder != use.folder and not image.readable(f"{folder}/x")


def _finding(
    space: Space, image: Image, group: list[tuple[Use, Access]], fetched: dict[str, BuildRun]
) -> Finding:
    use, access = group[0]
    run = fetched.get(use.cache.name)
    place = _place(image, use, run)
    if run is not None and not use.variable:
        message = (
            f"{use.cache.what} are fetched in the build by {_who(run)} below {run.home}, but at run time"
            " they are looked for in"
            f" {use.folder}, which cannot be made: {belongs(access)} and {runs_as(image)}"
        )
    else:
        why = (
            f"{use.variable} says so"
            if use.variable
            else "HOME is not set"
            if access.blocker == "/"
            else "it lies in the home folder"
        )
        what = (
            "needs"
            if use.by in ("streamlit", "uv", "ollama", "jupyter")
            else "keeps " + use.cache.what + " in"
        )
        message = f"{use.by} {what} {use.folder} ({why}), but {belongs(access)} and {runs_as(image)}"
    name, value = SETTINGS.get(use.cache.name, ("", ""))
    edits = set_variable(space, image, name, value) if name and run is None and not use.variable else ()
    return RULE.finding(
        place,
        message + ".",
        "Create a user with uid 1000 before the build steps that fetch, or set HOME or the library's own"
        " variable to a folder"
        " that everybody may write." + ("" if image.user_named else f" {DOUBT}"),
        confidence=0.85 if image.user_named else 0.75,
        edits=edits,
        related=tuple(dict.fromkeys(u.place for u, _ in group if u.place != place))[:6],
        data=(("folder", use.folder), ("library", use.cache.name), ("blocker", access.blocker)),
    )


def _place(image: Image, use: Use, run: BuildRun | None) -> Place:
    if use.variable:
        return image.layers.env_places.get(use.variable, use.place)
    return run.step.place if run is not None else use.place


def _who(run: BuildRun) -> str:
    return "root" if run.uid == 0 else f"uid {run.uid}"
