"""The image files that a user names, and how each is opened: in a run, in a batch, in a worker process."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError, FileError, OptionError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import checked
from gazo.core.results import Table
from gazo.datasets.source import open_images
from gazo.io.dicom_header import opened, value_of
from gazo.io.dicom_series import read_series
from gazo.io.files import IMAGE_ENDINGS, kind_of, read
from gazo.io.finding import walk
from gazo.io.folder import read_folder
from gazo.io.loader import FileLoader
from gazo.io.opening import start_of, unreadable
from gazo.io.raw import read_raw
from gazo.io.rows import plain

IMAGES = "images"  # below a run folder: the images that the run made
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
_NO_PIXELS = (".json", ".txt", ".csv", ".tsv", ".xlsx", ".xml", ".md", ".html", ".pdf", ".zip")


@dataclass(frozen=True)
class Opening:
    """How image files are opened. Small and picklable.

    Parameters
    ----------
    spacing_mm : replaces what the files say; one length for all axes or one for each.
    raw : options of `read_raw` (name and value) for files without a header; None for files that say what they are.
    presentation : whether DICOM marked FOR PRESENTATION is taken; measurements of physical quality refuse it.
    """

    spacing_mm: tuple[float, ...] | None = None
    raw: tuple[tuple[str, Any], ...] | None = None
    presentation: bool = True

    def __call__(self, path: str) -> Image:
        """Read one file, or the volume of a folder of DICOM slices."""
        if os.path.isdir(path):
            volume = read_series(path)
            return volume if self.spacing_mm is None else volume.with_spacing(*self.spacing_mm)
        if self.raw is not None and not _says_what_it_is(path):
            image = read_raw(path, **dict(self.raw))
            return image if self.spacing_mm is None else image.with_spacing(*self.spacing_mm)
        self.need_unprocessed(path)
        return read(path, spacing_mm=None if self.spacing_mm is None else _one_or_more(self.spacing_mm))

    def need_unprocessed(self, path: str) -> None:
        """Refuse DICOM FOR PRESENTATION, unless that was allowed."""
        if self.presentation or not for_presentation(path):
            return
        name = os.path.basename(path)
        raise DataError(
            "G-RUN-021",
            en=f"'{name}' is marked FOR PRESENTATION: its pixels were processed for viewing, so physical quantities measured on them are those of the processing. "
            "Export it FOR PROCESSING, or take it as it is with --accept-presentation.",
            ja=f"「{name}」は表示用 (FOR PRESENTATION) に画像処理された画像のため、物理的な画質の測定には使えません。"
            "処理前 (FOR PROCESSING) の画像を出力するか、承知の上で測定する場合は --accept-presentation を付けてください。",
        )


@dataclass(frozen=True)
class Files:
    """Image files in order.

    Parameters
    ----------
    paths : where they lie.
    names : what the user calls them, relative to what was named.
    table : the other columns of the table that named them, a row an image; None when there was none.
    notes : what had to be done to read that table.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    table: Table | None = None
    notes: tuple[Text, ...] = ()


def files_at(places: Sequence[Path], *, pattern: str = "", raw: bool = False, volumes: bool = False) -> Files:
    """The image files behind the names of files, folders and tables, in that order.

    Parameters
    ----------
    places : single images, folders (searched below, sorted by path), tables that name images, ZIP archives.
    pattern : only files of a folder whose name or relative path fits.
    raw : files of a folder count as images whatever they are called.
    volumes : a folder stands for the one volume of the DICOM slices in it.
    """
    if len(places) == 1 and _is_table(places[0]):
        return _of_table(places[0].expanduser().absolute())
    pairs = [pair for place in places for pair in _pairs(place, pattern, raw, volumes)]
    return Files(tuple(path for path, _ in pairs), tuple(name for _, name in pairs))


def once(files: Files) -> Files:
    """Each file once."""
    pairs = dict(zip(files.paths, files.names, strict=True))
    return Files(tuple(pairs), tuple(pairs.values()), notes=files.notes)


def for_presentation(path: str) -> bool:
    """Whether a DICOM file says that its pixels were made for viewing (0008,0068)."""
    if kind_of(start_of(path), os.path.basename(path)) != "dicom":
        return False
    header = opened(path, os.path.basename(path), pixels=False, only=("PresentationIntentType", "SOPClassUID", "Rows"))
    return str(value_of(header, "PresentationIntentType") or "").strip().upper() == "FOR PRESENTATION"


def _says_what_it_is(path: str) -> bool:
    """Whether a file is an image by its name and by its first bytes, as a mask beside RAW files may be."""
    named = path.lower().endswith(IMAGE_ENDINGS) and not path.lower().endswith(".img")
    return named and bool(kind_of(start_of(path), os.path.basename(path)))


