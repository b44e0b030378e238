"""Experiments that show how networks learn and fail, small enough for a lesson (booklet, figures 1 and 2 of the overview)."""

from gazo.learn.teaching.decision_boundary import DecisionBoundary, decision_boundary
from gazo.learn.teaching.vanishing_gradient import VanishingGradient, vanishing_gradient

__all__ = ["DecisionBoundary", "VanishingGradient", "decision_boundary", "vanishing_gradient"]
