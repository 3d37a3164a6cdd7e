"""Records behave as typing's named tuples do."""

from __future__ import annotations

import copy
import pickle
from typing import NamedTuple as Typed
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstick.record import NamedTuple


class Ours(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str = ""

    @property
    def sum(self) -> int:
        return self.x + self.y

    def moved(self, by: int) -> Ours:
        return self._replace(x=self.x + by)

    def __str__(self) -> str:
        return f"<{self.x} {super().__repr__()}>"


class Theirs(Typed):
    """A point."""

    x: int
    y: int = 2
    name: str = ""


ARGUMENTS = st.tuples(
    st.lists(st.integers(0, 9), max_size=4),
    st.dictionaries(st.sampled_from(["x", "y", "name", "z"]), st.integers(0, 9), max_size=4),
)


@given(ARGUMENTS)
def test_calls_give_the_same_values_or_the_same_kind_of_error(arguments) -> None:
    args, named = arguments
    try:
        expected: object = tuple(Theirs(*args, **named))
    except TypeError:
        expected = TypeError
    try:
        got: object = tuple(Ours(*args, **named))
    except TypeError:
        got = TypeError
    assert got == expected


def test_what_an_instance_offers() -> None:
    ours, theirs = Ours(1, name="a"), Theirs(1, name="a")
    assert (ours.x, ours.y, ours.name, ours.sum, ours.moved(2).x) == (1, 2, "a", 3, 3)
    assert ours == theirs == (1, 2, "a") and hash(ours) == hash(theirs) and isinstance(ours, tuple)
    assert ours._asdict() == theirs._asdict() and ours._fields == theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults and Ours.__doc__ == "A point."
    assert repr(ours) == "Ours(x=1, y=2, name='a')" and str(ours).startswith("<1 ")
    assert Ours._make([1, 2, "b"]) == Ours(1, 2, "b") and get_type_hints(Ours) == get_type_hints(Theirs)


def test_copies_and_patterns() -> None:
    ours = Ours(1, 5)
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours
    assert type(pickle.loads(pickle.dumps(ours))) is Ours
    match ours:
        case Ours(x, y=5):
            assert x == 1
        case _:
            pytest.fail("did not match")


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Ours(1).x = 2
    with pytest.raises(AttributeError):
        Ours(1).other = 2


@pytest.mark.parametrize("call", [lambda o: o._replace(z=1), lambda o: o._make([1])])
def test_wrong_fields(call) -> None:
    with pytest.raises((TypeError, ValueError)):
        call(Ours(1))


def test_a_field_without_a_default_may_not_follow_one_with() -> None:
    with pytest.raises(TypeError, match="without a default"):

        class Wrong(NamedTuple):
            a: int = 1
            b: int
