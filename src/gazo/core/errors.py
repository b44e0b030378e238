"""The one error tree. Every error says what must hold, what came and what to do, in Japanese and English, with a code.

GazoError
├── OptionError    an option, a name or a value that is not allowed             G-OPT-...
├── ImageError     an image that lacks what the operation needs                 G-IMG-...
├── FileError      a file that is missing, broken or of a kind not supported    G-IO-...
├── DataError      a data set that cannot carry the question asked of it        G-DATA-...
├── RunError       a run that cannot start, go on or be repeated                G-RUN-...
├── StorageError   no space, no permission                                      G-DISK-...
└── MissingError   something not installed or not reachable from here           G-ENV-...

A code is used at one place in the source only; `docs/errors.md` is made from these places.
Anything else that is raised is a mistake of ours and shows its trace.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gazo.core.language import Language, Text


class GazoError(Exception):
    """Base of all errors meant for the user.

    Parameters
    ----------
    code : short and stable, such as ``G-IO-007``.
    en, ja : the whole sentence in English and in Japanese.
    """

    def __init__(self, code: str, *, en: str, ja: str) -> None:
        super().__init__(code, en, ja)
        self.code = code
        self.text = Text(ja=ja, en=en)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.code, self.text.en, self.text.ja)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"

    def message(self, language: Language) -> str:
        """The sentence with its code in the given language."""
        return f"{self.code}: {getattr(self.text, language)}"


class OptionError(GazoError):
    """An option, a name or a value that is not allowed."""


class ImageError(GazoError):
    """An image that lacks what the operation needs."""


class FileError(GazoError):
    """A file that is missing, broken or of a kind not supported."""


class DataError(GazoError):
    """A data set that cannot carry the question asked of it."""


class RunError(GazoError):
    """A run that cannot start, go on or be repeated."""


class StorageError(GazoError):
    """No space left, or no permission to write."""


class MissingError(GazoError):
    """Something that is not installed or cannot be reached from here."""


def _rebuilt(kind: type[GazoError], code: str, en: str, ja: str) -> GazoError:
    return kind(code, en=en, ja=ja)


def nearest(name: str, known: Iterable[str]) -> Text:
    """A hint that names the known word most like `name`, or lists the known ones when none is near."""
    known = sorted(known)
    lower = {word.lower(): word for word in known}
    close = [lower[word] for word in difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)]
    if close:
        return Text(ja=f"「{close[0]}」のことですか。", en=f"Did you mean '{close[0]}'?")
    shown = ", ".join(known[:40]) + (" ..." if len(known) > 40 else "")
    return Text(ja=f"使えるもの: {shown}", en=f"Known are: {shown}")
