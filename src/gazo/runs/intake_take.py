"""Take in what waits: neutral copies, pseudonyms, the chosen columns, and the key table apart."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from gazo.core.errors import GazoError, OptionError, nearest
from gazo.core.image import Image
from gazo.core.imageset import ImageSet, Loader
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.strata import is_missing
from gazo.datasets.tabulate import is_named
from gazo.io.finding import Finder
from gazo.io.where import number
from gazo.runs.intake import Incoming, drop
from gazo.runs.intake_burned import Cure, blacked_out, checked_cures, picture_key
from gazo.runs.intake_columns import Use
from gazo.runs.intake_dicom import copy_dicom
from gazo.runs.intake_key import moved_dates, pseudonyms, write_names
from gazo.runs.intake_look import FileFault, Looked, Way, look, need_images, source_columns, unnamed
from gazo.runs.intake_source import opener
from gazo.runs.sets import DataSet, checked_name, keep, new_set_folder, now
from gazo.runs.sets_store import store
from gazo.runs.sets_table import BOXES, FILE, write_base

PATIENT, MASK = "patient", "mask"
_OLDEST = 89


@dataclass(frozen=True)
class Choices:
    """What a person decided.

    Parameters
    ----------
    columns : what each column is for; one not named is left out.
    only_listed : images without a row in the table are left out.
    spacing_mm : of images whose files tell none.
    cures : by group, what becomes of images with burned-in text.
    in_place : use a local folder where it lies.
    """

    name: str
    columns: Mapping[str, Use] = field(default_factory=dict)
    way: Way = field(default_factory=Way)
    only_listed: bool = True
    spacing_mm: float | None = None
    cures: Mapping[str, Cure] = field(default_factory=dict)
    in_place: bool = False


@dataclass(frozen=True, eq=False)
class _Copied:
    """Files of the new set for some rows of the source, and what could not be taken. `columns` of DICOM are those of its clean copies."""

    rows: list[int]
    files: list[str]
    masks: list[str | None] | None
    faults: list[FileFault]
    said: list[Text]
    columns: Mapping[str, list[Any]] | None = None


def take(incoming: Incoming, choices: Choices, place: Path, *, on_event: OnEvent = quiet) -> DataSet:
    """Make a data set of the files that wait, and throw them away. Nothing appears when it fails; the files then go on waiting."""
    name = checked_name(choices.name)
    _check_uses(choices.columns)
    looked = look(incoming, choices.way)
    need_images(looked)
    rows = _wanted(looked, choices)
    id, making = new_set_folder(place)
    try:
        stays = choices.in_place and looked.in_place
        copied = _in_place(looked, rows) if stays else _copied(incoming, looked, rows, choices, making, place, on_event)
        _need_some(copied.rows)
        real = _real_patients(looked, choices.columns)
        columns, roles = _table(looked, choices, copied, real, place)
        write_base(columns, making)
        originals = [str(cell) for cell in _images(looked).role("image")]
        write_names(
            id, copied.files, [originals[row] for row in copied.rows], [real[row] if real else None for row in copied.rows], place
        )
        found = keep(
            DataSet(
                id=id, name=name, created=now(), origin="local" if stays else "upload", folder=str(incoming.tree) if stays else ".",
                rows=len(copied.rows), roles=roles, said=_said(looked, copied, stays),
            ),
            making,
            place,
        )  # fmt: skip
    finally:
        shutil.rmtree(making, ignore_errors=True)
    drop(incoming)
    return found


def _images(looked: Looked) -> ImageSet:
    assert looked.source.images is not None
    return looked.source.images


def _check_uses(columns: Mapping[str, str]) -> None:
    for use in columns.values():
        if use not in get_args(Use):
            hint = nearest(use, get_args(Use))
            raise OptionError(
                "G-SET-053",
                en=f"'{use}' is no use of a column. {hint.en}",
                ja=f"「{use}」は列の用途として指定できません。{hint.ja}",
            )
    for part in ("label", "patient", "value", "mask", "split", "date"):
        named = [name for name, use in columns.items() if use == part]
        if len(named) > 1:
            raise OptionError(
                "G-SET-054",
                en=f"{len(named)} columns are chosen as {part}; one at most can be. Keep the others as plain columns.",
                ja=f"「{part}」に {len(named)} 個の列が指定されています。1 つだけ選び、ほかは「残す」にしてください。",
            )


def _wanted(looked: Looked, choices: Choices) -> list[int]:
    """The rows that are taken: all, or those that the table lists; without files that are only masks of others."""
    rows = list(range(looked.images))
    if looked.fitted is not None and choices.only_listed:
        rows = [row for row in rows if looked.fitted.rows[row]]
    refused = {key for key, cure in choices.cures.items() if not cure.take}
    left_out = {row for group in looked.groups if group.key in refused for row in group.rows}
    rows = [row for row in rows if row not in left_out]
    _need_some(rows)
    return rows


def _need_some(rows: Sequence[int]) -> None:
    if not rows:
        raise OptionError(
            "G-SET-055",
            en="with these choices no image is left to take in. Take another table, or images without a row too.",
            ja="この指定では取り込む画像が残りません。別の表を選ぶか、表にない画像も取り込む設定にしてください。",
        )


def _in_place(looked: Looked, rows: list[int]) -> _Copied:
    files = [str(_images(looked).role("image")[row]) for row in rows]
    masks = [_cell(_images(looked).role("mask")[row]) for row in rows] if looked.has_masks else None
    return _Copied(rows, files, masks, [], [])


def _copied(
    incoming: Incoming, looked: Looked, rows: list[int], choices: Choices, making: Path, place: Path, on_event: OnEvent
) -> _Copied:
    cures = checked_cures(choices.cures)
    images, numbers = _images(looked), incoming.numbers()
    if looked.source.kind == "dicom":
        return _copied_dicom(incoming, looked, rows, cures, making, place, on_event)
    loader = _Blackened(opener(looked.source, choices.spacing_mm), tuple(cures.items()))
    stored = store(loader, [images.role("image")[row] for row in rows], making, on_event=on_event)
    kept_rows = [rows[at] for at in stored.rows]
    faults = [_fault(rows[at], error, looked, numbers) for at, error in stored.faults]
    masks = _masks(looked, choices, kept_rows, making, incoming)
    return _Copied(kept_rows, [file for file in stored.files if file is not None], masks, faults, [])


def _copied_dicom(
    incoming: Incoming, looked: Looked, rows: list[int], cures: Mapping[str, Cure], making: Path, place: Path, on_event: OnEvent
) -> _Copied:
    originals = {row: str(_images(looked).role("image")[row]) for row in rows}
    drawn = {row: cures[group.key].rectangles for group in looked.groups if group.key in cures for row in group.rows}
    rectangles = {originals[row]: found for row, found in drawn.items() if row in originals}
    copies = copy_dicom(incoming.tree, list(originals.values()), making, place, rectangles, on_event=on_event)
    kept = [row for row in rows if originals[row] in copies.files]
    places = [copies.row_of[originals[row]] for row in kept]
    columns = {name: [cells[at] for at in places] for name, cells in copies.images.columns.items()}
    return _Copied(kept, [copies.files[originals[row]] for row in kept], None, [], list(copies.said), columns)


def _fault(row: int, error: GazoError, looked: Looked, numbers: Mapping[str, int]) -> FileFault:
    file = str(_images(looked).role("image")[row])
    return FileFault(numbers.get(file, 0), unnamed(error, file))


def _masks(looked: Looked, choices: Choices, rows: list[int], making: Path, incoming: Incoming) -> list[str | None] | None:
    """Copies of the masks that the layout or a column of the table names; None where there are none."""
    images = _images(looked)
    column = next((name for name, use in choices.columns.items() if use == "mask"), "")
    if images.has("mask"):
        wanted = [_cell(images.role("mask")[row]) for row in rows]
    elif column and looked.fitted is not None and column in looked.fitted.headings():
        finder = Finder(str(incoming.tree))
        cells = looked.fitted.cells(column)
        wanted = [finder.find(cell) if (cell := cells[row]) else None for row in rows]
    else:
        return None
    return list(store(images.loader, wanted, making, start="mask").files)


@dataclass(frozen=True)
class _Blackened:
    """Images of another loader with the rectangles of their group blacked out."""

    loader: Loader
    cures: tuple[tuple[str, Cure], ...]

    def __call__(self, reference: Any) -> Image:
        image = self.loader(reference)
        cure = dict(self.cures).get(picture_key(image.shape))
        return image if cure is None else blacked_out(image, cure.rectangles)

    def digest(self, reference: Any) -> str:
        return self.loader.digest(reference)


def _real_patients(looked: Looked, columns: Mapping[str, Use]) -> list[str | None] | None:
    """The real patient ID of every row of the source, by the column chosen for it, else by the images themselves."""
    chosen = next((name for name, use in columns.items() if use == PATIENT), "")
    cells = _cells(looked, chosen) if chosen else None
    if cells is None and looked.source.patients:
        cells = list(_images(looked).columns[looked.source.patients])
    return None if cells is None else [_cell(cell) for cell in cells]


def _cells(looked: Looked, name: str) -> list[Any] | None:
    """A column by its name: of the table first, then of the images."""
    if looked.fitted is not None and name in looked.fitted.headings():
        return list(looked.fitted.cells(name))
    found = source_columns(looked.source)
    return list(found[name]) if name in found else None


def _cell(cell: Any) -> str | None:
    return None if is_missing(cell) else str(cell).strip()


def _table(
    looked: Looked, choices: Choices, copied: _Copied, real: list[str | None] | None, place: Path
) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns of the new set and the parts they play."""
    columns: dict[str, Any] = {FILE: copied.files}
    roles: dict[str, str] = {}
    whose = _pseudonyms(choices, copied, real, place)
    if any(whose):
        columns[PATIENT], roles[PATIENT] = whose, PATIENT
    for name, use in choices.columns.items():
        cells = None if use in ("leave", PATIENT, MASK) else _own_cells(looked, copied, name, whose, use, place)
        if cells is None:
            continue
        kept = _free(name, columns)
        columns[kept] = cells
        if use != "keep":
            roles[use] = kept
    if copied.masks is not None and any(copied.masks):
        columns[MASK], roles[MASK] = copied.masks, MASK
    boxes = _boxes(looked)
    if boxes is not None:
        columns["boxes"], roles["boxes"] = [boxes[row] for row in copied.rows], ",".join(BOXES)
    return columns, roles


