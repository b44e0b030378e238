"""P4: noise control on a strong and on a weak edge, its difference image beside smoothing's and a median's, and at several doses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Curve, Panels, Table
from gazo.core.seeds import generator
from gazo.process import difference_image, edge_leak, flexible_noise_control, gaussian, median, multi_frequency_processing
from gazo.runs.proof import Proof, proof

PITCH, BLUR = 0.15, 0.08  # mm: pixel, and sigma of the detector's blur
FLAT = (slice(30, -30), slice(10, 80))
Row = tuple[Text, float, float, float, float, float]
Reducer = Callable[[Image], Image]
HEADINGS = (
    Text("処理", "Processing"),
    Text("平坦部の標準偏差の比", "SD of flat area, after over before"),
    Text("強いエッジ: MTF の比の最小", "strong edge: least MTF ratio to f_N"),
    Text("弱いエッジ: 1.5/mm までの最小", "weak edge: least ratio to 1.5/mm"),
    Text("弱いエッジ: 2.5/mm までの最小", "weak edge: least ratio to 2.5/mm"),
    Text("エッジ漏れ指数", "edge-leak index"),
)


@proof("P4", ja="強いエッジと弱いエッジ、差分画像による検証", en="Strong and weak edge, and the difference image")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """A slanted edge of 190 SD (strength 0.8) and one of 10 SD (mean of 40, strength 0.5) in white noise, for FNC and two simple filters."""
    rows = [_row(name, seed, strong, weak) for name, strong, weak in _reducers()]
    fnc, smooth, _ = rows
    measured = {
        "flat_sd": fnc[1],
        "strong_edge": fnc[2],
        "weak_edge_1.5": fnc[3],
        "weak_edge_2.5": fnc[4],
        "edge_leak": fnc[5],
        "edge_leak_of_gaussian": smooth[5],
        **_pitfalls(seed),
    }
    passed = fnc[1] <= 0.30 and fnc[2] >= 0.95 and fnc[3] >= 0.80 and fnc[4] >= 0.70 and fnc[5] < 1 < smooth[5]
    passed = passed and measured["model_of_other_dose"] > 1.5 * measured["measured_noise"] and measured["order_matters"] > 0.3
    notes = (
        Text(
            f"線量 1/4 の画像で残るノイズの比: 画像から測定 {measured['measured_noise']:.2f}、線量 1 のノイズモデル {measured['model_of_other_dose']:.2f}",
            f"noise left at a quarter of the dose: measured in the image {measured['measured_noise']:.2f}, "
            f"model of the full dose {measured['model_of_other_dose']:.2f}",
        ),
        Text(
            f"マルチ周波数処理との順序を変えると、画像は最大 {measured['order_matters']:.1f} SD 変わる",
            f"the order with multi-frequency processing changes the image by up to {measured['order_matters']:.1f} SD",
        ),
    )
    table = Table(Text("ノイズ抑制処理", "Noise reduction"), HEADINGS, tuple(rows), notes)
    bar = Text(
        "強いエッジ 0.95 以上・平坦部 0.30 以下、弱いエッジ 0.80 (1.5/mm まで)・0.70 (2.5/mm まで) 以上、エッジ漏れ指数は平滑化より小さい",
        "strong edge at least 0.95, flat SD at most 0.30, weak edge at least 0.80 to 1.5/mm and 0.70 to 2.5/mm, less edge leak than smoothing",
    )
    return Proof("P4", bool(passed), measured, bar, table, pictures=(_panels(seed),))


def _reducers() -> tuple[tuple[Text, Reducer, Reducer], ...]:
    """Name, how it treats the strong edge, how the weak one."""
    return (
        (
            Text("FNC", "FNC"),
            lambda i: flexible_noise_control(i, strength=0.8).image,
            lambda i: flexible_noise_control(i, strength=0.5).image,
        ),
        (Text("ガウス平滑化 0.8 画素", "Gaussian, 0.8 pixels"), *(2 * (lambda i: gaussian(i, sigma_px=0.8),))),
        (Text("メディアン 5 x 5", "median 5 x 5"), *(2 * (lambda i: median(i, size_px=5),))),
    )


def _row(name: Text, seed: int, strong: Reducer, weak: Reducer) -> Row:
    rng = generator(seed, "P4")  # the same noise for every processing
    truth, distance = slanted(190.0)
    image = _noisy(truth, rng)
    made = strong(image)
    u = np.arange(0.25, 3.34, 0.25)
    edge = response(made.pixels, distance, u) / response(image.pixels, distance, u)
    flat = float(made.pixels[FLAT].std() / image.pixels[FLAT].std())
    truth, distance = slanted(10.0)
    images = [_noisy(truth, rng) for _ in range(40)]
    before, after = (np.mean([i.pixels for i in them], 0) for them in (images, [weak(i) for i in images]))
    u = np.array([0.5, 1, 1.5, 2, 2.5])
    faint = response(after, distance, u) / response(before, distance, u)
    return name, flat, float(edge.min()), float(faint[:3].min()), float(faint.min()), edge_leak(image, made).index.value


def slanted(contrast: float, size: int = 256) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An edge at 2.5 degrees behind a Gaussian blur, on 1000, and each pixel's distance from it in mm."""
    from scipy.special import erf

    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    angle = np.deg2rad(2.5)
    distance = (x * np.cos(angle) + y * np.sin(angle)) * PITCH
    return 1000 + contrast * 0.5 * (1 + erf(distance / (np.sqrt(2) * BLUR))), distance


