"""Whether a session of the app's framework opens, as a visitor's browser would open it."""

from __future__ import annotations

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from unstick.rehearse.types import Session


def open_session(
    dial: Callable[[int, str], socket.socket], port: int, base_path: str, host: str
) -> Session | None:
    """The session that was opened, or None where the app is neither Streamlit nor Gradio."""
    from unstick.rehearse.sessions_gradio import open_session as gradio
    from unstick.rehearse.sessions_streamlit import open_session as streamlit

    return streamlit(dial, port, base_path, host) or gradio(dial, port, base_path, host)