def _pseudonyms(choices: Choices, copied: _Copied, real: list[str | None] | None, place: Path) -> list[str | None]:
    """Who each image shows: P0001 ... of a chosen column, else those under which DICOM was copied, else those of the images' own IDs."""
    if copied.columns is not None and PATIENT not in choices.columns.values():
        return [str(cell) for cell in copied.columns["patient"]]
    return pseudonyms([real[row] for row in copied.rows], place) if real else [None] * len(copied.rows)


def _own_cells(looked: Looked, copied: _Copied, name: str, whose: list[str | None], use: Use, place: Path) -> list[Any] | None:
    """A column for the images that were taken: dates moved, ages above 89 as 90."""
    from_table = looked.fitted is not None and name in looked.fitted.headings()
    if copied.columns is not None and name in copied.columns and not from_table:
        return [_cell(cell) for cell in copied.columns[name]]
    cells = _cells(looked, name)
    if cells is None:
        return None
    own = [_cell(cells[row]) for row in copied.rows]
    if use == "date" or any(one.name == name and one.use == "date" for one in looked.proposals):
        return moved_dates(own, whose, place)
    return [_young(cell) for cell in own] if is_named(name, "age") else own


def _young(age: str | None) -> str | None:
    """An age above 89 tells too much of too few (45 CFR 164.514(b)(2)(i)(C))."""
    years = None if age is None else number(age)
    return age if years is None or years <= _OLDEST else str(_OLDEST + 1)


def _boxes(looked: Looked) -> Any:
    if looked.fitted is not None and looked.fitted.boxes:
        return looked.fitted.drawn()
    return _images(looked).role("boxes") if _images(looked).has("boxes") else None


def _free(name: str, columns: Mapping[str, Any]) -> str:
    """A heading that nothing else has."""
    taken = {*columns, *BOXES, "boxes", MASK, PATIENT}
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _said(looked: Looked, copied: _Copied, stays: bool) -> tuple[Text, ...]:
    said = [*looked.source.said, *copied.said]
    if looked.source.layout is not None:
        name = looked.source.layout
        said.insert(0, Text(f"「{name.ja}」の形式と判別しました。", f"Recognised as {name.en}."))
    for fault in copied.faults[:50]:
        said.append(Text(f"{fault.number} 番目のファイル: {fault.text.ja}", f"File {fault.number}: {fault.text.en}"))
    if stays:
        said.append(
            Text(
                "画像は元のフォルダに置いたまま使います。フォルダを移動・削除すると開けなくなります。ファイルの中の個人情報は取り除かれません。",
                "The images stay in their folder; moving or deleting it makes them unreadable. Identities inside the files are not removed.",
            )
        )
    return tuple(said)
