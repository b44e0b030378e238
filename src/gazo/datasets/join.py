"""A clinical table and a folder of images brought together, with every repair and everything left over in a list."""

from __future__ import annotations

import dataclasses
import posixpath
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError, nearest
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.datasets.matching import Key, doubtful, fitting
from gazo.datasets.repairs import REPAIRS, iso_date, mended
from gazo.datasets.strata import is_missing
from gazo.io.finding import without_ending
from gazo.io.rows import Rows, is_empty

_REAL_ID = "patient_id"  # the column `read_dicom_folder(..., identify=True)` adds
_KEYS: dict[str, tuple[Role, tuple[str, ...]]] = {
    "patient": (
        "patient",
        ("patient id", "patientid", "patient", "患者id", "患者番号", "患者", "id", "case", "症例", "症例番号"),
    ),
    "date": ("date", ("study date", "studydate", "date", "検査日", "撮影日", "日付", "実施日")),
    "file": (
        "image",
        ("file", "filename", "file name", "image", "image index", "ファイル", "ファイル名", "画像", "画像ファイル"),
    ),
}


@dataclass(frozen=True)
class Mended:
    """One key that fitted only after a repair: the line of the table, what stood there, what it fitted, which repairs."""

    line: int
    key: str
    stood: str
    fitted: str
    repairs: Text


@dataclass(frozen=True, eq=False)
class Joined:
    """The outcome of a join. Nothing is dropped: each table row and each image stands in exactly one list.

    Parameters
    ----------
    images : the images that found exactly one row, with the columns of the table.
    matched : (image row, table row) pairs, numbers from 0 in the sets given.
    unmatched_rows : table rows without an image. unmatched_images : images without a table row.
    duplicate_rows : table rows whose key another row has too and whose cells are the same: the first one is used.
    ambiguous : (table rows, image rows) whose key fits several rows that contradict each other; none of them is joined.
    mended : keys that fitted after a repair.
    source : the table.
    """

    images: ImageSet
    matched: tuple[tuple[int, int], ...]
    unmatched_rows: tuple[int, ...]
    unmatched_images: tuple[int, ...]
    duplicate_rows: tuple[int, ...]
    ambiguous: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    mended: tuple[Mended, ...]
    source: Rows

    def table(self) -> Table:
        """How many rows and images ended where."""
        rows = sum(len(group[0]) for group in self.ambiguous)
        pictures = sum(len(group[1]) for group in self.ambiguous)
        used = len({row for _, row in self.matched})
        return Table(
            Text("結合の結果", "Outcome of the join"),
            (Text("区分", "List"), Text("表の行", "Table rows"), Text("画像", "Images")),
            (
                (Text("一致", "matched"), used, len(self.matched)),
                (Text("画像のない行", "rows without image"), len(self.unmatched_rows), 0),
                (Text("行のない画像", "images without row"), 0, len(self.unmatched_images)),
                (Text("重複行", "duplicate rows"), len(self.duplicate_rows), 0),
                (Text("あいまい", "ambiguous"), rows, pictures),
            ),
        )

    def repairs_table(self) -> Table:
        """Each repair: line, key, what stood there, what it fitted."""
        headings = (
            *(Text("行番号", "Line"), Text("キー", "Key"), Text("元の値", "Stood there"), Text("一致した値", "Fitted")),
            Text("補正", "Repairs"),
        )
        rows = tuple((m.line, m.key, m.stood, m.fitted, m.repairs) for m in self.mended)
        return Table(Text("補正した値", "Repaired keys"), headings, rows)

    def rows_table(self, rows: Sequence[int], title: Text) -> Table:
        """Some rows of the table as they stand, with their line."""
        headings = (Text("行番号", "Line"), *(Text(name, name) for name in self.source.headings))
        return Table(title, headings, tuple((self.source.lines[row], *self.source.cells[row]) for row in rows))

    def tables(self) -> dict[str, Table]:
        """Every list as a table, by name."""
        doubtful = sorted(row for rows, _ in self.ambiguous for row in rows)
        left = tuple((row,) for row in self.unmatched_images)
        return {
            "outcome": self.table(),
            "repairs": self.repairs_table(),
            "unmatched rows": self.rows_table(self.unmatched_rows, Text("画像が見つからない行", "Rows without an image")),
            "unmatched images": Table(
                Text("表にない画像", "Images without a row"), (Text("画像の番号 (0 から)", "Number of the image (from 0)"),), left
            ),
            "duplicate rows": self.rows_table(self.duplicate_rows, Text("重複している行", "Duplicate rows")),
            "ambiguous rows": self.rows_table(doubtful, Text("特定できない行", "Ambiguous rows")),
        }


