"""Questions answered from the fields that were hidden."""

from __future__ import annotations

import pytest

from unstick.case import Case
from unstick.evaluate import questions
from unstick.observe import build
from unstick.observe.labelled import Labelled
from unstick.observe.reported import Reported
from unstick.signs.vocabulary import signs

REPORTED = Reported(
    text="My Space is stuck on Preparing for 12 hours. The container log says Streamlit started on 8501.",
    sdk="docker",
    stage="Preparing",
    hardware="cpu-upgrade",
    readme_yaml="sdk: docker",
    run_log="ModuleNotFoundError: No module named 'torch'",
    tried=("restart",),
)


def labelled(reported: Reported, label: str = "port-mismatch") -> Labelled:
    """A case as it is read from a folder."""
    return Labelled(
        build.case_from(reported, name="x"), label, frozenset((label,)), "config", "fix", "p", reported
    )


TRUTH = questions.hidden(build.case_from(Reported(text=REPORTED.text)), labelled(REPORTED))
REPLIES = [
    ("sdk-gradio", "sdk-docker", True),
    ("log-module-not-found", "log-module-not-found", True),
    ("restart-no-help", "restart-no-help", True),
    ("rebuild-no-help", "rebuild-no-help", False),
    ("stage-runtime-error", "stage-runtime-error", False),
    ("hardware-gpu", "hardware-gpu", False),
    ("works-locally", "works-locally", False),
    ("direct-url-works", "direct-url-works", None),
    ("worked-before", "worked-before", None),
]


@pytest.mark.parametrize(("asked", "about", "told"), REPLIES)
def test_reply(asked: str, about: str, told: bool | None) -> None:
    sign, answer = questions.reply(signs()[asked], TRUTH, REPORTED)
    assert (sign.id, answer) == (about, told)


@pytest.mark.parametrize(
    "asked", ["sdk-docker", "stage-runtime-error", "hardware-gpu", "log-module-not-found"]
)
def test_what_no_field_tells_is_not_known(asked: str) -> None:
    assert questions.reply(signs()[asked], {}, Reported(text="x"))[1] is None


def test_what_the_description_says_is_not_hidden() -> None:
    assert "stage-preparing" not in TRUTH and TRUTH["sdk-docker"]


def test_answers_and_vain_questions_are_kept() -> None:
    names = iter(["sdk-docker", "worked-before", "", "never asked"])
    case = questions.asked(Case(), TRUTH, REPORTED, lambda case: next(names))
    assert [(item.sign, item.source) for item in case.evidence] == [("sdk-docker", "answer")]
    assert [(item.sign, item.reason) for item in case.unobserved] == [("worked-before", "asked")]


def test_a_question_that_settles_it_helps() -> None:
    found = questions.after_three([labelled(REPORTED._replace(run_log=""))])
    assert list(found) == ["description alone", "three of its own questions", "three random questions"]
    assert found["three of its own questions"] == 1.0 >= found["description alone"]
    assert found == questions.after_three([labelled(REPORTED._replace(run_log=""))])


def test_no_case_is_no_error() -> None:
    assert set(questions.after_three([]).values()) == {0.0}
