"""Programs that start others, and scripts that a Dockerfile writes itself, for following a start command."""

from __future__ import annotations

import posixpath
import re

from unstick.record import TYPE_CHECKING
from unstick.space.commands import split
from unstick.space.types import Place

if TYPE_CHECKING:
    from unstick.space.dockerfile import Dockerfile
    from unstick.space.dockerfile_types import Stage

WRAPPERS = {
    "uv": "run", "poetry": "run", "pipenv": "run", "pdm": "run", "conda": "run", "tini": "", "dumb-init": "",
    "xvfb-run": "",
    "gosu": "", "su-exec": "", "timeout": "", "catchsegv": "", "opentelemetry-instrument": "",
    "ddtrace-run": "", "nohup": "",
}  # fmt: skip
SERVERS = {"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "celery", "waitress-serve", "arq", "rq"}
VALUE_OPTIONS = {
    "-b", "--bind", "--host", "--port", "-w", "--workers", "-k", "--worker-class", "-t", "--timeout",
    "--log-level", "-c",
    "--config", "--threads", "-p", "--interface", "--app-dir", "--chdir", "--root-path",
    "--forwarded-allow-ips", "-D", "-n",
    "--timeout-keep-alive", "--ws", "--loop", "--log-config", "--access-logfile", "--error-logfile",
    "--env-file", "-C", "-W", "-X",
    "--extra", "--with", "--group", "--project", "--directory", "--python", "-A", "--app", "--env", "-e",
    "--reload-dir",
}  # fmt: skip


def written_scripts(dockerfile: Dockerfile, stage: Stage) -> dict[str, tuple[str, Place]]:
    """Scripts that RUN and COPY lines write themselves (echo, printf, here-documents), by file name: text
    and place."""
    out: dict[str, tuple[str, Place]] = {}
    for part in dockerfile.chain(stage):
        for step in part.instructions:
            if step.keyword not in {"RUN", "COPY"} or not (step.heredocs or ">" in step.text):
                continue
            if step.heredocs:
                target = (
                    re.search(r">\s*([\w./-]+)", step.text)
                    if step.keyword == "RUN"
                    else re.search(r"(\S+)\s*$", step.text)
                )
                if target:
                    out[posixpath.basename(target[1])] = (step.heredocs[0].body, step.place)
            for command in split(step.text):
                words = command.words
                at = next((i for i, w in enumerate(words) if w in {">", ">>"}), 0)
                if at > 1 and at + 1 < len(words) and words[0] in {"echo", "printf"}:
                    name = posixpath.basename(words[at + 1])
                    text = "\n".join(w for w in words[1:at] if not w.startswith("-")).replace("\\n", "\n")
                    before = out[name][0] + "\n" if words[at] == ">>" and name in out else ""
                    out[name] = (before + text, step.place)
    return out
