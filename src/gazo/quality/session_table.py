"""The rows of a detector session: what each exposure was, and the air kerma at the detector from the reading of the dosimeter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Table

ROLES: dict[str, Text] = {
    "dark": Text("暗画像", "dark"),
    "flat": Text("均一照射", "flat"),
    "edge-h": Text("水平エッジ", "edge-h"),
    "edge-v": Text("垂直エッジ", "edge-v"),
    "lag": Text("残像", "lag"),
}
# Column of a table -> how else it may be headed.
HEADINGS = {
    "role": ("役割", "種類"),
    "kerma_ugy": ("カーマ", "空気カーマ"),
    "reading_ugy": ("線量計の読み", "読み値", "reading"),
    "calibration_factor": ("校正定数", "nk"),
    "temperature_c": ("温度", "気温", "temperature"),
    "pressure_hpa": ("気圧", "pressure"),
    "chamber_distance_cm": ("線量計距離", "chamber_distance"),
    "detector_distance_cm": ("検出器距離", "detector_distance"),
    "beam": ("線質",),
    "level": ("線量レベル", "レベル"),
    "stated_ei": ("表示ei", "装置のei", "ei"),
}
SAME_LEVEL = 1.15  # flats whose kermas lie within this ratio are repeats of one level


@dataclass(frozen=True)
class Exposure:
    """One row.

    Parameters
    ----------
    row : in the session.
    role : one of `ROLES`.
    kerma_ugy : at the detector surface; None where nothing was measured.
    beam : such as "RQA5", empty where the table does not say.
    level : group of repeats, empty where the table does not say.
    stated_ei : the exposure index that the system showed.
    corrections : what the reading was multiplied by.
    """

    row: int
    role: str
    kerma_ugy: float | None
    beam: str
    level: str
    stated_ei: float | None
    corrections: float


@dataclass(frozen=True)
class Reference:
    """Temperature and pressure at which the dosimeter was calibrated."""

    temperature_c: float
    pressure_hpa: float


@dataclass(frozen=True, eq=False)
class Shots(Sequence[Image]):
    """Images of some rows, read when asked for and changed by a function."""

    images: Sequence[Image]
    rows: tuple[int, ...]
    change: Any = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return Shots(self.images, self.rows[place], self.change)
        image = self.images[self.rows[place]]
        return self.change(image) if self.change else image


def exposures(session: Table, images: int, reference: Reference) -> tuple[Exposure, ...]:
    """The rows of the table in their order; a sentence names the row where a cell cannot be used."""
    columns = _columns(session)
    if "role" not in columns:
        listed = ", ".join(heading.en for heading in session.headings)
        raise DataError(
            "G-QUA-501",
            en=f"the session needs a column 'role' with {', '.join(ROLES)} in each row; the columns are {listed}.",
            ja=f"測定の表には各行に {', '.join(ROLES)} のいずれかを書いた「role」(役割) 列が必要です。列: {listed}。",
        )
    if len(session.rows) != images:
        raise DataError(
            "G-QUA-507",
            en=f"each row of the session is one image; {len(session.rows)} rows and {images} images came. Name one file in each row.",
            ja=f"表の 1 行が 1 枚の画像です。行数 {len(session.rows)}、画像 {images} 枚でした。各行にファイルを 1 つ書いてください。",
        )
    return tuple(
        _exposure(row, {name: cells[place] for name, place in columns.items()}, reference)
        for row, cells in enumerate(session.rows)
    )


def levels(flats: Sequence[Exposure]) -> list[tuple[Exposure, ...]]:
    """Flat exposures grouped into repeats of one kerma, lowest first."""
    found: list[list[Exposure]] = []
    for shot in sorted(flats, key=lambda e: e.kerma_ugy or 0.0):
        first = found[-1][0] if found else None
        same = first is not None and (
            shot.level == first.level if shot.level or first.level else _kerma(shot) <= SAME_LEVEL * _kerma(first)
        )
        if same:
            found[-1].append(shot)
        else:
            found.append([shot])
    return [tuple(group) for group in found]


def rows_of(shots: Sequence[Exposure]) -> tuple[int, ...]:
    """Where the exposures stand in the session."""
    return tuple(shot.row for shot in shots)


def mean_kerma(group: Sequence[Exposure]) -> float:
    """Mean air kerma of repeats in uGy."""
    return float(np.mean([_kerma(e) for e in group]))


def _kerma(shot: Exposure) -> float:
    if shot.kerma_ugy is None or shot.kerma_ugy <= 0:
        raise DataError(
            "G-QUA-502",
            en=f"row {shot.row + 1}: a flat exposure needs its air kerma above 0 (kerma_ugy, or reading_ugy with its corrections). Fill in the cell.",
            ja=f"{shot.row + 1} 行目: 均一照射には 0 より大きい空気カーマ (kerma_ugy、または reading_ugy と補正) が必要です。セルを埋めてください。",
        )
    return shot.kerma_ugy


def _columns(session: Table) -> dict[str, int]:
    """Where the columns that are known stand, by the name used here."""
    spelled = {_plain(heading): name for name, others in HEADINGS.items() for heading in (name, *others)}
    named = {_plain(heading.en): place for place, heading in enumerate(session.headings)}
    return {spelled[heading]: place for heading, place in named.items() if heading in spelled}


def _plain(heading: str) -> str:
    return heading.strip().lower().replace(" ", "_").replace("-", "_")


def _exposure(row: int, cells: dict[str, Any], reference: Reference) -> Exposure:
    def number(name: str) -> float | None:
        return _number(cells.get(name), row, name)

    kerma, correction = number("kerma_ugy"), 1.0
    reading = number("reading_ugy")
    if kerma is None and reading is not None:
        correction = _correction(number, row, reference)
        kerma = reading * correction
    beam, level = (_word(cells.get(name)) for name in ("beam", "level"))
    return Exposure(row, _role(cells.get("role"), row), kerma, beam.upper(), level, number("stated_ei"), correction)


def _correction(number: Any, row: int, reference: Reference) -> float:
    """Calibration x air density x inverse square law.

    k_TP = (273.15 + T) / (273.15 + T0) x P0 / P (open ionisation chambers; IAEA TRS 457 (2007), recalled, not read); a distance of the
    chamber from the focus other than that of the detector counts by its square.
    """
    factor = number("calibration_factor")
    temperature, pressure = number("temperature_c"), number("pressure_hpa")
    chamber, detector = number("chamber_distance_cm"), number("detector_distance_cm")
    found = 1.0 if factor is None else factor
    if temperature is not None:
        found *= (273.15 + temperature) / (273.15 + reference.temperature_c)
    if pressure is not None:
        found *= reference.pressure_hpa / _above_0(pressure, row, "pressure_hpa")
    if (chamber is None) != (detector is None):
        raise DataError(
            "G-QUA-503",
            en=f"row {row + 1}: the distances of chamber and detector from the focus belong together; only one is filled in. Give both or none.",
            ja=f"{row + 1} 行目: 焦点から線量計までの距離と検出器までの距離は両方必要です。片方しかありません。両方を書くか、両方を空欄にしてください。",
        )
    if chamber is not None and detector is not None:
        found *= (_above_0(chamber, row, "chamber_distance_cm") / _above_0(detector, row, "detector_distance_cm")) ** 2
    return found


def _above_0(value: float, row: int, name: str) -> float:
    if value <= 0:
        raise DataError(
            "G-QUA-504",
            en=f"row {row + 1}: '{name}' must lie above 0; {value:g} came. Correct the cell.",
            ja=f"{row + 1} 行目: 「{name}」は 0 より大きい値でなければなりません。受け取った値: {value:g}。セルを直してください。",
        )
    return value


def _role(cell: Any, row: int) -> str:
    word = _word(cell).lower().replace("_", "-")
    for role, words in ROLES.items():
        if word in (role, words.ja):
            return role
    hint, listed = nearest(word, ROLES), ", ".join(f"{role} ({words.ja})" for role, words in ROLES.items())
    raise OptionError(
        "G-QUA-505",
        en=f"row {row + 1}: the role must be one of {listed}; '{word}' came. {hint.en}",
        ja=f"{row + 1} 行目: 役割は {listed} のいずれかです。受け取った値: 「{word}」。{hint.ja}",
    )


def _word(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _number(cell: Any, row: int, name: str) -> float | None:
    if not _word(cell):
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError):
        value = np.nan
    if not np.isfinite(value):
        raise DataError(
            "G-QUA-506",
            en=f"row {row + 1}: '{name}' must be a number or empty; '{cell}' came. Correct the cell.",
            ja=f"{row + 1} 行目: 「{name}」は数値か空欄でなければなりません。受け取った値: 「{cell}」。セルを直してください。",
        )
    return value
