"""Dependencies that a project file declares: pyproject.toml (PEP 621, dependency groups, Poetry),
Pipfile, setup.py,
lock files, conda's environment.yml."""

from __future__ import annotations

import re

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.space.requirements import Damaged, Requirement, normalise, parse_one
from unstick.space.types import Place

if TYPE_CHECKING:
    from typing import Any

    from unstick.space.files import Tree


class Project(NamedTuple):
    """What a project file asks for. `locked` are the names in its lock file (the whole closure, empty
    without one),
    `python` its requires-python, `name` the project's own name."""

    path: str
    requirements: tuple[Requirement, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    locked: frozenset[str] = frozenset()
    python: str = ""
    name: str = ""
    error: str = ""


def read(tree: Tree, folder: str = "", extras: tuple[str, ...] = ()) -> Project | None:
    """The project in `folder`: pyproject.toml first, then Pipfile, setup.cfg and setup.py; None without
    any."""
    prefix = f"{folder}/" if folder and folder != "." else ""
    for name, reader in (("pyproject.toml", _pyproject), ("Pipfile", _pipfile), ("setup.py", _setup)):
        text = tree.read_text(prefix + name)
        if text is not None:
            project = reader(prefix + name, text, extras)
            return project._replace(locked=_locked(tree, prefix))
    return None


def _pyproject(path: str, text: str, extras: tuple[str, ...]) -> Project:
    data, error = _toml(text)
    project = _table(data, "project")
    poetry = _table(_table(data, "tool"), "poetry")
    wanted: list[str] = [x for x in _list(project, "dependencies") if isinstance(x, str)]
    optional = {**_table(data, "dependency-groups"), **_table(project, "optional-dependencies")}
    for name, rows in optional.items():
        if (name in extras or "*" in extras or (name == "dev" and "no-dev" not in extras)) and isinstance(
            rows, list
        ):
            wanted += [row for row in rows if isinstance(row, str)]
    wanted += _list(_table(_table(data, "tool"), "uv"), "dev-dependencies") if "no-dev" not in extras else []
    items = [parse_one(row, _find(path, text, row)) for row in wanted if isinstance(row, str)]
    groups = _table(poetry, "group")
    for table in (
        _table(poetry, "dependencies"),
        *(_table(_table(groups, g), "dependencies") for g in groups),
    ):
        items += [_poetry(path, text, key, value) for key, value in table.items() if key != "python"]
    python = project.get("requires-python") or _table(poetry, "dependencies").get("python") or ""
    own = project.get("name") or poetry.get("name") or ""
    return _project(path, items, str(python), str(own), error)


def _pipfile(path: str, text: str, extras: tuple[str, ...]) -> Project:
    data, error = _toml(text)
    items = [_poetry(path, text, key, value) for key, value in _table(data, "packages").items()]
    return _project(path, items, str(_table(data, "requires").get("python_version", "")), "", error)


def _setup(path: str, text: str, extras: tuple[str, ...]) -> Project:
    found = re.search(r"install_requires\s*=\s*\[([^\]]*)\]", text)
    rows = re.findall(r"[\"']([^\"'\n]+)[\"']", found[1]) if found else []
    return _project(
        path,
        [parse_one(row, _find(path, text, row)) for row in rows],
        "",
        "",
        "" if found else "no list to read",
    )


def _project(path: str, items: list[Requirement | Damaged], python: str, name: str, error: str) -> Project:
    good = tuple(item for item in items if isinstance(item, Requirement))
    bad = tuple(item for item in items if isinstance(item, Damaged))
    return Project(path, good, bad, frozenset(), python, normalise(name) if name else "", error)


def _poetry(path: str, text: str, name: str, value: Any) -> Requirement | Damaged:
    extras: tuple[str, ...] = ()
    url = ""
    version = value
    if isinstance(value, dict):
        extras = tuple(str(extra) for extra in value.get("extras", ()) if isinstance(extra, str))
        url = str(value.get("git") or value.get("url") or value.get("path") or "")
        version = value.get("version", "*")
    specifiers = bounds(version) if isinstance(version, str) else ()
    place = _find(path, text, name)
    return Requirement(normalise(name), place, f"{name} = {version}", extras, specifiers, "", url)


def bounds(version: str) -> tuple[tuple[str, str], ...]:
    """A constraint, in Poetry's spelling or the standard's, as (operator, version) pairs; what has no
    counterpart gives none."""
    out: list[tuple[str, str]] = []
    for part in version.split(","):
        found = re.fullmatch(r"\s*(\^|~|===|~=|==|!=|<=|>=|<|>)?\s*(\d[0-9A-Za-z.+*]*)\s*", part)
        if found is None:
            continue
        operator, bound = found[1] or "==", found[2]
        numbers = [int(x) for x in re.findall(r"\d+", bound)[:3]]
        if operator == "^":
            at = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
            out += [(">=", bound), ("<", ".".join(map(str, [*numbers[:at], numbers[at] + 1])))]
        elif operator == "~":
            at = min(1, len(numbers) - 1)
            out += [(">=", bound), ("<", ".".join(map(str, [*numbers[:at], numbers[at] + 1])))]
        else:
            out.append((operator, bound))
    return tuple(out)


def _locked(tree: Tree, prefix: str) -> frozenset[str]:
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        text = tree.read_text(prefix + name)
        if text:
            return frozenset(normalise(n) for n in re.findall(r'(?m)^name = "([^"\n]+)"', text))
    text = tree.read_text(prefix + "Pipfile.lock")
    return frozenset(normalise(n) for n in re.findall(r'(?m)^        "([A-Za-z0-9._-]+)": \{', text or ""))


def conda_names(text: str) -> frozenset[str]:
    """The package names of a conda environment.yml, its pip part included."""
    rows = re.findall(r"(?m)^\s*-\s*(?:[\w.-]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    return frozenset(normalise(row) for row in rows if row not in ("pip", "defaults", "conda-forge"))


def _toml(text: str) -> tuple[dict[str, Any], str]:
    import tomllib

    try:
        return tomllib.loads(text), ""
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, str(error)


def _table(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _find(path: str, text: str, needle: str) -> Place:
    """Where a TOML value or key stands: its first occurrence in quotes or at the beginning of a line."""
    for form in (f'"{needle}"', f"'{needle}'"):
        at = text.find(form)
        if at >= 0:
            return _place(path, text, at + 1, at + 1 + len(needle))
    found = re.search(rf"(?m)^\s*({re.escape(needle)})\b", text)
    return _place(path, text, *found.span(1)) if found else Place(path, 1, 1)


def _place(path: str, text: str, start: int, end: int) -> Place:
    line = text.count("\n", 0, start) + 1
    return Place(path, line, start - (text.rfind("\n", 0, start) + 1) + 1, start, end)
