"""Fixtures of the end-to-end tests."""

from e2e.hostile import sandbox

__all__ = ["sandbox"]
