"""P7: the difference image of every processing; too much of each is warned of by name, a moderate setting is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Panels, Table
from gazo.core.seeds import generator
from gazo.process import (
    Difference,
    difference_image,
    dynamic_range_compression,
    flexible_noise_control,
    gaussian,
    multi_frequency_processing,
    unsharp_mask,
)
from gazo.runs.proof import Proof, proof

Process = Callable[[Image], Image]


def _compressed(side: str, strength: float) -> Process:
    sides = {"low_strength": 0.0, "high_strength": 0.0} | {f"{side}_strength": strength}
    return lambda image: dynamic_range_compression(image, radius_mm=3.0, **sides).image


# What is done, with what strength, and words of the warning it must bring; "" where none may come.
DONE: tuple[tuple[Text, Process, str], ...] = (
    (Text("鮮鋭化 0.5", "sharpening 0.5"), lambda i: unsharp_mask(i, radius_mm=1.0, amount=0.5), ""),
    (Text("鮮鋭化 4", "sharpening 4"), lambda i: unsharp_mask(i, radius_mm=1.0, amount=4.0), "of their contrast"),
    (Text("マルチ周波数 0.5", "multi-frequency 0.5"), lambda i: multi_frequency_processing(i, amount=0.5), ""),
    (Text("マルチ周波数 3", "multi-frequency 3"), lambda i: multi_frequency_processing(i, gains=(3.0,) * 6), "elastic bands"),
    (Text("FNC 0.5", "FNC 0.5"), lambda i: flexible_noise_control(i, strength=0.5).image, ""),
    (Text("平滑化 1.5 画素", "smoothing, 1.5 pixels"), lambda i: gaussian(i, sigma_px=1.5), "structure was lost"),
    (Text("DR 圧縮 0.2", "compression 0.2"), _compressed("low", 0.2), ""),
    (Text("低い側の DR 圧縮 0.8", "compression 0.8, low side"), _compressed("low", 0.8), "white areas turned dark"),
    (Text("高い側の DR 圧縮 0.8", "compression 0.8, high side"), _compressed("high", 0.8), "maximum density fell"),
    (
        Text("FNC、DR 圧縮、マルチ周波数を組み合わせる", "FNC, compression and multi-frequency together"),
        lambda i: multi_frequency_processing(_compressed("low", 0.2)(flexible_noise_control(i, strength=0.5).image), amount=0.5),
        "",
    ),
)


@proof("P7", ja="処理前後の差分と過剰処理の警告", en="Difference images and warnings of over-processing")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Bones on a slope with noise, processed moderately and too strongly by each operation and by several together."""
    image = body(generator(seed, "P7"))
    found = [(name, difference_image(image, process(image)), words) for name, process, words in DONE]
    rows = tuple(_row(*each) for each in found)
    wrong = sum(row[-1] != "ok" for row in rows)
    headings = (
        Text("処理", "Processing"),
        Text("エッジ漏れ指数", "Edge-leak index"),
        Text("警告", "Warnings"),
        Text("判定", "Verdict"),
    )
    table = Table(Text("処理による変化", "What processing did"), headings, rows)
    bar = Text(
        "強すぎる処理だけを、その理由とともに警告する", "every processing that is too strong warned of with its reason, no other"
    )
    measured = {"processings": len(rows), "wrong": wrong}
    return Proof("P7", wrong == 0, measured, bar, table, pictures=(_panels(image, found),))


def body(rng: np.random.Generator, size: int = 300) -> Image:
    """A round bone and a long one on a slope, slightly blurred, with noise."""
    import cv2

    y, x = np.mgrid[:size, :size] * 300 / size
    truth = 1000 + 4 * x + 400 * (np.hypot(x - 90, y - 150) < 40) - 500 * (np.abs(x - 215) < 18) * (y > 40)
    return Image(
        (cv2.GaussianBlur(truth, (0, 0), 0.7) + rng.normal(0, 8, truth.shape)).astype(np.float32), spacing_mm=(0.15, 0.15)
    )


def _row(name: Text, found: Difference, words: str) -> tuple[object, ...]:
    told = any(words in w.en for w in found.warnings) if words else not found.warnings
    warnings = Text("、".join(w.ja for w in found.warnings), "; ".join(w.en for w in found.warnings))
    index = None if found.edge_leak is None else found.edge_leak.value
    return name, index, warnings, "ok" if told else "wrong"


def _panels(image: Image, found: list[tuple[Text, Difference, str]]) -> Panels:
    pictures = [_grey(image.pixels, float(image.pixels.mean()), 900), *(_grey(d.image.pixels, 0, 200) for _, d, _ in found)]
    names = [Text("原画像", "original"), *(Text(f"差分: {n.ja}", f"difference: {n.en}") for n, _, _ in found)]
    return Panels(Text("処理前後の差分", "Processed less original"), tuple(pictures), tuple(names))


def _grey(pixels: NDArray[np.floating], middle: float, reach: float) -> NDArray[np.uint8]:
    return np.clip((pixels - middle) / reach * 127 + 128, 0, 255).astype(np.uint8)
