"""Rehearsals in containers, by a Docker engine."""
