"""One family of errors. Each says what happened, where, and what to do."""

from __future__ import annotations


class UnstickError(Exception):
    """An error meant for the person at the terminal.

    `reference` is a kebab-case name that can be searched for, `what` a clause that says what
    happened, `where` a file, URL or option, `todo` the next step. `exit_code` is 2 for a wrong call
    and 3 for something that could not be read or observed.
    """

    exit_code = 2
    reference = "error"

    def __init__(self, what: str, *, where: str = "", todo: str = "", reference: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo
        if reference:
            self.reference = reference

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        todo = f" {self.todo}" if self.todo else ""
        return f"{where}{self.what}.{todo}"


class UsageError(UnstickError):
    """The call was wrong: an option, a missing path, targets that contradict each other."""

    exit_code = 2
    reference = "usage"


class UnreadableError(UnstickError):
    """The call was right, but what it names could not be read or observed."""

    exit_code = 3
    reference = "unreadable"
