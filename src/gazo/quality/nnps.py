"""From a noise power spectrum to the normalised one."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Curve, Estimate, Surface
from gazo.quality.nps_results import RELATIVE, NoisePowerSpectrum

SQUARED = ("variance", "volume")


@operation("正規化ノイズパワースペクトル", "Normalised noise power spectrum", booklet=("W1", "W6"))
def nnps(spectrum: NoisePowerSpectrum) -> NoisePowerSpectrum:
    """NNPS = W / mean^2 (mm^2), the mean being that of the linearised pixels; falls as the dose rises (NOTE 2 of the booklet).

    Bands are divided by the same number: the mean is known far better than the spectrum. `normalize="relative"` of `nps_iec` and
    `wiener_spectrum_2d` divides each image by its own mean instead; for images of equal exposure both agree.

    Parameters
    ----------
    spectrum : from `nps_iec` or `wiener_spectrum_2d`, absolute, of pixels linear in exposure.
    """
    mean = spectrum.mean.value
    if spectrum.relative or mean <= 0:
        raise DataError(
            "G-QUA-230",
            en=f"an NNPS is an absolute spectrum divided by its squared mean above 0; '{spectrum.quantity.en}' with a mean of {mean:g} came. "
            "Measure linearised images with normalize='absolute'.",
            ja=f"NNPS は絶対値のスペクトルを 0 より大きい平均値の 2 乗で割ったものです。受け取ったもの: {spectrum.quantity.ja}、平均値 {mean:g}。"
            "線形化した画像を normalize='absolute' で測定してください。",
        )
    changed: dict[str, Any] = {}
    for item in fields(spectrum):
        value = getattr(spectrum, item.name)
        if isinstance(value, Curve):
            changed[item.name] = _curve(value, mean**2)
        elif isinstance(value, Surface):
            changed[item.name] = replace(
                value, values=value.values / mean**2, value_label=RELATIVE, value_unit=_unit(value.value_unit)
            )
        elif isinstance(value, Estimate) and item.name in SQUARED:
            changed[item.name] = _estimate(value, mean**2)
        elif item.name == "standard_deviation":
            changed[item.name] = _estimate(value, mean)
    said = Text(
        f"{spectrum.sentence.ja}平均画素値 {mean:.6g} の 2 乗で割り、NNPS とした。",
        f"{spectrum.sentence.en} Divided by the squared mean pixel value {mean:.6g} it is the NNPS.",
    )
    return replace(spectrum, quantity=RELATIVE, sentence=said, **changed)


def _curve(curve: Curve, square: float) -> Curve:
    low, high = (None if band is None else band / square for band in (curve.low, curve.high))
    return replace(curve, y=curve.y / square, low=low, high=high, y_label=RELATIVE, y_unit=_unit(curve.y_unit))


def _estimate(estimate: Estimate, divisor: float) -> Estimate:
    low, high = (None if limit is None else limit / divisor for limit in (estimate.low, estimate.high))
    return replace(estimate, value=estimate.value / divisor, low=low, high=high, unit="")


def _unit(unit: str) -> str:
    """Without the squared unit of the pixels."""
    return unit.split("² ", 1)[1] if "² " in unit else unit
