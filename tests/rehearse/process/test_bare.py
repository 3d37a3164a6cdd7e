"""What takes bubblewrap's place understands everything that bubblewrap is told."""

from __future__ import annotations

import sys

import pytest

from unstick.rehearse.process import bubblewrap
from unstick.rehearse.process.spec import Mount, Spec
from unstick.rehearse.types import Limits

if not sys.platform.startswith("linux"):
    pytest.skip("NOT TESTED: Linux only", allow_module_level=True)

from unstick.rehearse.process import bare

KNOWN = {
    "--perms", "--dir", "--tmpfs", "--proc", "--dev", "--symlink", "--bind", "--ro-bind", "--remount-ro", "--chdir",
    "--hostname", "--uid", "--gid", "--cap-add", "--cap-drop", *bare.NO_VALUE,
}  # fmt: skip


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize("uid", [0, 1000])
def test_it_knows_every_option(root: bool, uid: int) -> None:
    mounts = (Mount("/a", "/app", True), Mount("/b", "/usr/share/b"))
    spec = Spec(("python", "--", "--bind"), (), "/app", mounts, Limits(), uid=uid)
    words = bubblewrap.command(spec, "bwrap", "/files", root)[1:]
    options, command = bare.parsed(words)
    assert {name for name, _ in options} <= KNOWN
    assert [word for name, values in options for word in (name, *values)] == words[: words.index("--")]
    assert command[-3:] == ["python", "--", "--bind"]
    assert ("--bind", ["/a", "/app"]) in options
    added = {values[0].removeprefix("CAP_") for name, values in options if name == "--cap-add"}
    assert added <= set(bare.CAPABILITIES)
    assert added if root else not added
