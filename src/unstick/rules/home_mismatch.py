"""The build puts something into one home folder, the app looks in another.

What it finds: browsers (Puppeteer, Playwright), NLTK data and models that a build step fetches as one user,
while the container runs as another whose home folder is a different one; HOME set to a folder that belongs to
somebody else.

Why it matters: the files are in the image and yet nobody finds them: "Could not find Chrome", "Executable
doesn't exist at …/ms-playwright", "Resource punkt not found". Models are fetched again at every start.

Example:

    FROM node:20
    RUN npm install            # puppeteer stores Chrome in /root/.cache/puppeteer
    CMD ["node", "index.js"]   # uid 1000 looks in /home/node/.cache/puppeteer

Instead:

    ENV PUPPETEER_CACHE_DIR=/opt/puppeteer
    RUN npm install

Repair safety: safe; the edit sets the library's variable to a folder outside every home, before the step that
fetches.

Source: Docker's rule for HOME; documentation of Puppeteer, Playwright and NLTK.
"""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING
from unstick.rules._image import DOUBT, newline
from unstick.rules.base import Rule
from unstick.space.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Finding, Space
    from unstick.space.cache_table import Cache
    from unstick.space.image import Image
    from unstick.space.image_layers import BuildRun

RULE = Rule(
    code="A102",
    title="Fetched into one home folder, looked for in another",
    severity="warning",
    confidence=0.8,
    needs=("dockerfile",),
    causes=(("permission-denied", 1.5), ("app-crash", 1.0)),
)
FIXABLE = True

OUTSIDE = {
    "puppeteer": ("PUPPETEER_CACHE_DIR", "/opt/puppeteer"),
    "playwright": ("PLAYWRIGHT_BROWSERS_PATH", "/opt/ms-playwright"),
    "nltk": ("NLTK_DATA", "/usr/local/share/nltk_data"),
}


def check(space: Space) -> Iterator[Finding]:
    """One finding for each kind of thing that is fetched into a home folder that the app does not look in."""
    from unstick.space.caches import filled_by
    from unstick.space.image import image_of

    image = image_of(space)
    if image is None or not image.known or space.sdk in ("gradio", "streamlit"):
        return
    seen: set[str] = set()
    for run in image.layers.runs:
        for cache in (*filled_by(space, run), *_puppeteer(space, run)):
            if cache.name not in seen and cache.needed and _used(space, cache):
                seen.add(cache.name)
                yield from _compare(image, run, cache)


def _compare(image: Image, run: BuildRun, cache: Cache) -> Iterator[Finding]:
    from unstick.space.caches import folder_of

    there, variable = folder_of(cache, run.env, run.home)
    here, _ = folder_of(cache, image.environment, image.home() or "")
    if not there or not here or there == here or variable:
        return
    if image.writable(f"{here}/x").allowed is False and cache.name != "puppeteer":
        return
    if cache.name == "nltk" and not image.user_named:
        return
    name, value = OUTSIDE[cache.name]
    at = run.step.place.start
    text = image.space.dockerfile.text if image.space.dockerfile is not None else ""
    yield RULE.finding(
        run.step.place,
        f"{cache.what} are stored in {there} by this step, but the app looks in {here}: the container"
        " runs as another user"
        " with another home folder.",
        f"Set {name} to a folder outside the home folders before this step, or run the step as the user"
        " with uid 1000." + ("" if image.user_named else f" {DOUBT}"),
        edits=(Edit("Dockerfile", at, at, f"ENV {name}={value}{newline(text)}", title=f"Set {name}"),),
        data=(("there", there), ("here", here), ("library", cache.name)),
    )


def _puppeteer(space: Space, run: BuildRun) -> tuple[Cache, ...]:
    """Puppeteer's own install script fetches a browser into the home folder."""
    from unstick.space.cache_table import CACHES

    words = run.step.text.split()
    installs = any(w in words for w in ("npm", "yarn", "pnpm")) and any(
        w in words for w in ("install", "ci", "i", "add")
    )
    if (
        not installs
        or run.env.get("PUPPETEER_SKIP_DOWNLOAD")
        or run.env.get("PUPPETEER_SKIP_CHROMIUM_DOWNLOAD")
    ):
        return ()
    return tuple(c for c in CACHES if c.name == "puppeteer") if _depends(space) else ()


def _depends(space: Space) -> bool:
    import json

    for name in space.tree.names():
        if name.rpartition("/")[2] != "package.json" or "node_modules" in name or name.count("/") > 3:
            continue
        try:
            data = json.loads(space.text(name) or "{}")
        except (ValueError, RecursionError):
            continue
        wanted = data.get("dependencies") if isinstance(data, dict) else None
        if isinstance(wanted, dict) and "puppeteer" in wanted:
            return True
    return False


def _used(space: Space, cache: Cache) -> bool:
    """Whether the program uses it: imports the package, and names no browser of its own."""
    if cache.name == "puppeteer":
        from unstick.space.image import image_of

        image = image_of(space)
        return any(
            _launches(space.text(n) or "", image)
            for n in space.tree.names()
            if n.endswith((".js", ".ts", ".mjs", ".cjs"))
        )
    from unstick.space.program import program_of

    program = program_of(space)
    return program is not None and any(p in u.packages for u in program.units.values() for p in cache.imports)


def _launches(text: str, image: Image | None) -> bool:
    """Whether a file starts the browser that Puppeteer fetched: no other one is named, by path or by
    variable.
    """
    if (
        not re.search(r"(?:require\(|from\s+|import\s+)[\"']puppeteer(?:-extra)?[\"']", text)
        or "launch(" not in text
    ):
        return False
    named = re.search(r"executablePath\s*:\s*(?:process\.env\.(\w+))?", text)
    return named is None or (
        named.group(1) is not None and image is not None and named.group(1) not in image.environment
    )
