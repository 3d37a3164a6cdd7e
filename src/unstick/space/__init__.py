"""Reading a repository: parsed once, raw text beside the parse, places of everything."""

from unstick.space.files import Tree
from unstick.space.space import Space
from unstick.space.types import Edit, Finding, Place

__all__ = ["Edit", "Finding", "Place", "Space", "Tree"]