@feature("表と画像の結合", "Join a table with images", booklet=("B1", "B3"))
def join(
    table: Rows,
    images: ImageSet,
    *,
    on: Annotated[
        tuple[str, ...] | None,
        Label(
            "結合のキー (patient, date, file。既定: patient、画像の患者が不明なら file)",
            "Keys of the join: patient, date, file (default: patient, or file where the patients of the images are not known)",
        ),
    ] = None,
    patient: Annotated[str | None, Label("表の患者の列", "Column of patients in the table")] = None,
    date: Annotated[str | None, Label("表の日付の列", "Column of dates in the table")] = None,
    file: Annotated[str | None, Label("表のファイル名の列", "Column of files in the table")] = None,
    label: Annotated[str | None, Label("ラベルにする列", "Column to become the label")] = None,
    value: Annotated[str | None, Label("数値 (目的変数) にする列", "Column to become the number to estimate")] = None,
) -> Joined:
    """Give each image the table row that has its key.

    Keys are compared as they stand first. What does not fit is tried again without outer blanks, then with full-width
    letters made ordinary, case ignored, an ending ".0" cut, hyphens taken out, leading zeros taken out: the first step at which exactly
    one key of the images fits, wins, and is listed in `mended`. A repair under which different keys of the images or of the table
    would fall together is not used. Dates fit when they are the same day however written (iso_date).

    Parameters
    ----------
    table : as `gazo.io.read_rows` gives it.
    images : compared by their roles patient and date, and by file name without folder and ending for "file". A DICOM folder is
        read with `identify=True`; the real IDs serve the join and are not in its result.
    on : one or several of patient, date, file; a row fits when all of them do. Without it patient, or file where the images
        know no patient and no column of patients is named.
    patient, date, file : the columns of the table that hold them; usual names are found without.
    label, value : columns of the table that play these roles in the result.

    Raises DataError for an unknown key, a missing column or role, or when nothing fits.
    """
    if on is None:
        on = ("patient",) if images.has("patient") or patient is not None else ("file",)
    named = {"patient": patient, "date": date, "file": file}
    columns = {key: _column(table, key, named.get(key)) for key in _checked(on)}
    row_keys = list(zip(*(_plain_keys(table.column(column), key) for key, column in columns.items()), strict=True))
    image_keys = list(zip(*(_plain_keys(_image_cells(images, key, table), key) for key in columns), strict=True))
    fits, torn = fitting(row_keys, image_keys)
    rows_of: dict[Key, list[int]] = defaultdict(list)
    for row, key in enumerate(row_keys):
        if key in fits:
            rows_of[fits[key]].append(row)
    images_of: dict[Key, list[int]] = defaultdict(list)
    for picture, key in enumerate(image_keys):
        if all(key):
            images_of[key].append(picture)
    if not set(rows_of) & set(images_of):
        keys, ours, theirs = ", ".join(columns), _some(row_keys), _some(image_keys)
        raise DataError(
            "G-DATA-111",
            en=f"no row of '{table.name}' fits any image by {keys} (table: {ours}; images: {theirs}). Name other columns or keys.",
            ja=f"「{table.name}」には、{keys} で画像と一致する行がありません (表: {ours}、画像: {theirs})。別の列またはキーを指定してください。",
        )
    unsure = doubtful(torn, row_keys, {key: images_of[key] for key in images_of if key not in rows_of})
    joined = _joined(table, images, columns, row_keys, rows_of, images_of, unsure)
    return dataclasses.replace(
        joined, images=_with_columns(table, images, joined.matched, columns, {"label": label, "value": value})
    )


