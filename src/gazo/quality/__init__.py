"""Floor 1: physical image quality. Images in, measurements out."""

__all__: list[str] = []
