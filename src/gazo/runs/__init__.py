"""Floor 5: recipes, the worker, stored results, figures, reports, proofs."""
