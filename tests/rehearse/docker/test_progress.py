"""BuildKit's progress as the platform's build log, and whose failure a failed build is."""

from __future__ import annotations

import pytest

from unstick.rehearse.backend import BuildFailed, CannotRehearse
from unstick.rehearse.docker.progress import Progress

DIGEST = "sha256:" + "ab" * 32
BASE = ["#3 [internal] load metadata for docker.io/library/python:3.11", "#3 DONE 0.0s"]


def read(*lines: str) -> tuple[Progress, list[str]]:
    said: list[str] = []
    progress = Progress(said.append)
    for line in lines:
        progress.line(line)
    return progress, said


def failing(*output: str, code: int = 1) -> Progress:
    step = "#5 [2/3] RUN --mount=type=secret,id=unstick-ca,target=/run/unstick/ca.pem,mode=0444 make"
    error = f"executor failed running [/bin/sh -c make]: exit code: {code}"
    lines = [step, *(f"#5 0.1 {line}" for line in output), f"#5 ERROR: {error}", "------", error]
    return read(*BASE, *lines)[0]


def test_steps_and_their_output_are_written_as_the_platform_does() -> None:
    _, said = read(
        *BASE, "", "#4 [1/2] FROM docker.io/library/python:3.11", f"#4 {DIGEST}", "#4 CACHED", "",
        "#5 [builder 2/2] RUN --mount=type=secret,id=unstick-ca,target=/t,mode=0444 pip install x",
        f"#5 {DIGEST} 1.2MB / 3MB 0.1s", "#5 0.512 Collecting x", "#5 0.6", "#5 DONE 0.7s",
        "#6 exporting to image", "#6 DONE 0.0s",
    )  # fmt: skip
    assert said == [
        "--> FROM docker.io/library/python:3.11", "CACHED", "--> RUN pip install x", "Collecting x", "",
        "DONE 0.7s",
    ]  # fmt: skip


def test_a_failed_step_is_told_in_the_platform_s_words_once() -> None:
    step = "#5 [2/2] RUN make"
    error = "executor failed running [/bin/sh -c make]: exit code: 2"
    progress, said = read(step, "#5 0.1 make: no", f"#5 ERROR: {error}", "------", " > [2/2] RUN make:",
                          "#5 0.1 make: no", "------", error)  # fmt: skip
    assert said[:3] == [
        "--> RUN make", "make: no",
        '--> ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    ]  # fmt: skip
    assert said.count("make: no") == 1
    with pytest.raises(BuildFailed, match=r"RUN make: exit code 2"):
        progress.judge(1)


def test_a_build_that_ends_well_is_nobody_s_failure() -> None:
    read(*BASE)[0].judge(0)


@pytest.mark.parametrize(
    "line",
    [
        "urllib3.exceptions.NewConnectionError: Failed to establish a new connection: [Errno -3]",
        "curl: (6) Could not resolve host: index.example",
        "W: Failed to fetch http://packages.example/x  Temporary failure resolving 'packages.example'",
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
        "npm error code EAI_AGAIN",
    ],
)
def test_an_index_that_cannot_be_reached_is_not_the_space_s_failure(line: str) -> None:
    with pytest.raises(CannotRehearse, match="cannot reach"):
        failing(line, "ERROR: No matching distribution found for x").judge(1)


def test_a_package_that_does_not_exist_is_the_space_s_failure() -> None:
    with pytest.raises(BuildFailed):
        failing("ERROR: No matching distribution found for x").judge(1)


def test_trouble_with_the_network_in_another_step_does_not_excuse_the_failing_one() -> None:
    progress = failing("SyntaxError: invalid syntax")
    progress.line("#7 [other 1/1] RUN curl x || true")
    progress.line("#7 0.1 curl: (6) Could not resolve host: x")
    with pytest.raises(BuildFailed):
        progress.judge(1)


@pytest.mark.parametrize(
    "error",
    [
        "pull access denied, repository does not exist or may require authorization",
        'failed to do request: Head "https://r/v2/x/manifests/1": dial tcp: lookup r: no such host',
        "docker.io/library/python:2.99: not found",
        "failed to resolve source metadata for docker.io/library/x:1: unexpected status",
    ],
)
def test_a_base_image_that_cannot_be_had_is_not_a_failed_build(error: str) -> None:
    progress, _ = read(BASE[0], f"#3 ERROR: {error}", "------", f"failed to solve: {error}")
    with pytest.raises(CannotRehearse, match="base image"):
        progress.judge(1)


def test_a_file_that_is_not_in_the_context_is_the_space_s_failure() -> None:
    error = 'failed to compute cache key: "/nothere" not found: not found'
    progress, _ = read(
        *BASE, "#5 [2/2] COPY nothere /x", '#5 ERROR: "/nothere" not found: not found', "------", error
    )
    with pytest.raises(BuildFailed, match="nothere"):
        progress.judge(1)


def test_a_dockerfile_that_cannot_be_read_is_the_space_s_failure() -> None:
    progress, _ = read(
        "failed to solve with frontend dockerfile.v0: dockerfile parse error line 2: unknown instruction: RUNN"
    )
    with pytest.raises(BuildFailed, match="unknown instruction"):
        progress.judge(1)
