"""What is asked of the live Hub, through the official client."""

from __future__ import annotations

from unstick.errors import UnreadableError
from unstick.record import TYPE_CHECKING
from unstick.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PATIENCE = 60.0
"""Seconds that one call may take."""

README = "README.md"


class Refused(UnreadableError):
    """The Hub refused. `request_id` is what support asks for."""

    reference = "hub-refused"
    request_id = ""


class Platform:
    """One Space on one Hub, as its owner's token sees it. Raises Refused for what the Hub does not do."""

    def __init__(self, space: str, endpoint: str, token: str) -> None:
        try:
            from huggingface_hub import HfApi
        except ImportError:
            raise UnreadableError(
                "needs the official client", where="act", todo="pip install 'unstick[live]'"
            ) from None
        self.space = space
        self._client = HfApi(endpoint=endpoint, token=token or False, library_name="unstick")

    def may_write(self) -> None:
        """Raises Refused unless the token may change this Space."""
        self._try("auth-check", lambda: self._client.auth_check(self.space, repo_type="space", write=True))

    def restart(self, *, factory: bool = False) -> None:
        """Restart it; `factory` builds it anew without any cache."""
        self._try("restart", lambda: self._client.restart_space(self.space, factory_reboot=factory))

    def pause(self) -> None:
        """Stop it until it is restarted."""
        self._try("pause", lambda: self._client.pause_space(self.space))

    def move(self, hardware: str) -> None:
        """Ask for other hardware."""
        flavour: Any = hardware
        self._try("hardware", lambda: self._client.request_space_hardware(self.space, flavour))

    def nudge(self) -> str:
        """Commit README.md with one line end more at its end, or one less; gives the new commit.

        The client leaves out a commit whose files are all the same, so a byte has to change.
        """

        def commit() -> str:
            from huggingface_hub import CommitOperationAdd

            path = self._client.hf_hub_download(self.space, README, repo_type="space")
            with open(path, "rb") as file:
                text = file.read()
            changed = text[:-1] if text.endswith(b"\n\n") else text + b"\n"
            operation = CommitOperationAdd(path_in_repo=README, path_or_fileobj=changed)
            done = self._client.create_commit(
                self.space, [operation], commit_message="Build again (no change)", repo_type="space"
            )
            return str(done.oid)

        return str(self._try("commit", commit))

    def duplicate(self, name: str, hardware: str) -> None:
        """Make a private copy of it."""
        flavour: Any = hardware or None
        self._try(
            "duplicate",
            lambda: self._client.duplicate_repo(
                self.space, name, repo_type="space", visibility="private", space_hardware=flavour
            ),
        )

    def remove(self, name: str) -> None:
        """Delete a repository that `duplicate` made."""
        self._try("delete", lambda: self._client.delete_repo(name, repo_type="space", missing_ok=True))

    def _try(self, what: str, call: Callable[[], Any]) -> Any:
        from huggingface_hub.errors import HfHubHTTPError

        try:
            return call()
        except HfHubHTTPError as error:
            refused = Refused(_words(error), where=f"{self.space}: {what}", todo="")
            refused.request_id = str(getattr(error, "request_id", "") or "")
            raise refused from None
        except (OSError, ValueError, RuntimeError) as error:
            raise Refused(redact(str(error).splitlines()[0])[:300], where=f"{self.space}: {what}") from None


def _words(error: Any) -> str:
    """Status and reason in a clause, without the client's links."""
    status = getattr(error.response, "status_code", 0)
    said = str(getattr(error, "server_message", "") or "").strip().replace("\n", " ").rstrip(".")
    return f"the Hub answers {status}" + (f": {redact(said)[:300]}" if said else "")
