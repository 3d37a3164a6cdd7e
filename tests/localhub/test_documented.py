"""What docs say of the hub is so."""

from __future__ import annotations

import re

from conftest import ROOT
from unstick.localhub.control.state import BACK_OFF
from unstick.localhub.faults import KINDS
from unstick.localhub.logs import MOST
from unstick.localhub.settings import Settings


def test_every_fault_is_documented_with_what_it_reproduces() -> None:
    text = (ROOT / "docs/hub-faults.md").read_text("utf-8")
    sections = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == [kind.id for kind in KINDS]
    for kind in KINDS:
        assert all(part in sections[kind.id] for part in (kind.component, kind.does, kind.pattern, kind.seen))


def test_figures_of_the_page_are_those_of_the_hub() -> None:
    text = (ROOT / "docs/hub.md").read_text("utf-8")
    settings = Settings("x")
    assert f"`--queue-timeout` ({settings.queue_timeout / 60:.0f} minutes)" in text
    assert f"`--build-timeout` ({settings.build_timeout / 3600:.0f} hour" in text
    assert f"run at a time ({settings.builds})" in text
    assert f"newest {MOST // 1024**2} MB" in text
    assert "{:.0f}, {:.0f} and {:.0f} seconds".format(*BACK_OFF) in text
