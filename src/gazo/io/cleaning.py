"""What is repaired in the cells of a table, always with a note: blanks, full-width letters, repeats, boxes over several rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import Role
from gazo.core.language import Text
from gazo.io.rows import is_empty, plain
from gazo.io.where import number

Columns = dict[str, Any]


def cleaned(cells: Sequence[str], heading: str, notes: list[Text]) -> list[str]:
    """Cells without outer blanks and with ordinary instead of full-width letters and digits; a note tells how many changed."""
    repaired = [plain(cell) for cell in cells]
    changed = [(old, new) for old, new in zip(cells, repaired, strict=True) if old != new]
    if changed:
        old, new = changed[0]
        notes.append(
            Text(
                f"列「{heading}」の {len(changed)} 個のセルで余分な空白や全角文字を直しました (例: 「{old}」→「{new}」)。",
                f"{len(changed)} cells of '{heading}' had outer blanks or full-width letters, now repaired (such as '{old}' to '{new}').",
            )
        )
    return repaired


def doubtful(cells: Sequence[str], heading: str, *, ids: bool) -> list[Text]:
    """Notes on different texts that may mean the same: they differ only by case, or (for IDs) by leading zeros. Nothing is changed."""
    groups: dict[str, set[str]] = {}
    for cell in cells:
        key = cell.casefold()
        groups.setdefault((key.lstrip("0") or key) if ids else key, set()).add(cell)
    alike = [sorted(group) for group in groups.values() if len(group) > 1]
    if not alike:
        return []
    shown = "; ".join(" / ".join(group[:3]) for group in alike[:3])
    return [
        Text(
            f"列「{heading}」に同じものかもしれない書き方が {len(alike)} 組あります。別のものとして扱います: {shown}。",
            f"'{heading}' has {len(alike)} groups of spellings that may mean the same; they are kept apart: {shown}.",
        )
    ]


def numbers(cells: Sequence[str], heading: str, notes: list[Text]) -> NDArray[np.float64]:
    """Cells as float64, NaN where there is no number; an error when there is none at all."""
    read = [number(cell) for cell in cells]
    wrong = [cell for cell, value in zip(cells, read, strict=True) if value is None and not is_empty(cell)]
    if all(value is None for value in read):
        raise DataError(
            "G-IO-045",
            en=f"the column '{heading}' holds no numbers (first: '{cells[0]}'). Name another column with --value, or use it as --label.",
            ja=f"列「{heading}」に数値がありません (最初: 「{cells[0]}」)。--value で別の列を指定するか、--label として使ってください。",
        )
    if wrong:
        notes.append(
            Text(
                f"列「{heading}」の {len(wrong)} 個のセルは数値ではないため空とみなします (例: 「{wrong[0]}」)。",
                f"{len(wrong)} cells of '{heading}' are no numbers and count as empty (such as '{wrong[0]}').",
            )
        )
    return np.array([np.nan if value is None else value for value in read], np.float64)


def without_repeats(texts: Columns, roles: dict[Role, str], notes: list[Text]) -> Columns:
    """One row an image: equal rows of one image become one, rows that contradict each other are all left out."""
    files = texts[roles["image"]]
    rows_of: dict[str, list[int]] = {}
    for row, file in enumerate(files):
        rows_of.setdefault(file, []).append(row)
    if len(rows_of) == len(files):
        return texts
    played = [texts[heading] for heading in roles.values()]
    same = {file: len({tuple(cells[row] for cells in played) for row in rows}) == 1 for file, rows in rows_of.items()}
    kept = sorted(rows[0] for file, rows in rows_of.items() if same[file])
    repeats = sum(len(rows) - 1 for file, rows in rows_of.items() if same[file])
    against = [file for file, agree in same.items() if not agree]
    if not kept:
        raise DataError(
            "G-IO-046",
            en="every image stands in several rows that contradict each other. Name the four columns of boxes with --boxes, or correct the table.",
            ja="どの画像も、内容の食い違う複数の行に現れます。矩形の 4 列を --boxes で指定するか、表を直してください。",
        )
    if repeats:
        notes.append(
            Text(f"重複する {repeats} 行を 1 つにまとめました。", f"{repeats} rows repeat another and were joined with it.")
        )
    if against:
        shown = ", ".join(against[:3]) + (" ..." if len(against) > 3 else "")
        notes.append(
            Text(
                f"同じ画像の行どうしで内容が食い違うため、{len(against)} 枚の画像を除きました: {shown}。",
                f"{len(against)} images were left out because their rows contradict each other: {shown}.",
            )
        )
    return {heading: [cells[row] for row in kept] for heading, cells in texts.items()}


def boxes_by_image(
    texts: Columns, roles: dict[Role, str], corners: Sequence[str], notes: list[Text]
) -> tuple[Columns, dict[Role, str]]:
    """One row an image with a column "boxes" of float arrays (boxes, 4): x, y, width, height. A row without numbers has no box.

    With a label, the column "box_labels" holds one label for each box, and the label of the image joins the different ones by "|".
    """
    if len(corners) != 4:
        raise DataError(
            "G-IO-047",
            en=f"boxes need four columns x,y,width,height; {len(corners)} came. Write for example --boxes x,y,w,h.",
            ja=f"矩形には x,y,幅,高さ の 4 列が必要です。{len(corners)} 列が指定されました。例: --boxes x,y,w,h。",
        )
    rows_of: dict[str, list[int]] = {}
    for row, file in enumerate(texts[roles["image"]]):
        rows_of.setdefault(file, []).append(row)
    sides = list(zip(*([number(cell) for cell in texts[corner]] for corner in corners), strict=True))
    boxed = {file: [row for row in rows if None not in sides[row]] for file, rows in rows_of.items()}
    joined: Columns = {heading: [cells[rows[0]] for rows in rows_of.values()] for heading, cells in texts.items()}
    joined["boxes"] = as_objects([np.array([sides[row] for row in rows], np.float64).reshape(-1, 4) for rows in boxed.values()])
    if "label" in roles:
        labels = texts[roles["label"]]
        joined["box_labels"] = as_objects([tuple(labels[row] for row in rows) for rows in boxed.values()])
        joined[roles["label"]] = ["|".join(dict.fromkeys(labels[row] for row in rows)) for rows in rows_of.values()]
    total = sum(len(rows) for rows in boxed.values())
    notes.append(Text(f"{len(rows_of)} 枚の画像に {total} 個の矩形があります。", f"{total} boxes in {len(rows_of)} images."))
    return joined, {**roles, "boxes": "boxes"}


def as_objects(values: Sequence[Any]) -> NDArray[Any]:
    """A column of objects that NumPy must not look into."""
    column = np.empty(len(values), object)
    for row, value in enumerate(values):
        column[row] = value
    return column
