"""DICOM on its way in: de-identified copies with rectangles blacked out, before anything of them can be seen."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.io.import_dicom import import_dicom, known_key
from gazo.runs.intake import waiting
from gazo.runs.intake_burned import Rectangle, black_out_file
from gazo.runs.intake_key import LOCK, patients_key
from gazo.runs.sets_store import FILES


@dataclass(frozen=True, eq=False)
class Copies:
    """De-identified copies: original path -> file of the set, for those that were written; `images` and `row_of` give their clean headers."""

    files: Mapping[str, str]
    images: ImageSet
    row_of: Mapping[str, int]
    said: tuple[Text, ...]


def copy_dicom(
    tree: Path,
    originals: Sequence[str],
    making: Path,
    place: Path,
    rectangles: Mapping[str, Sequence[Rectangle]],
    *,
    on_event: OnEvent = quiet,
) -> Copies:
    """De-identified copies of some files below ``making/files``, and what has to be said.

    Parameters
    ----------
    rectangles : of each original, what is blacked out. A file whose pixels cannot be changed is left out.
    """
    with LOCK, tempfile.TemporaryDirectory(dir=waiting(place), prefix="chosen-") as chosen:
        link_tree(tree, originals, Path(chosen))
        key = patients_key(place)
        copies = import_dicom(chosen, making / FILES, key_file=key, burned_in=True, on_event=on_event)
        original_of = {row[4]: row[5] for row in known_key(key) if row[4]}
    row_of = {original_of[str(file)]: row for row, file in enumerate(copies.role("image"))}
    taken = {original: f"{FILES}/{copies.role('image')[row]}" for original, row in row_of.items()}
    blind = 0
    for original, drawn in rectangles.items():
        if original not in taken or not drawn:
            continue
        try:
            black_out_file(making / taken[original], drawn)
        except GazoError:
            (making / taken.pop(original)).unlink(missing_ok=True)
            blind += 1
    said = []
    if blind:
        said.append(
            Text(
                f"黒塗りできない {blind} 個のファイルは取り込みませんでした。",
                f"{blind} files whose pixels cannot be blacked out were left out.",
            )
        )
    if len(taken) + blind < len(originals):
        broken = len(originals) - len(taken) - blind
        said.append(
            Text(
                f"読み込めない {broken} 個のファイルは取り込みませんでした。",
                f"{broken} files that cannot be read were left out.",
            )
        )
    return Copies(taken, copies, row_of, tuple(said))


def link_tree(tree: Path, files: Sequence[str], to: Path) -> None:
    """Some files of a tree as a tree of their own, without copying where the disk allows it."""
    for file in files:
        target = to / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(tree / file, target)
        except OSError:
            shutil.copyfile(tree / file, target)
