"""Enhancement of small round or line-like structures."""
