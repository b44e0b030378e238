"""Survival: times to an event, curves, tests, models and how well predictions agree with what happened."""
