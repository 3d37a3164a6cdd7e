"""When a failure is this machine's and not the Space's."""

from __future__ import annotations

import pytest

from unstick.rehearse.lacking import why


@pytest.mark.parametrize(
    ("missing", "code", "line", "lacks"),
    [
        (("libzbar0",), 1, "ImportError: Unable to find zbar shared library", True),
        (
            ("libgl1",),
            1,
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            True,
        ),
        (("ffmpeg",), 1, "FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'", True),
        (("redis-server",), 127, "", True),
        (("redis-server",), 1, "./start.sh: line 3: redis-server: command not found", True),
        (("tesseract-ocr",), 1, "TesseractNotFoundError: tesseract is missing", True),
        (("ffmpeg",), 1, "ModuleNotFoundError: No module named 'flask'", False),
        (("ffmpeg",), 1, "FileNotFoundError: [Errno 2] No such file or directory: 'data/model.bin'", False),
        (("ffmpeg",), None, "Uvicorn running on http://127.0.0.1:8000", False),
        ((), 127, "sh: 1: ffmpeg: not found", False),
    ],
)
def test_why(missing: tuple[str, ...], code: int | None, line: str, lacks: bool) -> None:
    assert bool(why(missing, code, ["started", line])) is lacks
