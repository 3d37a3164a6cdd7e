"""`unstick evaluate`: measure the diagnosis on labelled cases."""

from __future__ import annotations

import json
import sys

from unstick.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from unstick.diagnose.model import Model
    from unstick.evaluate.scores import Predicted
    from unstick.observe.labelled import Labelled

HELP = "Measure the diagnosis on labelled cases: accuracy, calibration, worst misses."
EXAMPLES = """\
unstick evaluate corpus/cases                                     the shipped model (it has seen these)
unstick evaluate corpus/cases --cross-validate 5 --repeats 5      refit, no case judged by a model that saw it
unstick evaluate my-cases --json                                  for a program"""

TITLES = (
    ("top1", "first cause right"),
    ("top3", "right one among the first three"),
    ("domain", "fault domain right"),
    ("brier", "Brier score (0 best, 2 worst)"),
    ("ece", "calibration error"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("folder", metavar="DIR", help="folder of case files with an outcome")
    parser.add_argument("--json", action="store_true", help="scores and every case's ranking as JSON")
    parser.add_argument(
        "--cross-validate", type=int, metavar="K", default=0, help="refit on DIR in K folds, by project"
    )
    parser.add_argument(
        "--repeats", type=int, metavar="R", default=1, help="repeat the cross-validation with other folds"
    )
    parser.add_argument(
        "--leave-out", action="store_true", help="leave each cause out of the fit: is 'none of these' seen?"
    )
    parser.add_argument(
        "--questions", action="store_true", help="accuracy after three questions answered from hidden fields"
    )
    parser.add_argument(
        "--exit-code", action="store_true", help="exit 1 when the first cause is right in less than 85 %%"
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, exit 0 (with --exit-code: 1 below the goal)."""
    from unstick.errors import UsageError
    from unstick.evaluate import predict, summarise
    from unstick.evaluate.scores import as_json
    from unstick.observe.labelled import read

    if args.cross_validate == 1 or args.cross_validate < 0 or args.repeats < 1:
        raise UsageError("needs at least two folds and one repeat", where="--cross-validate", todo="Try 5.")
    cases = read(args.folder)
    extra: dict[str, object] = {}
    predicted: list[Predicted] = []
    models: list[Model] | None = None
    if args.cross_validate:
        predicted, models, extra = _cross_validated(cases, args.cross_validate, args.repeats)
    else:
        predicted = predict(cases)
    if args.leave_out:
        from unstick.fit.novel import left_out

        extra["none_in_top3_when_left_out"] = round(left_out(cases), 4)
    if args.questions:
        from unstick.evaluate.questions import after_three

        extra["after_three_questions"] = after_three(cases, models)
    if args.json:
        json.dump({**as_json(predicted), **extra}, sys.stdout, indent=1)
        print()
    else:
        print("\n".join(_page(predicted, extra)))
    return int(args.exit_code and summarise(predicted).top1 < 0.85)


def _cross_validated(
    cases: Sequence[Labelled], folds: int, repeats: int
) -> tuple[list[Predicted], list[Model], dict[str, object]]:
    """The predictions of all repeats together, for each case a model that has not seen it, and what simpler
    ways reach on the same folds."""
    from unstick.causes import load
    from unstick.evaluate import predict
    from unstick.fit.compare import baselines
    from unstick.fit.folds import held_out

    predicted: list[Predicted] = []
    models: list[Model] = []
    for seed in range(repeats):
        models = held_out(cases, list(load()), folds, seed)
        predicted += predict(cases, models)
    return predicted, models, {"baselines": baselines(cases, folds, repeats)}


def _page(predicted: Sequence[Predicted], extra: dict[str, object]) -> Iterator[str]:
    from unstick.evaluate.scores import by_confirmation, confusion, summarise, worst

    scores = summarise(predicted)
    yield f"{scores.n} judgements"
    for name, title in TITLES:
        beside = f"   (perfect calibration would give {scores.ece_perfect:.3f})" if name == "ece" else ""
        yield f"  {title:34} {getattr(scores, name):.3f}{beside}"
    baselines = extra.get("baselines")
    if isinstance(baselines, dict):
        yield "the same folds, simpler ways (first, among three)"
        yield from (f"  {name:34} {first:.3f}   {third:.3f}" for name, (first, third) in baselines.items())
    if "none_in_top3_when_left_out" in extra:
        share = extra["none_in_top3_when_left_out"]
        yield f"with a cause left out of the fit, 'none of these' is among three in {share:.3f} of its cases"
    questions = extra.get("after_three_questions")
    if isinstance(questions, dict):
        yield "first cause right after three questions, answered from hidden fields"
        yield from (f"  {name:34} {value:.3f}" for name, value in questions.items())
    yield "by how the outcome was confirmed (cases, first cause right)"
    yield from (f"  {name:34} {n:4}   {top:.3f}" for name, (n, top) in by_confirmation(predicted).items())
    yield "most frequent confusions (label, taken for)"
    yield from (f"  {n:3}  {label} → {first}" for label, first, n in confusion(predicted)[:12])
    yield "worst misses"
    yield from (
        f"  {item.causes[0][1]:4.0%} {item.causes[0][0]:24} was {item.label:24} {item.id}"
        for item in worst(predicted)
    )
