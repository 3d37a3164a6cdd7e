"""Rehearsals as confined processes, without a container engine."""
