"""The HTTP API: one module a subject; each lists its endpoints in `ENDPOINTS`, which the application finds."""
