"""The yearly job of a physicist: response, MTF, NNPS, DQE, noise, lag and exposure index of a detector from one table of exposures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Curve, Estimate, Table
from gazo.quality.conversion import KERMA, PIXEL, conversion_function, linearize
from gazo.quality.dark_level import dark_level
from gazo.quality.defects import detector_defects
from gazo.quality.detector_results import DetectorSession, Direction, Found, Level, described
from gazo.quality.dqe import dqe
from gazo.quality.intervals import of_repeats
from gazo.quality.lag import lag
from gazo.quality.mtf_edge import mtf_edge
from gazo.quality.mtf_results import EdgeMTF
from gazo.quality.noise_components import LEAST_POINTS, noise_components
from gazo.quality.nps_iec import nps_iec
from gazo.quality.nps_inputs import frames
from gazo.quality.nps_results import NoisePowerSpectrum
from gazo.quality.session_table import ROLES, Exposure, Reference, Shots, exposures, levels, mean_kerma, rows_of
from gazo.quality.snr_in2 import SNR_IN2, UNIT, Beam, Standard
from gazo.quality.uniformity import uniformity

EDGES: dict[Direction, str] = {"u": "edge-v", "v": "edge-h"}  # an upright edge blurs along the rows


@operation("検出器の性能評価 (測定一式)", "Detector session", booklet=("W6", "W7", "W10"))
def detector(
    images: Sequence[Image],
    session: Table,
    *,
    model: Annotated[Literal["linear", "log", "power"], Label("入出力特性のモデル", "Model of the response")] = "linear",
    beam: Annotated[Beam | None, Label("線質 (空欄なら表の値)", "Beam (empty: that of the table)")] = None,
    standard: Annotated[Standard, Label("SNRin² の規格の版", "Edition of the standard for SNRin²")] = "2015",
    snr_in2: Annotated[float | None, Gt(0), Le(1e9), Label("SNRin² (空欄なら規格値)", "SNRin² (of the standard when empty)", UNIT)] = None,
    field_mm: Annotated[float | None, Gt(0), Le(1000), Label("中央の解析範囲 (空欄なら全体)", "Central field (empty: all)", "mm")] = 125.0,
    roi_px: Annotated[int | None, Ge(16), Le(2048), Label("NPS の関心領域の一辺 (空欄なら規格値)", "Side of a region of the NPS (empty: standard)", "px")] = None,
    kerma_uncertainty_percent: Annotated[float, Ge(0), Le(50), Label("カーマの不確かさ (95 %)", "Uncertainty of the kerma (95 %)", "%")] = 0.0,
    reference_temperature_c: Annotated[float, Gt(-50), Le(60), Label("線量計の基準温度", "Reference temperature of the dosimeter", "°C")] = 20.0,
    reference_pressure_hpa: Annotated[float, Gt(500), Le(1100), Label("線量計の基準気圧", "Reference pressure of the dosimeter", "hPa")] = 1013.25,
    seed: int = 0,
    on_event: OnEvent = quiet,
) -> DetectorSession:  # fmt: skip
    """Response, MTF, NPS, NNPS, DQE in u and v, noise components, lag, uniformity, defects and exposure index of one detector.

    Flats are grouped into kerma levels; their means give the conversion function, with which flats and edges are linearised;
    `nps_iec` is run on each level, `mtf_edge` on the repeats of each direction, `dqe` on both. Each part is the operation of its own
    name with its own citation, and can be repeated by hand. The mean pixel value is that of the central field.

    Parameters
    ----------
    images : one for each row of the table, in its order, FOR PROCESSING, pixel spacing known; read one at a time.
    session : column `role` (dark, flat, edge-h, edge-v, lag), and `kerma_ugy`, or `reading_ugy` with `calibration_factor`,
        `temperature_c`, `pressure_hpa`, `chamber_distance_cm`, `detector_distance_cm`; optional `beam`, `level` (repeats that belong
        together; else kermas within 15 %), `stated_ei`. Lag rows stand in order of time: one dark, one exposed, then the rest.
    beam : measure the rows of this beam only; of a table without beams, the beam of all.
    """
    rows = exposures(session, len(images), Reference(reference_temperature_c, reference_pressure_hpa))
    rows, chosen = _of_one_beam(rows, beam)
    by_role = {role: tuple(e for e in rows if e.role == role) for role in ROLES}
    groups = levels(_need_flats(by_role["flat"]))
    on_event(Event(Text("入出力特性", "Response"), 0, 4))
    pixels = [of_repeats(PIXEL, [_central_mean(images[e.row], field_mm) for e in group]) for group in groups]
    conversion = conversion_function(_points(groups, pixels), model=model)

    def kerma_image(image: Image) -> Image:
        return linearize(image, conversion)

    on_event(Event(Text("MTF", "MTF"), 1, 4))
    edges = {axis: Shots(images, rows_of(by_role[role]), kerma_image) for axis, role in EDGES.items()}
    mtfs = {axis: mtf_edge(shots, direction=axis) for axis, shots in edges.items() if len(shots)}
    on_event(Event(Text("ノイズと DQE", "Noise and DQE"), 2, 4))
    constants: dict[str, Any] = {"beam": chosen, "standard": standard, "snr_in2": snr_in2}
    constants["kerma_uncertainty_percent"] = kerma_uncertainty_percent
    levels_found = tuple(
        _level(group, pixel, nps_iec(Shots(images, rows_of(group), kerma_image), normalize="relative", field_mm=field_mm, roi_px=roi_px), mtfs, constants)
        for group, pixel in zip(groups, pixels, strict=True)
    )  # fmt: skip
    on_event(Event(Text("残像・均一性・欠損", "Lag, uniformity, defects"), 3, 4))
    found = Found(rows, levels_found, conversion, mtfs, **_others(images, by_role, levels_found, seed))
    return described(found, f"{chosen}, SNRin² {snr_in2:g} (given)" if snr_in2 else f"{chosen}, SNRin² IEC 62220-1 {standard}")


def _of_one_beam(rows: tuple[Exposure, ...], beam: Beam | None) -> tuple[tuple[Exposure, ...], Beam]:
    """The rows of one beam; rows without a beam (dark images, lag) belong to all."""
    there = sorted({e.beam for e in rows if e.beam})
    known = tuple(SNR_IN2["2015"])
    if beam is None and len(there) > 1:
        raise OptionError(
            "G-QUA-510",
            en=f"the session holds exposures of several beams ({', '.join(there)}); choose one with beam, and measure the others in turn.",
            ja=f"表に複数の線質 ({', '.join(there)}) があります。beam で 1 つを選び、残りは別に測定してください。",
        )
    name = beam or (there[0] if there else "RQA5")
    if name not in known:
        raise OptionError(
            "G-QUA-511",
            en=f"the beam must be one of {', '.join(known)}; the table says '{name}'. For another beam choose the nearest and give snr_in2.",
            ja=f"線質は {', '.join(known)} のいずれかです。表には「{name}」とあります。ほかの線質では最も近いものを選び、snr_in2 を指定してください。",
        )
    return tuple(e for e in rows if e.beam in ("", name)), name  # type: ignore[return-value]


def _need_flats(flats: tuple[Exposure, ...]) -> tuple[Exposure, ...]:
    if not flats:
        raise DataError(
            "G-QUA-512",
            en="the session has no flat exposure of this beam, so neither response nor noise can be measured. Add rows with the role flat.",
            ja="この線質の均一照射 (flat) がないため、入出力特性もノイズも測定できません。役割が flat の行を加えてください。",
        )
    return flats


def _central_mean(image: Image, field_mm: float | None) -> float:
    return float(np.mean([frame.mean for frame in frames((image,), field_mm=field_mm)]))


def _points(groups: list[tuple[Exposure, ...]], pixels: list[Estimate]) -> Curve:
    x, y = np.array([mean_kerma(g) for g in groups]), np.array([p.value for p in pixels])
    return Curve(x, y, KERMA, PIXEL, Text("測定点", "Measured"), "µGy")


def _level(group: tuple[Exposure, ...], pixel: Estimate, noise: NoisePowerSpectrum, mtfs: dict[Direction, EdgeMTF], constants: dict[str, Any]) -> Level:  # fmt: skip
    kerma = mean_kerma(group)
    spectra: dict[Direction, Curve] = {"u": noise.curve_u, "v": noise.curve_v}
    return Level(group, kerma, pixel, noise, {a: dqe(m.curve, spectra[a], kerma_ugy=kerma, **constants) for a, m in mtfs.items()})


def _others(images: Sequence[Image], by_role: dict[str, tuple[Exposure, ...]], measured: tuple[Level, ...], seed: int) -> dict[str, Any]:  # fmt: skip
    """The smaller measurements, None where the session has too few exposures for one."""
    kerma = np.array([level.kerma for level in measured])
    variance = np.array([level.noise.variance.value * level.noise.mean.value**2 for level in measured])
    curve = Curve(kerma, variance, KERMA, Text("分散", "Variance"), x_unit="µGy", y_unit="µGy²")
    flats = Shots(images, rows_of(measured[-1].shots))
    darks = Shots(images, rows_of(by_role["dark"]))
    frames_of_lag = Shots(images, rows_of(by_role["lag"]))
    return {
        "noise": noise_components(curve) if len(kerma) >= LEAST_POINTS else None,
        "uniformity": uniformity(_mean_image(flats), seed=seed),
        "dark": dark_level(darks, seed=seed) if len(darks) > 1 else None,
        "defects": detector_defects(flats, darks) if len(darks) > 1 else None,
        "lag": lag(frames_of_lag, seed=seed) if len(frames_of_lag) > 2 else None,
    }


def _mean_image(images: Sequence[Image]) -> Image:
    """The mean of repeats, read one at a time."""
    first, total = images[0], np.zeros(images[0].pixels.shape)
    for image in images:
        total += image.pixels
    return first.with_pixels(total / len(images))
