"""Which stages of a Dockerfile the final image needs: BuildKit builds no others."""

from __future__ import annotations

from unstick.patterns import lazy
from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Stage

_MOUNT_FROM = lazy(r"(?:^|,)from=([^,\s]+)")


def needed(file: Dockerfile) -> tuple[Stage, ...]:
    """The final stage and all that it is built from or copies from, in the order of the file."""
    if file.final is None:
        return ()
    wanted = {file.final.number}
    todo = [file.final]
    while todo:
        stage = todo.pop()
        names = [stage.base]
        for step in stage.instructions:
            if (other := step.flag("from")) is not None:
                names.append(other)
            for flag in step.flags:
                names += _MOUNT_FROM.findall(flag.value) if flag.name == "mount" else []
        for name in names:
            found = file.stage(name, stage.number)
            if found is not None and found.number not in wanted:
                wanted.add(found.number)
                todo.append(found)
    return tuple(s for s in file.stages if s.number in wanted)
