"""The Dockerfile that is built instead of the Space's own."""

from __future__ import annotations

import json

import pytest

from unstick.rehearse.backend import CannotRehearse
from unstick.rehearse.docker.machine import Lent
from unstick.rehearse.docker.rewrite import rewrite
from unstick.space.dockerfile import Dockerfile

LENT = (Lent("unstick-ca", "/here/ca.pem", "/run/unstick/ca.pem", ("SSL_CERT_FILE", "PIP_CERT")),)


def old(text: str, lent: tuple[Lent, ...] = ()) -> str:
    return rewrite(text, modern=False, lent=lent).text


def ran(text: str) -> list[str]:
    """The program and arguments of the RUN that a here-document became."""
    step = Dockerfile(old(text)).stages[0].instructions[-1]
    assert step.keyword == "RUN" and step.form == "exec" and not step.heredocs
    return list(step.word_texts())


@pytest.mark.parametrize(
    "text",
    [
        'FROM python:3.11\nRUN pip install x\nCOPY --chown=user . /app\nCMD ["a"]\n',
        "from python:3.11\r\nrun echo \\\r\n  two\r\n",
        "# a comment\nFROM a AS b\n\nFROM b\nRUN --mount=type=cache,target=/x true",
    ],
)
def test_what_an_old_engine_knows_stays_as_it_is(text: str) -> None:
    made = rewrite(text, modern=False)
    assert made.text == text and not made.files and not made.passed_over


@pytest.mark.parametrize("line", ["# syntax=docker/dockerfile:1", "#syntax = docker/dockerfile:1.7-labs"])
@pytest.mark.parametrize("modern", [True, False])
def test_a_syntax_line_is_left_out_and_said(line: str, modern: bool) -> None:
    made = rewrite(f"# escape=`\n{line}\nFROM a\n", modern=modern)
    assert "syntax" not in made.text and made.text.endswith("\nFROM a\n") and "# escape=`" in made.text
    assert any("syntax" in note for note in made.passed_over)


def test_a_syntax_comment_after_the_first_instruction_is_only_a_comment() -> None:
    text = "FROM a\n# syntax=docker/dockerfile:1\nRUN b\n"
    assert rewrite(text, modern=False) == (text, (), ())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY --link --chown=user . /app", "COPY --chown=user . /app"),
        ("COPY --chown=user --link=true . /app", "COPY --chown=user . /app"),
        ("RUN --network=none true", "RUN true"),
        ("ADD --checksum=sha256:aa https://x/y /y", "ADD https://x/y /y"),
    ],
)
def test_flags_without_effect_on_the_result_are_dropped(line: str, expected: str) -> None:
    made = rewrite(f"FROM a\n{line}\n", modern=False)
    assert made.text == f"FROM a\n{expected}\n" and made.passed_over
    assert rewrite(f"FROM a\n{line}\n", modern=True).text == f"FROM a\n{line}\n"


@pytest.mark.parametrize("flag", ["--parents", "--exclude=*.md"])
def test_flags_that_change_the_result_cannot_be_rehearsed(flag: str) -> None:
    with pytest.raises(CannotRehearse):
        old(f"FROM a\nCOPY {flag} . /app\n")


def test_what_is_lent_is_mounted_into_every_run_of_every_stage_and_into_nothing_else() -> None:
    text = 'FROM a AS one\nRUN b\nCOPY c d\nFROM e\nRUN --mount=type=cache,target=/f g\nRUN ["h"]\nCMD i\n'
    made = Dockerfile(old(text, LENT))
    for stage in made.stages:
        declared = {step.text for step in stage.instructions if step.keyword == "ARG"}
        assert declared == {"SSL_CERT_FILE=/run/unstick/ca.pem", "PIP_CERT=/run/unstick/ca.pem"}
    steps = [step for stage in made.stages for step in stage.instructions]
    for step in steps:
        lent = [flag.value for flag in step.flags if "unstick-ca" in flag.value]
        assert len(lent) == (step.keyword == "RUN"), step.keyword
    assert [step.word_texts()[0] for step in steps if step.keyword == "RUN"] == ["b", "g", "h"]
    assert "/here/ca.pem" not in made.text


def test_a_script_in_a_here_document_is_run_by_the_shell_in_effect() -> None:
    body = 'set -e\necho "a $HOME" \\\n  b\n'
    assert ran(f"FROM a\nRUN <<EOF\n{body}EOF\n") == ["/bin/sh", "-c", body]
    shell = '["/bin/bash", "-o", "pipefail", "-c"]'
    assert ran(f"FROM a\nSHELL {shell}\nRUN <<EOF\n{body}EOF\n") == [*json.loads(shell), body]


def test_a_here_document_with_its_own_interpreter_is_run_by_it() -> None:
    body = "#!/usr/bin/env python3\nprint(1)\n"
    assert ran(f"FROM a\nRUN <<EOF\n{body}EOF\n") == ["/usr/bin/env", "python3", "-c", body]
    with pytest.raises(CannotRehearse):
        old("FROM a\nRUN <<EOF\n#!/usr/bin/awk -f\nBEGIN {}\nEOF\n")


def test_a_here_document_that_feeds_a_command_is_left_to_the_shell() -> None:
    made = ran("FROM a\nRUN --mount=type=cache,target=/x cat <<'A' > two && echo ok\nx $HOME\nA\n")
    assert made == ["/bin/sh", "-c", "cat <<'A' > two && echo ok\nx $HOME\nA\n"]


def test_a_run_here_document_keeps_its_mounts_and_gets_what_is_lent() -> None:
    text = old("FROM a\nRUN --mount=type=cache,target=/x <<EOF\ntrue\nEOF\n", LENT)
    values = [flag.value for flag in Dockerfile(text).stages[0].instructions[-1].flags]
    assert len(values) == 2 and values[0] == "type=cache,target=/x" and "unstick-ca" in values[1]


def test_a_copied_here_document_becomes_a_file_of_the_context() -> None:
    made = rewrite("FROM a\nCOPY --link --chmod=755 <<'EOF' /start.sh\necho $A\nEOF\nCMD b\n", modern=False)
    ((name, content),) = made.files
    assert content == "echo $A\n"
    assert made.text == f"FROM a\nCOPY --chmod=755 {name} /start.sh\nCMD b\n"


def test_several_copied_here_documents_go_into_a_folder() -> None:
    made = rewrite("FROM a\nCOPY <<one <<two x.txt /to/\n1\none\n2\ntwo\n", modern=False)
    assert [content for _, content in made.files] == ["1\n", "2\n"]
    targets = [step.word_texts()[-1] for step in Dockerfile(made.text).stages[0].instructions]
    assert targets == ["/to/", "/to/one", "/to/two"]


def test_a_copied_here_document_with_variables_cannot_be_rehearsed_on_an_old_engine() -> None:
    text = "FROM a\nCOPY <<EOF /x\n$HOME\nEOF\n"
    with pytest.raises(CannotRehearse):
        old(text)
    assert rewrite(text, modern=True).text == text
