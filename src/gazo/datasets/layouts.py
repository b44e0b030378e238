"""Public data sets recognised by the names of their files; each layout knows its labels and its patients.

MedMNIST is one .npz file, which `gazo.io.read_npz` reads; `medmnist_note` tells what is known about it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.datasets import layout_chest14, layout_jsrt, layout_mias, layout_minijsrt
from gazo.io.finding import walk


@dataclass(frozen=True)
class Layout:
    """A public set: `finds` tells from the paths of all files whether it is there, `read` makes the set.

    The paths given to `finds` begin with the name of the folder, those given to `read` do not.
    """

    key: str
    name: Text
    finds: Callable[[list[str]], bool]
    read: Callable[[Path, list[str]], ImageSet]


LAYOUTS = (
    Layout(
        "jsrt", Text("JSRT 標準ディジタル画像データベース", "JSRT database of chest nodules"), layout_jsrt.finds, layout_jsrt.read
    ),
    Layout("chest14", Text("NIH ChestX-ray14", "NIH ChestX-ray14"), layout_chest14.finds, layout_chest14.read),
    Layout("minijsrt", Text("miniJSRT データベース", "miniJSRT database"), layout_minijsrt.finds, layout_minijsrt.read),
    Layout("mini-mias", Text("mini-MIAS マンモグラフィ", "mini-MIAS mammograms"), layout_mias.finds, layout_mias.read),
)


@feature("公開データベースの判別", "Recognise a public database", booklet=("B1", "B2", "B3"))
def recognise(path: Path | str) -> Layout | None:
    """The public layout that the files below a folder have; None when it is none of those known.

    Known are JSRT (.IMG or DICOM, clinical tables), miniJSRT (directions, gender, age, segmentation), ChestX-ray14 and mini-MIAS;
    MedMNIST is an .npz file and needs no recognition by names.
    """
    return _found(path, walk(str(path)))


@feature("公開データベースの読み込み", "Read a public database", booklet=("B1", "B2", "B3"))
def read_layout(path: Path | str) -> ImageSet | None:
    """The recognised public set below a folder, with labels, patients and official parts; None when none is recognised.

    The first note says what was recognised.
    """
    files = walk(str(path))
    layout = _found(path, files)
    if layout is None:
        return None
    images = layout.read(Path(path), files)
    said = Text(
        f"「{layout.name.ja}」の形式と判別しました (画像 {len(images)} 枚)。",
        f"Recognised as {layout.name.en} ({len(images)} images).",
    )
    return replace(images, name=images.name or os.path.basename(os.path.abspath(path)), notes=(said, *images.notes))


def medmnist_note(name: str) -> Text | None:
    """What to say of a file called like a MedMNIST set (``pneumoniamnist.npz``, ``chestmnist_64.npz``); None for others."""
    match = re.fullmatch(r"([a-z]+mnist(?:3d)?)(?:_(\d+))?\.npz", name.lower())
    if match is None:
        return None
    size = match[2] or "28"
    return Text(
        f"MedMNIST の {match[1]} ({size} px) の形式と判別しました。患者 ID は公開されていないため、公式の分割を使ってください。",
        f"Recognised as {match[1]} of MedMNIST ({size} px). Patients are not published with it; use the official split.",
    )


def _found(path: Path | str, files: list[str]) -> Layout | None:
    """The first layout that fits; the name of the folder itself counts too, because a set's name often stands there only."""
    top = os.path.basename(os.path.abspath(path))
    named = [f"{top}/{file}" for file in files]
    return next((layout for layout in LAYOUTS if layout.finds(named)), None)