def response(pixels: NDArray[np.floating], distance: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """|FFT of the differentiated edge spread function|, bins of a quarter pixel, at frequencies `u` (1 at 0)."""
    bins, reach = np.round(distance / PITCH * 4).astype(int).ravel(), 107
    near = np.abs(bins) <= reach
    index = bins[near] + reach
    spread = np.bincount(index, pixels.ravel()[near], 2 * reach + 1) / np.bincount(index, minlength=2 * reach + 1)
    spectrum = np.abs(np.fft.rfft(np.diff(spread)))
    return np.asarray(np.interp(u, np.fft.rfftfreq(2 * reach, PITCH / 4), spectrum / spectrum[0]))


def _noisy(truth: NDArray[np.float64], rng: np.random.Generator, sd: float = 1.0) -> Image:
    return Image((truth + rng.normal(0, sd, truth.shape)).astype(np.float32), spacing_mm=(PITCH, PITCH))


def _pitfalls(seed: int) -> Mapping[str, float]:
    """What the booklet warns of: the effect changes with dose, and with the other processing."""
    rng = generator(seed, "P4", "dose")
    noisier = _noisy(np.full((256, 256), 1000.0), rng, 2.0)
    model = Curve(np.array([0.0, 2000]), np.full(2, 1.0), Text("画素値", "Pixel value"), Text("標準偏差", "Standard deviation"))
    left = [
        flexible_noise_control(noisier, *given, strength=0.8).image.pixels.std() / noisier.pixels.std()
        for given in ((), (model,))
    ]
    image = _noisy(slanted(30.0)[0], rng)
    first = multi_frequency_processing(flexible_noise_control(image, strength=0.8).image)
    last = flexible_noise_control(multi_frequency_processing(image), strength=0.8).image
    order = float(np.abs(first.pixels - last.pixels)[30:-30, 30:-30].max())
    return {"measured_noise": float(left[0]), "model_of_other_dose": float(left[1]), "order_matters": order}


def _panels(seed: int) -> Panels:
    """The difference images: in FNC's the edge is hardly seen, in smoothing's it stands out."""
    image = _noisy(slanted(30.0, 128)[0], generator(seed, "P4", "panels"))
    shown = [_grey(image.pixels, 1015, 25)]
    names = [Text("原画像", "original")]
    for name, strong, _ in _reducers():
        shown.append(_grey(difference_image(image, strong(image)).image.pixels, 0, 4))
        names.append(Text(f"差分: {name.ja}", f"difference: {name.en}"))
    return Panels(Text("取り除いたもの", "What was taken off"), tuple(shown), tuple(names))


def _grey(pixels: NDArray[np.floating], middle: float, reach: float) -> NDArray[np.uint8]:
    return np.clip((pixels - middle) / reach * 127 + 128, 0, 255).astype(np.uint8)
