"""What a Space's image has of the operating system, for the rules that ask for it."""

from __future__ import annotations

from unstick.contract import system_packages
from unstick.record import TYPE_CHECKING
from unstick.space.installed import installed

if TYPE_CHECKING:
    from unstick.space import Space

CANNOT_TELL = frozenset({"*"})


def packages(space: Space) -> frozenset[str]:
    """The Debian packages of the final image that the rules know of; `CANNOT_TELL` for an image that is
    not known."""
    named = frozenset(name.split(":")[0].split("/")[0] for name in installed(space).debian)
    if space.sdk in ("gradio", "streamlit"):
        return system_packages.closure(named | system_packages.PLATFORM)
    dockerfile = space.dockerfile
    final = dockerfile.final if dockerfile is not None else None
    if dockerfile is None or final is None:
        return CANNOT_TELL
    brought = system_packages.image_packages(dockerfile.base_image(final))
    return (
        CANNOT_TELL
        if brought is None or installed_by_script(space)
        else system_packages.closure(named | brought)
    )


def installed_by_script(space: Space) -> bool:
    """Whether packages are installed from a list or by a program that is not followed."""
    text = space.dockerfile.text if space.dockerfile is not None else ""
    return any(
        word in text
        for word in (
            "xargs apt",
            "xargs -a",
            "apt-get install -y $(",
            "playwright install --with-deps",
            "install-deps",
            "conda install",
        )
    )
