"""Radiomic features of one region of one image: the table, what was done, and what to beware of."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Measurement, Panels, Table, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.radiomics.mask_checks import region_of, region_warnings
from gazo.radiomics.names import AGGREGATIONS, FAMILIES, named
from gazo.radiomics.prepare import Prepared, prepared
from gazo.radiomics.settings import (
    Aggregations,
    BinNumber,
    BinSize,
    BySlice,
    Discretisation,
    Families,
    Highest,
    Interpolation,
    Lowest,
    Normalise,
    Outliers,
    Preset,
    Rounding,
    Settings,
    Spacing,
    settings_of,
)
from gazo.radiomics.values import values_of

_INTERPOLATION_JA = {"nearest": "最近傍", "linear": "線形", "cubic": "3 次スプライン"}


@result("radiomic features")
@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureSet(Measurement):
    """Features of a region with their names, what the region was like after preparation, and every setting."""

    conclusion: Text
    features: Table
    region: Table
    settings: Table


@operation("ラジオミクス特徴量", "Radiomic features", booklet="C5")
def features(
    image: Image,
    mask: Image,
    *,
    preset: Preset = "plain",
    label: Annotated[int, Ge(0), Label("マスクの値 (0: 0 より大きいすべて)", "Value in the mask (0: all above 0)")] = 0,
    grid_mm: Spacing = None,
    by_slice: BySlice = None,
    interpolation: Interpolation = None,
    rounding: Rounding = None,
    normalise: Normalise = None,
    lowest: Lowest = None,
    highest: Highest = None,
    outliers: Outliers = None,
    discretisation: Discretisation = None,
    bin_size: BinSize = None,
    bin_number: BinNumber = None,
    families: Families = (),
    aggregations: Aggregations = (),
) -> FeatureSet:
    """Features of a region as IBSI 1 defines them (Zwanenburg et al., Radiology 2020; 295: 328).

    Order of work: normalise, interpolate image and mask, round, leave out values beyond the range, make grey levels, compute. A 2-D image
    has no form features and no local peaks, which IBSI defines in three dimensions. A cell is empty where a feature has no meaning
    (a ratio to 0, the correlation of equal values).

    Parameters
    ----------
    image : 2-D or 3-D, one value a pixel, pixel spacing known.
    mask : on the same grid.
    preset : "ct-lung" and "ct-soft": 1 mm, 25 HU bins, [-1000, 400] and [-150, 250] HU; "mr": z-score, 1 mm, 3 SD, 32 bins;
        "radiograph": by slice, 32 bins; "plain": as the image is, 32 bins.
    """
    spacing = image.need_spacing()
    settings = settings_of(
        preset, spacing_mm=grid_mm, by_slice=by_slice, interpolation=interpolation, rounding=rounding, normalise=normalise,
        lowest=lowest, highest=highest, outliers=outliers, discretisation=discretisation, bin_size=bin_size, bin_number=bin_number,
        families=families, aggregations=aggregations,
    )  # fmt: skip
    if len(image.shape) == 2:
        _need_planar(settings)
    drawn = region_of(image, mask, label)
    region = prepared(image.pixels, drawn, spacing, settings)
    values = values_of(region, settings)
    planar = settings.by_slice or len(image.shape) == 2
    return FeatureSet(
        conclusion=_conclusion(values, region, planar),
        features=feature_table(values, image.unit),
        region=_region_table(drawn, region, image.unit),
        settings=settings_table(settings),
        sentence=method_sentence(settings, region),
        warnings=region_warnings(drawn, spacing, resampled=settings.spacing_mm > 0, planar=planar) + _few_left(region),
        shown=_picture(image, drawn),
    )


def _need_planar(settings: Settings) -> None:
    wrong = [name for name in settings.aggregations if name.startswith("3D")]
    if wrong:
        raise OptionError(
            "G-RAD-007",
            en=f"a 2-D image has no aggregation '{wrong[0]}'; choose 2D_avg, 2D_comb, 2_5D_avg or 2_5D_comb.",
            ja=f"2 次元の画像では「{wrong[0]}」を計算できません。2D_avg、2D_comb、2_5D_avg、2_5D_comb から選んでください。",
        )


def feature_table(values: dict[str, float], unit: str = "") -> Table:
    """One row a feature: tag, IBSI code, name, family, aggregation, value, unit; an empty value where it has no meaning."""
    headings = (
        Text("タグ", "Tag"), Text("IBSI", "IBSI"), Text("特徴量", "Feature"), Text("種類", "Family"), Text("まとめ方", "Aggregation"),
        Text("値", "Value"), Text("単位", "Unit"),
    )  # fmt: skip
    rows = tuple(
        (
            key,
            one.ibsi,
            one.name,
            FAMILIES[one.family],
            AGGREGATIONS[way],
            value if math.isfinite(value) else None,
            unit_of(one.unit, unit),
        )
        for key, value in values.items()
        for one, way in (named(key),)
    )
    return Table(Text("ラジオミクス特徴量 (IBSI 1)", "Radiomic features (IBSI 1)"), headings, rows)


def unit_of(pattern: str, unit: str) -> str:
    """The unit of a feature of an image with this unit; empty where the image has none."""
    return pattern.replace("value", unit) if unit or "value" not in pattern else ""


def settings_table(settings: Settings) -> Table:
    """Every setting with its value, enough to repeat the computation elsewhere."""
    rows = tuple((field.name, _cell(getattr(settings, field.name))) for field in fields(settings))
    return Table(Text("設定", "Settings"), (Text("項目", "Setting"), Text("値", "Value")), rows)


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, tuple) else value


def method_sentence(settings: Settings, region: Prepared) -> Text:
    """How the features were computed, for the methods part of a paper."""
    grid = "/".join(f"{s:g}" for s in region.spacing_mm)
    low = "-∞" if settings.lowest is None else f"{settings.lowest:g}"
    high = "∞" if settings.highest is None else f"{settings.highest:g}"
    limits = "" if low == "-∞" and high == "∞" else f" [{low}, {high}]"
    by_size = settings.discretisation == "fixed bin size"
    ways = ", ".join(settings.texture(region.volume.shape[0]))
    bins = (
        (f"幅 {settings.bin_size:g} のビン", f"bins of {settings.bin_size:g}")
        if by_size
        else (f"{settings.bin_number} 個のビン", f"{settings.bin_number} bins")
    )
    moved = (
        (
            f"{_INTERPOLATION_JA[settings.interpolation]}補間で {grid} mm とし",
            f"after {settings.interpolation} interpolation to {grid} mm",
        )
        if settings.spacing_mm > 0
        else (f"{grid} mm のまま", f"at {grid} mm")
    )
    ja = [
        moved[0],
        *([f"値の範囲を{limits} に限り"] if limits else []),
        *(["平均 ± 3 標準偏差の外を除き"] if settings.outliers else []),
    ]
    en = [
        moved[1],
        *([f"values within{limits}"] if limits else []),
        *(["without values beyond 3 SD"] if settings.outliers else []),
    ]
    z = settings.normalise == "z-score"
    return Text(
        f"特徴量は IBSI の定義 (Zwanenburg ら、Radiology 2020; 295: 328) に従い、{'z スコア化の後、' if z else ''}{'、'.join(ja)}、{bins[0]}で階調化して計算した (テクスチャ: {ways})。",
        f"Features follow the definitions of the IBSI (Zwanenburg et al., Radiology 2020; 295: 328), computed {'on z-scores ' if z else ''}{', '.join(en)}, with {bins[1]} (texture: {ways}).",
    )


def _conclusion(values: dict[str, float], region: Prepared, planar: bool) -> Text:
    voxels = int(region.mask.sum())
    cells = voxels * float(np.prod(region.spacing_mm))
    flat = planar and region.volume.shape[0] == 1
    size = f"{voxels * float(np.prod(region.spacing_mm[1:])):,.0f} mm²" if flat else f"{cells / 1000:,.2f} mL"
    return Text(
        f"{voxels:,} ボクセル ({size}) の領域から {len(values)} 個の特徴量を計算した。",
        f"{len(values)} features were computed of a region of {voxels:,} voxels ({size}).",
    )


def _few_left(region: Prepared) -> tuple[Text, ...]:
    """Resegmentation that leaves less than half of the region."""
    share = float(region.intensity_mask.sum() / region.mask.sum())
    if share >= 0.5:
        return ()
    return (
        Text(
            f"値の範囲に入るのは領域の {100 * share:.0f} % だけです。範囲か領域を見直してください。",
            f"Only {100 * share:.0f} % of the region lies within the range of values; look at the range or the region again.",
        ),
    )


def _region_table(drawn: NDArray[np.bool_], region: Prepared, unit: str) -> Table:
    values = region.volume[region.intensity_mask]
    rows: tuple[tuple[Any, ...], ...] = (
        (Text("描いた領域のボクセル数", "Voxels as drawn"), int(drawn.sum()), ""),
        (Text("補間後のボクセル数", "Voxels after interpolation"), int(region.mask.sum()), ""),
        (Text("値の範囲に入るボクセル数", "Voxels within the range of values"), int(region.intensity_mask.sum()), ""),
        (Text("平均値", "Mean"), float(values.mean()), unit),
        (Text("最小値", "Minimum"), float(values.min()), unit),
        (Text("最大値", "Maximum"), float(values.max()), unit),
    )
    return Table(Text("領域", "Region"), (Text("量", "Quantity"), Text("値", "Value"), Text("単位", "Unit")), rows)


def _picture(image: Image, drawn: NDArray[np.bool_]) -> Panels:
    """The plane with most of the region, outlined."""
    pixels, region = (image.pixels, drawn) if drawn.ndim == 3 else (image.pixels[None], drawn[None])
    plane = int(region.sum((1, 2)).argmax())
    caption = Text(f"断面 {plane + 1}", f"plane {plane + 1}") if drawn.ndim == 3 else Text("画像", "image")
    return panels(Text("領域", "Region"), (caption, outlined(grey(pixels[plane]), [region[plane]])))
