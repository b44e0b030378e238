"""P3: bands add up to the image, gains follow the formula, a step has less undershoot than with one mask; creases stand out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Table
from gazo.core.seeds import generator
from gazo.process import difference_image, multi_frequency_processing, unsharp_mask
from gazo.runs.proof import Proof, proof

PITCH = 0.15
GAINS = (0.5, 1.0, 2.0, 0.3, 1.5, 0.7)
WIDEST_MM = PITCH * 32 * 3**0.5  # radius of the unsharp mask whose Gaussian is the widest of six masks
Row = tuple[Text, float, str, bool]


@proof("P3", ja="帯域の和、増幅率、アンダーシュートの比較", en="Sum of bands, gains, undershoot against a single mask")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Six bands of masks of 1 to 32 pixels: on noise, on sinusoids, on a step of 1000, and on a clothing crease."""
    rng = generator(seed, "P3")
    profiles = _profiles(rng)
    single, multi = (-float(curve.y.min()) for curve in profiles)
    moderate, strong = (_crease(rng, amount) for amount in (0.5, 3.0))
    rows: tuple[Row, ...] = (
        _row("帯域の和と画像の差 (幅に対する割合)", "sum of bands less image, share of the range", _sum_of_bands(rng), 2e-5),
        _row("増幅率と式の差", "gain less formula", _gain_error(), 1e-3),
        _row("アンダーシュート、単一マスク (段差 1000)", "undershoot, single mask, step of 1000", single, None),
        _row("アンダーシュート、マルチ周波数", "undershoot, multi-frequency", multi, 0.6 * single),
        _row(
            "衣類のシワのコントラストの比、強調 0.5", "clothing crease, contrast after over before, amount 0.5", moderate[0], None
        ),
        _row("衣類のシワのコントラストの比、強調 3", "clothing crease, contrast after over before, amount 3", strong[0], None),
    )
    warned = (
        Text("強調 3 では過剰処理の警告が出る", "amount 3 is warned of as over-processing"),
        float(strong[1]),
        "= 1",
        strong[1] and not moderate[1],
    )
    rows = (*rows, warned)
    headings = (Text("項目", "Item"), Text("値", "Value"), Text("基準", "Bar"), Text("達成", "Reached"))
    table = Table(Text("マルチ周波数処理", "Multi-frequency processing"), headings, rows)
    bar = Text(
        "帯域の和が画像に一致し、増幅率が式と 0.001 以内、アンダーシュートが単一マスクの 60% 以下、過度な強調は警告",
        "bands add up, gains within 0.001 of the formula, undershoot at most 60 % of a single mask's, over-enhancement warned of",
    )
    measured = {row[0].en: row[1] for row in rows}
    return Proof("P3", all(row[3] for row in rows), measured, bar, table, pictures=(profiles,))


def _row(ja: str, en: str, value: float, most: float | None) -> Row:
    return Text(ja, en), float(value), "" if most is None else f"<= {most:.3g}", most is None or bool(value <= most)


def _sum_of_bands(rng: np.random.Generator) -> float:
    """Equal linear gains of 1 on all bands must add S - S_n, which is what a single Gaussian mask adds."""
    image = Image(rng.normal(2000, 100, (300, 320)).astype(np.float32), spacing_mm=(PITCH, PITCH))
    multi = multi_frequency_processing(image, gains=(1.0,) * 6, limit_sd=None)
    single = unsharp_mask(image, radius_mm=WIDEST_MM, amount=1.0, mask="gaussian")
    return float(np.abs(multi.pixels - single.pixels).max() / np.ptp(image.pixels))


def _gain_error() -> float:
    worst, x = 0.0, np.arange(1000)
    for u in (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.3):
        wave = np.repeat((1000 + 100 * np.cos(2 * np.pi * u * x))[None], 48, 0).astype(np.float32)
        made = multi_frequency_processing(Image(wave, spacing_mm=(PITCH, PITCH)), gains=GAINS, limit_sd=None, amount=0.6)
        gain = 2 * abs(np.fft.rfft(made.pixels[24, 200:800].astype(np.float64))[round(u * 600)]) / 600 / 100
        passed = [1.0, *(np.exp(-2 * (np.pi * 2**k * u) ** 2) for k in range(6))]
        worst = max(worst, abs(gain - 1 - 0.6 * sum(a * (passed[k] - passed[k + 1]) for k, a in enumerate(GAINS))))
    return float(worst)


def _profiles(rng: np.random.Generator) -> tuple[Curve, Curve]:
    """Across a step of 1000 after the single mask and after six bands of the same gain for small signals, mean of the rows."""
    step = np.where(np.arange(512) < 256, 0.0, 1000.0)[None].repeat(256, 0)
    image = Image((step + rng.normal(0, 2, step.shape)).astype(np.float32), spacing_mm=(PITCH, PITCH))
    single = unsharp_mask(image, radius_mm=WIDEST_MM, amount=1.0, mask="gaussian")
    multi = multi_frequency_processing(image, gains=(1.0,) * 6)
    x = (np.arange(512) - 255.5) * PITCH
    names = Text("単一マスク", "single mask"), Text("マルチ周波数", "multi-frequency")
    labels = Text("エッジからの距離", "Distance from the edge"), Text("画素値", "Pixel value")
    first, second = (
        Curve(x, made.pixels.astype(np.float64).mean(0), *labels, name, "mm")
        for made, name in zip((single, multi), names, strict=True)
    )
    return first, second


def _crease(rng: np.random.Generator, amount: float) -> tuple[float, bool]:
    """Contrast of a fine line outside the body after over before, and whether the difference image warns."""
    y = np.arange(256)[:, None] * np.ones(256)
    plain = 1500 + 4 * y + rng.normal(0, 8, y.shape)
    creased = plain.copy()
    creased[:, 127:130] -= 25
    images = [Image(p.astype(np.float32), spacing_mm=(PITCH, PITCH)) for p in (plain, creased)]
    made = [multi_frequency_processing(image, gains=(1.0,) * 6, amount=amount, limit_sd=20.0) for image in images]
    contrast = float((made[0].pixels - made[1].pixels)[:, 128].mean() / 25)
    return contrast, any("creases" in w.en for w in difference_image(images[1], made[1]).warnings)
