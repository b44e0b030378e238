"""Floor 3: named sets, public layouts, joins, splits, checks."""
