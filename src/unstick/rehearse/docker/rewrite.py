"""A Dockerfile made ready for this engine: what it lacks left out or written otherwise, with what is lent.

The Space's own file is never changed; what is different is said.
"""

from __future__ import annotations

from unstick.record import TYPE_CHECKING, NamedTuple
from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.docker import heredocs
from unstick.space.dockerfile import Dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unstick.rehearse.docker.machine import Lent
    from unstick.space.dockerfile_types import Instruction, Stage

DROPPED = {
    "link": "COPY --link is done without --link",
    "network": "RUN --network is left out",
    "security": "RUN --security is left out",
    "checksum": "ADD --checksum is not checked",
    "keep-git-dir": "ADD --keep-git-dir is left out",
    "parents": "",
    "exclude": "",
}
"""Flags that BuildKit of Docker 20.10 does not know, and what leaving them out means; '' where the result
would be another one (Dockerfile reference, release notes of the dockerfile frontend)."""

SYNTAX = "the line `# syntax=` is left out: its image would have to be pulled"

Edit = tuple[int, int, str]


class Rewritten(NamedTuple):
    """The text to build, files to add to the context (name, content), and what is different."""

    text: str
    files: tuple[tuple[str, str], ...] = ()
    passed_over: tuple[str, ...] = ()


def rewrite(text: str, *, modern: bool, lent: Sequence[Lent] = ()) -> Rewritten:
    """The Dockerfile for this engine; `modern` engines know here-documents and --link.

    Raises CannotRehearse for what neither can be left out nor written otherwise.
    """
    made = _Rewriting(text, modern, lent)
    return Rewritten(made.applied(), tuple(made.files), tuple(dict.fromkeys(made.notes)))


class _Rewriting:
    def __init__(self, text: str, modern: bool, lent: Sequence[Lent]) -> None:
        self.text, self.modern, self.lent = text, modern, lent
        self.edits: list[Edit] = []
        self.files: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self._syntax_line()
        for stage in Dockerfile(text).stages:
            self._stage(stage)

    def applied(self) -> str:
        out, at = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: (edit[0], edit[1])):
            if start < at:
                continue  # inside an instruction that was written anew as a whole
            out += [self.text[at:start], new]
            at = end
        return "".join([*out, self.text[at:]])

    def _stage(self, stage: Stage) -> None:
        """Variables that point programs to what is lent are build arguments: seen by RUN, not kept."""
        pairs = [f"{name}={item.target}" for item in self.lent for name in item.variables]
        if pairs:
            end = stage.origin.place.end
            self.edits.append((end, end, "".join(f"\nARG {pair}" for pair in pairs)))
        shell: tuple[str, ...] = heredocs.SHELL
        for step in stage.instructions:
            if step.keyword == "SHELL" and step.form == "exec":
                shell = step.word_texts()
            self._step(step, shell)

    def _step(self, step: Instruction, shell: tuple[str, ...]) -> None:
        if not self.modern:
            kept = [flag for flag in step.flags if flag.name not in DROPPED]
            self.edits += self._without_flags(step)
            if step.heredocs:
                flags = "".join(f"--{flag.name}={flag.value} " for flag in kept)
                written = heredocs.without(step, self.text, flags + self._mounts(step), shell, self.files)
                self.edits.append((step.place.start, step.place.end, written))
                self.notes.append("a here-document is written in the older form")
                return
        mounts = self._mounts(step)
        if mounts:
            after = step.place.start + len("RUN")
            self.edits.append((after, after, " " + mounts.rstrip()))

    def _mounts(self, step: Instruction) -> str:
        if step.keyword != "RUN":
            return ""
        return "".join(
            f"--mount=type=secret,id={item.id},target={item.target},mode=0444 " for item in self.lent
        )

    def _without_flags(self, step: Instruction) -> Iterator[Edit]:
        for flag in step.flags:
            if flag.name not in DROPPED:
                continue
            if not DROPPED[flag.name]:
                raise CannotRehearse(
                    f"this engine's BuildKit does not know --{flag.name}",
                    where=f"Dockerfile:{flag.place.line}",
                    todo="A newer Docker Engine does.",
                )  # fmt: skip
            self.notes.append(DROPPED[flag.name])
            end = flag.place.end
            yield flag.place.start, end + (self.text[end : end + 1] == " "), ""

    def _syntax_line(self) -> None:
        at = 0
        for line in self.text.splitlines(keepends=True):
            word = line.strip().lstrip("\ufeff")
            if not word.startswith("#"):
                return
            name, equals, _ = word[1:].partition("=")
            if equals and name.strip().lower() == "syntax":
                self.edits.append((at, at + len(line.rstrip("\r\n")), "#"))
                self.notes.append(SYNTAX)
                return
            at += len(line)
