"""Signs that follow from several facts together: there when every part is, gone when one part is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from unstick.case import Case, Evidence
from unstick.diagnose import diagnose
from unstick.observe.derive import SIGNS, TOGETHER, derive, takes_part
from unstick.signs.vocabulary import signs

SPEAKS_FOR = {
    "cuda-missing-on-zerogpu": "zerogpu-usage",
    "bot-not-up": "no-http-server",
    "changed-unprovoked": "platform-regression",
    "restarting-while-paused": "platform-stuck-state",
    "blocked-on-own-network": "dns-or-network-client",
    "halts-while-starting": "hang-on-start",
    "machine-awaited": "scheduling-capacity",
}
"""The cause that each sign speaks for mainly."""


def combinations() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every sign with one member of each of its groups; each member occurs."""
    for sign, groups in TOGETHER:
        for place, group in enumerate(groups):
            for member in group:
                yield sign, tuple(member if i == place else other[0] for i, other in enumerate(groups))


def given(names: tuple[str, ...]) -> list[Evidence]:
    return [Evidence(name, True, "description") for name in names]


def shown(names: tuple[str, ...], **facts: str) -> set[str]:
    return {item.sign for item in derive(given(names), facts)}


@pytest.mark.parametrize(("sign", "parts"), list(combinations()), ids=str)
def test_all_parts_make_the_sign_and_no_part_less(sign: str, parts: tuple[str, ...]) -> None:
    assert sign in shown(parts)
    for left_out in range(len(parts)):
        assert sign not in shown(parts[:left_out] + parts[left_out + 1 :])
    absent = [Evidence(parts[0], False, "description"), *given(parts[1:])]
    assert sign not in {item.sign for item in derive(absent, {})}
    assert takes_part(parts[-1], set(parts[:-1]))


@pytest.mark.parametrize("sign", [sign for sign, _ in TOGETHER])
def test_the_sign_speaks_for_its_cause(sign: str) -> None:
    groups = dict(TOGETHER)[sign]
    parts = tuple(group[0] for group in groups)
    evidence = (*given(parts), *derive(given(parts), {}))
    without = tuple(item for item in evidence if item.sign != sign)
    main = max(signs()[sign].says, key=lambda pair: pair[1])[0]
    assert main == SPEAKS_FOR[sign]
    assert chance(evidence, main) > chance(without, main)


def chance(evidence: tuple[Evidence, ...], cause: str) -> float:
    ranked = diagnose(Case(evidence=evidence)).causes
    return next(item.probability for item in ranked if item.cause == cause)


def test_every_derived_sign_is_known() -> None:
    assert set(signs()) >= SIGNS
    assert {sign for sign, _ in TOGETHER} == set(SPEAKS_FOR)


@pytest.mark.parametrize(
    ("facts", "sign"),
    [
        ({"sdk": "docker", "app_port": "8501", "listens": "8501"}, "port-agrees"),
        ({"sdk": "docker", "app_port": "8501", "listens": "7860"}, "port-differs"),
        ({"sdk": "docker", "no_app_port": "yes", "listens": "8000"}, "port-differs"),
        ({"sdk": "docker", "listens": "8000"}, "port-differs-perhaps"),
        ({"sdk": "gradio", "listens": "7861"}, "port-differs"),
        ({"sdk": "streamlit", "listens": "8501"}, "port-agrees"),
        ({"sdk": "static", "listens": "8000"}, ""),
        ({"listens": "8501"}, "streamlit-port-sdk-unknown"),
        ({"sdk": "docker", "app_port": "7860", "listens": "8000 7860"}, "port-agrees"),
    ],
)
def test_ports_are_compared_as_the_sdk_asks(facts: dict[str, str], sign: str) -> None:
    assert shown((), **facts) == ({sign} if sign else set())
