"""Floor 5: recipes, the worker, stored results, figures, reports, proofs."""

from gazo.runs.check import check_machine
from gazo.runs.figures import figure

__all__ = ["check_machine", "figure"]
