"""Write a case to a file, redacted, without leaving half of one behind."""

from __future__ import annotations

import os

from unstick.case import Case
from unstick.errors import UnreadableError
from unstick.observe.build import redacted
from unstick.observe.casefile import encode
from unstick.observe.reported import Reported


def save(path: str, case: Case, reported: Reported) -> None:
    """Write the case file. Raises UnreadableError when the file cannot be written."""
    partial = f"{path}.partial"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            file.write(encode(case, redacted(reported)))
        os.replace(partial, path)
    except OSError as error:
        raise UnreadableError(
            f"cannot be written: {error.strerror}", where=path, todo="Choose another place."
        ) from None
