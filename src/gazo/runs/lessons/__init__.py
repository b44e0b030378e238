"""Lessons: a folder with a ``lesson.json`` and texts in Japanese and English is a lesson, wherever it came from."""
