"""What was found in many images as tables: features, regions, failures, definitions; and the words about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.datasets.strata import numbered
from gazo.radiomics.extract_case import CaseJob, Region
from gazo.radiomics.names import AGGREGATIONS, FAMILIES, named

_CASE = (Text("症例", "case"), Text("行", "row"), Text("領域", "roi"))


@dataclass(frozen=True)
class Row:
    """One region in one repeat; `names` is shared by all rows that have the same features."""

    row: int
    roi: int
    repeat: int
    voxels: int
    notes: tuple[Text, ...]
    names: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Failure:
    """An image (roi 0) or a region that could not be measured."""

    row: int
    roi: int
    repeat: int
    error: GazoError


@dataclass
class Found:
    """What has come so far; numbers in arrays, so that a thousand cases take a few megabytes."""

    rows: list[Row] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    _known: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def add(self, row: int, regions: Iterable[Region], error: GazoError | None) -> None:
        """Take in one case."""
        if error is not None:
            self.failed.append(Failure(row, 0, 0, error))
        for one in regions:
            if one.error is not None:
                self.failed.append(Failure(row, one.roi, one.repeat, one.error))
                continue
            names = tuple(one.values)
            names = self._known.setdefault(names, names)
            self.rows.append(Row(row, one.roi, one.repeat, one.voxels, one.notes, names, np.array([*one.values.values()], float)))

    def sort(self) -> None:
        """By image, region and repeat, in whatever order the cases were finished."""
        self.rows.sort(key=lambda one: (one.row, one.roi, one.repeat))
        self.failed.sort(key=lambda one: (one.row, one.roi, one.repeat))

    @property
    def names(self) -> tuple[str, ...]:
        """All features, in the order in which they are first met."""
        return tuple(dict.fromkeys(name for one in dict.fromkeys(row.names for row in self.rows) for name in one))


def feature_rows(images: ImageSet, found: Found, keep: tuple[str, ...], *, repeats: bool) -> Table:
    """One row for each region: who it is, the columns that were kept, the features; an empty cell where one has no meaning."""
    names = found.names
    place = {name: number for number, name in enumerate(names)}
    repeated = (Text("繰り返し", "repeat"),) if repeats else ()
    headings = (Text("症例", "case"), Text("患者", "patient"), Text("行", "row"), Text("領域", "roi"), *repeated)
    patients = pseudonyms(images)
    rows = []
    for one in found.rows:
        cells: list[Any] = [None] * len(names)
        for name, value in zip(one.names, one.values.tolist(), strict=True):
            cells[place[name]] = value if np.isfinite(value) else None
        kept = (_cell(images.columns[name][one.row]) for name in keep)
        said = (case_name(one.row, one.roi), patients[one.row], one.row + 1, roi_name(images, one.row, one.roi))
        rows.append((*said, *((one.repeat,) if repeats else ()), *kept, *cells))
    title = Text("特徴量の表", "Table of features")
    return Table(title, (*headings, *(Text(name, name) for name in (*keep, *names))), tuple(rows))


def regions_table(images: ImageSet, found: Found) -> Table:
    """Size of each region as it is, and what to beware of."""
    headings = (*_CASE, Text("ボクセル数", "voxels"), Text("注意", "notes"))
    rows = tuple(
        (case_name(o.row, o.roi), o.row + 1, roi_name(images, o.row, o.roi), o.voxels, _joined(o.notes))
        for o in found.rows
        if o.repeat == 0
    )
    return Table(Text("領域の確認", "Regions checked"), headings, rows)


def failed_table(images: ImageSet, found: Found) -> Table:
    """What could not be measured, and why."""
    headings = (*_CASE, Text("繰り返し", "repeat"), Text("コード", "code"), Text("理由", "reason"))
    rows = tuple(
        (
            case_name(o.row, o.roi),
            o.row + 1,
            roi_name(images, o.row, o.roi) if o.roi else None,
            o.repeat,
            o.error.code,
            o.error.text,
        )
        for o in found.failed
    )
    return Table(Text("測定できなかった画像と領域", "Images and regions that could not be measured"), headings, rows)


def definitions_table(names: tuple[str, ...]) -> Table:
    """Tag, IBSI code, name, family and aggregation of every feature, once for all filters."""
    heads = (
        Text("タグ", "Tag"),
        Text("IBSI", "IBSI"),
        Text("特徴量", "Feature"),
        Text("種類", "Family"),
        Text("まとめ方", "Aggregation"),
    )
    rows = []
    for key in dict.fromkeys(name.removeprefix("original_") for name in names if name.startswith("original_")):
        feature, way = named(key)
        rows.append((key, feature.ibsi, feature.name, FAMILIES[feature.family], AGGREGATIONS[way]))
    return Table(Text("特徴量の定義 (IBSI)", "Definitions of the features (IBSI)"), heads, tuple(rows))


def case_name(row: int, roi: int) -> str:
    """C0001/1: the image by its row, counted from 1, and the region in it."""
    return f"C{row + 1:04d}/{roi}" if roi else f"C{row + 1:04d}"


def roi_name(images: ImageSet, row: int, roi: int) -> str:
    """The name of a structure where the mask column names structures, else the number of the region."""
    parts = str(images.role("mask")[row]).split("|")
    structures = [one.strip() for one in parts[1].split(",") if one.strip()] if len(parts) == 3 else []
    return structures[roi - 1] if len(structures) >= roi else str(roi)


def pseudonyms(images: ImageSet) -> list[str]:
    """P0001 ... in the order in which patients appear; a row its own where its patient is not known."""
    keys = numbered(images.role("patient")).tolist() if images.has("patient") else list(range(len(images)))
    number: dict[int, int] = {}
    return [f"P{number.setdefault(key, len(number) + 1):04d}" for key in keys]


def _cell(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value


def _joined(notes: tuple[Text, ...]) -> Text:
    return Text("".join(note.ja for note in notes), " ".join(note.en for note in notes))


def sentence_of(job: CaseJob) -> Text:
    """How the table was made, for the methods part of a paper."""
    s = job.settings
    grid = (
        (f"{s.spacing_mm:g} mm に補間し", f"interpolated to {s.spacing_mm:g} mm")
        if s.spacing_mm
        else ("元の格子のまま", "on their own grid")
    )
    fixed = s.discretisation == "fixed bin size"
    bins = (
        (f"幅 {s.bin_size:g} のビン", f"bins of {s.bin_size:g}")
        if fixed
        else (f"{s.bin_number} 個のビン", f"{s.bin_number} bins")
    )
    ja = f"特徴量は IBSI 1 の定義 (Zwanenburg ら、Radiology 2020; 295: 328) に従い、画像を{grid[0]}、{bins[0]}で階調化して計算した。"
    en = f"Features follow IBSI 1 (Zwanenburg et al., Radiology 2020; 295: 328), of images {grid[1]}, with {bins[1]}."
    if job.filters:
        listed = ", ".join(one.words for one in job.filters)
        ja += f"フィルタは IBSI 2 (Whybra ら、Radiology 2024; 310: e231319) に従った ({listed}; 応答画像は {s.bin_number} 個のビン)。"
        en += f" Filters follow IBSI 2 (Whybra et al., Radiology 2024; 310: e231319): {listed}; response maps with {s.bin_number} bins."
    if job.repeats:
        p = job.limits
        ja += (
            f"再現性のため、回転 ±{p.rotation_deg:g}°、移動 ±{p.shift_px:g} 画素、領域の体積 ±{p.volume_percent:g} %、"
            f"ノイズ {p.noise:g} 倍の摂動を {job.repeats} 回加えた (Zwanenburg ら、Sci Rep 2019; 9: 614)。"
        )
        en += (
            f" For stability, {job.repeats} perturbations with rotations within ±{p.rotation_deg:g}°, shifts within ±{p.shift_px:g} pixels, volumes "
            f"within ±{p.volume_percent:g} % and {p.noise:g} times the image noise were added (Zwanenburg et al., Sci Rep 2019; 9: 614)."
        )
    return Text(ja, en)


def warnings_of(images: ImageSet, found: Found) -> tuple[Text, ...]:
    """What a reader of the table must know."""
    said = []
    if found.failed:
        lost = len({one.row for one in found.failed})
        said.append(
            Text(
                f"{lost} 枚の画像に測定できない領域がありました (一覧は表を参照)。",
                f"{lost} images have regions that could not be measured; see the list.",
            )
        )
    noted = sum(bool(one.notes) for one in found.rows if one.repeat == 0)
    if noted:
        said.append(
            Text(f"{noted} 個の領域に注意点があります (領域の表)。", f"{noted} regions need a look; see the table of regions.")
        )
    if not images.has("patient"):
        said.append(
            Text(
                "患者の列がないため、画像 1 枚を患者 1 人とみなしました。",
                "No column of patients is named, so every image counts as a patient of its own.",
            )
        )
    return tuple(said)
