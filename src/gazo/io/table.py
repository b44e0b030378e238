"""A table of images: one row an image, labels and patients in columns, from CSV or Excel."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Label
from gazo.core.registry import feature
from gazo.io.cleaning import as_objects, boxes_by_image, cleaned, doubtful, numbers, without_repeats
from gazo.io.finding import Finder
from gazo.io.loader import FileLoader
from gazo.io.mask_files_cell import reference_of
from gazo.io.opening import need_folder
from gazo.io.rows import Rows, is_empty, plain, read_rows
from gazo.io.where import chosen

IMAGE_NAMES = (
    *(
        "file",
        "filename",
        "file name",
        "file_name",
        "path",
        "filepath",
        "file path",
        "image",
        "image index",
        "image_path",
        "imagefile",
    ),
    *(
        "ファイル",
        "ファイル名",
        "画像",
        "画像ファイル",
        "画像ファイル名",
        "画像名",
        "パス",
        "image id",
        "image_id",
        "imageid",
        "id",
        "name",
    ),
)
_LOOKED_AT = 20


@feature("画像の表の読み込み", "Read a table of images", booklet=("B1", "B2", "B3"))
def read_table(
    path: Path | str,
    *,
    image: Annotated[str | None, Label("画像ファイルの列", "Column of image files")] = None,
    label: Annotated[str | None, Label("ラベルの列", "Column of labels")] = None,
    patient: Annotated[str | None, Label("患者の列", "Column of patients")] = None,
    value: Annotated[str | None, Label("数値 (目的変数) の列", "Column of numbers to estimate")] = None,
    mask: Annotated[
        str | None, Label("マスクの列 (列#構造名 で構造を選択)", "Column of mask files (column#structure chooses one)")
    ] = None,
    boxes: Annotated[str | None, Label("矩形の列 (x,y,幅,高さ の 4 列)", "Columns of boxes: x,y,width,height")] = None,
    split: Annotated[str | None, Label("分割 (train/val/test) の列", "Column of the split (train/val/test)")] = None,
    date: Annotated[str | None, Label("日付の列", "Column of dates")] = None,
    folder: Annotated[str | None, Label("画像のフォルダ", "Folder of the images")] = None,
    sheet: Annotated[str | None, Label("Excel のシート名", "Excel sheet")] = None,
    where: Annotated[str, Label("行の条件 (例: view=PA,age>=18)", "Conditions on rows, such as view=PA,age>=18")] = "",
) -> ImageSet:
    """A .csv or .xlsx table whose rows name image files, as a lazy set; pixels are read when asked for.

    Without `image` the column is looked for: the one whose cells are files in `folder` (by default where the table lies).
    Cells may be paths with / or \\, names of files in subfolders, or names without ending. Labels, patients and dates stay text
    (outer blanks go, full-width letters become ordinary ones); numbers are read only for `value`. Rows without a file or a label
    are left out, and every repair is a sentence in `notes`. `boxes` names four columns: rows of one image become one, with an
    array (boxes, 4) of x, y, width, height in pixels.

    Masks may be PNG, TIFF, NIfTI, DICOM SEG or RTSTRUCT; a cell `file#structure` (or `mask="column#structure"` for all of them) chooses a
    structure by its name. They come in the geometry of the image of their row.

    Raises
    ------
    DataError : an unknown column (the nearest is named), no image found, no row left.
    FileError : the table is missing or broken.
    """
    rows = chosen(read_rows(path, sheet=sheet), where)
    finder = Finder(str(need_folder(folder if folder is not None else Path(path).parent)))
    column = rows.heading(image) if image is not None else _image_column(rows, finder)
    mask, structure = _structure(mask, rows)
    named: dict[Role, str | None] = {
        "label": label,
        "patient": patient,
        "value": value,
        "mask": mask,
        "split": split,
        "date": date,
    }
    roles: dict[Role, str] = {role: rows.heading(name) for role, name in named.items() if name is not None}
    corners = [rows.heading(part.strip()) for part in boxes.split(",")] if boxes else []

    rows, files = _with_files(rows, column, finder)
    rows, files = _with_labels(rows, files, roles.get("label"), corners)
    texts = {heading: rows.column(heading) for heading in rows.headings}
    notes = list(rows.notes)
    for role in ("label", "patient", "split"):
        if role in roles:
            texts[roles[role]] = cleaned(texts[roles[role]], roles[role], notes)
            notes += doubtful(texts[roles[role]], roles[role], ids=role == "patient")
    texts[column] = files
    roles = {"image": column, **roles}
    if corners:
        return _loaded(rows.name, *boxes_by_image(texts, roles, corners, notes), finder, notes, structure)
    return _loaded(rows.name, without_repeats(texts, roles, notes), roles, finder, notes, structure)


def _structure(mask: str | None, rows: Rows) -> tuple[str | None, str]:
    """The column of masks and the structure named behind it."""
    if mask is None or "#" not in mask or mask in rows.headings:
        return mask, ""
    column, _, structure = mask.rpartition("#")
    return column, structure.strip()


def _loaded(
    name: str, texts: dict[str, Any], roles: dict[Role, str], finder: Finder, notes: list[Text], structure: str = ""
) -> ImageSet:
    """The set: text as objects with None where empty, numbers for the value, masks as their loader wants them."""
    columns: dict[str, Any] = {}
    for heading, cells in texts.items():
        if heading == roles.get("value"):
            columns[heading] = numbers(cells, heading, notes)
        elif heading == roles.get("mask"):
            columns[heading] = _masks(cells, texts[roles["image"]], heading, finder, notes, structure)
        elif isinstance(cells, list):
            columns[heading] = as_column([None if is_empty(cell) else cell for cell in cells])
        else:
            columns[heading] = cells  # boxes and their labels are columns already
    return ImageSet(columns, roles, FileLoader(finder.folder), name=os.path.splitext(name)[0], notes=tuple(notes))


def _image_column(rows: Rows, finder: Finder) -> str:
    """The column whose cells are files: ones with a telling name first, then any."""
    telling = [heading for name in IMAGE_NAMES for heading in rows.headings if plain(heading).casefold() == name]
    for heading in dict.fromkeys([*telling, *rows.headings]):
        cells = [cell for cell in rows.column(heading) if not is_empty(cell)]
        first = cells[:: max(1, len(cells) // _LOOKED_AT)][:_LOOKED_AT]
        found = sum(finder.find(cell) is not None for cell in first)
        if found and (heading in telling or 2 * found > len(first)):
            return heading
    listed = ", ".join(rows.headings)
    raise DataError(
        "G-IO-042",
        en=f"no column of '{rows.name}' names files that are in the folder. "
        f"Name the column with --image and the folder of the images with --folder; columns: {listed}.",
        ja=f"「{rows.name}」には、フォルダ内の画像ファイルを指す列が見つかりません。"
        f"--image で列を、--folder で画像のフォルダを指定してください。列: {listed}。",
    )


def _with_files(rows: Rows, column: str, finder: Finder) -> tuple[Rows, list[str]]:
    """The rows whose image is there, and its path; the others are counted and named in a note."""
    cells = rows.column(column)
    found = [finder.find(cell) for cell in cells]
    kept = [row for row, file in enumerate(found) if file is not None]
    if not kept:
        raise DataError(
            "G-IO-043",
            en=f"none of the {len(rows)} files that the column '{column}' of '{rows.name}' names is in the folder "
            f"(first: '{_last_part(cells[0])}'). Name the folder of the images with --folder.",
            ja=f"「{rows.name}」の列「{column}」が指す {len(rows)} 個のファイルは、フォルダ内に 1 つもありません "
            f"(最初: 「{_last_part(cells[0])}」)。--folder で画像のフォルダを指定してください。",
        )
    notes = []
    missing = [row for row, file in enumerate(found) if file is None and cells[row] not in finder.ambiguous]
    several = [row for row, file in enumerate(found) if file is None and cells[row] in finder.ambiguous]
    if missing:
        notes.append(
            Text(
                f"画像ファイルが見つからない {len(missing)} 行を除きました: {_some(rows, missing, cells)}。",
                f"{len(missing)} rows were left out because their file is not there: {_some(rows, missing, cells)}.",
            )
        )
    if several:
        notes.append(
            Text(
                f"同じ名前の画像が複数あって特定できない {len(several)} 行を除きました: {_some(rows, several, cells)}。",
                f"{len(several)} rows were left out because several files have that name: {_some(rows, several, cells)}.",
            )
        )
    return rows.take(kept, *notes), [file for file in found if file is not None]


def _with_labels(rows: Rows, files: list[str], label: str | None, corners: Sequence[str]) -> tuple[Rows, list[str]]:
    """The rows that have a label; the others are counted in a note. Where boxes are labelled, an image without a box needs none."""
    if label is None:
        return rows, files
    labels = rows.column(label)
    unboxed = [all(map(is_empty, sides)) for sides in zip(*(rows.column(c) for c in corners), strict=True)] or [False] * len(rows)
    kept = [row for row, cell in enumerate(labels) if unboxed[row] or not is_empty(cell)]
    if not kept:
        raise DataError(
            "G-IO-044",
            en=f"the column '{label}' of '{rows.name}' has no label in any of {len(rows)} rows. Name another column with --label.",
            ja=f"「{rows.name}」の列「{label}」は {len(rows)} 行すべてが空で、ラベルがありません。--label で別の列を指定してください。",
        )
    empty = sorted({*range(len(rows))} - {*kept})
    if not empty:
        return rows, files
    lines = _lines(rows, empty)
    note = Text(
        f"列「{label}」が空 (または NaN、#N/A) の {len(empty)} 行を除きました: {lines.ja}。",
        f"{len(empty)} rows were left out because '{label}' is empty (or NaN, #N/A): {lines.en}.",
    )
    return rows.take(kept, note), [files[row] for row in kept]


def _masks(cells: Sequence[str], files: Sequence[str], heading: str, finder: Finder, notes: list[Text], structure: str) -> Any:
    found = [
        None if is_empty(cell) else reference_of(cell, file, finder, structure) for cell, file in zip(cells, files, strict=True)
    ]
    missing = sum(file is None and not is_empty(cell) for file, cell in zip(found, cells, strict=True))
    if missing:
        notes.append(
            Text(
                f"列「{heading}」のマスク画像のうち {missing} 個が見つかりません。",
                f"{missing} mask files of the column '{heading}' are not there.",
            )
        )
    return as_objects(found)


def _some(rows: Rows, chosen_rows: list[int], cells: list[str]) -> str:
    """The first three as "line: name"."""
    shown = ", ".join(f"{rows.lines[row]}: '{_last_part(cells[row])}'" for row in chosen_rows[:3])
    return shown + (" ..." if len(chosen_rows) > 3 else "")


def _lines(rows: Rows, chosen_rows: list[int]) -> Text:
    listed = ", ".join(str(rows.lines[row]) for row in chosen_rows[:10]) + (" ..." if len(chosen_rows) > 10 else "")
    return Text(f"{listed} 行目", f"line {listed}")


def _last_part(cell: str) -> str:
    return cell.replace("\\", "/").rsplit("/", 1)[-1]
