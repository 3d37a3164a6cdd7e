"""What the options of `unstick run` mean."""

from __future__ import annotations

import os

from unstick.errors import UnreadableError, UsageError
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from unstick.rehearse.types import Limits, Options

UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
LARGEST_FILE = 1024 * 1024


def options_of(args: argparse.Namespace) -> Options:
    """The options of the call. Raises UsageError for what cannot be meant."""
    from unstick.rehearse.types import Options

    secrets = [*_env_file(args.env_file), *(_pair(text, "--secret") for text in args.secret)]
    return Options(
        limits=_limits(args),
        secrets=tuple(dict(secrets).items()),
        variables=tuple(dict(_pair(text, "--variable") for text in args.variable).items()),
        data=_data(args.data),
        factory=args.factory,
        timeout=duration(args.timeout, "--timeout") if args.timeout else None,
        patience=duration(args.patience, "--patience"),
    )


def _limits(args: argparse.Namespace) -> Limits:
    from unstick.contract.hardware import HARDWARE
    from unstick.rehearse.plan import limits_of

    limits = limits_of(args.hardware)
    if limits is None:
        known = ", ".join(item.id for item in HARDWARE if item.memory)
        raise UsageError(
            f"the memory of {args.hardware!r} is not known", where="--hardware",
            todo=f"Known are {known}; or set --memory, --cpus and --disk.",
        )  # fmt: skip
    if args.memory:
        limits = limits._replace(memory=size(args.memory, "--memory"))
    if args.disk:
        limits = limits._replace(disk=size(args.disk, "--disk"))
    if args.cpus is not None:
        if not 0.01 <= args.cpus <= 1024:
            raise UsageError(
                f"cannot be {args.cpus:g}", where="--cpus", todo="Give a number such as 2 or 0.5."
            )
        limits = limits._replace(cpus=args.cpus)
    return limits


def size(text: str, option: str) -> int:
    """Bytes of a size such as 512M or 2G. Raises UsageError."""
    word = text.strip().upper().removesuffix("B").removesuffix("I")
    number, unit = (word[:-1], word[-1:]) if word[-1:] in "KMG" else (word, "")
    if not (number.isascii() and number.isdigit()) or len(number) > 12 or not int(number):
        raise UsageError(f"is no size: {text!r}", where=option, todo="Write 512M or 2G.")
    return int(number) * UNITS[unit]


def duration(text: str, option: str) -> float:
    """Seconds of a time such as 20s, 5m or 1h; a bare number counts seconds. Raises UsageError."""
    from unstick.contract.timeouts import seconds

    if text.isascii() and text.isdigit() and len(text) < 9:
        return float(text)
    found = seconds(text)
    if found is None:
        raise UsageError(f"is no time: {text!r}", where=option, todo="Write 20s, 5m or 1h.")
    return float(found)


def _pair(text: str, where: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        if text in os.environ:
            return text, os.environ[text]
        # The text may be the secret itself, so it is not repeated.
        raise UsageError("is not of the form NAME=VALUE, and no variable has that name", where=where)
    if not name or not name.replace("_", "a").isalnum() or not name.isascii() or name[0].isdigit():
        raise UsageError("the name before = is not that of a variable", where=where)
    return name, value


def _env_file(path: str | None) -> list[tuple[str, str]]:
    if not path:
        return []
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read(LARGEST_FILE).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UnreadableError(f"cannot be read: {reason}", where=path) from None
    pairs = []
    for number, line in enumerate(lines, 1):
        line = line.strip().removeprefix("export ")
        if line and not line.startswith("#"):
            name, value = _pair(line, f"{path}:{number}")
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            pairs.append((name, value))
    return pairs


def _data(text: str) -> str:
    if text in ("", "new"):
        return text
    if not os.path.isdir(text):
        raise UsageError("there is no such folder", where=f"--data {text}", todo="Make it, or write `new`.")
    return os.path.abspath(text)
