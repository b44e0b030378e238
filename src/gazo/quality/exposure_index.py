"""Exposure index and deviation index (IEC 62494-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.exposed_region import find_exposed_region
from gazo.quality.inputs import Mask, Plane, plane, region
from gazo.quality.intervals import of_median

C0_PER_UGY = 100.0  # IEC 62494-1: 1 uGy at the detector (calibration beam) is an index of 100
MICROGRAY = ("uGy", "µGy", "μGy")  # letter u, micro sign, Greek mu
SHRINKS = (0.025, 0.05, 0.1)  # of the square root of its area
# Action bands of AAPM Report 116 (2009), |DI| up to the limit. Recalled, not read here.
BANDS = (
    (0.5, Text("目標範囲", "target range")),
    (1.0, Text("許容", "acceptable")),
    (3.0, Text("過剰または不足", "over- or underexposed")),
    (np.inf, Text("大きな過剰または不足", "strongly over- or underexposed")),
)


@result("exposure index")
@dataclass(frozen=True, eq=False, kw_only=True)
class ExposureIndex(Measurement):
    """Index and kerma of the relevant region; `deviation` is None where no target was given. `regions` shares out the image."""

    index: Estimate
    kerma: Estimate
    deviation: Estimate | None
    regions: Table


@result("deviation index")
@dataclass(frozen=True, eq=False, kw_only=True)
class DeviationIndex(Measurement):
    """Deviation of each exposure, their median, and how many lie in each band."""

    median: Estimate
    exposures: Table
    bands: Table


@operation("線量指標 EI", "Exposure index", booklet="W7")
def exposure_index(
    image: Image,
    mask: Image | None = None,
    *,
    central: Annotated[Literal["median", "mean"], Label("代表値", "Central tendency")] = "median",
    ugy_per_value: Annotated[
        float | None, Gt(0), Le(1e6), Label("画素値 1 あたりのカーマ (空欄なら画像の単位)", "Kerma per pixel value", "µGy")
    ] = None,
    target_index: Annotated[float | None, Gt(0), Le(1e5), Label("目標線量指標 EIT", "Target index EIT")] = None,
) -> ExposureIndex:
    """EI = c0 g(V), c0 = 100 / uGy (IEC 62494-1): V the central tendency of the relevant image region, g(V) its kerma.

    The limits are no confidence interval: they are the least and largest value when the edge of the region is moved inwards by up to
    10 % of its size, which tells how much rests on where the region ends. With a target, DI = 10 log10(EI / EIT). The region is found by `find_exposed_region` (field less direct exposure) unless a mask is
    given. Processed images and the display window have no part in it; an image with the meaning "display" is refused.

    Parameters
    ----------
    image : linear in exposure; unit uGy, or any linear unit with `ugy_per_value`.
    mask : not 0 in the relevant region.
    ugy_per_value : slope of the linear calibration, in the beam of the standard (RQA5).
    """
    scale = _kerma_scale(image, ugy_per_value)
    kerma = plane(image) * scale
    chosen, table, shown = _relevant(image, mask)
    found = _within(kerma, chosen, np.median if central == "median" else np.mean)
    if found.value <= 0:
        raise DataError(
            "G-QUA-313",
            en=f"the region must have received a dose; its {central} is {found.value:g} µGy. Subtract no offset twice, and check the mask.",
            ja=f"関心領域に線量が届いている必要がありますが、{central} は {found.value:g} µGy です。オフセットの二重補正とマスクを確認してください。",
        )
    index = _scaled(found, Text("線量指標 EI", "Exposure index EI"), lambda v: C0_PER_UGY * v, "")
    deviation = None
    if target_index is not None:
        deviation = _scaled(index, Text("偏差指標 DI", "Deviation index DI"), lambda v: deviation_of(v, target_index), "")
    how = Text("手で指定", "given by hand") if mask is not None else Text("自動認識", "found automatically")
    return ExposureIndex(
        index=index,
        kerma=found,
        deviation=deviation,
        regions=table,
        shown=panels(Text("関心領域", "Relevant region"), (Text(f"関心領域 ({how.ja})", f"region {how.en}"), shown)),
        warnings=_doubts(image, mask, chosen),
        sentence=Text(
            f"線量指標は IEC 62494-1 に従い EI = c0 g(V)、c0 = {C0_PER_UGY:g} /µGy とし、V は関心領域 ({how.ja}) の"
            f"{'中央値' if central == 'median' else '平均値'}とした。範囲は領域を最大 10 % 縮めたときの値である。",
            f"The exposure index was EI = c0 g(V) with c0 = {C0_PER_UGY:g} /µGy (IEC 62494-1), V being the {central} of the relevant "
            f"image region ({how.en}); the range is that of regions shrunk by up to 10 %.",
        ),
    )


@operation("偏差指標 DI", "Deviation index", booklet="W7")
def deviation_index(
    *,
    exposure_indices: Annotated[tuple[float, ...], Label("線量指標 EI (1 つ以上)", "Exposure indices EI")],
    target_index: Annotated[float, Gt(0), Le(1e5), Label("目標線量指標 EIT", "Target index EIT")],
    tolerance: Annotated[float, Ge(0), Le(10), Label("許容する |DI|", "Accepted |DI|")] = 1.0,
) -> DeviationIndex:
    """DI = 10 log10(EI / EIT) of one exposure or of many, with the median and its interval (order statistics).

    The bands are those of AAPM Report 116, recalled, not read here.

    Parameters
    ----------
    tolerance : exposures beyond it are named in a warning.
    """
    indices = np.array(exposure_indices, np.float64)
    if len(indices) == 0 or not (np.isfinite(indices) & (indices > 0)).all():
        raise DataError(
            "G-QUA-314",
            en=f"every exposure index must be a number above 0, and there must be one; {list(exposure_indices)[:5]} came. Leave out exposures without one.",
            ja=f"線量指標は 0 より大きい数値で、1 つ以上必要です。受け取った値: {list(exposure_indices)[:5]}。値のない撮影を除いてください。",
        )
    deviations = np.array([deviation_of(i, target_index) for i in indices])
    places = [next(n for n, (limit, _) in enumerate(BANDS) if abs(d) <= limit) for d in deviations]
    headings = (Text("線量指標 EI", "EI"), Text("偏差指標 DI", "DI"), Text("判定 (AAPM 116)", "Band (AAPM 116)"))
    rows = tuple((float(i), float(d), BANDS[p][1]) for i, d, p in zip(indices, deviations, places, strict=True))
    counts = tuple((words, places.count(n), places.count(n) / len(places)) for n, (_, words) in enumerate(BANDS))
    beyond = int((np.abs(deviations) > tolerance).sum())
    warning = Text(
        f"{len(indices)} 件のうち {beyond} 件で |DI| が {tolerance:g} を超えています。",
        f"|DI| is above {tolerance:g} in {beyond} of {len(indices)} exposures.",
    )
    return DeviationIndex(
        median=of_median(Text("偏差指標 DI の中央値", "Median deviation index DI"), deviations),
        exposures=Table(Text("撮影ごとの偏差指標", "Deviation of each exposure"), headings, rows),
        bands=Table(
            Text("区分ごとの件数", "Exposures in each band"),
            (Text("区分", "Band"), Text("件数", "Exposures"), Text("割合", "Share")),
            counts,
            (Text("区分は AAPM Report 116 による (記憶による値)", "bands of AAPM Report 116, recalled, not read"),),
        ),
        warnings=(warning,) if beyond else (),
        sentence=Text(
            f"偏差指標は DI = 10 log10(EI/EIT)、EIT = {target_index:g} とした (IEC 62494-1)。",
            f"The deviation index was DI = 10 log10(EI/EIT) with EIT = {target_index:g} (IEC 62494-1).",
        ),
    )


def deviation_of(index: float, target: float) -> float:
    """DI = 10 log10(EI / EIT), IEC 62494-1."""
    return float(10 * np.log10(index / target))


def _kerma_scale(image: Image, ugy_per_value: float | None) -> float:
    if image.meaning in ("display", "log exposure", "HU", "mask"):
        raise ImageError(
            "G-QUA-312",
            en=f"an exposure index is taken from values linear in exposure; this image is '{image.meaning}'. Use the image FOR PROCESSING, linearised.",
            ja=f"線量指標は線量に比例する画素値から求めます。この画像は「{image.meaning}」です。処理前 (FOR PROCESSING) の画像を線形化して使ってください。",
        )
    if ugy_per_value is not None:
        return ugy_per_value
    if image.unit not in MICROGRAY:
        raise ImageError(
            "G-QUA-315",
            en=f"the unit of the image must be uGy or ugy_per_value be given; the unit is '{image.unit}'. Linearise with a conversion function first, or give the slope.",
            ja=f"画像の単位が uGy であるか、ugy_per_value の指定が必要です。単位: 「{image.unit}」。変換関数で線形化するか、傾きを指定してください。",
        )
    return 1.0


def _within(kerma: Plane, chosen: Mask, statistic: Callable[[Plane], Any]) -> Estimate:
    """The central kerma of the region, and its range when the region shrinks by `SHRINKS` of its size."""
    from scipy.ndimage import distance_transform_edt

    depth = distance_transform_edt(np.pad(chosen, 1))[1:-1, 1:-1]
    inner = [chosen & (depth > share * np.sqrt(chosen.sum())) for share in SHRINKS]
    values = [float(statistic(kerma[part])) for part in (chosen, *inner) if part.any()]
    name = Text("検出器面のカーマ", "Kerma at the detector")
    how = "range when the region is shrunk by up to 10 %"
    return Estimate(name, values[0], min(values), max(values), method=how, unit="µGy")


def _relevant(image: Image, mask: Image | None) -> tuple[Mask, Table, np.ndarray]:
    """The region, a table of what the image consists of, and the picture of it."""
    picture = grey(image.pixels, log=True)
    if mask is not None:
        chosen = region(mask, image.shape)
        shares = ((Text("関心領域 (手で指定)", "relevant region (by hand)"), float(chosen.mean())),)
        masks = [chosen]
    else:
        found = find_exposed_region(image)
        chosen = region(found.anatomy, image.shape)
        field, direct = found.field.pixels > 0, found.direct.pixels > 0
        shares = (
            (Text("関心領域 (被写体)", "relevant region (anatomy)"), float(chosen.mean())),
            (Text("直接線", "direct exposure"), float(direct.mean())),
            (Text("照射野外", "outside the field"), float(1 - field.mean())),
        )
        masks = [chosen, field]
    headings = (Text("領域", "Part"), Text("割合", "Share of the image"))
    return chosen, Table(Text("画像の内訳", "What the image consists of"), headings, shares), outlined(picture, masks)


def _doubts(image: Image, mask: Image | None, chosen: Mask) -> tuple[Text, ...]:
    pixels: Plane = np.asarray(image.pixels, np.float64)
    top = pixels.max()
    saturated = float((pixels[chosen] >= top).mean())
    doubts = []
    if saturated > 0.01:
        doubts.append(
            Text(
                f"関心領域の {100 * saturated:.1f} % が最大値です。飽和している可能性があります。",
                f"{100 * saturated:.1f} % of the region has the largest value; the detector may be saturated.",
            )
        )
    if mask is None and chosen.mean() < 0.05:
        doubts.append(
            Text(
                "自動認識した関心領域が画像の 5 % 未満です。図を確認し、必要ならマスクを指定してください。",
                "the region found is less than 5 % of the image; look at the picture and give a mask if it is wrong.",
            )
        )
    return tuple(doubts)


def _scaled(found: Estimate, name: Text, change: Callable[[float], float], unit: str) -> Estimate:
    """An estimate and its limits under a rising function."""
    low, high = (None if limit is None else float(change(limit)) for limit in (found.low, found.high))
    return Estimate(name, float(change(found.value)), low, high, found.level, found.method, unit)
