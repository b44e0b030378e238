"""Electronic, quantum and structure noise from variances (or spectra) at several air kermas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.curve_bands import at, checked_curve, shared_x

Array = NDArray[np.float64]
LEAST_POINTS = 5
ROUNDS = 20


@result("noise-components")
@dataclass(frozen=True, eq=False, kw_only=True)
class NoiseComponents(Measurement):
    """var(K) = e^2 + q K + s^2 K^2: the coefficients, the range of kerma where quantum noise makes more than half of the variance
    (from `limited_from` to `limited_to`), and the curves: measured, fitted, and each component."""

    e: Estimate
    q: Estimate
    s: Estimate
    limited_from: Estimate
    limited_to: Estimate
    curves: tuple[Curve, ...]


@result("noise-components-by-frequency")
@dataclass(frozen=True, eq=False, kw_only=True)
class NoiseComponentsByFrequency(Measurement):
    """e^2(f), q(f) and s^2(f) against cycles/mm, and the share of quantum noise at the middle kerma."""

    electronic: Curve
    quantum: Curve
    structure: Curve
    quantum_share: Curve


@operation("雑音成分の分離", "Noise components", booklet="W6")
def noise_components(variance: Curve) -> NoiseComponents:
    """Fit var(K) = e^2 + q K + s^2 K^2, none below 0, with weights 1/var^2 (the spread of a variance grows with it).

    Weights are taken from the fit and iterated, so that no noisy variance weighs itself. Intervals are t intervals of the
    weighted fit; those of e and s are roots of the intervals of e^2 and s^2. (NHSBSP report 0902, Marshall; recalled, not read.)

    Parameters
    ----------
    variance : x the air kerma in uGy, y the variance of linear images (pixel value^2); at least 5 kermas over a wide range.
    """
    checked_curve(variance, LEAST_POINTS)
    kerma, measured = np.asarray(variance.x, np.float64), np.asarray(variance.y, np.float64)
    _need_positive(kerma, measured)
    parts, errors = _fit(kerma, measured[:, None])
    (e2, q, s2), (de2, dq, ds2) = parts[:, 0].tolist(), errors[:, 0].tolist()
    low, high = quantum_limited(e2, q, s2)
    unit = variance.y_unit
    return NoiseComponents(
        e=_root(Text("電子雑音 e (標準偏差)", "electronic noise e (SD)"), e2, de2),
        q=Estimate(
            Text("量子雑音 q", "quantum noise q"),
            q,
            max(0.0, q - dq),
            q + dq,
            0.95,
            "t, weighted fit",
            f"{unit}/µGy" if unit else "1/µGy",
        ),
        s=_root(Text("構造雑音 s", "structure noise s"), s2, ds2),
        limited_from=Estimate(Text("量子雑音が半分を超える下限", "quantum-limited from"), low, unit="µGy"),
        limited_to=Estimate(Text("量子雑音が半分を超える上限", "quantum-limited to"), high, unit="µGy"),
        curves=_curves(kerma, measured, e2, q, s2),
        sentence=Text(
            f"雑音成分は {len(kerma)} 点の分散に e² + qK + s²K² を重み 1/分散² で当てはめて分離した。",
            f"Noise components were separated by a fit of e² + qK + s²K² to variances at {len(kerma)} kermas with weights 1/variance².",
        ),
        warnings=_doubts(kerma),
    )


@operation("周波数ごとの雑音成分", "Noise components by frequency", booklet="W6")
def noise_components_by_frequency(
    spectra: Sequence[Curve],
    *,
    kerma_ugy: Annotated[tuple[float, ...], Label("各スペクトルの空気カーマ", "Air kerma of each spectrum", "µGy")],
) -> NoiseComponentsByFrequency:
    """Fit W(f, K) = e^2(f) + q(f) K + s^2(f) K^2 at each frequency, as `noise_components`; t bands of the fits.

    Parameters
    ----------
    spectra : absolute noise power spectra of linear images, one for each kerma; the frequencies of the first are used.
    kerma_ugy : in the order of the spectra.
    """
    spectra = list(spectra)
    kerma = np.asarray(kerma_ugy, np.float64)
    if len(spectra) != len(kerma) or len(kerma) < LEAST_POINTS:
        raise DataError(
            "G-QUA-428",
            en=f"{len(spectra)} spectra and {len(kerma)} kermas came; as many of both are needed, at least {LEAST_POINTS}.",
            ja=f"スペクトル {len(spectra)} 本に対してカーマが {len(kerma)} 個あります。同じ数で {LEAST_POINTS} 個以上必要です。",
        )
    x = shared_x(spectra[0], *spectra[1:])
    measured = np.stack([at(curve, x).y for curve in spectra])
    _need_positive(kerma, measured)
    parts, errors = _fit(kerma, measured)
    middle = float(np.median(kerma))
    share = parts[1] * middle / (parts[0] + parts[1] * middle + parts[2] * middle**2)
    frequency = spectra[0].x_label, spectra[0].x_unit

    def curve(y: Array, half: Array | None, name: Text) -> Curve:
        limits = (None, None) if half is None else (np.maximum(y - half, 0), y + half)
        return Curve(x, y, frequency[0], name, name, frequency[1], "", *limits)

    return NoiseComponentsByFrequency(
        electronic=curve(parts[0], errors[0], Text("電子雑音 e²", "Electronic e²")),
        quantum=curve(parts[1], errors[1], Text("量子雑音 q", "Quantum q")),
        structure=curve(parts[2], errors[2], Text("構造雑音 s²", "Structure s²")),
        quantum_share=curve(share, None, Text(f"量子雑音の割合 ({middle:g} µGy)", f"Share of quantum noise at {middle:g} µGy")),
        sentence=Text(
            f"周波数ごとに {len(kerma)} 本のスペクトルへ e² + qK + s²K² を重み 1/W² で当てはめた。",
            f"At each frequency e² + qK + s²K² was fitted to {len(kerma)} spectra with weights 1/W².",
        ),
        warnings=_doubts(kerma),
    )


def quantum_limited(e2: float, q: float, s2: float) -> tuple[float, float]:
    """Kermas between which q K > e^2 + s^2 K^2; NaN where that is nowhere, infinity where it has no end."""
    if q <= 0 or q**2 <= 4 * e2 * s2:
        return float("nan"), float("nan")
    root = np.sqrt(q**2 - 4 * e2 * s2)
    return 2 * e2 / (q + root), (q + root) / (2 * s2) if s2 > 0 else float("inf")


def _fit(kerma: Array, measured: Array) -> tuple[Array, Array]:
    """Coefficients (3, n) and half their t intervals (3, n) for n series of variances (kermas, n)."""
    from scipy.optimize import nnls
    from scipy.stats import t

    scale = np.array([1.0, kerma.max(), kerma.max() ** 2])
    terms = np.stack([np.ones_like(kerma), kerma, kerma**2], axis=1) / scale
    parts, halves = np.empty((3, measured.shape[1])), np.empty((3, measured.shape[1]))
    for column, values in enumerate(measured.T):
        expected = values
        for _ in range(ROUNDS):
            found, _ = nnls(terms / expected[:, None], values / expected)
            expected = np.maximum(terms @ found, 1e-12 * values.max())
        design, left = terms / expected[:, None], values / expected - 1
        variance = (left**2).sum() / (len(kerma) - 3)
        spread = np.sqrt(variance * np.diag(np.linalg.pinv(design.T @ design)))
        parts[:, column], halves[:, column] = found / scale, t.ppf(0.975, len(kerma) - 3) * spread / scale
    return parts, halves


def _need_positive(kerma: Array, measured: Array) -> None:
    if (kerma < 0).any() or (measured <= 0).any():
        raise DataError(
            "G-QUA-429",
            en=f"kerma must not be negative and noise must be above 0; the smallest are {kerma.min():g} uGy and {measured.min():g}. Leave such points out.",
            ja=f"カーマは 0 以上、雑音は 0 より大きくなければなりません。最小値: {kerma.min():g} µGy と {measured.min():g}。該当する点を除いてください。",
        )


def _root(name: Text, square: float, half: float) -> Estimate:
    low, high = np.sqrt(max(0.0, square - half)), np.sqrt(square + half)
    return Estimate(name, float(np.sqrt(square)), float(low), float(high), 0.95, "t, weighted fit")


def _curves(kerma: Array, measured: Array, e2: float, q: float, s2: float) -> tuple[Curve, ...]:
    x = np.geomspace(kerma[kerma > 0].min(), kerma.max(), 101)
    drawn = {
        Text("当てはめ", "Fit"): e2 + q * x + s2 * x**2,
        Text("電子", "Electronic"): np.full_like(x, e2),
        Text("量子", "Quantum"): q * x,
        Text("構造", "Structure"): s2 * x**2,
    }
    words = Text("空気カーマ", "Air kerma"), Text("分散", "Variance")
    points = Curve(kerma, measured, *words, Text("測定", "Measured"), "µGy")
    return points, *(Curve(x, y, *words, title, "µGy") for title, y in drawn.items())


def _doubts(kerma: Array) -> tuple[Text, ...]:
    positive = kerma[kerma > 0]
    span = float(positive.max() / positive.min())
    if span >= 10:
        return ()
    return (
        Text(
            f"カーマの範囲が {span:.1f} 倍しかなく、成分を分けにくいです。10 倍以上の範囲で測定してください。",
            f"the kermas span a factor of {span:.1f} only, which hardly tells the components apart; measure over a factor of 10 or more.",
        ),
    )
