"""What docs/check-and-fix.md shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs/check-and-fix.md").read_text()


def test_the_settings_and_the_comment_of_the_page(unstick, tmp_path) -> None:
    settings = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    comment = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert settings and comment
    (tmp_path / "unstick.toml").write_text(settings[1])
    (tmp_path / "README.md").write_text(f"---\nsdk: streamlit\nsdk_version: 1.40.0\n{comment[1]}---\n")
    (tmp_path / "app.py").write_text("import streamlit\n")
    ran = unstick("check", tmp_path, "--json", "--select", "streamlit-sdk-deprecated,bad-color")
    assert (ran.code, ran.json()["findings"]) == (0, [])


def test_every_option_of_the_page_exists(unstick) -> None:
    known = unstick("check", "--help").out + unstick("fix", "--help").out
    assert [option for option in set(re.findall(r"--[a-z][a-z-]+", PAGE)) if option not in known] == []
