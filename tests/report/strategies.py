"""Diagnoses with any content, hostile text above all."""

from __future__ import annotations

from hypothesis import strategies as st

from unstick.case import Case, Evidence, Unobserved
from unstick.diagnose.types import Diagnosis, Observation, Ranked, Repair, Weight
from unstick.space.types import Edit

PIECES = [
    "\x1b[31m",
    "`",
    "```",
    "\n",
    "|",
    "<b>",
    "日本",
    "\u202e",
    " ",
    "x" * 90,
    "\r",
    "](",
    "OWNER/NAME",
    "\x9b",
]
TEXT = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)
BITS = st.floats(-20, 20)
PROBABILITY = st.floats(0, 1)
EVIDENCE = st.builds(Evidence, TEXT, st.booleans(), TEXT, TEXT, TEXT)
WEIGHTS = st.lists(st.builds(Weight, EVIDENCE, BITS), max_size=5).map(tuple)
RANKED = st.builds(Ranked, TEXT, st.just("C01"), st.just("config"), TEXT, PROBABILITY, BITS, WEIGHTS)
OUTCOME = st.tuples(TEXT, PROBABILITY)
OBSERVATION = st.builds(Observation, TEXT, TEXT, st.floats(0, 5), st.floats(0, 60), TEXT, OUTCOME, OUTCOME)
EDITS = st.lists(st.builds(Edit, TEXT, st.just(0), st.just(0), TEXT, st.booleans(), TEXT), max_size=2).map(
    tuple
)
FACTS = st.lists(st.tuples(st.sampled_from(["space_id", "sdk", "stage", "since"]), TEXT), max_size=3).map(
    tuple
)
CASES = st.builds(
    lambda name, facts, evidence, texts: Case(
        name=name,
        facts=facts,
        evidence=evidence,
        description=texts[0],
        build_log=texts[1],
        run_log=texts[2],
        tried=(texts[3],),
    ),
    TEXT,
    FACTS,
    st.lists(EVIDENCE, max_size=3).map(tuple),
    st.tuples(TEXT, TEXT, TEXT, TEXT),
)
DIAGNOSES = st.builds(
    Diagnosis,
    TEXT,
    st.sampled_from(["you", "owner", "platform", "account"]),
    st.lists(RANKED, min_size=1, max_size=5).map(tuple),
    st.lists(st.builds(Unobserved, TEXT, TEXT), max_size=4).map(tuple),
    st.lists(OBSERVATION, max_size=1).map(tuple),
    st.lists(st.builds(Repair, TEXT, TEXT, TEXT, EDITS, TEXT), max_size=1).map(tuple),
    CASES,
)
