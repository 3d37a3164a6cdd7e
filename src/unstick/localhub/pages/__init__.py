"""The hub's own pages for a browser: which Spaces there are, and one of them with its logs."""
