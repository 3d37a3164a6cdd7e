"""What somebody reported of a Space, before anything was looked at."""

from __future__ import annotations

from unstick.record import NamedTuple


class Reported(NamedTuple):
    """The fields of a case file's `reported`. Empty means *not reported*, never *empty on the platform*.

    `readme_yaml` is the README block or a part of it, without its lines of dashes; `dockerfile` the
    Dockerfile or lines of it. What such excerpts lack is no evidence. The logs are texts, `tried` short
    names.
    """

    text: str = ""
    stage: str = ""
    sdk: str = ""
    hardware: str = ""
    readme_yaml: str = ""
    dockerfile: str = ""
    build_log: str = ""
    run_log: str = ""
    tried: tuple[str, ...] = ()
