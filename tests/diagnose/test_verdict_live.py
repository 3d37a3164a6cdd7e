"""The verdict on a live Space that is on its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstick.diagnose import diagnose
from unstick.observe.targets import case_of

README = "---\ntitle: Arrivals\nsdk: docker\n{more}---\n"
DOCKERFILE = """FROM python:3.12
RUN pip install streamlit
COPY app.py /app/app.py
CMD streamlit run /app/app.py --server.port 8501 --server.address 0.0.0.0
"""


@pytest.mark.parametrize(("more", "turn"), [("", "you"), ("app_port: 8501\n", "nobody")])
def test_what_will_stop_it_is_said_before_its_time_is_over(tmp_path: Path, more: str, turn: str) -> None:
    (tmp_path / "README.md").write_text(README.format(more=more))
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "app.py").write_text("import streamlit\n")
    case, _ = case_of([str(tmp_path)], "")
    starting = case._replace(facts=(*case.facts, ("health", "in-time"), ("stage", "APP_STARTING")))
    assert diagnose(starting).turn == turn
