"""Filters of IBSI 2: response maps of an image, from which the same features can be computed as from the image itself."""
