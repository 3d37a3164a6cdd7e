"""Errors can be sent whatever their text is."""

from __future__ import annotations

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from unstick.localhub.api import answers
from unstick.localhub.api.errors import ApiError


@given(st.text(max_size=600))
@example("Invalid rev id: \xaf")
@example("\n")
def test_any_text_makes_headers_that_can_be_sent(text: str) -> None:
    answer = answers.of_error(ApiError(404, text, "EntryNotFound"))
    sent = h11.Response(status_code=answer.status_code, headers=answer.raw_headers)
    assert dict(sent.headers)[b"x-error-code"] == b"EntryNotFound"
