"""Ports, addresses and durations out of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.observe import facts

APP_PORTS = [
    ("app_port: 8501", 8501),
    ("app_port is 3000", 3000),
    ('the "app_port" = "5000"', 5000),
    ("I set app port to 8080", 8080),
    ("app_port: 5432", None),
    ("nothing here", None),
    ("app_port: 99999", None),
]


@pytest.mark.parametrize(("text", "port"), APP_PORTS)
def test_app_port(text: str, port: int | None) -> None:
    assert facts.app_port(text) == port


LISTENS = [
    ("Uvicorn running on http://0.0.0.0:7860", [7860]),
    ("streamlit run app.py --server.port=8501", [8501]),
    ("gunicorn -b 0.0.0.0:8000 app:app", [8000]),
    ("EXPOSE 3000", [3000]),
    ("The app listens on port 8080", [8080]),
    ("log says it started on 8501", [8501]),
    ("app_port: 8501 and EXPOSE 7860", [7860]),
    ("connection to db on port 5432 refused", []),
    ("since 2024 it runs on 2 CPUs", []),
    ("it runs at 4000 MB", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "ports"), LISTENS)
def test_listening_ports(text: str, ports: list[int]) -> None:
    assert facts.listening_ports(text) == ports


LOOPBACK = [
    ("uvicorn app:app --host 127.0.0.1", True),
    ("app.run(host='localhost')", True),
    ("Running on http://127.0.0.1:7860", True),
    ("Running on http://0.0.0.0:7860", False),
    ("I opened localhost in my browser", False),
]


@pytest.mark.parametrize(("text", "binds"), LOOPBACK)
def test_loopback(text: str, binds: bool) -> None:
    assert facts.binds_loopback(text) is binds


WAITS = [
    ("stuck for 12+ hours", 12),
    ("Preparing for over 12 hours", 12),
    ("stuck for two days", 48),
    ("it has been 3 weeks", 504),
    ("stuck since yesterday", 12),
    ("for 30 minutes", 0.5),
    ("been building for 2-3 hours", 2),
    ("lleva dos días", 48),
    ("há três dias", 72),
    ("depuis deux jours", 48),
    ("sudah selama 3 hari", 72),
    ("sejak dua minggu", 336),
    ("selama 10 menit", 1 / 6),
    ("已经 5 个小时了", 5),
    ("卡了两天", 48),
    ("从昨天开始", 12),
    ("my build takes 5 minutes usually", 0),
    ("nothing said", 0),
]


@pytest.mark.parametrize(("text", "hours"), WAITS)
def test_longest_wait(text: str, hours: float) -> None:
    assert facts.longest_wait(text) == pytest.approx(hours)


@given(st.text(max_size=300))
def test_every_text_gives_values_in_range(text: str) -> None:
    assert all(20 < port < 65536 for port in facts.listening_ports(text))
    assert 0 <= facts.longest_wait(text) <= 24 * 400
    facts.app_port(text)
    facts.binds_loopback(text)
