"""Floor 4: methods that learn."""
