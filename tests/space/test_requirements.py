"""Reading requirement files line by line, with `packaging` as the oracle for ordinary lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Exact

from unstick.space.requirements import Damaged, Requirement, decode, parse, parse_one
from unstick.space.types import Place

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}([._-][A-Za-z0-9]{1,4})?", fullmatch=True)
BOUNDS = st.lists(
    st.tuples(
        st.sampled_from(["==", ">=", "<=", "<", ">", "!="]), st.sampled_from(["1", "1.2", "2.0.1", "3rc1"])
    ),
    max_size=3,
)


@given(NAMES, BOUNDS, st.booleans())
def test_ordinary_lines_are_read_as_the_standard_reads_them(
    name: str, bounds: list[tuple[str, str]], marked: bool
) -> None:
    text = name + ",".join(op + v for op, v in bounds) + (' ; python_version >= "3.8"' if marked else "")
    found = parse_one(text, Place("r.txt"))
    exact = Exact(text)
    assert isinstance(found, Requirement)
    assert found.name == exact.name.lower().replace("_", "-").replace(".", "-")
    assert {op + v for op, v in found.specifiers} == {s.operator + s.version for s in exact.specifier}
    assert bool(found.marker) is marked


@given(st.text(alphabet="ab1=<>!~.,;[]()'\"@ -#", max_size=24))
def test_a_line_is_refused_exactly_when_the_standard_refuses_it(text: str) -> None:
    line = text.strip()
    if (
        not line
        or line.startswith(("-", "#", "=", "<", ">", ".", "/"))
        or "#" in line
        or " -" in line
        or "@" in line
    ):
        return
    try:
        Exact(line)
        good = True
    except InvalidRequirement:
        good = False
    assert isinstance(parse_one(line, Place("r.txt")), Requirement) is good


@pytest.mark.parametrize(
    ("line", "kind", "repaired"),
    [
        ("flask=2.0", "single-equals", "flask==2.0"), ("keras>=2==2.1", "missing-comma", "keras==2.1"),
        ("pip install flask", "command", ""), ("-", "lone-dash", ""), ("- flask", "list-mark", "flask"),
        ("numpy=1.26=py311_0", "conda-line", "numpy==1.26"), ("flask 2.0", "bare-version", "flask==2.0"),
        ('"flask",', "quoted", "flask"), ("flask=>2", "bad-operator", "flask>=2"),
        ("flask^2.0", "bad-operator", "flask>=2.0"),
        ("f\x00l\x00a\x00s\x00k", "nul-bytes", "flask"), ("<<<<<<< HEAD", "merge-conflict", ""),
        ("flask requests", "many-on-a-line", "flask\nrequests"),
    ],
)  # fmt: skip
def test_damage_has_a_name_and_what_was_meant(line: str, kind: str, repaired: str) -> None:
    (damaged,) = parse("r.txt", line).damaged
    assert (damaged.kind, damaged.repaired) == (kind, repaired)


def test_places_cover_the_line_and_only_that() -> None:
    text = "# first\r\n  requests==2.0  # why\r\npandas \\\n  ==2.1\nbad=1\n"
    file = parse("r.txt", text)
    assert [text[r.place.start : r.place.end] for r in file.requirements] == [
        "requests==2.0",
        "pandas \\\n  ==2.1",
    ]
    assert [(d.place.line, text[d.place.start : d.place.end]) for d in file.damaged] == [(5, "bad=1")]


def test_options_and_addresses_are_kept_apart() -> None:
    text = "-r other.txt\n--extra-index-url=https://x.org\n-e .\ngit+https://g.org/a/b.git@v1#egg=Thing_One\n./local.whl\n"
    file = parse("r.txt", text)
    assert [(o.name, o.value) for o in file.options] == [
        ("--requirement", "other.txt"),
        ("--extra-index-url", "https://x.org"),
    ]
    assert [(r.name, bool(r.url), r.editable) for r in file.requirements] == [
        ("", True, True),
        ("thing-one", True, False),
        ("", True, False),
    ]


def test_utf_16_with_its_mark_is_read() -> None:
    text, encoding = decode("flask==2.0\n".encode("utf-16"))
    assert encoding == "utf-16" and parse("r.txt", text).requirements[0].pin == "2.0"


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    file = parse("r.txt", text)
    for item in (*file.requirements, *file.damaged, *file.options):
        assert 0 <= item.place.start <= item.place.end <= len(text)
    assert all(isinstance(item, Damaged) for item in file.damaged)
