"""Addresses of databases."""

import pytest

from unstick.database_url import url_of
from unstick.errors import UsageError


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("h.db", "sqlite"),
        ("sqlite:///h.db", "sqlite"),
        ("postgresql://u@h/n", "postgresql+pg8000"),
        ("postgresql+pg8000://u@h/n", "postgresql+pg8000"),
    ],
)
def test_addresses(given: str, driver: str) -> None:
    assert url_of(given).drivername == driver


@pytest.mark.parametrize("given", ["mysql://u:geheim@h/n", "postgresql+psycopg2://h/n", "://"])
def test_other_databases_are_refused_without_showing_a_password(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        url_of(given)
    assert "geheim" not in str(caught.value)
