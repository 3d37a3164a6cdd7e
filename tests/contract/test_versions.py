"""Comparing releases without `packaging`, with `packaging` as the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from unstick.contract import markers, versions

RELEASES = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))
ENDS = st.sampled_from(["", "", "", "a1", "b2", "rc1", ".post1", ".dev3", "rc2.dev1", "+cu118"])
VERSIONS = st.builds(lambda release, end: release + end, RELEASES, ENDS)
OPERATORS = st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="])


@given(VERSIONS, VERSIONS)
def test_keys_sort_as_the_standard_sorts(left: str, right: str) -> None:
    first, second = Version(left.partition("+")[0]), Version(right.partition("+")[0])
    a, b = versions.key(left), versions.key(right)
    assert a is not None and b is not None
    assert (a < b, a == b) == (first < second, first == second)


@given(OPERATORS, RELEASES, RELEASES)
def test_bounds_are_judged_as_the_standard_judges_them(operator: str, bound: str, version: str) -> None:
    if operator == "~=" and "." not in bound:
        bound += ".0"
    expected = SpecifierSet(operator + bound).contains(version, prereleases=True)
    assert versions.allows(((operator, bound),), version) is expected


@pytest.mark.parametrize(
    ("bound", "version", "fits"), [("2.*", "2.9", True), ("2.*", "3.0", False), ("1.4.*", "1.40", False)]
)
def test_a_wildcard_compares_the_beginning(bound: str, version: str, fits: bool) -> None:
    assert versions.allows((("==", bound),), version) is fits


def test_what_is_no_version_cannot_be_judged() -> None:
    assert versions.key("latest") is None
    assert versions.allows(((">=", "latest"),), "1.0") is None


@pytest.mark.parametrize(
    ("marker", "python", "holds"),
    [
        ("", "3.10", True),
        ("python_version < '3.10'", "3.10", False),
        ("python_version >= '3.10' and sys_platform == 'linux'", "3.13", True),
        ("sys_platform == 'win32' or platform_system == 'Darwin'", "3.13", False),
        ("(python_version == '3.9' or extra == 'x') and os_name == 'posix'", "3.9", True),
        ("'3.11' > python_version", "3.10", True),
        ("python_version in '3.9 3.10'", "3.10", True),
        ("python_version not in '3.9 3.10'", "3.10", False),
        ("nonsense == 'x'", "3.10", None),
        ("python_version < 3.10", "3.10", None),
    ],
)
def test_markers_hold_for_linux_and_the_python_asked_for(
    marker: str, python: str, holds: bool | None
) -> None:
    assert markers.applies(marker, python) is holds