def digest(path: str) -> str:
    """SHA-256 of the bytes of a file; of a folder that of all its files, whatever they are called."""
    if os.path.isdir(path):
        return folder_digest(digest(os.path.join(path, *name.split("/"))) for name in walk(path))
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def folder_digest(digests: Iterable[str]) -> str:
    """SHA-256 of a folder that holds files of these contents."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


@dataclass(frozen=True)
class Sequential(Sequence[Image]):
    """Images that are read when asked for, each time anew, so that only those in use are in memory."""

    paths: tuple[str, ...]
    opening: Opening

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: Any) -> Any:
        """One image; a slice gives a shorter sequence."""
        if isinstance(row, slice):
            return Sequential(self.paths[row], self.opening)
        return self.opening(self.paths[row])

    def __iter__(self) -> Iterator[Image]:
        return (self.opening(path) for path in self.paths)


_SIZE = re.compile(r"(\d+)[x×](\d+)")
_WORDS: dict[str, tuple[str, Any]] = {
    "big": ("big_endian", True),
    "little": ("big_endian", False),
    "invert": ("invert", True),
}


def raw_rule(word: str) -> dict[str, Any]:
    """The options of `read_raw` from "2048x2048:uint16:big:bits=12:header=128:invert:spacing=0.175", "jsrt", or a JSON file of them."""
    if word.lower().endswith(".json"):
        options = _from_json(Path(word))
    elif word == "jsrt":
        options = {"preset": word}
    else:
        options = dict(_part(part) for part in word.split(":") if part) | _size(word)
        options.pop("", None)
    return checked(read_raw, options)


def _part(part: str) -> tuple[str, Any]:
    if _SIZE.fullmatch(part):
        return "", None
    if part in _WORDS:
        return _WORDS[part]
    name, is_named, value = part.partition("=")
    names = {"header": "header_bytes", "spacing": "spacing_mm"}
    return (names.get(name, name), value) if is_named else ("dtype", part)


def _size(word: str) -> dict[str, Any]:
    sizes = [match for part in word.split(":") if (match := _SIZE.fullmatch(part))]
    return {"rows": sizes[0][1], "columns": sizes[0][2]} if sizes else {}


def _from_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise FileError(
            "G-RUN-022",
            en=f"'{path.name}' is no rule for RAW files; a JSON object with options of read_raw is needed, such as "
            '{"rows": 2048, "columns": 2048, "dtype": "uint16"}.',
            ja=f"「{path.name}」は RAW の読み込み規則ではありません。read_raw のオプションを書いた JSON が必要です。例: "
            '{"rows": 2048, "columns": 2048, "dtype": "uint16"}。',
        )
    return found


def _pairs(place: Path, pattern: str, raw: bool, volumes: bool) -> list[tuple[str, str]]:
    place = place.expanduser().absolute()
    if volumes and place.is_dir():
        return [(str(place), place.name)]
    if raw and place.is_dir():
        names = [name for name in walk(str(place)) if not name.lower().endswith(_NO_PIXELS) and Path(name).match(pattern or "*")]
        return [(str(place / name), name) for name in names] or _no_files(place.name)
    if place.is_file() and (raw or kind_of(start_of(place), place.name)):
        return [(str(place), place.name)]
    images = read_folder(place, pattern=pattern) if place.is_dir() else open_images(place)
    return list(zip(*_paths_and_names(images, place.name), strict=True))


def _is_table(place: Path) -> bool:
    return place.suffix.lower() in _TABLES and place.expanduser().is_file()


def _of_table(place: Path) -> Files:
    """The images of a table with its other columns: numbers as numbers, the file names left out."""
    images = open_images(place)
    paths, names = _paths_and_names(images, place.name)
    columns = {name: column for name, column in images.columns.items() if name != images.roles["image"]}
    cells = [[as_cell(str(cell)) if cell is not None else None for cell in column] for column in columns.values()]
    rows = tuple(zip(*cells, strict=True)) if cells else ((),) * len(paths)
    table = Table(Text("表", "Table"), tuple(Text(name, name) for name in columns), rows)
    return Files(paths, names, table, images.notes)


def as_cell(text: str) -> float | str | None:
    """What a cell of a table of text means: a number where it reads as one, None where it is empty."""
    try:
        return float(plain(text).replace(",", ""))
    except ValueError:
        return text or None


def _paths_and_names(images: ImageSet, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not isinstance(images.loader, FileLoader):
        raise OptionError(
            "G-RUN-023",
            en=f"'{place}' holds its images inside one file; image files, a folder or a table that names them are needed here.",
            ja=f"「{place}」は 1 つのファイルに画像が入っています。ここでは画像ファイル、フォルダ、または画像を指す表が必要です。",
        )
    names = tuple(str(name) for name in images.role("image"))
    return tuple(os.path.join(images.loader.folder, *name.split("/")) for name in names), names


def _no_files(name: str) -> list[tuple[str, str]]:
    raise DataError(
        "G-RUN-024",
        en=f"the folder '{name}' holds no files that fit. Name the folder the RAW files lie in, or another --pattern.",
        ja=f"フォルダ「{name}」に当てはまるファイルがありません。RAW ファイルのあるフォルダか、別の --pattern を指定してください。",
    )


def _one_or_more(spacing_mm: tuple[float, ...]) -> float | tuple[float, ...]:
    return spacing_mm[0] if len(spacing_mm) == 1 else spacing_mm
