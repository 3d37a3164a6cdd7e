"""The static checks of a Space against the platform's contract, one module a rule."""

from unstick.rules.base import Rule
from unstick.rules.engine import check

__all__ = ["Rule", "check"]
