"""Fit the shipped model: `python -m unstick.fit corpus/cases` writes src/unstick/diagnose/_model.py."""

from __future__ import annotations

import argparse
import os
import sys

from unstick.causes import load
from unstick.diagnose.model import Model
from unstick.fit.folds import final
from unstick.observe.labelled import read

HEAD = '''"""The fitted model, in bits. Written by `make fit` from corpus/cases; read by diagnose.model."""
# ruff: noqa: E501

'''


def table(model: Model) -> str:
    """The model as the text of a Python module."""
    rows = ""
    for sign in sorted(model.weights):
        row = tuple(
            (cause, round(bits, 2))
            for cause, bits in sorted(model.weights[sign].items())
            if abs(bits) >= 0.05
        )
        if row:
            rows += f"    ({sign!r}, {row!r}),\n"
    priors = tuple(round(bits, 2) for bits in model.priors)
    return (
        f"{HEAD}CAUSES = {model.causes!r}\nPRIORS = {priors!r}\nNOVELTY = {tuple(model.novelty)!r}\n"
        f"SHARPNESS = {model.sharpness!r}\nLIFT = {model.lift!r}\nWEIGHTS = (\n{rows})\n"
    )


def main() -> int:
    """Fit to a folder of labelled cases and write the model."""
    parser = argparse.ArgumentParser(prog="python -m unstick.fit", description=__doc__)
    parser.add_argument("cases", help="folder of labelled cases")
    default = os.path.join(os.path.dirname(os.path.dirname(__file__)), "diagnose", "_model.py")
    parser.add_argument("--output", default=default, help="the module to write")
    given = parser.parse_args()
    cases = read(given.cases)
    model = final(cases, list(load()))
    text = table(model)
    with open(given.output, "w", encoding="utf-8") as file:
        file.write(text)
    print(
        f"{len(cases)} cases, {len(model.causes)} causes, {len(model.weights)} signs, "
        f"sharpness {model.sharpness}: {given.output}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
