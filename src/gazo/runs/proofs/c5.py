"""C5: radiomic features against the consensus of the IBSI: digital phantom, CT phantom, filters."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import FileError
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.io import read_nifti
from gazo.radiomics import Settings, feature_values
from gazo.radiomics.digital_phantom import SETTINGS, SPACING_MM, consensus, digital_phantom, disagreeing
from gazo.runs.proof import Proof, proof

CT = Settings(
    by_slice=True,
    lowest=-500.0,
    highest=400.0,
    rounding=True,
    ivh="values",
    aggregations=("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb"),
)
CONFIGURATIONS = {
    "a": replace(CT, discretisation="fixed bin size", bin_size=25.0),
    "b": replace(CT, spacing_mm=2.0, discretisation="fixed bin number", bin_number=32),
}
PREPARATION = ("img_", "vox_", "mean_int", "min_int", "max_int", "int_mask", "morph_mask")  # of image and region, not features


@dataclass(frozen=True)
class Compared:
    """How many published values of one data set were compared, and those that do not agree."""

    name: Text
    values: int
    wrong: tuple[str, ...]


def digital(data: Path | None) -> list[Compared]:
    """The digital phantom, which is part of gazo."""
    found = feature_values(*digital_phantom(), SPACING_MM, SETTINGS)
    wrong = disagreeing(found, consensus())
    return [Compared(Text("IBSI 1 デジタルファントム", "IBSI 1 digital phantom"), len(consensus()), tuple(wrong))]


def ct_configurations(data: Path | None) -> list[Compared]:
    """Configurations A and B on the CT phantom, whose images the user has to bring."""
    if data is None:
        return []
    folder = data / "ibsi1"
    if not (folder / "ct_phantom" / "image.nii.gz").exists():
        raise FileError(
            "G-RUN-061",
            en=f"the folder of this proof needs ibsi1/ct_phantom/image.nii.gz, mask.nii.gz and ibsi1/tagged_config_a.csv, ..._b.csv; '{data.name}' does not hold them. Name another folder with --data.",
            ja=f"この検証のフォルダーには ibsi1/ct_phantom/image.nii.gz と mask.nii.gz、ibsi1/tagged_config_a.csv と ..._b.csv が必要ですが、「{data.name}」にありません。--data で別のフォルダーを指定してください。",
        )
    image, mask = (read_nifti(folder / "ct_phantom" / f"{part}.nii.gz") for part in ("image", "mask"))
    found = []
    for letter, settings in CONFIGURATIONS.items():
        values = feature_values(np.round(image.pixels.astype(np.float32)), mask.pixels, image.need_spacing(), settings)
        wanted = _published(folder / f"tagged_config_{letter}.csv")
        name = Text(f"IBSI 1 CT 構成 {letter.upper()}", f"IBSI 1 CT configuration {letter.upper()}")
        found.append(Compared(name, len(wanted), tuple(disagreeing(values, wanted))))
    return found


def _published(path: Path) -> dict[str, tuple[float, float]]:
    """Value and tolerance by tag; what has no consensus value has an empty cell."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    return {tag: (float(value), float(most)) for value, most, tag in rows if value and not tag.startswith(PREPARATION)}


PARTS: tuple[Callable[[Path | None], list[Compared]], ...] = (digital, ct_configurations)


@proof("C5", ja="IBSI の基準値との照合", en="Features against the consensus values of the IBSI")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Each value within the tolerance of the consensus (Zwanenburg et al., Radiology 2020; 295: 328).

    Without data: the digital phantom. With a folder that holds ibsi1/ as well: the CT phantom (Lambin 2016, CC BY-NC 3.0, not part of gazo).
    """
    parts = [one for part in PARTS for one in part(data)]
    rows: tuple[tuple[Any, ...], ...] = tuple((p.name, p.values, p.values - len(p.wrong), ", ".join(p.wrong[:5])) for p in parts)
    headings = (
        Text("データ", "Data"), Text("基準値の数", "Consensus values"), Text("一致した数", "Agreeing"), Text("一致しないもの", "Not agreeing"),
    )  # fmt: skip
    measured = {p.name.en: {"values": p.values, "agreeing": p.values - len(p.wrong)} for p in parts}
    bar = Text("すべての基準値が許容差内にあること", "every consensus value within its tolerance")
    passed = bool(parts) and not any(p.wrong for p in parts)
    return Proof("C5", passed, measured, bar, Table(Text("IBSI の基準値との照合", "Features against the IBSI"), headings, rows))
