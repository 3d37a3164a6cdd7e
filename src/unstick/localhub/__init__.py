"""The local Hub: Spaces created, built, run, routed and watched on this machine, faults included."""
