"""Errors of the API, with the status and the headers from which the official client makes its exceptions."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(Exception):
    """An answer that is an error: `code` goes into X-Error-Code, `text` into X-Error-Message and the body.

    The client tells by the code: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo (huggingface_hub
    2.4, utils/_http).
    """

    def __init__(
        self,
        status: int,
        text: str,
        code: str = "",
        *,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


def repo_not_found() -> ApiError:
    """There is no such repository, or the caller may not know of it."""
    return ApiError(404, "Repository not found", "RepoNotFound")


def repo_hidden() -> ApiError:
    """The same for a caller without a token: git asks for one then."""
    return ApiError(401, "Invalid username or password.", "RepoNotFound")


def revision_not_found(revision: str) -> ApiError:
    """The repository has no such branch, tag or commit."""
    return ApiError(404, f"Invalid rev id: {revision[:100]}", "RevisionNotFound")


def entry_not_found(path: str) -> ApiError:
    """The commit has no such file or folder."""
    return ApiError(404, f"{path[:200]} does not exist", "EntryNotFound")


def forbidden(text: str = "You don't have the required permissions to perform this action") -> ApiError:
    """The caller is known and may not do this."""
    return ApiError(403, text)


def bad_request(text: str) -> ApiError:
    """The call itself is wrong."""
    return ApiError(400, text)


def unauthorized() -> ApiError:
    """There is a token, and it is not one of this hub's."""
    return ApiError(401, "Invalid credentials in Authorization header")


def login_required() -> ApiError:
    """There is no token, and the call needs one."""
    return ApiError(401, "Invalid username or password.")
