"""Dual-energy subtraction: two radiographs of different energy become one of soft tissue and one of bone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from gazo.core.errors import ImageError, OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.noise_control import flexible_noise_control
from gazo.process.plane import plane, same_shape

Values = Literal["as marked", "linear exposure", "log exposure"]


@dataclass(frozen=True, eq=False)
class DualEnergySubtraction:
    """The two materials, in the log exposure (-ln) of the high-energy image; their sum is that image.

    image : soft tissue, mu_soft(H) x thickness.
    bone : bone, mu_bone(H) x thickness, with less noise when that was asked for.
    """

    image: Image
    bone: Image


@operation("エネルギー差分 (軟部・骨)", "Dual-energy subtraction", booklet="B7")
def dual_energy_subtraction(
    high: Image,
    low: Image,
    *,
    bone_ratio: Annotated[
        float, Gt(0), Lt(1), Label("骨の減弱係数の比 (高/低)", "Ratio of attenuation of bone, high to low")
    ] = 0.335,
    soft_ratio: Annotated[
        float, Gt(0), Lt(1), Label("軟部の減弱係数の比 (高/低)", "Ratio of attenuation of soft tissue, high to low")
    ] = 0.678,
    noise_strength: Annotated[
        float, Ge(0), Le(1), Label("骨画像のノイズ抑制の強さ", "Strength of noise reduction in the bone image")
    ] = 0.0,
    noise_bands: Annotated[int, Ge(1), Le(6), Label("ノイズ抑制の帯域の数", "Bands of the noise reduction")] = 1,
    values: Annotated[Values, Label("画素値の意味", "What pixel values are")] = "as marked",
) -> DualEnergySubtraction:
    """Cancel bone, or soft tissue, in the logarithms of two exposures.

    With L = -ln I, w_b = mu_bone(H) / mu_bone(L), w_s = mu_soft(H) / mu_soft(L):
    soft = (L_H - w_b L_L) / (1 - w_b / w_s), bone = (L_H - w_s L_L) / (1 - w_s / w_b), so soft + bone = L_H, and a nodule keeps
    the contrast it has in the high-energy image (Alvarez & Macovski, Phys Med Biol 1976; 21: 733, two materials, one energy each).
    Noise grows in both. With `noise_strength` above 0 the bone image goes through `flexible_noise_control` and the soft image
    is what that leaves of the high-energy image: soft = L_H - bone (cross subtraction). Computed in float32; no clipping.

    Parameters
    ----------
    high, low : 2-D, of the same shape and moment; motion between them leaves edges (see `temporal_subtraction`).
    bone_ratio, soft_ratio : the defaults are those of 80 and 40 keV (NIST SRD 126), near 120 kV with copper and 60 kV. Raise or
        lower the first until the ribs vanish from the soft image of a patient; it must stay below the second.
    noise_strength, noise_bands : `strength` and `bands` of the noise control.
    values : for images that do not say it themselves. Exposure of 0 counts as the smallest one above it.
    """
    if not bone_ratio < soft_ratio:
        raise OptionError(
            "G-PRC-302",
            en=f"bone loses more of its attenuation than soft tissue, so bone_ratio must be below soft_ratio; {bone_ratio:g} and {soft_ratio:g} came.",
            ja=f"骨は軟部組織より減弱係数の低下が大きいため、bone_ratio は soft_ratio より小さくなければなりません。受け取った値: {bone_ratio:g} と {soft_ratio:g}。",
        )
    same_shape(high, low, name_en="low-energy image", name_ja="低エネルギー画像")
    log_high, log_low = (_log_exposure(image, values) for image in (high, low))
    bone = (log_high - np.float32(soft_ratio) * log_low) / np.float32(1 - soft_ratio / bone_ratio)
    framed = high.with_pixels(bone, meaning="log exposure", unit="", window=None)
    if noise_strength > 0:
        framed = flexible_noise_control(framed, strength=noise_strength, bands=noise_bands).image
    soft = log_high - framed.pixels.astype(np.float32)
    return DualEnergySubtraction(replace(framed, pixels=soft, history=high.history), framed)


def _log_exposure(image: Image, values: Values) -> NDArray[np.float32]:
    """-ln of exposure."""
    meaning = image.meaning if values == "as marked" else values
    if meaning == "log exposure":
        return plane(image)
    if meaning != "linear exposure":
        raise ImageError(
            "G-PRC-303",
            en=f"dual-energy subtraction needs exposure, linear or its -ln; these pixels are marked '{image.meaning}'. "
            "Take images FOR PROCESSING, and set `values` where a file does not say what it holds.",
            ja=f"エネルギー差分には線量に比例する値 (またはその -ln) が必要ですが、この画像の画素値は「{image.meaning}」です。"
            "処理前の画像 (FOR PROCESSING) を使い、ファイルに記載がなければ `values` を指定してください。",
        )
    pixels = plane(image)
    positive = pixels[pixels > 0]
    if not positive.size:
        raise ImageError(
            "G-PRC-304",
            en="an image of exposure has values above 0; none came. Check the offset correction and `values`.",
            ja="線量の画像には 0 より大きい値が必要ですが、1 つもありません。オフセット補正と `values` を確認してください。",
        )
    return -np.log(np.maximum(pixels, positive.min()))
