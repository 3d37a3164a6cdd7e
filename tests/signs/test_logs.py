"""What is read from a log, and how logs of each kind end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.signs.logs import LogReading, scan, shown

HEAD = "===== Application Startup at 2026-04-07 15:13:18 =====\n\n"
STREAMLIT = "  You can now view your Streamlit app in your browser.\n\n  URL: http://0.0.0.0:8501\n\n"
GUNICORN = (
    "[2026-01-01 12:00:00 +0000] [7] [INFO] Starting gunicorn 23.0.0\n"
    "[2026-01-01 12:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0:7860 (7)\n"
    "[2026-01-01 12:00:00 +0000] [8] [INFO] Booting worker with pid: 8\n"
)
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/app/app.py", line 3, in <module>\n'
    "    open('/data/x', 'w')\nPermissionError: [Errno 13] Permission denied: '/data/x'\n"
)
SHARDS = "Loading checkpoint shards:  25%|██▌       | 1/4 [00:05<00:15,  5.1s/it]"
QUEUED = "===== Build Queued at 2026-04-07 15:12:19 / Commit SHA: f7add1a =====\n"
PUSHED = (
    f"{QUEUED}\n--> FROM docker.io/library/python:3.13\nDONE 0.0s\n\n"
    "--> Pushing image\nDONE 9.1s\n\n--> Exporting cache\nDONE 0.7s\n"
)


def names(reading: LogReading) -> set[str]:
    return {item.sign for item in shown(reading)}


@pytest.mark.parametrize(
    ("text", "where", "state"),
    [
        ("", "run", "empty"),
        (" \n\t\n", "run", "empty"),
        (HEAD + STREAMLIT, "run", "ends-after-banner"),
        (HEAD + GUNICORN, "run", "ends-after-banner"),
        (HEAD + STREAMLIT + "Launch timed out, workload was not healthy\n", "run", "ends-after-banner"),
        (HEAD + STREAMLIT + TRACEBACK, "run", "error-after-banner"),
        (HEAD + STREAMLIT + "Memory limit exceeded (16Gi)\n", "run", "error-after-banner"),
        (HEAD + STREAMLIT + SHARDS, "run", "stops-mid-load"),
        (HEAD + SHARDS, "run", "stops-mid-load"),
        (HEAD + SHARDS + "\n" + TRACEBACK, "run", "error"),
        (HEAD + "INFO:     Waiting for application startup.\n", "run", "stops-mid-load"),
        ("Waiting for application startup.\nApplication startup complete.\n", "run", "ends-after-banner"),
        (HEAD + TRACEBACK, "run", "error"),
        (HEAD + "hello\n", "run", "no-banner-no-error"),
        (QUEUED, "build", "queued-only"),
        (PUSHED, "build", "build-complete"),
        (PUSHED + "ERROR: failed to push spaces-registry.x/y: 401 Unauthorized\n", "build", "error"),
        (QUEUED + "Collecting gradio==6.1\n", "build", "stops-mid-load"),
    ],
)  # fmt: skip
def test_states(text: str, where: str, state: str) -> None:
    assert scan(text, where).state == state


def test_the_three_ends_of_a_started_app_are_three_signs() -> None:
    ends = [names(scan(HEAD + STREAMLIT + more, "run")) for more in ("", TRACEBACK, SHARDS)]
    expected = ("log-ends-after-banner", "log-error-after-banner", "log-stops-mid-load")
    for found, sign in zip(ends, expected, strict=True):
        assert found.intersection(expected) == {sign}


def test_a_build_that_stops_while_it_installs_is_another_sign_than_a_model_that_loads() -> None:
    assert "log-stops-mid-build" in names(scan(QUEUED + "Collecting gradio==6.1\n", "build"))
    assert "log-stops-mid-load" in names(scan(SHARDS, "run"))


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("* Running on local URL:  http://0.0.0.0:7860", "0.0.0.0", 7860),
        ("INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", "127.0.0.1", 8000),
        (" * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:5000", "0.0.0.0", 5000),
        ("Streamlit started on 8501", "", 8501),
        ("  Local URL: http://localhost:8501\n  External URL: http://3.92.201.77:8501", "", 8501),
        ("Server listening on port 3000", "", 3000),
        ("Server is running on http://localhost:3000", "", 3000),
        ("Listening on http://[::]:3838", "[::]", 3838),
        ("Tomcat started on port(s): 8080 (http)", "", 8080),
        ("[GIN-debug] Listening and serving HTTP on :8080", "", 8080),
        ("Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...", "0.0.0.0", 8000),
        ("  ➜  Local:   http://localhost:5173/", "", 5173),
    ],
)
def test_banners(text: str, address: str, port: int) -> None:
    banner = scan(HEAD + text, "run").banner
    assert banner is not None
    assert (banner.address, banner.port) == (address, port)


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("* Running on local URL:  http://127.0.0.1:7860", True),
        (" * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:5000", False),
        ("Server is running on http://localhost:3000", False),
        ("Uvicorn running on http://127.0.0.1:9000\nListening at: http://0.0.0.0:7860 (7)", False),
        ("NiceGUI ready to go on http://localhost:8080, and http://172.17.0.2:8080", False),
    ],
)
def test_only_a_server_that_names_no_other_address_listens_on_loopback(text: str, loopback: bool) -> None:
    assert ("log-banner-loopback" in names(scan(text, "run"))) is loopback


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        (STREAMLIT, "log-banner-port-8501"),
        (GUNICORN, "log-banner-port-7860"),
        ("Serving on http://0.0.0.0:8319", "log-banner-port-other"),
        ("Serving on http://127.0.0.1:8000\nUvicorn running on http://0.0.0.0:7860", "log-banner-port-7860"),
    ],
)
def test_announced_ports(text: str, sign: str) -> None:
    assert {name for name in names(scan(text, "run")) if name.startswith("log-banner-port")} == {sign}


def test_the_last_exception_of_a_chain_decides_and_a_specific_one_before_a_general() -> None:
    chain = TRACEBACK + "\nDuring handling of the above exception, another exception occurred:\n\n"
    chain += "Traceback (most recent call last):\nModuleNotFoundError: No module named 'flask'\n"
    assert scan(chain, "run").decisive == "log-module-not-found"
    assert (
        scan(
            "CUDA out of memory\n" + 'Traceback (most recent call last):\n  File "x", line 1\n', "run"
        ).decisive
        == "log-cuda-oom"
    )


def test_the_more_telling_message_of_a_line_counts_alone() -> None:
    found = names(scan("ModuleNotFoundError: No module named 'audioop'", "run"))
    assert "log-stdlib-gone" in found
    assert "log-module-not-found" not in found


def test_harmless_lines_are_no_errors() -> None:
    text = (
        "WARNING: Running pip as the 'root' user can result in broken permissions\n"
        "ERROR: pip's dependency resolver does not currently take into account all packages.\n"
        "Error while sending telemetry: HTTPSConnectionPool(host='api.gradio.app'): Max retries exceeded\n"
        "Could not find cuda drivers on your machine, GPU will not be used.\n"
        "cache miss: [base 6/7] RUN pip install\n"
        'INFO:     10.16.1.2:0 - "GET /?logs=container HTTP/1.1" 404 Not Found\n'
    )
    reading = scan(text, "any")
    assert reading.state == "no-banner-no-error"
    assert names(reading) <= {"log-no-banner-no-error", "log-requests-served"}


def test_a_note_does_not_make_a_whole_log_on_one_line_harmless() -> None:
    text = (
        "WARNING: Running pip as the 'root' user can "
        + "result in broken things " * 100
        + "CUDA out of memory"
    )
    assert "log-cuda-oom" in names(scan(text, "run"))


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mRuntimeError: CUDA out of memory\x1b[0m",
        "2026-06-01T12:00:00.123Z stderr F RuntimeError: CUDA out of memory",
        "#12 34.5 RuntimeError: CUDA out of memory",
        "10%|#  |\r20%|## |\rRuntimeError: CUDA out of memory\r\n",
        "it says CUDA out of memory when I press the button",
        '{"log":"RuntimeError: CUDA out of memory\\n","stream":"stderr"}',
    ],
)
def test_dress_does_not_matter(text: str) -> None:
    assert "log-cuda-oom" in names(scan(text, "run"))


def test_a_message_may_be_wrapped_in_a_description_but_not_in_a_log() -> None:
    assert "log-cuda-oom" in names(scan("It says CUDA out\nof memory.", "description"))
    assert "log-cuda-oom" not in names(scan("It says CUDA out\nof memory.", "run"))


def test_the_same_words_mean_another_thing_in_the_other_log() -> None:
    text = "OSError: [Errno 28] No space left on device"
    assert "log-no-space-build" in names(scan(text, "build"))
    assert "log-no-space" in names(scan(text, "run"))
    assert "log-no-space" not in names(scan(text, "build"))


def test_a_hit_says_where_and_quotes_briefly_without_control_characters() -> None:
    text = (
        "one\n" + "x" * 5000 + " No module named 'foo' \x07\x1b[0m" + "y" * 5000 + "\nNo module named 'bar'\n"
    )
    (hit,) = [hit for hit in scan(text, "run").hits if hit.sign == "log-module-not-found"]
    assert (hit.line, hit.last_line, hit.lines) == (2, 3, 2)
    assert "No module named 'foo'" in hit.text
    assert len(hit.text) <= 200 and hit.text.isprintable()
    assert dict(hit.groups) == {"module": "foo"}


LINES = st.sampled_from(
    [
        "",
        "hello",
        SHARDS,
        *TRACEBACK.splitlines(),
        *STREAMLIT.splitlines(),
        "Killed",
        "\x1b[1m",
        "\x00",
        "é" * 50,
    ]
)


@given(
    st.lists(LINES, min_size=1, max_size=8),
    st.integers(0, 7),
    st.sampled_from(["run", "build", "any", "description"]),
)
def test_repeating_a_line_changes_no_sign(lines: list[str], index: int, where: str) -> None:
    index %= len(lines)
    often = lines[:index] + [lines[index]] * 1000 + lines[index + 1 :]
    assert names(scan("\n".join(often), where)) == names(scan("\n".join(lines), where))


@given(st.text(max_size=300), st.sampled_from(["run", "build", "push", "any", "description", ""]))
def test_no_text_is_too_strange(text: str, where: str) -> None:
    for item in shown(scan(text, where)):
        assert item.quote.isprintable()
