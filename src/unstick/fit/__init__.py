"""Fitting the likelihood model to labelled cases. Needs numpy and scipy; never imported by a diagnosis."""
