"""What the measurements of noise give: Wiener spectra (noise power spectra) of one, two and three dimensions."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, Surface, Table, result

ABSOLUTE = Text("ウィーナースペクトル (NPS)", "Wiener spectrum (NPS)")
RELATIVE = Text("正規化ウィーナースペクトル (NNPS)", "Normalised Wiener spectrum (NNPS)")
MEAN = Text("平均画素値", "Mean pixel value")


@result("noise-power-spectrum")
@dataclass(frozen=True, eq=False, kw_only=True)
class NoisePowerSpectrum(Measurement):
    """Two-dimensional noise, read along its axes.

    Parameters
    ----------
    quantity : `ABSOLUTE` (pixel value^2 mm^2) or `RELATIVE` (NNPS, mm^2).
    curve_u, curve_v : along the columns' and the rows' frequency axis, x in cycles/mm, above 0.
    radial : against the distance from the origin.
    mean : of the pixels of all images.
    variance : mean square of the pixels about the trend that was subtracted (of relative pixels when relative).
    regions : how many images and ROIs, of which size and step.
    """

    quantity: Text
    curve_u: Curve
    curve_v: Curve
    radial: Curve
    mean: Estimate
    variance: Estimate
    regions: Table

    @property
    def relative(self) -> bool:
        """Whether it is divided by the squared mean (NNPS)."""
        return self.quantity == RELATIVE


@result("wiener-spectrum-2d")
@dataclass(frozen=True, eq=False, kw_only=True)
class WienerSpectrum2D(NoisePowerSpectrum):
    """The whole two-dimensional spectrum; `curve_u` and `curve_v` are its central sections without the origin.

    Parameters
    ----------
    surface : 2DWS(u, v) over both signs of u and v.
    projection_u : integral over v, the spectrum of single rows (eqs 7 and 12 of the booklet); both signs of u.
    projection_v : integral over u, the spectrum of single columns.
    volume : of the surface; equals the variance (Parseval).
    """

    surface: Surface
    projection_u: Curve
    projection_v: Curve
    volume: Estimate


@result("ct-noise")
@dataclass(frozen=True, eq=False, kw_only=True)
class CtNoise(WienerSpectrum2D):
    """Noise of CT images.

    Parameters
    ----------
    peak_frequency_per_mm : where the radial curve is highest.
    mean_frequency_per_mm : sum of f NPS(f) over sum of NPS(f).
    standard_deviation : square root of the volume.
    """

    peak_frequency_per_mm: Estimate
    mean_frequency_per_mm: Estimate
    standard_deviation: Estimate


@result("wiener-spectrum-1d")
@dataclass(frozen=True, eq=False, kw_only=True)
class WienerSpectrum1D(Measurement):
    """The spectrum of scans along one direction.

    Parameters
    ----------
    curve : 1DWS over both signs of the frequency.
    variance : mean square of the scanned values.
    area : of the curve; equals the variance.
    """

    curve: Curve
    variance: Estimate
    area: Estimate


@result("wiener-spectrum-3d")
@dataclass(frozen=True, eq=False, kw_only=True)
class WienerSpectrum3D(Measurement):
    """Three-dimensional noise through two of its planes and four curves.

    Parameters
    ----------
    central : 3DWS where the frequency of the chosen axis is 0: 2Z times the spectrum of the slab average (eq. 6').
    integral : over the frequency of the chosen axis: the spectrum of single planes (eq. 7').
    curve_u, curve_v, curve_t : along the three axes from the origin, above 0.
    radial : against the distance from the origin; in space-time series against the distance in (u, v) at t = 0.
    variance, volume : equal by Parseval.
    regions : how many volumes and ROIs.
    """

    central: Surface
    integral: Surface
    curve_u: Curve
    curve_v: Curve
    curve_t: Curve
    radial: Curve
    variance: Estimate
    volume: Estimate
    regions: Table


@result("spectrum-section")
@dataclass(frozen=True, eq=False, kw_only=True)
class SpectrumSection(Measurement):
    """One curve read off a two-dimensional spectrum."""

    curve: Curve


@result("dimension-check")
@dataclass(frozen=True, eq=False, kw_only=True)
class DimensionCheck(Measurement):
    """The equalities between spectra of different dimension, each with its residual.

    Parameters
    ----------
    table : equation, what stands left and right (a number, where there is one), largest difference over largest value.
    worst : the largest of the residuals.
    variance : population variance of the pixels.
    """

    table: Table
    worst: Estimate
    variance: Estimate
