"""W4: the three-dimensional spectrum and its planes, of volumes and of series of frames (eqs 1', 5', 6', 7')."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.noise_fields import noise_field
from gazo.quality.wiener_2d import wiener_spectrum_2d
from gazo.quality.wiener_3d import wiener_spectrum_3d
from gazo.quality.wiener_check import wiener_dimension_check
from gazo.runs.proof import Proof, proof

VOLUMES, PLANES, SIDE = 4, 20, 32
INTERVAL_S = 0.05
TOLERANCE = 1e-12


@proof("W4", ja="3DWS とその断面", en="3DWS and its sections")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Slab average, single planes and slabs between them, in volumes and in frames; the known spectrum recovered."""
    rng = generator(seed, "W4")
    drawn = [noise_field(rng=rng, planes=PLANES, size_px=SIDE, pixel_mm=0.5, plane_mm=1.5) for _ in range(VOLUMES)]
    volumes = [one.image for one in drawn]
    errors: dict[str, float] = {}
    for name, options, third in (("volume", {}, 1.5), ("frames", {"frame_interval_s": INTERVAL_S}, INTERVAL_S)):
        errors |= {f"{name}_{key}": value for key, value in _errors(volumes, options, third).items()}
    errors["check"] = wiener_dimension_check(volumes).worst.value
    ratio = _ratio(drawn)
    rows = tuple(
        (_ROWS.get(key.split("_")[-1], Text("検算の操作", "Check operation")), key, value) for key, value in errors.items()
    )
    headings = (Text("関係", "Relation"), Text("データ", "Data"), Text("相対差", "Relative difference"))
    bar = Text(
        f"(6)′、(7)′ (面の平均)、(5)′ が {TOLERANCE:g} 以下、体積 = 分散",
        f"(6'), (7') averaged over planes and (5') to {TOLERANCE:g}; volume = variance",
    )
    passed = max(errors.values()) <= TOLERANCE and abs(ratio - 1) < 0.02
    table = Table(Text("3 次元ウィーナースペクトル", "Three-dimensional Wiener spectrum"), headings, rows)
    return Proof("W4", bool(passed), errors | {"mean_ratio_to_truth": ratio}, bar, table)


_ROWS = {
    "slab": Text("(6)′ 3DWS(u,v,0) = 2Z・2DWS_slab", "(6') 3DWS(u,v,0) = 2Z 2DWS_slab"),
    "plane": Text("(7)′ ∫3DWS dt = 2DWS (面の平均)", "(7') integral of 3DWS dt = 2DWS (mean of planes)"),
    "aperture": Text("(5)′ スラブ 5 面 (周回)", "(5') slab of 5 planes (periodic)"),
    "volume": Text("体積 = 分散", "Volume = variance"),
}


def _errors(volumes: list[Image], options: dict[str, Any], third: float) -> dict[str, float]:
    """Each relation against 2-D spectra that are computed from averaged or single planes."""
    solid = wiener_spectrum_3d(volumes, **options)
    through = wiener_spectrum_3d(volumes, slab_px=5, **options)
    flat = [volume.pixels - volume.pixels.mean() for volume in volumes]
    spacing = volumes[0].need_spacing()[1:]
    slab = _surface([one.mean(0) for one in flat], spacing)
    planes = _surface([plane for one in flat for plane in one], spacing)
    moved = [np.mean([np.roll(one, shift, axis=0) for shift in range(5)], axis=0) for one in flat]
    apertures = _surface([plane for one in moved for plane in one], spacing)
    return {
        "slab": _largest(solid.central.values, PLANES * third * slab),
        "plane": _largest(solid.integral.values, planes),
        "aperture": _largest(through.integral.values, apertures),
        "volume": abs(solid.volume.value / solid.variance.value - 1),
    }


def _surface(planes: list[np.ndarray], spacing: tuple[float, ...]) -> np.ndarray:
    images = [Image(plane, spacing_mm=(spacing[0], spacing[1]), meaning="quantity") for plane in planes]
    return wiener_spectrum_2d(images, roi_px=None, detrend="none").surface.values


def _largest(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.abs(left - right).max() / np.abs(right).max())


def _ratio(drawn: list[Any]) -> float:
    """Mean of measured over true spectrum in the plane t = 0 and in the integral."""
    solid = wiener_spectrum_3d([one.image for one in drawn])
    truth = np.fft.fftshift(drawn[0].spectrum.sum(0)) / (PLANES * 1.5)
    return float(solid.integral.values.sum() / truth.sum())
