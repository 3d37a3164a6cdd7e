"""How good the diagnosis is: scores on labelled cases."""

from unstick.evaluate.scores import Predicted, Scores, predict, summarise

__all__ = ["Predicted", "Scores", "predict", "summarise"]
