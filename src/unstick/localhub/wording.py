"""What the Hub answers to pushes that it does not take, as reported by those who got it."""

from __future__ import annotations

FULL = "Repository storage limit reached (Max: 1 GB)"
"""A Space's repository, its history and its large files included."""
METADATA = "Sorry, your push was rejected during YAML metadata verification:"
BINARY = (
    "Your push was rejected because it contains binary files.",
    "Please use https://huggingface.co/docs/hub/xet to store binary files.",
)
TOO_LARGE = (
    "Your push was rejected because it contains files larger than 10 MB.",
    "Please use https://git-lfs.github.com/ to store large files.",
)
NO_OBJECT = (
    "Your push was rejected because an LFS pointer pointed to a file that does not exist.",
    "For instance, this can happen if you used git push --no-verify to push your changes.",
)
DISABLED = "Access to this resource is disabled."
MOVED_ON = "A commit has happened since. Please refresh and try again."
NO_FILE = "A file with this name doesn't exist"
EMPTY_CARD = "empty or missing yaml metadata in repo card"
