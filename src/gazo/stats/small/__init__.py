"""The ordinary statistics of a small study: groups, categories, correlation, Table 1, study size."""
