"""The rehearsal: a Space built and run here as the platform would, from a clean state, under its rules."""
