# ruff: noqa: E501
"""Our reader beside BuildKit's own parser (the package `dockerfile` wraps it): the same instructions, forms, flags,
here-documents and lines, and nothing refused by one that the other takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstick.space.dockerfile import Dockerfile

dockerfile: Any = pytest.importorskip("dockerfile")
ARCHIVES = sorted((Path(__file__).parent.parent / "rules").glob("*/*.txt"))
LINES = """FROM a|FROM a AS b|RUN x|RUN <<EOF|EOF|\tEOF|CMD ["a", "b c"]|CMD ['a']|CMD ["a",]|ENV A=1 B="x y"|ENV A b c
ENV A="x \\|COPY a b|COPY --chown=u:g --from=x a b /c/|COPY ["a b","c"]|COPY <<A <<B /x/|A|B|# c|  # c||   |\\|x \\
&& y \\|RUN a \\  |RUN a && \\|HEALTHCHECK --interval=5s CMD x|HEALTHCHECK NONE|ONBUILD RUN x|EXPOSE 1/tcp 2
LABEL a=b c="d e"|# escape=`|# syntax=x|#escape=`|RUN a `|ARG X=1|ARG X|VOLUME ["/x"]|USER a:b|WORKDIR /a b|SHELL ["a"]
STOPSIGNAL 9|RUN <<-'EOF' cat|RUN cat <<EOF > /x|RUN echo "<<EOF"|RUN a <<< b|foo|run x|RUN --network=none --mount=type=bind x
RUN --|RUN -- x|CMD|ENTRYPOINT []|CMD [ "a" , "b" ]  |RUN echo '<<X'|ADD https://x/y /z|RUN x # c|ENV|RUN \\|\tRUN tab
RUN $((1<<2))|RUN cat <<"E F"|E F|RUN x <<1|COPY a b \\ |MAINTAINER me <a@b>""".replace("\n", "|").split("|")


def ours(file: Dockerfile) -> list[tuple[object, ...]]:
    """What our reader says of each instruction."""
    return [
        (
            step.keyword,
            step.form == "exec",
            step.place.line,
            step.last_line,
            tuple(f"--{f.name}={f.value}" if f.value else f"--{f.name}" for f in step.flags),
            tuple(d.body.split() for d in step.heredocs),
            step.word_texts() if step.form == "exec" else (),
        )
        for step in file.instructions
    ]


def theirs(text: str) -> list[tuple[object, ...]] | None:
    """The same of BuildKit's parser, or None when it refuses the file."""
    try:
        found = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    if any(step.cmd is None for step in found):
        return None  # a lone escape character: BuildKit stops at it later
    return [
        (
            step.cmd.upper(),
            step.json,
            step.start_line,
            step.end_line,
            tuple(step.flags),
            tuple(d.content.split() for d in step.heredocs),
            tuple(step.value) if step.json else (),
        )
        for step in found
    ]


def agree(text: str) -> None:
    """Both read the same, or ours has a problem to tell where theirs refuses."""
    file = Dockerfile(text)
    certain = [p for p in file.problems if p.certain]
    expected = theirs(text)
    if expected is None:
        assert certain or not file.stages
    elif not certain:
        assert ours(file) == expected


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_fixtures(path: Path) -> None:
    text = path.read_text()
    if "-- Dockerfile --\n" in text:
        agree(text.split("-- Dockerfile --\n", 1)[1].split("\n-- ", 1)[0] + "\n")


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(LINES), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
def test_fuzzed_files(rows: list[str], newline: str, ended: bool) -> None:
    agree("FROM a" + newline + newline.join(rows) + (newline if ended else ""))
