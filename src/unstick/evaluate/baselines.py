"""What simpler ways reach on the same folds: most frequent cause, signatures alone, naive Bayes on plain
words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import log

from unstick.observe.labelled import Labelled

Ranker = Callable[[Labelled], list[str]]
_WORD = re.compile(r"\w{2,}")


def most_frequent(train: Sequence[Labelled]) -> Ranker:
    """Always the causes in the order of their frequency."""
    order = [cause for cause, _ in Counter(item.label for item in train).most_common()]
    return lambda item: order


def signatures_alone(train: Sequence[Labelled]) -> Ranker:
    """The expert's weights of the log signs that are present, nothing else; ties by frequency."""
    from unstick.signs.vocabulary import signs

    frequency = Counter(item.label for item in train)

    def rank(item: Labelled) -> list[str]:
        total: dict[str, float] = {cause: frequency[cause] / 1e6 for cause in frequency}
        for evidence in item.case.evidence:
            if evidence.present and evidence.sign.startswith("log-"):
                for cause, bits in signs()[evidence.sign].says:
                    total[cause] = total.get(cause, 0.0) + bits
        return sorted(total, key=lambda cause: -total[cause])

    return rank


def bag_of_words(train: Sequence[Labelled]) -> Ranker:
    """Multinomial naive Bayes, add-one smoothing, on every word of the report."""
    labels = Counter(item.label for item in train)
    words: dict[str, Counter[str]] = {cause: Counter() for cause in labels}
    for item in train:
        words[item.label].update(_words(item))
    vocabulary = {word for counts in words.values() for word in counts}
    sums = {cause: sum(counts.values()) + len(vocabulary) for cause, counts in words.items()}

    def rank(item: Labelled) -> list[str]:
        seen = [word for word in _words(item) if word in vocabulary]
        value = {
            cause: log(labels[cause]) + sum(log((words[cause][word] + 1) / sums[cause]) for word in seen)
            for cause in labels
        }
        return sorted(value, key=lambda cause: -value[cause])

    return rank


BASELINES: tuple[tuple[str, Callable[[Sequence[Labelled]], Ranker]], ...] = (
    ("most frequent cause", most_frequent),
    ("signatures alone", signatures_alone),
    ("bag of words (naive Bayes)", bag_of_words),
)


def _words(item: Labelled) -> list[str]:
    case = item.case
    return _WORD.findall(
        " ".join((case.description, case.build_log, case.run_log, case.fact("stage"))).lower()
    )
