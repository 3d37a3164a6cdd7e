"""From a case to a diagnosis: pure, the same case gives the same diagnosis."""

from unstick.diagnose.engine import diagnose

__all__ = ["diagnose"]