def _joined(
    table: Rows,
    images: ImageSet,
    columns: dict[str, str],
    row_keys: list[Key],
    rows_of: dict[Key, list[int]],
    images_of: dict[Key, list[int]],
    ambiguous: list[tuple[tuple[int, ...], tuple[int, ...]]],
) -> Joined:
    """Every row and image put into its list; `images` is not joined yet."""
    matched: list[tuple[int, int]] = []
    repeated: list[int] = []
    mended_keys: list[Mended] = []
    for key, pictures in images_of.items():
        rows = rows_of.get(key, [])
        if len({_content(table, row, columns) for row in rows}) > 1:
            ambiguous.append((tuple(rows), tuple(pictures)))
        elif rows:
            matched += [(picture, rows[0]) for picture in pictures]
            repeated += rows[1:]
        mended_keys += [m for row in rows for m in _changes(table, row, row_keys[row], key, columns)]
    matched.sort()
    seen_rows = {row for _, row in matched} | set(repeated) | {row for rows, _ in ambiguous for row in rows}
    seen_images = {picture for picture, _ in matched} | {picture for _, pictures in ambiguous for picture in pictures}
    return Joined(
        images=images,
        matched=tuple(matched),
        unmatched_rows=tuple(row for row in range(len(table)) if row not in seen_rows),
        unmatched_images=tuple(picture for picture in range(len(images)) if picture not in seen_images),
        duplicate_rows=tuple(sorted(repeated)),
        ambiguous=tuple(ambiguous),
        mended=tuple(sorted(mended_keys, key=lambda m: m.line)),
        source=table,
    )


def _changes(table: Rows, row: int, stood: Key, fitted: Key, columns: dict[str, str]) -> list[Mended]:
    """What had to be repaired in one row, key by key; dates written in another way count too."""
    changes = []
    for (key, column), ours, theirs in zip(columns.items(), stood, fitted, strict=True):
        cell = table.column(column)[row]
        if key == "date" and cell != theirs:
            changes.append(Mended(table.lines[row], key, cell, theirs, Text("日付の書き方", "way of writing the date")))
        elif key != "date" and ours != theirs:
            steps = next(steps for steps in range(1, len(REPAIRS) + 1) if mended(ours, steps) == mended(theirs, steps))
            names = [
                r.name
                for n, r in enumerate(REPAIRS[:steps])
                if mended(ours, steps, without=n) != mended(theirs, steps, without=n)
            ]
            repairs = Text("、".join(name.ja for name in names), ", ".join(name.en for name in names))
            changes.append(Mended(table.lines[row], key, cell, theirs, repairs))
    return changes


def _content(table: Rows, row: int, columns: dict[str, str]) -> tuple[str, ...]:
    """The cells of a row that are no key."""
    keys = set(columns.values())
    return tuple(cell.strip() for name, cell in zip(table.headings, table.cells[row], strict=True) if name not in keys)


def _with_columns(
    table: Rows, images: ImageSet, matched: Sequence[tuple[int, int]], columns: dict[str, str], roles: dict[Role, str | None]
) -> ImageSet:
    """The matched images with the columns of the table; real patient IDs that were read for the join only do not stay."""
    joined = images.take([picture for picture, _ in matched])
    named: dict[str, str] = {}
    secret = _has_real_ids(images) and "patient" in columns
    if secret:
        joined = dataclasses.replace(joined, columns={name: c for name, c in joined.columns.items() if name != _REAL_ID})
    for heading in table.headings:
        if secret and heading == columns["patient"]:
            continue
        named[heading] = heading if heading not in images.columns else f"{heading} (table)"
        cells = table.column(heading)
        texts = [None if is_empty(cells[row]) else cells[row].strip() for _, row in matched]
        joined = joined.with_column(named[heading], texts)
    for role, column in roles.items():
        if column is not None:
            name = _named(named, table.heading(column))
            if role == "value":
                joined = joined.with_column(name, [_number(cell, name) for cell in joined.columns[name]])
            joined = joined.with_role(role, name)
    return dataclasses.replace(joined, notes=(*images.notes, *table.notes))


