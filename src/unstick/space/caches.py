"""The caches that a Space's program fills or reads, and where they lie for the user it runs as."""

from __future__ import annotations

import ast
import posixpath

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.cache_table import CACHES, Cache
from unstick.space.image_shell import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space.image import Image
    from unstick.space.image_layers import BuildRun
    from unstick.space.program import Program, Site
    from unstick.space.space import Space
    from unstick.space.types import Place


_BY_CALL: dict[str, list[Cache]] = {}
for _cache in CACHES:
    for _call in _cache.calls:
        _BY_CALL.setdefault(_call, []).append(_cache)


class Use(NamedTuple):
    """One cache in use. `folder` is where it lies at run time (empty: not known), `variable` what decided
    that, `place` the call or
    the command, `caught` whether a failure there is swallowed.
    """

    cache: Cache
    folder: str
    variable: str
    place: Place
    caught: bool = False
    by: str = ""


def uses_of(space: Space) -> tuple[Use, ...]:
    """Every cache in use, one entry for each call or command; worked out once."""
    if "_caches" not in space.__dict__:
        from unstick.space.image import image_of
        from unstick.space.program import program_of

        image = image_of(space)
        found: list[Use] = []
        if image is not None:
            program = program_of(space)
            found += _programs(space, image)
            if program is not None:
                found += _calls(program, image)
                found += _imports(program, image)
            found += _unparsed(space, image)
        space.__dict__["_caches"] = tuple(found)
    known: tuple[Use, ...] = space.__dict__["_caches"]
    return known


def folder_of(cache: Cache, env: dict[str, str], home: str) -> tuple[str, str]:
    """Where a cache lies with these variables and this home, and the variable that says so ('' for the
    home).
    """
    for name, below in cache.variables:
        if env.get(name):
            return posixpath.normpath(posixpath.join(env[name], below)), name
    return (posixpath.normpath(posixpath.join(home, cache.default)), "") if home else ("", "")


def filled_by(space: Space, run: BuildRun) -> tuple[Cache, ...]:
    """The caches that a build step fills: by its own text, or by a script of the repository that it runs."""
    text = run.step.text + "".join(h.body for h in run.step.heredocs)
    if run.step.form == "exec":
        text = " ".join(run.step.word_texts())
    for word in text.replace("'", " ").replace('"', " ").split():
        if word.endswith(".py") and len(word) < 200:
            text += space.text(word.lstrip("./")) or _named(space, word)
    if "local_dir" in text or "--local-dir" in text:
        text = (
            text.replace("hf_hub_download", "")
            .replace("snapshot_download", "")
            .replace("download", "download ")
        )
    return tuple(c for c in CACHES if any(word in text for word in c.words))


def _named(space: Space, word: str) -> str:
    base = word.rpartition("/")[2]
    same = [n for n in space.tree.names() if n.rpartition("/")[2] == base]
    return space.text(same[0]) or "" if len(same) == 1 else ""


def program_environment(program: Program, image: Image) -> tuple[dict[str, str], set[str]]:
    """The variables with those that the program sets itself, and the names of the latter."""
    env, own = dict(image.environment), set()
    for unit in program.units.values():
        for key, node in unit.settings.items():
            if key.startswith("environ:"):
                env[key[8:]] = program.evaluator.text(node, unit) or UNKNOWN
                own.add(key[8:])
        for site in unit.sites:
            func = site.call.func
            if isinstance(func, ast.Attribute) and func.attr == "setdefault" and len(site.call.args) == 2:
                name = site.call.args[0]
                if (
                    isinstance(name, ast.Constant)
                    and str(name.value).isupper()
                    and str(name.value) not in env
                ):
                    env[str(name.value)] = (
                        program.evaluator.text(site.call.args[1], unit, site.function) or UNKNOWN
                    )
                    own.add(str(name.value))
    return env, own


def _calls(program: Program, image: Image) -> Iterator[Use]:
    env, own = program_environment(program, image)
    for site in program.sites():
        name = _name(site.call)
        for cache in _BY_CALL.get(name, ()):
            if not _from(site, name, cache) or _elsewhere(program, image, site, cache):
                continue
            folder, variable = folder_of(cache, env, env.get("HOME") or image.home() or "")
            if variable in own or ("HOME" in own and not variable) or UNKNOWN in folder:
                continue
            yield Use(
                cache, folder, variable, site.unit.source.place(site.call), program.swallowed(site), name
            )


def _imports(program: Program, image: Image) -> Iterator[Use]:
    env, own = program_environment(program, image)
    for unit in program.units.values():
        for cache in CACHES:
            node = next((unit.packages[p] for p in cache.imports if p in unit.packages), None)
            folder, variable = folder_of(cache, env, env.get("HOME") or image.home() or "")
            if (
                node is not None
                and variable not in own
                and not ("HOME" in own and not variable)
                and UNKNOWN not in folder
            ):
                yield Use(cache, folder, variable, unit.source.place(node), False, cache.imports[0])


