"""Floor 1: architectures only."""
