"""P6: a U-Net that predicts the noise, beside the best Gaussian, FNC, a U-Net that predicts the image, and Noise2Noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.learn.denoise import NoiseNetwork, NoiseReductionStudy
from gazo.runs.proof import Proof, proof

GAIN_DB, NOISE2NOISE_DB, OVERLAP = 1.5, 0.3, 0.8
TAUGHT, TESTED = 16, 6  # simulated patients
Row = tuple[Any, ...]


@proof(
    "P6", ja="ノイズを予測する U-Net と従来法、Noise2Noise の比較", en="U-Net that predicts noise beside filters and Noise2Noise"
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Simulated chests (512 pixels, two parts of 256 each), noise of a flat panel; other patients judge. Three networks alike but for their target."""
    taught, tested = _chests(seed, 0, TAUGHT), _chests(seed, TAUGHT, TESTED)
    studies: dict[str, NoiseReductionStudy] = {}
    for target in ("noise", "clean", "noise2noise"):
        spec = NoiseNetwork(target=target, **OPTIONS)
        studies[target] = spec.fit(taught, seed=seed, validation_share=0, on_event=on_event).evaluate(tested, on_event=on_event)
    measured = _measured(studies)
    rows = tuple(_row(name, measured[name]) for name in BARS)
    headings = (Text("量", "Quantity"), Text("値", "Value"), Text("基準", "Bar"), Text("判定", "Verdict"))
    table = Table(Text("深層学習によるノイズ低減", "Deep-learning noise reduction"), headings, rows, _notes(studies))
    pictures = (*studies["noise"].examples, studies["noise"].spectra)
    return Proof("P6", all(row[-1] != "missed" for row in rows), measured, BAR, table, pictures=pictures)


OPTIONS: dict[str, Any] = {
    "noise_law": "linear", "quanta_per_pixel": 1000.0, "dose_spread": 1.0, "width": 12, "depth": 2, "crop_px": 64, "crops_per_image": 16,
    "epochs": 12, "learning_rate": 5e-3,
}  # fmt: skip
BAR = Text(
    f"最良のガウシアンより {GAIN_DB} dB 以上、平坦部のノイズを揃えた FNC より差分画像に細部が少ないなど、表の各基準を満たす",
    f"at least {GAIN_DB} dB above the best Gaussian, less detail in the difference image than FNC at equal flat noise, and every other bar",
)
# Name: words, comparison, bound; None where it is only told.
BARS: dict[str, tuple[Text, str, float | None]] = {
    "gain_over_gaussian_db": (Text("PSNR: 最良のガウシアンとの差 [dB]", "PSNR above the best Gaussian [dB]"), ">=", GAIN_DB),
    "gain_p": (Text("同 p 値 (患者単位の対応のあるブートストラップ)", "its p (paired bootstrap by patient)"), "<", 0.05),
    "gain_over_fnc_db": (Text("PSNR: FNC との差 [dB]", "PSNR above FNC [dB]"), "", None),
    "detail_less_fnc": (
        Text("差分画像と細部の相関: FNC との差 (平坦部のノイズを揃えて)", "detail in the difference image, less that of FNC, equal flat noise"),
        "<",
        0.0,
    ),
    "trace": (Text("|ln(エッジ漏れ指数 / ノイズ自体の指数)|", "|ln(edge leak / that of the noise itself)|"), "", None),
    "trace_less_fnc": (Text("同 FNC との差", "same, less that of FNC"), "<", 0.0),
    "spectra_overlap": (Text("NPS の形の一致 (1 = 同じ)", "overlap of the NPS shapes (1 = alike)"), ">=", OVERLAP),
    "noise_less_clean_db": (Text("PSNR: 画像を予測する U-Net との差 [dB]", "PSNR above the U-Net that predicts the image [dB]"), "", None),
    "noise2noise_less_clean_db": (
        Text("PSNR: Noise2Noise とノイズのない目標の差 [dB]", "PSNR: Noise2Noise less clean target [dB]"),
        "within",
        NOISE2NOISE_DB,
    ),
}  # fmt: skip


def _chests(seed: int, first: int, count: int) -> ImageSet:
    """Parts of simulated exposures with next to no noise, two a patient."""
    from gazo.phantoms import chest_radiograph

    parts, patients = [], []
    for number in range(first, first + count):
        made = chest_radiograph(
            rng=generator(seed, "P6", number), size_px=512, sex="FM"[number % 2], quanta_per_pixel=1e9, electronic_noise=0,
            output="linear exposure",
        )  # fmt: skip
        parts += [made.image.pixels[128:384, left : left + 256] for left in (64, 192)]
        patients += [str(number)] * 2
    return ImageSet.from_arrays(np.stack(parts), patients=patients, spacing_mm=(400 / 512,) * 2, name="chest phantom")


def _measured(studies: dict[str, NoiseReductionStudy]) -> dict[str, float]:
    """The numbers of `BARS`, and the means they come from."""
    psnr = {target: study.metrics[0].value for target, study in studies.items()}
    found = studies["noise"]
    gaussian, fnc = found.tests[:2]
    mean = _means(found)
    noise, ours, theirs = mean["leak_noise"], mean["leak_equal"], mean["leak_fnc"]
    trace, trace_fnc = abs(np.log(ours / noise)), abs(np.log(theirs / noise))
    return {
        "gain_over_gaussian_db": gaussian.difference.value,
        "gain_p": gaussian.p,
        "gain_over_fnc_db": fnc.difference.value,
        "detail_less_fnc": mean["detail"] - mean["detail_fnc"],
        "trace": float(trace),
        "trace_less_fnc": float(trace - trace_fnc),
        "spectra_overlap": mean["overlap"],
        "noise_less_clean_db": psnr["noise"] - psnr["clean"],
        "noise2noise_less_clean_db": psnr["noise2noise"] - psnr["clean"],
        **{f"psnr_{target}": value for target, value in psnr.items()},
        **{name: mean[name] for name in ("psnr_noisy", "psnr_gaussian", "psnr_fnc", "leak_noise", "leak_equal", "leak_fnc", "leak_gaussian")},
        **{name: mean[name] for name in ("detail", "detail_fnc", "detail_gaussian", "flat", "flat_gaussian", "flat_fnc", "flat_equal")},
    }  # fmt: skip


def _means(study: NoiseReductionStudy) -> dict[str, float]:
    """Means over the test images of every figure."""
    from gazo.learn.denoise.judged import FIGURES

    values = np.array([[np.nan if v is None else v for v in row[2:]] for row in study.predictions.rows], float)
    return dict(zip(FIGURES, np.nanmean(values, axis=0).tolist(), strict=True))


def _row(name: str, value: float) -> Row:
    words, sign, bound = BARS[name]
    if bound is None:
        return words, value, "-", "-"
    reached = {"<": value < bound, ">=": value >= bound, "within": abs(value) <= bound}[sign]
    return words, value, f"{sign} {bound:g}", "ok" if reached else "missed"


def _notes(studies: dict[str, NoiseReductionStudy]) -> tuple[Text, ...]:
    """PSNR of each network with its interval."""
    found = []
    for study in studies.values():
        head = study.metrics[0]
        found.append(
            Text(f"{study.name.ja}: {head.name.ja} {_interval(head)}", f"{study.name.en}: {head.name.en} {_interval(head)}")
        )
    return tuple(found)


def _interval(estimate: Any) -> str:
    from gazo.runs.sections import interval

    return interval(estimate)
