"""Floor 3: the loop, checkpoints, augmentation, weights."""