_HUB_CALL = lazy(
    r"(?<![\w.])(?:[A-Za-z_]\w*\.)?(hf_hub_download|snapshot_download|from_pretrained|SentenceTransformer)\("
)


def _unparsed(space: Space, image: Image) -> Iterator[Use]:
    """Downloads in a file that does not parse, found by their words: mending it brings no surprise."""
    from unstick.space.modules import modules

    for path in modules(space).files:
        source = space.python(path)
        match = _HUB_CALL.search(source.text) if source is not None and source.tree is None else None
        if source is not None and match is not None and "cache_dir" not in source.text:
            cache = CACHES[0]
            folder, variable = folder_of(cache, image.environment, image.home() or "")
            yield Use(
                cache,
                folder,
                variable,
                source.lines.place(match.start(1), match.end(1)),
                False,
                match.group(1),
            )


def _programs(space: Space, image: Image) -> Iterator[Use]:
    from unstick.space.start import start

    texts = _started_texts(space)
    for cache in CACHES:
        for name in cache.programs:
            place = next((p for n, p in start(space).programs if n == name), None)
            if name == "uv" and place is None:
                place = next(
                    (p for text, p in texts if "uv run" in text.replace('", "', " ").replace('","', " ")),
                    None,
                )
            if place is None or _quiet(space, image, name, " ".join(t for t, _ in texts)):
                continue
            folder, variable = folder_of(cache, image.environment, image.home() or "")
            yield Use(cache, folder, variable, place, False, name)


def _started_texts(space: Space) -> list[tuple[str, Place]]:
    from unstick.space.image import image_of
    from unstick.space.start import start
    from unstick.space.types import Place

    image = image_of(space)
    steps = [s for s in (image.layers.entrypoint, image.layers.command) if s is not None] if image else []
    out = [(s.text, s.place) for s in steps]
    return out + [(space.text(name) or "", Place(name, 1)) for name in start(space).scripts]


def _quiet(space: Space, image: Image, name: str, text: str) -> bool:
    """Whether the program is told to keep nothing."""
    env = image.environment
    if name == "streamlit":
        config = space.streamlit_config
        setting = config.get("browser.gatherUsageStats") if config else None
        where = image.location(".streamlit/config.toml") if setting is not None else None
        said = env.get("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "")
        off = (
            "gatherUsageStats=false" in text
            or "gatherUsageStats false" in text
            or 'gatherUsageStats", "false' in text
        )
        return off or said.lower() in ("false", "0") or bool(setting is not None and setting.false and where)
    if name == "uv":
        return (
            bool(env.get("UV_NO_CACHE"))
            or "--no-cache" in text
            or ("uv run --no-sync" in text and bool(env.get("UV_NO_CACHE")))
        )
    return False


def _name(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _from(site: Site, name: str, cache: Cache) -> bool:
    """Whether the called name comes from one of the packages that fill this cache."""
    func: ast.expr = site.call.func
    dotted: list[str] = []
    while isinstance(func, ast.Attribute):
        dotted.append(func.attr)
        func = func.value
    if not isinstance(func, ast.Name):
        return False
    origin = site.unit.origins.get(func.id, "")
    if cache.name == "torch" and "hub" not in dotted and name == "load":
        return False
    if cache.name == "flair" or cache.name == "gensim":
        return origin in cache.owners and len(dotted) >= 1
    return origin in cache.owners


def _elsewhere(program: Program, image: Image, site: Site, cache: Cache) -> bool:
    """Whether the call names a folder of its own, or a model that lies in the image."""
    call = site.call
    for keyword in call.keywords:
        if keyword.arg in cache.overrides and not (
            isinstance(keyword.value, ast.Constant) and keyword.value.value is None
        ):
            return True
        if (
            keyword.arg == "local_files_only"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is True
        ):
            return True
    if cache.name != "huggingface" or _name(call) in ("hf_hub_download", "snapshot_download", "load_dataset"):
        return False
    first = (
        call.args[0]
        if call.args
        else next(
            (
                k.value
                for k in call.keywords
                if k.arg in ("model", "model_name", "model_name_or_path", "model_size_or_path")
            ),
            None,
        )
    )
    if _name(call) == "pipeline":
        first = next(
            (k.value for k in call.keywords if k.arg == "model"), call.args[1] if len(call.args) > 1 else None
        )
        return (
            first is not None
            and isinstance(first, ast.Name)
            and program.evaluator.text(first, site.unit, site.function) is None
        )
    if first is None:
        return False
    value = program.evaluator.text(first, site.unit, site.function)
    if value is None:
        words = ast.dump(first).lower()
        return any(w in words for w in ("path'", "dir'", "folder'", "checkpoint'"))
    if value.startswith(("/", "./", "../", "~")):
        return True
    return UNKNOWN not in value and image.exists(posixpath.join(program.cwd, value)) is True
