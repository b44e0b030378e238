"""Floor 1: processing of radiographs. An image in, an image out."""

__all__: list[str] = []
