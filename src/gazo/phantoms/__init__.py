"""Floor 2: simulators with known truth."""