def _has_real_ids(images: ImageSet) -> bool:
    """Whether a DICOM folder was read with `identify`: its patient keys are hashes and a column beside holds the real IDs."""
    return _REAL_ID in images.columns and images.has("patient") and images.roles["patient"] != _REAL_ID


def _named(named: dict[str, str], heading: str) -> str:
    if heading not in named:
        raise DataError(
            "G-DATA-116",
            en=f"the column '{heading}' holds real patient IDs and cannot be label or value. Name another column.",
            ja=f"列「{heading}」は実際の患者 ID のため、ラベルや数値には使えません。別の列を指定してください。",
        )
    return named[heading]


def _number(cell: Any, column: str) -> float:
    try:
        return float("nan") if cell is None else float(mended(cell, 2))
    except ValueError:
        raise DataError(
            "G-DATA-112",
            en=f"the column '{column}' is wanted as a number, but a cell holds '{cell}'. Correct the cell or use the column as label.",
            ja=f"列「{column}」を数値として使うよう指定されましたが、「{cell}」というセルがあります。セルを直すか、ラベルとして使ってください。",
        ) from None


def _checked(on: Sequence[str]) -> tuple[str, ...]:
    on = (on,) if isinstance(on, str) else tuple(on)
    for key in on:
        if key not in _KEYS:
            hint = nearest(key, _KEYS)
            raise DataError(
                "G-DATA-113",
                en=f"'{key}' is no key of a join. {hint.en}",
                ja=f"「{key}」は結合のキーとして使えません。{hint.ja}",
            )
    if not on:
        raise DataError(
            "G-DATA-114",
            en="a join needs at least one key; none came. Give patient, date or file.",
            ja="結合にはキーが 1 つ以上必要ですが、指定されていません。patient、date、file のいずれかを指定してください。",
        )
    return on


def _column(table: Rows, key: str, named: str | None) -> str:
    if named is not None:
        return table.heading(named)
    usual = _KEYS[key][1]
    places = {mended(heading, 3).replace("_", " "): heading for heading in reversed(table.headings)}
    for name in usual:
        if name in places:
            return places[name]
    listed = ", ".join(table.headings)
    raise DataError(
        "G-DATA-115",
        en=f"'{table.name}' has no column with a usual name for {key}. Name it with {key}=... (--{key}); columns: {listed}.",
        ja=f"「{table.name}」に {key} を表す列が見つかりません。{key}=... (--{key}) で指定してください。列: {listed}。",
    )


def _image_cells(images: ImageSet, key: str, table: Rows) -> list[str]:
    if not images.has(_KEYS[key][0]):
        listed = ", ".join(table.headings)
        raise DataError(
            "G-DATA-117",
            en=f"the images of '{images.name}' do not tell their {key}. Join by file name: on=file (--on file), with the column "
            f"of file names as file=... (--file); columns of '{table.name}': {listed}.",
            ja=f"「{images.name}」の画像からは {key} がわかりません。ファイル名で結合してください: on=file (--on file)、"
            f"ファイル名の列は file=... (--file)。「{table.name}」の列: {listed}。",
        )
    cells = images.columns[_REAL_ID] if key == "patient" and _has_real_ids(images) else images.role(_KEYS[key][0])
    return ["" if is_missing(cell) else str(cell) for cell in np.asarray(as_column(list(cells)), dtype=object)]


def _plain_keys(cells: Sequence[str], key: str) -> list[str]:
    """What is compared: the file name alone, the day, the ID as it stands; empty where there is nothing."""
    if key == "date":
        return [iso_date(cell) or "" for cell in cells]
    if key == "file":
        return [without_ending(posixpath.basename(cell.strip().replace("\\", "/"))) for cell in cells]
    return ["" if is_empty(cell) else cell for cell in cells]


def _some(keys: list[Key]) -> str:
    return ", ".join("/".join(key) for key in dict.fromkeys(keys[:3]))
