"""Programs of a start command that write into the folder they run in, or into one of their own."""

from __future__ import annotations

import posixpath

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unstick.space import Place, Space
    from unstick.space.image import Image
    from unstick.space.image_layers import Access

NEEDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "redis-server",
        "{cwd}/dump.rdb",
        "redis-server saves its data into the folder it is started in",
        ("--dir", '--save ""', "--save ''", "redis.conf"),
    ),
    (
        "neo4j",
        "{program}/data",
        "Neo4j writes its data, logs and run folders beside its program",
        ("NEO4J_server_directories",),
    ),
    (
        "uv",
        "{cwd}/.venv/x",
        "uv run brings the environment up to date in .venv before it starts anything",
        ("--no-sync", "UV_NO_SYNC"),
    ),
    ("mongod", "/data/db/x", "mongod keeps its data in /data/db", ("--dbpath",)),
    (
        "nginx",
        "/var/lib/nginx/x",
        "nginx keeps the bodies of requests below /var/lib/nginx",
        ("client_body_temp_path", "/tmp/"),
    ),
    (
        "celery-beat",
        "{cwd}/celerybeat-schedule",
        "celery beat writes its schedule into the folder it is started in",
        ("--schedule", " -s "),
    ),
    ("Xvfb", "/tmp/.X11-unix/x", "Xvfb wants /tmp/.X11-unix, which only root may make", ()),
    ("chainlit", "{cwd}/.files/x", "chainlit makes .files and .chainlit in the folder it is started in", ()),
    (
        "mlflow",
        "{cwd}/mlruns",
        "mlflow writes mlruns into the folder it is started in",
        ("--backend-store-uri",),
    ),
)
"""Program, what it writes, in words, and what in the command or the configuration names another folder."""


_STOPS = lazy(r"(?m)^\s*set\s+-[a-z]*e|^#!.*\bsh\s+-e")
"""A script that ends at the first failure."""


def program_writes(space: Space, image: Image) -> Iterator[tuple[str, Access, Place, str]]:
    """Path, access, place and words of each program that writes where uid 1000 may not."""
    from unstick.space.program import working_folder
    from unstick.space.start import start

    begun = start(space)
    texts = " ".join(space.text(name) or "" for name in begun.scripts)
    for step in (image.layers.entrypoint, image.layers.command):
        texts += " " + (step.text.replace('", "', " ").replace('","', " ") if step is not None else "")
    texts += " ".join(image.layers.written.values())
    cwd = working_folder(space)
    found = {name: place for name, place in begun.programs if certain(space, name, place)}
    if (
        image.layers.entrypoint is not None
        and image.layers.command is not None
        and image.layers.command.words
    ):
        found.setdefault(posixpath.basename(image.layers.command.words[0].text), image.layers.command.place)
    if "uv run" in texts and "uv" not in found and image.layers.command is not None:
        found["uv"] = (image.layers.entrypoint or image.layers.command).place
    for name, path, words, elsewhere in (*NEEDS, *_rails(space, image, found)):
        place = found.get(name)
        if place is None or any(word in texts or word in image.environment for word in elsewhere):
            continue
        if name == "nginx" and not _plain_nginx(space):
            continue
        path = path.format(cwd=cwd.rstrip("/"), program=_program_folder(texts, name))
        access = image.writable(posixpath.normpath(path))
        if name == "Xvfb" and image.user_named and image.exists("/tmp/.X11-unix") is False:
            # Not a matter of rights on /tmp: the X libraries make this folder for root only.
            access = access._replace(allowed=False, blocker="/tmp/.X11-unix (not there)", owner=0)
        if access.allowed is False:
            yield path, access, place, words


def script_changes(space: Space, image: Image) -> Iterator[tuple[str, Access, Place, str]]:
    """chmod and chown of a start script under `set -e`, on what root made: only the owner may."""
    from unstick.space.image_shell import shell_commands
    from unstick.space.start import start
    from unstick.space.types import Place

    if image.layers.uid != 1000:
        return
    for name in start(space).scripts:
        text = space.text(name) or ""
        if not _STOPS.search(text):
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            if "||" in line or not line.startswith(("chmod ", "chown ")):
                continue
            for command in shell_commands(line):
                path = posixpath.normpath(command.words[-1]) if len(command.words) > 2 else ""
                if path.startswith("/") and image.exists(path) and image.owner_of(path) == 0:
                    access = image.writable(path)._replace(allowed=False, blocker=path, owner=0)
                    words = f"{command.words[0]} is refused here and `set -e` ends the script"
                    yield path, access, Place(name, number), words
                    return


def _rails(
    space: Space, image: Image, found: dict[str, Place]
) -> tuple[tuple[str, str, str, tuple[str, ...]], ...]:
    """Rails: pid file, log, and the SQLite files that config/database.yml names for its environment."""
    if "rails" not in found:
        return ()
    out = [
        ("rails", "{cwd}/tmp/pids/server.pid", "Rails writes its pid file below tmp", ()),
        ("rails", "{cwd}/log/production.log", "Rails writes below log", ()),
    ]
    wanted = image.environment.get("RAILS_ENV") or image.environment.get("RACK_ENV") or "development"
    section = ""
    for line in (space.text("config/database.yml") or "").splitlines():
        key, _, value = line.strip().partition(":")
        section = key if line[:1].isalpha() else section
        if section != wanted or key != "database":
            continue
        if value.strip().endswith((".sqlite3", ".db")) and "/" in value:
            out.append(("rails", "{cwd}/" + value.strip(), "Rails keeps its SQLite files there", ()))
    return tuple(out)


def certain(space: Space, name: str, place: Place) -> bool:
    """Whether a script starts the program under no condition."""
    if place.path == "Dockerfile" or not place.path:
        return True
    from unstick.space.image_shell import shell_commands

    commands = shell_commands(space.text(place.path) or "")
    depths = [c.depth for c in commands if name in (posixpath.basename(w) for w in c.words[:3])]
    return not depths or min(depths) == 0


def _program_folder(texts: str, name: str) -> str:
    """The folder of a program started by its path: `/app/neo4j/bin/neo4j` lies in /app/neo4j."""
    word = next((w for w in texts.split() if w.endswith(f"/bin/{name}")), "")
    return posixpath.dirname(posixpath.dirname(word)) or f"/var/lib/{name}"


def _plain_nginx(space: Space) -> bool:
    """Whether no configuration of the repository moves nginx' folders."""
    return not any(
        "nginx" in name.lower() and "temp_path" in (space.text(name) or "") for name in space.tree.names()
    )
