"""Floor 5: recipes, the worker, stored results, figures, reports, proofs."""

from gazo.runs.figures import figure

__all__ = ["figure"]
