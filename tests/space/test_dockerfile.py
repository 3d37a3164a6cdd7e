"""Dockerfiles: instructions, stages, places, variables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unstick.space.docker_variables import assignments, expand
from unstick.space.dockerfile import KEYWORDS, Dockerfile

TEXT = """# syntax=docker/dockerfile:1
ARG V=3.11
FROM python:${V}-slim AS base
ENV PORT=7860 \\
    # words between
    HOST="0.0.0.0" NAME='a b'
ENV OLD style value
RUN --mount=type=cache,target=/root/.cache pip install x && \\
    echo hi

COPY --chown=user:user --from=build a b /app/
COPY ["a b", "c"]
RUN <<EOF
useradd x
CMD not this
EOF
COPY <<-'END' /start.sh
\t#!/bin/sh
\tEND
from base as final
EXPOSE ${PORT}/tcp 80
CMD ["uvicorn", "a:b", "--port", "$PORT"]
"""


def test_instructions_and_places() -> None:
    file = Dockerfile(TEXT)
    assert file.problems == []
    assert [i.keyword for i in file.instructions] == (
        ["ARG", "FROM", "ENV", "ENV", "RUN", "COPY", "COPY", "RUN", "COPY", "FROM", "EXPOSE", "CMD"]
    )  # fmt: skip
    for step in file.instructions:
        assert TEXT[step.place.start :].upper().startswith(step.keyword)
        for word in step.words:
            shown = TEXT[word.place.start : word.place.end]
            assert word.text in (shown, shown.strip('"')), (word, shown)
    run = file.instructions[4]
    assert run.text == "pip install x &&     echo hi" and run.last_line == 9 and run.flag("mount")
    assert file.instructions[5].flag("from") == "build"
    assert file.instructions[6].form == "exec" and file.instructions[6].word_texts() == ("a b", "c")
    assert file.instructions[7].heredocs[0].body == "useradd x\nCMD not this\n"
    assert (
        file.instructions[8].heredocs[0].body == "#!/bin/sh\n" and not file.instructions[8].heredocs[0].expand
    )


def test_stages_and_variables() -> None:
    file = Dockerfile(TEXT)
    final = file.final
    assert final is not None and [s.name for s in file.chain(final)] == ["base", "final"]
    assert file.base_image(final) == "python:3.11-slim"
    env = file.environment()
    assert env.values == {"PORT": "7860", "HOST": "0.0.0.0", "NAME": "a b", "OLD": "style value"}
    assert TEXT[env.places["HOST"].start : env.places["HOST"].end] == '"0.0.0.0"'
    assert env.places["HOST"].line == 6


def test_expansion() -> None:
    known = {"A": "1", "E": ""}
    for text, value in (
        ("$A", "1"), ("${A}x", "1x"), ("${B:-7}", "7"), ("${E:-7}", "7"), ("${E-7}", ""), ("${A:+y}", "y"),
        ("$B", ""), ("\\$A", "$A"), ("plain", "plain"), ("${B:-${A}}", "1"),
    ):  # fmt: skip
        assert expand(text, known) == value, text


def problems(text: str) -> list[str]:
    return [p.message for p in Dockerfile(text).problems]


def test_problems() -> None:
    assert problems("FROM a\nFOO bar\n") == ["FOO is no Dockerfile instruction"]
    assert problems("FROM a\nRUN a \\\n && b\nCOPY x\n") == ["COPY needs at least a source and a destination"]
    assert problems("FROM a\nCMD ['a', 'b']\n") == ["CMD looks like a JSON list but is none"]
    assert problems("FROM a\nRUN [ -f x ] && y\nCMD [[ a ]]\n") == []
    assert problems('FROM a\nRUN [ "$A" = "b" ]\nCMD [ "$A" = "b" ] && c\n') == []
    assert problems('FROM a\nCMD ["a", "b" "c"]\n') == ["CMD looks like a JSON list but is none"]
    assert problems('FROM a\nCMD ["a", "b"\n') == ["CMD looks like a JSON list but is none"]
    assert problems("FROM a\nRUN <<EOF\nx\n") == ["the here-document EOF is never closed"]
    assert problems("FROM a b c\n") == ["FROM takes an image, or an image, AS and a name"]
    assert problems("FROM a\nENV A\n") == ["ENV takes name=value pairs"]
    assert problems("FROM a\nCMD\n") == ["CMD has no arguments"]


def test_quotes_and_what_stands_before_from() -> None:
    assert problems('FROM a\nENV A="0.0.0.0”\nCMD b\n') == ["ENV has a quote that is never closed"]
    assert problems('FROM a\nENV A="it\'s" B=\'x\\\' C="a\\"b"\n') == []
    assert problems("ARG V\nENV A=1\nRUN x\nFROM a\n") == ["ENV stands before the first FROM"]


def test_lists_that_need_a_shell() -> None:
    for words in ('"PORT=7860", "node", "build"', '"cd", "/app"', '"a", "&&", "b"', '"export", "A=1"'):
        assert [p.certain for p in Dockerfile(f"FROM a\nCMD [{words}]\n").problems] == [False], words
    assert problems('FROM a\nCMD ["sh", "-c", "cd /a && b"]\nENTRYPOINT ["env", "A=1", "b"]\n') == []


def test_windows_lines_tabs_and_escape() -> None:
    text = "# escape=`\r\nFROM a\r\nRUN a `\r\n  b\r\nENV\tA=1\r\n"
    file = Dockerfile(text)
    assert [i.text for i in file.instructions] == ["a", "a   b", "A=1"]
    assert assignments(file.instructions[2])[0][:2] == ("A", "1")


@given(st.text(st.sampled_from("FROMCPYUN \n\\\"'[],<=$#{}ab\r\t") | st.characters(), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    file = Dockerfile(text)
    for step in file.instructions:
        assert step.keyword in KEYWORDS or file.problems
        assert 0 <= step.place.start <= step.place.end <= len(text)
        for word in step.words:
            assert step.place.start <= word.place.start <= word.place.end <= len(text)
    file.environment()
