"""useradd, adduser, groupadd, userdel, usermod in RUN lines: which users the image has, and their home
folders.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING
from unstick.space.image_layers import User
from unstick.space.image_ops import join
from unstick.space.image_options import option_value, split_options

if TYPE_CHECKING:
    from unstick.space.image_run import Runner


def useradd(run: Runner, words: list[str]) -> None:
    """useradd: the next free uid from 1000 on unless one is given; a home folder only with -m."""
    options, rest = split_options(words, "uUgGdscpkebfKRPZ".replace("U", ""))
    if not rest:
        return
    layers, name = run.layers, rest[-1]
    number = option_value(options, "-u", "--uid")
    system = any(o in ("-r", "--system") for o in options)
    taken = {u.uid for u in layers.users.values()}
    uid = int(number) if number.isdigit() else -1
    if not number:
        uid = _next(taken) if layers.base.known and not system else -1
    if uid in taken and uid > 0 and not any(o in ("-o", "--non-unique") for o in options):
        return
    home = option_value(options, "-d", "--home-dir", "--home") or f"/home/{name}"
    group = option_value(options, "-g", "--gid")
    gid = int(group) if group.isdigit() else layers.groups.get(group, uid)
    layers.users[name] = User(name, uid, gid, home, run.place)
    layers.groups.setdefault(name, gid)
    makes = any(o in ("-m", "--create-home") or (not o.startswith("--") and "m" in o[1:]) for o in options)
    if (makes or layers.base.family == "redhat") and not any(
        o in ("-M", "--no-create-home") for o in options
    ):
        _home(run, home, uid, gid)


def adduser(run: Runner, words: list[str]) -> None:
    """Debian's adduser and BusyBox's: both make the home folder unless told not to."""
    busybox = run.layers.base.family in ("alpine", "wolfi")
    options, rest = split_options(words, "uhgsGk" if busybox else "u")
    long_values = {"--uid", "--gid", "--home", "--shell", "--ingroup", "--gecos"}
    names = [w for at, w in enumerate(words) if w in rest and not (at and words[at - 1] in long_values)]
    if not names:
        return
    layers, name = run.layers, names[0]
    number = option_value(words if not busybox else options, "-u", "--uid")
    system = any(o in ("-S", "--system") for o in options)
    taken = {u.uid for u in layers.users.values()}
    uid = int(number) if number.isdigit() else _next(taken) if layers.base.known and not system else -1
    home = option_value(words, "--home", "-h") or f"/home/{name}"
    if uid in taken and uid > 0:
        return
    layers.users[name] = User(name, uid, uid, home, run.place)
    layers.groups.setdefault(name, uid)
    if not any(o in ("-H", "--no-create-home") for o in options) and not (system and not busybox):
        _home(run, home, uid, uid)


def _home(run: Runner, home: str, uid: int, gid: int) -> None:
    if run.layers.state(home).exists:
        return
    run.add("make", join(home), uid=0, gid=0)
    run.add("own", join(home), uid=uid, gid=gid)


def _next(taken: set[int]) -> int:
    return max([999, *(u for u in taken if 1000 <= u < 60000)]) + 1


def groupadd(run: Runner, words: list[str]) -> None:
    """groupadd and addgroup."""
    options, rest = split_options(words, "gK")
    number = option_value(options, "-g", "--gid")
    if rest:
        run.layers.groups[rest[0]] = int(number) if number.isdigit() else -1


def userdel(run: Runner, words: list[str]) -> None:
    """userdel and deluser; -r takes the home folder along."""
    for word in words:
        user = run.layers.users.pop(word, None)
        if user is not None and any(w in ("-r", "--remove", "--remove-home") for w in words):
            run.add("remove", user.home, recursive=True)


def usermod(run: Runner, words: list[str]) -> None:
    """usermod: another uid, name or home folder."""
    options, rest = split_options(words, "ugdlGs")
    user = run.layers.users.get(rest[-1]) if rest else None
    if user is None:
        return
    number, home = option_value(options, "-u", "--uid"), option_value(options, "-d", "--home")
    uid = int(number) if number.isdigit() else user.uid
    name = option_value(options, "-l", "--login") or user.name
    run.layers.users.pop(user.name)
    run.layers.users[name] = user._replace(name=name, uid=uid, home=home or user.home)
    if uid != user.uid:
        run.add("own", user.home, uid=uid, recursive=True)
