"""How every reader opens a file: the errors that any file can give, each said in one place."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gazo.core.errors import FileError, GazoError
from gazo.core.files import reason
from gazo.core.language import Text


def content_of(path: Path | str) -> bytes:
    """All bytes of a file that holds something.

    Raises
    ------
    FileError : G-IO-001 not there, G-IO-002 a folder, G-IO-003 not readable, G-IO-004 empty.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise unreadable(path, error) from None
    if not content:
        raise nothing_in(os.path.basename(path))
    return content


def nothing_in(name: str) -> FileError:
    """The error of a file of no bytes."""
    return FileError(
        "G-IO-004",
        en=f"'{name}' holds no bytes; an image or a table was expected. Copy it again from where it came.",
        ja=f"「{name}」は中身が空 (0 バイト) です。元の場所からコピーし直してください。",
    )


def start_of(path: Path | str, count: int = 512) -> bytes:
    """The first bytes of a file, for looking at what it is."""
    try:
        with open(path, "rb") as file:
            return file.read(count)
    except OSError as error:
        raise unreadable(path, error) from None


def need_folder(path: Path | str) -> Path:
    """The path when it is a folder."""
    path = Path(path)
    if not path.exists():
        raise FileError(
            "G-IO-006",
            en=f"there is no folder '{path.name}'. Check the spelling, and whether the drive is connected.",
            ja=f"フォルダ「{path.name}」が見つかりません。綴りと、ドライブが接続されているかを確かめてください。",
        )
    if not path.is_dir():
        raise FileError(
            "G-IO-007",
            en=f"'{path.name}' is a file, a folder was expected. Name the folder it lies in.",
            ja=f"「{path.name}」はファイルです。フォルダを指定してください。",
        )
    return path


def unreadable(path: Path | str, error: OSError) -> FileError:
    """What the operating system said about a path that could not be read, as a sentence."""
    path = Path(path)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileError(
            "G-IO-001",
            en=f"there is no file '{path.name}'. Check the spelling, and whether the drive is connected.",
            ja=f"ファイル「{path.name}」が見つかりません。綴りと、ドライブが接続されているかを確かめてください。",
        )
    if path.is_dir():
        return FileError(
            "G-IO-002",
            en=f"'{path.name}' is a folder, a file was expected. Folders are read with read_folder, read_dicom_folder or read_series.",
            ja=f"「{path.name}」はフォルダです。ファイルを指定してください。フォルダには read_folder・read_dicom_folder・read_series を使います。",
        )
    return FileError(
        "G-IO-003",
        en=f"'{path.name}' cannot be read ({reason(error).en}). Check your rights to it, and whether another program holds it open.",
        ja=f"「{path.name}」を読み込めません ({reason(error).ja})。アクセス権と、ほかのプログラムで開いていないかを確かめてください。",
    )


@contextmanager
def decoding(name: str, what: Text) -> Iterator[None]:
    """Turn whatever a decoder raises about the bytes of `name` into a sentence, and keep its warnings quiet.

    Only calls into a decoder belong inside: a mistake of our own would be hidden too.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except GazoError:
        raise
    except Exception as error:
        raise FileError(
            "G-IO-005",
            en=f"'{name}' looks like {what.en}, but its content is broken, cut off or unusual ({type(error).__name__}). "
            "Copy or export it again.",
            ja=f"「{name}」は{what.ja}のようですが、内容が壊れているか、途中で切れているか、特殊な形式です ({type(error).__name__})。"
            "コピーまたは出力をやり直してください。",
        ) from error
