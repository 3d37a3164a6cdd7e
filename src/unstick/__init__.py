"""unstick finds out why a Hugging Face Space is stuck, and what to do about it."""

__version__ = "0.1.0"
