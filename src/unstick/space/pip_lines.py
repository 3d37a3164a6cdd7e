"""What an install command asks for: pip, uv, poetry, pipenv, pdm, conda and apt lines."""

from __future__ import annotations

from unstick.record import NamedTuple

WITH_VALUE = {
    "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target",
    "--prefix", "--root",
    "--timeout", "--default-timeout", "--retries", "--trusted-host", "--root-user-action", "--only-binary",
    "--no-binary",
    "--python", "-p", "--platform", "--cache-dir", "--progress-bar", "--upgrade-strategy", "--src", "--abi",
    "--proxy",
    "--log", "--config-settings", "-C", "--global-option", "--python-version", "--report", "--exists-action",
    "--index",
    "--index-strategy", "--torch-backend", "--link-mode", "--resolution", "--prerelease", "--override",
    "--group",
    "--directory", "--project", "--default-index", "--python-platform", "--use-feature",
}  # fmt: skip


class Ask(NamedTuple):
    """What one command installs. `kind`: pip (named requirements, files), project (the project of a
    folder: pyproject.toml,
    Pipfile), apt (Debian packages), conda, python (a Python release), unknown (cannot be told; `reason`
    says why).

    `names` are requirements or packages as written with their word's offset in the text, `files`
    requirement files,
    `constraints` constraint files, `extras` of the project, `options` (name, value) pairs.
    """

    kind: str
    names: tuple[tuple[str, int], ...] = ()
    files: tuple[tuple[str, int], ...] = ()
    constraints: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    folder: str = ""
    locked: bool = False
    reason: str = ""


def read(words: tuple[str, ...], offsets: tuple[int, ...]) -> Ask | None:
    """The `Ask` of one simple command, or None when it installs nothing."""
    words, offsets = _unwrapped(words, offsets)
    if len(words) < 2:
        return None
    program = words[0].rsplit("/", 1)[-1]
    rest, places = words[1:], offsets[1:]
    if (
        program.startswith("pip")
        and program.removeprefix("pip").strip(".0123456789x") == ""
        and rest[0] in {"install", "--no-cache-dir"}
    ):
        return _pip(rest, places)
    if program == "uv":
        return _uv(rest, places)
    if program in {"apt-get", "apt", "apk", "aptitude"} and ("install" in rest or "add" in rest):
        return Ask(
            "apt",
            tuple(
                (w, o)
                for w, o in zip(rest, places, strict=True)
                if w[0] not in "-$" and w not in ("install", "add")
            ),
        )
    if program in {"conda", "mamba", "micromamba"} and rest[0] in {"install", "create", "env", "update"}:
        return Ask(
            "conda",
            tuple((w, o) for w, o in zip(rest[1:], places[1:], strict=True) if w[0] not in "-"),
            reason="a conda environment",
        )
    if program == "poetry" and rest[0] in {"install", "sync"}:
        return Ask("project", extras=_named_extras(rest), locked=True, folder="poetry")
    if program == "pipenv" and rest[0] in {"install", "sync"}:
        return Ask("project", locked=True, folder="pipenv")
    if program == "pdm" and rest[0] in {"install", "sync"}:
        return Ask("project", locked=True, extras=_named_extras(rest))
    return None


def _unwrapped(words: tuple[str, ...], offsets: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """`python -m pip install` without its first two words; `xargs pip install` likewise."""
    name = words[0].rsplit("/", 1)[-1]
    if name.startswith("python") and len(words) > 3:
        for at in range(1, min(4, len(words) - 1)):
            if words[at] == "-m":
                return words[at + 1 :], offsets[at + 1 :]
    if name == "pipx" or name == "xargs":
        return words[1:], offsets[1:]
    return words, offsets


def _uv(rest: tuple[str, ...], places: tuple[int, ...]) -> Ask | None:
    at = 0
    while at < len(rest) and rest[at].startswith("-"):
        at += 2 if rest[at] in WITH_VALUE and "=" not in rest[at] else 1
    rest, places = rest[at:], places[at:]
    if not rest:
        return None
    if rest[0] == "pip" and len(rest) > 1 and rest[1] in {"install", "sync"}:
        ask = _pip(rest[1:], places[1:])
        return (
            ask
            if rest[1] == "install"
            else ask._replace(files=ask.files + tuple(n for n in ask.names), names=())
        )
    if rest[0] == "sync":
        return Ask("project", extras=_named_extras(rest), locked=True)
    if rest[0] == "add":
        return _pip(rest, places)
    if rest[0] == "tool" and len(rest) > 2 and rest[1] == "install":
        return None
    if rest[0] == "run":
        return Ask("project", extras=_named_extras(rest), locked=True)
    if rest[0] == "venv" or rest[:2] == ("python", "install"):
        for word, following in zip(rest, (*rest[1:], ""), strict=True):
            if word in {"--python", "-p"} or (rest[0] == "python" and word == "install"):
                return Ask("python", names=((following, 0),))
            if word.startswith("--python="):
                return Ask("python", names=((word[9:], 0),))
    return None


def _named_extras(rest: tuple[str, ...]) -> tuple[str, ...]:
    out: list[str] = []
    for word, following in zip(rest, (*rest[1:], ""), strict=True):
        if word in {"--extra", "-E", "--extras", "--group", "--with", "--only-group", "--only"}:
            out.extend(following.replace(",", " ").split())
        elif word in {"--all-extras", "--all-groups"}:
            out.append("*")
        elif word in {"--no-dev", "--only-main", "--no-group"}:
            out.append("no-dev")
        elif word.startswith(("--extra=", "--group=", "--with=", "--extras=")):
            out.extend(word.split("=", 1)[1].replace(",", " ").split())
    return tuple(out)


def _pip(rest: tuple[str, ...], places: tuple[int, ...]) -> Ask:
    names: list[tuple[str, int]] = []
    files: list[tuple[str, int]] = []
    constraints: list[str] = []
    options: list[tuple[str, str]] = []
    reason = ""
    at = 1
    while at < len(rest):
        word, place = rest[at], places[at]
        following = rest[at + 1] if at + 1 < len(rest) else ""
        name, equals, inline = word.partition("=")
        at += 1
        if word.startswith("-r") and not word.startswith("--") and len(word) > 2:
            files.append((word[2:], place))
        elif name in {"-r", "--requirement", "--requirements"}:
            files.append(
                (inline, place) if equals else (following, places[at] if at < len(places) else place)
            )
            at += not equals
        elif name in {"-e", "--editable"}:
            names.append((inline if equals else following, place))
            at += not equals
        elif name in WITH_VALUE:
            value = inline if equals else following
            at += not equals
            constraints += [value] if name in {"-c", "--constraint"} else []
            options.append((name, value))
        elif word.startswith("-"):
            options.append((name, inline))
        elif word.startswith((">", "<", "2>", "1>")) and not word.startswith((">=", "<=")):
            at += word in {">", "<", "2>", "1>", ">>", "2>>"}
        elif "$(" in word or "`" in word or word.startswith("$"):
            reason = f"{word[:40]} is filled in while building"
        else:
            names.append((word, place))
    return Ask("pip", tuple(names), tuple(files), tuple(constraints), (), tuple(options), reason=reason)
