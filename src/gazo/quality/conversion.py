"""The response of a detector: pixel value against air kerma, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.curve_bands import checked_curve

Array = NDArray[np.float64]
Model = Literal["linear", "log", "power"]
LEAST_R2, MOST_RESIDUAL = 0.99, 0.02  # IEC 62220-1 (recalled, not read)
FORMULA = {"linear": "a + b K", "log": "a + b ln K", "power": "a + b K^c"}
KERMA, PIXEL = Text("空気カーマ", "Air kerma"), Text("画素値", "Pixel value")


@result("conversion-function")
@dataclass(frozen=True, eq=False, kw_only=True)
class ConversionFunction(Measurement):
    """A fitted response D(K): `a`, `b`, `c` of the formula that `model` names, R^2, the largest residual as a share of the fit, the fitted
    `curve` with its band, the `points` it was fitted to, and their `residuals` in per cent."""

    model: Text
    a: Estimate
    b: Estimate
    c: Estimate
    r_squared: Estimate
    largest_residual: Estimate
    curve: Curve
    points: Curve
    residuals: Curve


@operation("入出力特性 (変換関数)", "Conversion function", booklet="W6")
def conversion_function(response: Curve, *, model: Annotated[Model, Label("モデル", "Model")] = "linear") -> ConversionFunction:
    """Fit the pixel value D against the air kerma K: "linear" D = a + b K, "log" D = a + b ln K, "power" D = a + b K^c.

    Linear and power are fitted with weights 1/D (equal relative residuals), log without. R^2 of at least 0.99 and residuals of at most
    2 % of the fit are checked (IEC 62220-1, recalled); where they fail, the result says so. Intervals: t, from the fit's covariance.

    Parameters
    ----------
    response : x the air kerma in uGy (above 0 for log and power), y the mean pixel value; at least 3 points (power: 4).
    """
    least = 4 if model == "power" else 3
    checked_curve(response, least)
    kerma, pixel = np.asarray(response.x, np.float64), np.asarray(response.y, np.float64)
    if (kerma < 0).any() or (model != "linear" and kerma[0] <= 0):
        raise DataError(
            "G-QUA-426",
            en=f"air kerma must be above 0 for the model '{model}'; {kerma[0]:g} uGy came. Leave dark images out, or use the linear model.",
            ja=f"モデル「{model}」では空気カーマが 0 より大きくなければなりません。受け取った値: {kerma[0]:g} µGy。暗画像を除くか、線形モデルを使ってください。",
        )
    size = np.abs(pixel).max() or 1.0
    weight = np.ones_like(pixel) if model == "log" else 1 / np.maximum(np.abs(pixel), 1e-3 * size)
    values, covariance = _fit(model, kerma, pixel, weight)
    fitted = _response(model, kerma, values)
    r2 = 1 - float(((pixel - fitted) ** 2).sum() / ((pixel - pixel.mean()) ** 2).sum()) if np.ptp(pixel) > 0 else 0.0
    relative = (pixel - fitted) / np.maximum(np.abs(fitted), 1e-9 * size)
    return ConversionFunction(
        model=Text(model, model),
        **_coefficients(values, covariance, len(kerma)),
        r_squared=Estimate(Text("決定係数 R²", "R²"), r2),
        largest_residual=Estimate(Text("最大の残差", "largest residual"), float(100 * np.abs(relative).max()), unit="%"),
        curve=_fitted_curve(model, kerma, values, covariance),
        points=Curve(kerma, pixel, KERMA, PIXEL, Text("測定点", "Measured"), "µGy"),
        residuals=Curve(kerma, 100 * relative, KERMA, Text("残差", "Residual"), Text("残差", "Residuals"), "µGy", "%"),
        sentence=Text(
            f"入出力特性は {len(kerma)} 点に D = {FORMULA[model]} を当てはめた (R² = {r2:.4f}、最大残差 {100 * np.abs(relative).max():.2g} %)。",
            f"The conversion function D = {FORMULA[model]} was fitted to {len(kerma)} points (R² = {r2:.4f}, largest residual {100 * np.abs(relative).max():.2g} %).",
        ),
        warnings=_doubts(r2, float(np.abs(relative).max())),
    )


@operation("線形化", "Linearise", booklet="W6")
def linearize(image: Image, conversion: ConversionFunction) -> Image:
    """Pixel values to air kerma in uGy with the inverse of a conversion function; float32, meaning "linear exposure".

    Values are not cut off; below a power response's offset the kerma is 0.

    Parameters
    ----------
    image : as it came from the detector with this response; not modified.
    conversion : from `conversion_function`.
    """
    model, a, b, c = conversion.model.en, conversion.a.value, conversion.b.value, conversion.c.value
    fitted = conversion.curve.y
    if not np.isfinite([a, b, c]).all() or np.ptp(fitted) <= 1e-9 * np.abs(fitted).max():
        raise ImageError(
            "G-QUA-427",
            en="the conversion function is flat, so pixel values cannot be turned into kerma; fit it to exposures of different kerma.",
            ja="変換関数の傾きが 0 のため、画素値をカーマに変換できません。カーマの異なる画像で当てはめ直してください。",
        )
    level = (image.pixels.astype(np.float64) - a) / b
    kerma = np.exp(level) if model == "log" else np.maximum(level, 0) ** (1 / c) if model == "power" else level
    return image.with_pixels(kerma.astype(np.float32), meaning="linear exposure", unit="µGy", window=None)


def _response(model: str, kerma: Array, values: Array) -> Array:
    a, b, c = values
    return np.asarray(a + b * (np.log(kerma) if model == "log" else kerma**c))


def _gradients(model: str, kerma: Array, values: Array) -> Array:
    """Derivatives of the response by its coefficients; (points, 2 or 3)."""
    _, b, c = values
    if model != "power":
        return np.stack([np.ones_like(kerma), np.log(kerma) if model == "log" else kerma], axis=1)
    return np.stack([np.ones_like(kerma), kerma**c, b * kerma**c * np.log(kerma)], axis=1)


def _fit(model: str, kerma: Array, pixel: Array, weight: Array) -> tuple[Array, Array]:
    """a, b, c and the covariance of those that were fitted."""
    from scipy.optimize import least_squares

    if model == "power":
        scale = np.ptp(pixel) / max(np.ptp(kerma), 1e-300)
        found = least_squares(
            lambda v: weight * (v[0] + v[1] * scale * kerma ** v[2] - pixel),
            (pixel.min(), 1.0, 1.0),
            x_scale=(np.abs(pixel).max(), 1, 1),
        )
        values = np.array([found.x[0], found.x[1] * scale, found.x[2]])
    else:
        terms = _gradients(model, kerma, np.array([0, 1, 1.0]))
        values = np.append(np.linalg.lstsq(terms * weight[:, None], pixel * weight, rcond=None)[0], 1.0)
    design = _gradients(model, kerma, values) * weight[:, None]
    left = weight * (pixel - _response(model, kerma, values))
    variance = float((left**2).sum()) / max(len(kerma) - design.shape[1], 1)
    return values, variance * np.linalg.pinv(design.T @ design)


def _coefficients(values: Array, covariance: Array, points: int) -> dict[str, Estimate]:
    from scipy.stats import t

    found = {}
    for i, (name, value) in enumerate(zip("abc", values.tolist(), strict=True)):
        free = i < len(covariance) and points > len(covariance)
        half = float(t.ppf(0.975, points - len(covariance)) * np.sqrt(covariance[i, i])) if free else None
        limits = (None, None) if half is None else (value - half, value + half)
        found[name] = Estimate(Text(name, name), value, *limits, 0.95, "t, least squares" if half is not None else "")
    return found


def _fitted_curve(model: str, kerma: Array, values: Array, covariance: Array) -> Curve:
    from scipy.stats import t

    x = np.geomspace(kerma[0], kerma[-1], 101) if kerma[0] > 0 else np.linspace(kerma[0], kerma[-1], 101)
    y, slopes = _response(model, x, values), _gradients(model, x, values)
    freedom = max(len(kerma) - len(covariance), 1)
    half = t.ppf(0.975, freedom) * np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))
    return Curve(x, y, KERMA, PIXEL, Text("当てはめ", "Fit"), "µGy", "", y - half, y + half)


def _doubts(r2: float, residual: float) -> tuple[Text, ...]:
    if r2 >= LEAST_R2 and residual <= MOST_RESIDUAL:
        return ()
    return (
        Text(
            f"当てはめが IEC 62220-1 の条件 (R² ≥ {LEAST_R2}、残差 ≤ {100 * MOST_RESIDUAL:g} %、記憶による値) を満たしていません: R² = {r2:.4f}、残差 {100 * residual:.2g} %。",
            f"the fit misses the conditions of IEC 62220-1 (R² ≥ {LEAST_R2}, residuals ≤ {100 * MOST_RESIDUAL:g} %, recalled): R² = {r2:.4f}, residual {100 * residual:.2g} %.",
        ),
    )
