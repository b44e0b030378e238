"""W1: the two-dimensional Wiener spectrum of known fields; both DFT conventions; what dose and linearisation do to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.noise_fields import noise_field
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_dft import spectrum_of_dft
from gazo.runs.proof import Proof, proof

IMAGES, SIDE, PIXEL_MM = 256, 64, 0.1
DOSES = (2_000.0, 8_000.0, 32_000.0)
GAMMA = 2.5  # slope of the characteristic curve: density = gamma log10(exposure)
Row = tuple[Text, float, float, float]


@proof("W1", ja="既知のスペクトルを持つ画像の 2DWS", en="2DWS of images whose spectrum is known")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """A wave and filtered noise against eq. (8); eqs (9) and (10); absolute, relative, density."""
    wave, field = _wave(), _field(seed)
    conventions, guarded = _conventions(seed)
    absolute, relative, density = _dose(seed)
    measured = {
        "wave_error": wave[3],
        "field_points_within_3_se": field[1],
        "field_mean_ratio": field[2],
        "eq_10_against_eq_8": conventions[3],
        "wrong_convention_refused": guarded,
        "absolute_rises": bool(np.all(np.diff(absolute) > 0)),
        "relative_falls": bool(np.all(np.diff(relative) < 0)),
        "density_against_relative": density[3],
    }
    rows = (
        wave,
        (Text("ノイズ場: 期待値から 3 SE 以内の点の割合", "Noise field: share of points within 3 SE of the truth"), 0.9973, field[1], abs(field[1] - 0.9973)),
        (Text("ノイズ場: 平均の比", "Noise field: mean ratio to the truth"), 1.0, field[2], abs(field[2] - 1)),
        conventions,
        *((Text(f"線量 {d:g}: 絶対 WS / 期待値", f"dose {d:g}: absolute WS over its expectation"), d, float(a), abs(float(a) / d - 1)) for d, a in zip(DOSES, absolute, strict=True)),
        *((Text(f"線量 {d:g}: 相対 WS / 期待値", f"dose {d:g}: relative WS over its expectation"), 1 / d, float(r), abs(float(r) * d - 1)) for d, r in zip(DOSES, relative, strict=True)),
        density,
    )  # fmt: skip
    passed = (
        wave[3] <= 1e-12
        and conventions[3] <= 1e-12
        and guarded
        and field[1] >= 0.99
        and abs(field[2] - 1) < 0.01
        and measured["absolute_rises"]
        and measured["relative_falls"]
        and density[3] < 0.02
    )
    headings = (Text("量", "Quantity"), Text("期待値", "Expected"), Text("gazo の値", "gazo"), Text("差", "Difference"))
    bar = Text(
        "式 (8) の値と 1e-12 で一致 (正弦波)、99 % の点が 3 SE 以内 (ノイズ)、(10) から換算した値は (8) と 1e-12 で一致、絶対 WS は線量とともに上がり相対 WS は下がる",
        "eq. (8) to 1e-12 for a wave, 99 % of points within 3 SE for noise; (10) with its factor equals (8) to 1e-12; absolute WS rises with dose, relative WS falls",
    )
    return Proof(
        "W1",
        bool(passed),
        measured,
        bar,
        Table(Text("2 次元ウィーナースペクトル", "Two-dimensional Wiener spectrum"), headings, rows),
    )


def _wave() -> Row:
    """A cos(2 pi (u x + v y)) has W = A^2/4 x area of the image at +-(u, v), and 0 elsewhere."""
    rows, columns = np.mgrid[:48, :SIDE]
    wave = 3.0 * np.cos(2 * np.pi * (5 * columns / SIDE + 7 * rows / 48))
    image = Image(wave, spacing_mm=(0.2, PIXEL_MM), meaning="quantity")
    surface = wiener_spectrum_2d([image], roi_px=None, detrend="mean").surface
    expected = np.zeros((48, SIDE))
    expected[24 + 7, 32 + 5] = expected[24 - 7, 32 - 5] = 9 / 4 * 48 * 0.2 * SIDE * PIXEL_MM
    error = float(np.abs(surface.values - expected).max() / expected.max())
    return Text("正弦波: 式 (8) の最大値", "Wave: peak of eq. (8)"), float(expected.max()), float(surface.values.max()), error


def _field(seed: int) -> tuple[int, float, float]:
    """Share of points within 3 standard errors of the spectrum the field was drawn from, and the mean ratio."""
    rng = generator(seed, "W1", "field")
    drawn = [noise_field(rng=rng) for _ in range(IMAGES)]
    surface = wiener_spectrum_2d([d.image for d in drawn], roi_px=None, detrend="mean").surface
    truth = np.fft.fftshift(drawn[0].spectrum)
    ratio = surface.values[truth > 1e-3 * truth.max()] / truth[truth > 1e-3 * truth.max()]
    return IMAGES, float(np.mean(np.abs(ratio - 1) < 3 / np.sqrt(IMAGES))), float(ratio.mean())


def _conventions(seed: int) -> tuple[Row, bool]:
    """Eq. (10) with W = Nx Ny Dx Dy |F'|^2 against eq. (8); a transform taken for the other kind must be refused."""
    pixels = noise_field(rng=generator(seed, "W1", "dft")).image.pixels
    plain, divided = np.fft.fft2(pixels), np.fft.fft2(pixels, norm="forward")
    spacing, variance = (PIXEL_MM, PIXEL_MM), float(np.var(pixels))
    eight = spectrum_of_dft(plain, spacing, variance=variance)
    ten = spectrum_of_dft(divided, spacing, dft_norm="mean", variance=variance)
    name = Text("(10) から換算した 2DWS の最大値", "Peak of the 2DWS through eq. (10)")
    row = name, float(eight.max()), float(ten.max()), float(np.abs(eight - ten).max() / eight.max())
    try:
        spectrum_of_dft(divided, spacing, variance=variance)
    except DataError as error:
        return row, "dft_norm='mean'" in error.text.en
    return row, False


def _dose(seed: int) -> tuple[np.ndarray, np.ndarray, Row]:
    """Poisson images: absolute W = N D^2 rises, relative W = D^2 / N falls; of density it is (gamma log10 e)^2 times the relative one."""
    rng = generator(seed, "W1", "dose")
    means = {"absolute": [], "relative": []}
    for dose in DOSES:
        counts = rng.poisson(dose, (24, 128, 128)).astype(np.float64)
        exposed = Image(counts, spacing_mm=(1.0, PIXEL_MM, PIXEL_MM), meaning="linear exposure")
        for kind, found in means.items():
            found.append(wiener_spectrum_2d(exposed, roi_px=64, overlap_px=0, normalize=kind).radial.y.mean() / PIXEL_MM**2)
    film = exposed.with_pixels(GAMMA * np.log10(counts), meaning="log exposure")
    of_film = wiener_spectrum_2d(film, roi_px=64, overlap_px=0).radial.y.mean() / PIXEL_MM**2
    expected = (GAMMA * np.log10(np.e)) ** 2 * means["relative"][-1]
    name = Text("濃度の WS (NOTE 1) / 相対 WS からの換算値", "WS of density (NOTE 1) against that converted from the relative WS")
    return (
        np.array(means["absolute"]),
        np.array(means["relative"]),
        (name, float(expected), float(of_film), abs(of_film / expected - 1)),
    )
