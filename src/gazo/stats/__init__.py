"""Floor 1: statistics of studies. Arrays in, results out."""
