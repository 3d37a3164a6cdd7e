"""Alembic's migrations of the history database, shipped with the package."""
