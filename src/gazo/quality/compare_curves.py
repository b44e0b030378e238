"""Two detectors, or two years, laid over each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.curve_bands import Array, Banded, at, difference, product, shared_x


@result("curve-comparison")
@dataclass(frozen=True, eq=False, kw_only=True)
class CurveComparison(Measurement):
    """Both `curves` on the same places, their `difference` with its band, where it is `largest`, and the share of places where the band
    leaves out no difference (`apart`)."""

    curves: tuple[Curve, ...]
    difference: Curve
    largest: Estimate
    apart: Estimate


@operation("曲線の比較", "Compare curves", booklet="W6")
def compare_curves(
    first: Curve,
    second: Curve,
    *,
    difference_as: Annotated[
        Literal["absolute", "percent"], Label("差の表し方 (percent は第 2 に対する割合)", "Difference (percent of the second)")
    ] = "absolute",
) -> CurveComparison:
    """first - second with the interval of the difference of two independent measurements (MOVER, Zou & Donner 2008), place by place.

    Parameters
    ----------
    first, second : curves of the same quantity with bands; the places of the first that the second covers are used.
    difference_as : "percent" compares ratios, 100 (first/second - 1), for curves above 0.
    """
    x = shared_x(first, second)
    a, b = at(first, x), at(second, x)
    apart = difference(a, b) if difference_as == "absolute" else _percent(a, b)
    unit = first.y_unit if difference_as == "absolute" else "%"
    low, high = (apart.low, apart.high) if apart.known else (None, None)
    name = Text("差 (第 1 − 第 2)", "Difference (first - second)")
    excluded = (apart.low > 0) | (apart.high < 0)
    return CurveComparison(
        curves=(_on(first, x, a), _on(second, x, b)),
        difference=Curve(x, apart.y, first.x_label, name, name, first.x_unit, unit, low, high, first.level),
        largest=_largest(x, apart, unit, first),
        apart=Estimate(
            Text("差の信頼帯が 0 を含まない割合", "share of places where the band excludes 0"),
            100 * float(excluded.mean()),
            unit="%",
        ),
        sentence=Text(
            "2 本の曲線の差とその 95 % 区間は、独立な測定として両者の信頼帯から合成した (MOVER)。区間は点ごとであり、多重性は補正していない。",
            "The difference of two curves and its 95 % interval join the bands of two independent measurements (MOVER); the interval holds place by place, without correction for many places.",
        ),
        warnings=() if apart.known else (_NO_BAND,),
    )


_NO_BAND = Text(
    "どちらの曲線にも信頼帯がないため、差の区間を求められません。繰り返し測定してください。",
    "neither curve has a band, so the difference has no interval; measure with repeats.",
)


def _percent(a: Banded, b: Banded) -> Banded:
    ratio = product([(a, 1.0), (b, -1.0)])
    return Banded(100 * (ratio.y - 1), 100 * (ratio.low - 1), 100 * (ratio.high - 1), ratio.known)


def _on(curve: Curve, x: Array, values: Banded) -> Curve:
    low, high = (values.low, values.high) if values.known else (None, None)
    return Curve(x, values.y, curve.x_label, curve.y_label, curve.title, curve.x_unit, curve.y_unit, low, high, curve.level)


def _largest(x: Array, apart: Banded, unit: str, first: Curve) -> Estimate:
    i = int(np.nanargmax(np.abs(apart.y)))
    name = Text(f"最大の差 ({x[i]:.3g} {first.x_unit})", f"largest difference, at {x[i]:.3g} {first.x_unit}")
    limits = (float(apart.low[i]), float(apart.high[i])) if apart.known else (None, None)
    return Estimate(name, float(apart.y[i]), *limits, first.level, "MOVER" if apart.known else "", unit)
