"""Variables by which programs of this machine find their way to package indexes."""

from __future__ import annotations

CA_VARIABLES = (
    "SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
)  # fmt: skip
"""Variables that name a bundle of certificates: read by OpenSSL and uv, pip, requests, curl, Node, git."""

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
"""Build arguments that every Dockerfile has, and that no image keeps (Dockerfile reference)."""
