"""Noise-equivalent quanta and detective quantum efficiency from an MTF and an NNPS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.curve_bands import Array, Banded, at, product, shared_x
from gazo.quality.mtf_results import FREQUENCY, PER_MM
from gazo.quality.nps_results import ABSOLUTE
from gazo.quality.snr_in2 import UNIT, Beam, Standard, constant

NEQ_TITLE = Text("雑音等価量子数 (NEQ)", "Noise-equivalent quanta (NEQ)")
DQE_TITLE = Text("検出量子効率 (DQE)", "Detective quantum efficiency (DQE)")


@result("neq")
@dataclass(frozen=True, eq=False, kw_only=True)
class NEQ(Measurement):
    """Noise-equivalent quanta per mm^2, with the band of MTF and NNPS together."""

    curve: Curve


@result("dqe")
@dataclass(frozen=True, eq=False, kw_only=True)
class DQE(Measurement):
    """Detective quantum efficiency.

    `curve` has the band of MTF, NNPS and kerma together; `neq` is the numerator; `lowest`, `middle` and `highest` are the DQE at the
    lowest frequency, half way, and at the highest; `snr_in2` is the constant used.
    """

    curve: Curve
    neq: Curve
    lowest: Estimate
    middle: Estimate
    highest: Estimate
    snr_in2: Estimate


@operation("雑音等価量子数 (NEQ)", "Noise-equivalent quanta (NEQ)", booklet="W6")
def neq(mtf: Curve, nnps: Curve) -> NEQ:
    """NEQ(u) = MTF^2(u) / NNPS(u), per mm^2 (Wagner & Brown, Phys Med Biol 1985; 30: 489).

    Parameters
    ----------
    mtf : the presampled MTF against cycles/mm.
    nnps : the normalised noise power spectrum in mm^2 of linear images, in the same direction; its frequencies are those of the result.
    """
    x, values = _neq(mtf, nnps)
    sentence = Text(
        "NEQ は MTF² を NNPS で割って求めた。信頼帯は両者の信頼帯から対数軸で合成した (MOVER)。",
        "NEQ was obtained as MTF² over NNPS; the band joins the bands of both on the logarithmic scale (MOVER).",
    )
    return NEQ(curve=_curve(x, values, NEQ_TITLE, "1/mm²", mtf.level), sentence=sentence)


@operation("検出量子効率 (DQE)", "Detective quantum efficiency (DQE)", booklet="W6")
def dqe(
    mtf: Curve,
    nnps: Curve,
    *,
    kerma_ugy: Annotated[float, Gt(0), Le(1e6), Label("検出器面の空気カーマ", "Air kerma at the detector", "µGy")],
    beam: Annotated[Beam, Label("線質", "Beam")] = "RQA5",
    standard: Annotated[Standard, Label("SNRin² の規格の版", "Edition of the standard for SNRin²")] = "2015",
    snr_in2: Annotated[
        float | None, Gt(0), Le(1e9), Label("SNRin² (空欄なら規格値)", "SNRin² (of the standard when empty)", UNIT)
    ] = None,
    kerma_uncertainty_percent: Annotated[
        float, Ge(0), Le(50), Label("カーマの不確かさ (95 %)", "Uncertainty of the kerma (95 %)", "%")
    ] = 0.0,
) -> DQE:
    """DQE(u) = MTF^2(u) / (K SNRin^2 NNPS(u)) (IEC 62220-1-1).

    The band joins those of MTF and NNPS, and the uncertainty of the kerma, on the logarithmic scale (MOVER, Zou & Donner 2008).

    Parameters
    ----------
    mtf : the presampled MTF against cycles/mm.
    nnps : the normalised noise power spectrum in mm^2 of linear images at this kerma, in the same direction.
    kerma_ugy : at the surface of the detector, without back-scatter.
    beam, standard : choose SNRin^2 from the table of `gazo.quality.snr_in2`.
    snr_in2 : of another beam, from `snr_in2_from_spectrum`.
    kerma_uncertainty_percent : expanded uncertainty (k = 2) of the dosimetry, the same at all frequencies.
    """
    x, values = _neq(mtf, nnps)
    value, source = constant(beam, standard) if snr_in2 is None else (snr_in2, _given(snr_in2))
    quanta = kerma_ugy * value
    spread = float(np.log1p(kerma_uncertainty_percent / 100))
    joined = product([(values, 1.0)], spread)
    curve = _curve(
        x, Banded(joined.y / quanta, joined.low / quanta, joined.high / quanta, joined.known), DQE_TITLE, "", mtf.level
    )
    return DQE(
        curve=curve,
        neq=_curve(x, values, NEQ_TITLE, "1/mm²", mtf.level),
        lowest=_value_at(curve, 0),
        middle=_value_at(curve, int(np.argmin(np.abs(x - x[-1] / 2)))),
        highest=_value_at(curve, len(x) - 1),
        snr_in2=Estimate(Text("SNRin²", "SNRin²"), value, unit=UNIT),
        sentence=Text(
            f"DQE は MTF²/(K·SNRin²·NNPS) により求めた。K = {kerma_ugy:g} µGy、{source.ja}。信頼帯は MTF と NNPS の信頼帯とカーマの不確かさ {kerma_uncertainty_percent:g} % を対数軸で合成した (MOVER)。",
            f"DQE was computed as MTF²/(K SNRin² NNPS) with K = {kerma_ugy:g} µGy and {source.en}; the band joins those of MTF and NNPS and a kerma uncertainty of {kerma_uncertainty_percent:g} % on the logarithmic scale (MOVER).",
        ),
        warnings=_doubts(curve),
    )


def _neq(mtf: Curve, nnps: Curve) -> tuple[Array, Banded]:
    """The frequencies and the NEQ there."""
    if nnps.y_label == ABSOLUTE or nnps.y_unit not in ("", "mm²", "mm^2"):
        raise DataError(
            "G-QUA-424",
            en=f"NEQ and DQE need the normalised spectrum (NNPS, mm²); '{nnps.y_label.en}' in '{nnps.y_unit}' came. Measure it relative to the mean, or use nnps.",
            ja=f"NEQ と DQE には正規化したスペクトル (NNPS、mm²) が必要です。受け取ったもの: 「{nnps.y_label.ja}」(「{nnps.y_unit}」)。平均値に対する相対値で測定するか、nnps を使ってください。",
        )
    x = shared_x(nnps, mtf)
    x = x[x > 0]
    noise, transfer = at(nnps, x), at(mtf, x)
    if (noise.y <= 0).any() or (transfer.y <= 0).any():
        raise DataError(
            "G-QUA-425",
            en=f"MTF and NNPS must lie above 0 where they are divided; the smallest are {transfer.y.min():g} and {noise.y.min():g}. Cut the curves below that frequency.",
            ja=f"割り算をする範囲で MTF と NNPS は 0 より大きくなければなりません。最小値: {transfer.y.min():g} と {noise.y.min():g}。その周波数より下で曲線を切ってください。",
        )
    return x, product([(transfer, 2.0), (noise, -1.0)])


def _curve(x: Array, values: Banded, title: Text, unit: str, level: float) -> Curve:
    low, high = (values.low, values.high) if values.known else (None, None)
    return Curve(x, values.y, FREQUENCY, title, title, PER_MM, unit, low, high, level)


def _value_at(curve: Curve, i: int) -> Estimate:
    name = Text(f"DQE ({curve.x[i]:.3g} cycles/mm)", f"DQE at {curve.x[i]:.3g} cycles/mm")
    if curve.low is None or curve.high is None:
        return Estimate(name, float(curve.y[i]))
    return Estimate(name, float(curve.y[i]), float(curve.low[i]), float(curve.high[i]), curve.level, "MOVER")


def _given(value: float) -> Text:
    return Text(f"SNRin² = {value:g} mm⁻² µGy⁻¹ (指定値)", f"SNRin² = {value:g} mm⁻² µGy⁻¹ (given)")


def _doubts(curve: Curve) -> tuple[Text, ...]:
    if curve.y.max() <= 1:
        return ()
    return (
        Text(
            f"DQE が 1 を超えています ({curve.y.max():.2f})。カーマ、線形化、NNPS の正規化を確認してください。",
            f"the DQE exceeds 1 ({curve.y.max():.2f}); check the kerma, the linearisation and the normalisation of the NNPS.",
        ),
    )
