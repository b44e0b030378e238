"""What a detector session tells: its numbers, curves, tables, and the sentence about how they were measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, Panels, Surface, Table, result
from gazo.quality.conversion import ConversionFunction
from gazo.quality.dark_level import DarkLevel
from gazo.quality.defects import DetectorDefects
from gazo.quality.dqe import DQE
from gazo.quality.exposure_index import C0_PER_UGY
from gazo.quality.lag import Lag
from gazo.quality.mtf_results import EdgeMTF
from gazo.quality.noise_components import LEAST_POINTS, NoiseComponents
from gazo.quality.nps_results import NoisePowerSpectrum
from gazo.quality.session_table import ROLES, Exposure
from gazo.quality.snr_in2 import UNIT
from gazo.quality.uniformity import Uniformity

Direction = Literal["u", "v"]


@result("detector-session")
@dataclass(frozen=True, eq=False, kw_only=True)
class DetectorSession(Measurement):
    """Everything one session tells of a detector; what it had no exposures for is empty.

    Parameters
    ----------
    values : the numbers of all measurements of the session, with their intervals.
    response : measured points and the fitted conversion function; `residuals` of it in per cent.
    mtf : presampled, along u and v.
    nnps_u, nnps_v, dqe_u, dqe_v : a curve for each kerma level, along u and along v.
    noise : variance against kerma: measured, fitted, and its components.
    lag_decay : signal left in the frames after an exposure.
    exposures : the table as it was read, with the kerma that each row counts as.
    levels : each kerma level: repeats, mean, kerma from the image, exposure index, variance.
    dqe_table : DQE beside everything that it is computed from, so that a spreadsheet can do it again.
    defects : kinds of defective pixels.
    flat : mean of each region of a flat exposure, relative to the mean of all.
    """

    recomputed = {"dqe_table": (Text("DQE (再計算)", "DQE, computed again"), "=C{row}^2/(E{row}*F{row}*D{row})")}  # noqa: RUF012 - ClassVar of the parent

    values: tuple[Estimate, ...]
    response: tuple[Curve, ...]
    residuals: Curve
    mtf: tuple[Curve, ...]
    nnps_u: tuple[Curve, ...]
    nnps_v: tuple[Curve, ...]
    dqe_u: tuple[Curve, ...]
    dqe_v: tuple[Curve, ...]
    noise: tuple[Curve, ...]
    lag_decay: tuple[Curve, ...]
    exposures: Table
    levels: Table
    dqe_table: Table
    defects: Table | None
    flat: Surface


@dataclass(frozen=True)
class Level:
    """Repeats of one kerma: their mean pixel value, their noise, and the DQE along u and v."""

    shots: tuple[Exposure, ...]
    kerma: float
    pixel: Estimate
    noise: NoisePowerSpectrum
    dqe: dict[Direction, DQE]


@dataclass(frozen=True)
class Found:
    """The measurements of a session; None where it had too few exposures for one."""

    rows: tuple[Exposure, ...]
    levels: tuple[Level, ...]
    conversion: ConversionFunction
    mtf: dict[Direction, EdgeMTF]
    noise: NoiseComponents | None
    uniformity: Uniformity
    dark: DarkLevel | None
    defects: DetectorDefects | None
    lag: Lag | None

    @property
    def others(self) -> tuple[Measurement, ...]:
        """All but the levels."""
        smaller = (self.noise, self.uniformity, self.dark, self.defects, self.lag)
        return (self.conversion, *self.mtf.values(), *(m for m in smaller if m is not None))


def described(found: Found, beam: str) -> DetectorSession:
    """The result of a session from its measurements; `beam` names line quality and constant."""
    return DetectorSession(
        values=tuple(_values(found)),
        response=(found.conversion.points, found.conversion.curve),
        residuals=found.conversion.residuals,
        mtf=tuple(replace(m.curve, title=Text(f"{axis} 方向", f"along {axis}")) for axis, m in found.mtf.items()),
        nnps_u=tuple(_named(level.noise.curve_u, level, "u") for level in found.levels),
        nnps_v=tuple(_named(level.noise.curve_v, level, "v") for level in found.levels),
        dqe_u=tuple(_named(level.dqe["u"].curve, level, "u") for level in found.levels if "u" in level.dqe),
        dqe_v=tuple(_named(level.dqe["v"].curve, level, "v") for level in found.levels if "v" in level.dqe),
        noise=() if found.noise is None else found.noise.curves,
        lag_decay=() if found.lag is None else (found.lag.decay,),
        exposures=_exposures(found.rows),
        levels=_levels(found.levels),
        dqe_table=_dqe_table(found),
        defects=None if found.defects is None else found.defects.kinds,
        flat=found.uniformity.signal_map,
        sentence=_sentence(found, beam),
        warnings=tuple(dict.fromkeys((*_missing(found), *(w for m in (*found.others, *(lv.noise for lv in found.levels)) for w in m.warnings)))),
        shown=_shown(found),
    )  # fmt: skip


def _named(curve: Curve, level: Level, axis: str) -> Curve:
    return replace(curve, title=Text(f"{level.kerma:.3g} µGy、{axis} 方向", f"{level.kerma:.3g} µGy, along {axis}"))


def _values(found: Found) -> Iterator[Estimate]:
    """The numbers worth a line in the yearly table, those along u and v told apart."""
    yield from (found.conversion.b, found.conversion.r_squared, found.conversion.largest_residual)
    for axis, one in found.mtf.items():
        yield from (_along(e, axis) for e in (one.mtf50, one.mtf10))
    for level in found.levels:
        for axis, quantum in level.dqe.items():
            yield _along(quantum.lowest, axis, f"{level.kerma:.3g} µGy")
    if found.noise is not None:
        yield from (found.noise.e, found.noise.q, found.noise.s, found.noise.limited_from, found.noise.limited_to)
    yield from (found.uniformity.signal, found.uniformity.noise)
    if found.dark is not None:
        yield from (found.dark.level, found.dark.noise)
    if found.defects is not None:
        yield found.defects.share
    if found.lag is not None:
        yield found.lag.first_frame


def _along(estimate: Estimate, axis: str, level: str = "") -> Estimate:
    ja, en = (f"、{level}", f", {level}") if level else ("", "")
    return replace(estimate, name=Text(f"{estimate.name.ja}、{axis} 方向{ja}", f"{estimate.name.en}, along {axis}{en}"))


def _exposures(rows: tuple[Exposure, ...]) -> Table:
    headings = (
        Text("行", "Row"), Text("役割", "Role"), Text("線質", "Beam"), Text("補正の積", "Corrections, product"),
        Text("空気カーマ [µGy]", "Air kerma [µGy]"), Text("表示 EI", "Stated EI"),
    )  # fmt: skip
    cells = tuple((e.row + 1, ROLES[e.role], e.beam, e.corrections, e.kerma_ugy, e.stated_ei) for e in rows)
    return Table(Text("撮影の一覧", "Exposures"), headings, cells)


def _levels(levels: tuple[Level, ...]) -> Table:
    headings = (
        Text("空気カーマ [µGy]", "Air kerma [µGy]"), Text("枚数", "Images"), Text("平均画素値", "Mean pixel value"),
        Text("画像から求めたカーマ [µGy]", "Kerma from the image [µGy]"), Text("EI (画像から)", "EI from the image"),
        Text("EI (カーマから)", "EI of the kerma"), Text("表示 EI", "Stated EI"), Text("相対標準偏差 [%]", "Relative SD [%]"),
    )  # fmt: skip
    rows = []
    for level in levels:
        linear, stated = level.noise.mean.value, [e.stated_ei for e in level.shots if e.stated_ei is not None]
        spread = 100 * max(level.noise.variance.value, 0.0) ** 0.5
        mean_stated = sum(stated) / len(stated) if stated else None
        rows.append((level.kerma, len(level.shots), level.pixel.value, linear, C0_PER_UGY * linear, C0_PER_UGY * level.kerma, mean_stated, spread))  # fmt: skip
    return Table(Text("線量レベルごとの値", "Kerma levels"), headings, tuple(rows))


def _dqe_table(found: Found) -> Table:
    """DQE = MTF^2 / (K SNRin^2 NNPS), a row for each level, direction and frequency."""
    headings = (
        Text("空間周波数 [cycles/mm]", "Spatial frequency [cycles/mm]"), Text("方向", "Direction"), Text("MTF", "MTF"),
        Text("NNPS [mm²]", "NNPS [mm²]"), Text("空気カーマ [µGy]", "Air kerma [µGy]"), Text(f"SNRin² [{UNIT}]", f"SNRin² [{UNIT}]"),
        Text("DQE", "DQE"), Text("下限", "Low"), Text("上限", "High"),
    )  # fmt: skip
    rows = []
    for level in found.levels:
        for axis, one in level.dqe.items():
            x, curve = one.curve.x, one.curve
            noise = level.noise.curve_u if axis == "u" else level.noise.curve_v
            low, high = (np.full(len(x), np.nan) if band is None else band for band in (curve.low, curve.high))
            columns = (np.interp(x, found.mtf[axis].curve.x, found.mtf[axis].curve.y), np.interp(x, noise.x, noise.y))
            for f, mtf, power, y, lo, hi in zip(x, *columns, curve.y, low, high, strict=True):
                rows.append(
                    (float(f), axis, float(mtf), float(power), level.kerma, one.snr_in2.value, float(y), float(lo), float(hi))
                )
    return Table(Text("DQE とその計算に用いた値", "DQE and what it is computed from"), headings, tuple(rows))


def _missing(found: Found) -> Iterator[Text]:
    """What the session could not tell, and which exposures would."""
    for axis, role in (("u", "edge-v"), ("v", "edge-h")):
        if axis not in found.mtf:
            yield Text(
                f"役割 {role} の画像がないため、{axis} 方向の MTF と DQE はありません。",
                f"there is no exposure with the role {role}, so MTF and DQE along {axis} are missing.",
            )
    if found.noise is None:
        yield Text(
            f"カーマが {len(found.levels)} 段階しかないため雑音成分を分けていません ({LEAST_POINTS} 段階以上必要)。",
            f"noise was not parted into its components: {len(found.levels)} kerma level(s), {LEAST_POINTS} are needed.",
        )
    if found.dark is None:
        yield Text(
            "暗画像が 2 枚未満のため、暗電流と欠損画素は測定していません。",
            "fewer than two dark images: dark level and defects were not measured.",
        )
    if found.lag is None:
        yield Text("残像の画像が 3 枚未満のため、残像は測定していません。", "fewer than three lag frames: lag was not measured.")


def _sentence(found: Found, beam: str) -> Text:
    flats, first = sum(len(level.shots) for level in found.levels), found.levels[0]
    mtf = next(iter(found.mtf.values()), None)
    quanta = next(iter(first.dqe.values()), None)
    parts = [m.sentence for m in (mtf, first.noise, quanta) if m is not None]
    return Text(
        f"検出器の性能は {beam} で {len(found.levels)} 段階のカーマの均一照射 {flats} 枚から求めた。{found.conversion.sentence.ja}以下は最も低いレベルの記述で、ほかも同様である。{''.join(p.ja for p in parts)}",
        f"The detector was characterised with {beam}, from {flats} flat exposures at {len(found.levels)} kerma level(s). "
        f"{found.conversion.sentence.en} What follows is said of the lowest level; the others were measured alike. {' '.join(p.en for p in parts)}",
    )


def _shown(found: Found) -> Panels | None:
    """Edges and regions of the spectrum side by side, as their measurements show them."""
    shown = [m.shown for m in (*found.mtf.values(), found.levels[-1].noise) if m.shown is not None]
    if not shown:
        return None
    return Panels(
        Text("測定に使った部分", "What was measured"),
        tuple(image for panels in shown for image in panels.images),
        tuple(caption for panels in shown for caption in panels.captions),
    )
