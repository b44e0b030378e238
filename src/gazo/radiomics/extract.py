"""Radiomic features of many images: one row for each region of each mask, on all cores, and never twice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le

from gazo.core.cases import map_cases
from gazo.core.errors import DataError, GazoError, OptionError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Measurement, Table, result
from gazo.radiomics.extract_case import Case, CaseJob, of_response
from gazo.radiomics.extract_tables import (
    Found,
    definitions_table,
    failed_table,
    feature_rows,
    regions_table,
    sentence_of,
    warnings_of,
)
from gazo.radiomics.features import settings_table
from gazo.radiomics.filters.named import NamedFilter, filters_named
from gazo.radiomics.perturb import Perturbation
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

COMPUTING = Text("特徴量の計算", "computing features")


@result("feature table")
@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureTable(Measurement):
    """Features of many regions, ready for selection and modelling.

    Parameters
    ----------
    features : one row for each region (and repeat): case, patient, row, roi, the columns that were kept, the features.
    regions : size of each region, and what to beware of in it.
    failed : images and regions that could not be measured, and why.
    definitions : what each feature is called, with its IBSI code.
    settings : every choice that changes a number.
    settings_json : the same with filters and definitions, for another program.
    """

    conclusion: Text
    features: Table
    regions: Table
    failed: Table
    definitions: Table
    settings: Table
    settings_json: str


@operation("多数の画像からのラジオミクス特徴量", "Radiomic features of many images", booklet="C5")
def extract(
    images: ImageSet,
    *,
    preset: Preset = "plain",
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
    filters: Annotated[tuple[str, ...], Label("フィルタ (例: log:sigma_mm=2)", "Filters (such as log:sigma_mm=2)")] = (),
    labels: Annotated[tuple[int, ...], Label("マスクの値 (空: すべて)", "Values of the mask (empty: all)")] = (),
    keep: Annotated[tuple[str, ...], Label("残す列 (転帰など)", "Columns to keep (outcome ...)")] = (),
    repeats: Annotated[int, Ge(0), Le(100), Label("摂動の繰り返し数", "Repeats with perturbation")] = 0,
    rotation_deg: Annotated[float, Ge(0), Le(45), Label("摂動: 回転", "Perturbation: rotation", "°")] = 10.0,
    shift_px: Annotated[float, Ge(0), Le(5), Label("摂動: 移動", "Perturbation: shift", "px")] = 0.5,
    volume_percent: Annotated[
        float, Ge(0), Le(50), Label("摂動: 領域の拡大・縮小", "Perturbation: growing and shrinking", "%")
    ] = 15.0,
    noise: Annotated[
        float, Ge(0), Le(5), Label("摂動: ノイズ (画像のノイズの倍数)", "Perturbation: noise (times that of the image)")
    ] = 0.0,
    workers: Annotated[int, Ge(0), Le(1024), Label("並列処理の数 (0: 全コア)", "Processes (0: all cores)")] = 0,
    address: Annotated[str, Label("Dask の接続先 (空: この計算機)", "Dask scheduler (empty: this machine)")] = "",
    seed: int = 0,
    workspace: Path | str | None = None,
    on_event: OnEvent = quiet,
) -> FeatureTable:
    """Features of IBSI 1 of every region of every image, of the image itself and of its response maps (IBSI 2).

    Each region is cut out with the margin that the filters look at, after which it is prepared and computed as by `features`. A response map
    has no form features, and its grey levels are a number of bins whatever the discretisation of the image, since its values are no HU. What
    was computed once for the same pixels, mask and settings is taken from the cache of the workspace: work that was interrupted goes on where
    it was. An image that fails is passed over and listed. Only a few images are in memory at a time.

    Parameters
    ----------
    images : with the role mask; label maps give one row for each of their values.
    preset : as in `features`; what is given beside it counts.
    filters : mean, log, laws, gabor, wavelet or simoncelli with options divided by colons, such as wavelet:family=coif1:bands=LLH;
        wavelet:bands=all is all eight.
    labels : only these values of the masks.
    keep : columns of the set that the table of features gets besides, such as outcome and time.
    repeats : so many rows more for each region, with image and region rotated, shifted, grown and noisier by amounts that are drawn
        anew; the column `repeat` is 0 for the region as it is. The table goes into `stability`.
    rotation_deg, shift_px, volume_percent, noise : the largest change; only with repeats.
    workspace : whose cache is used; by default GAZO_HOME, else the folder gazo of the user.
    """
    settings = settings_of(
        preset, spacing_mm=grid_mm, by_slice=by_slice, interpolation=interpolation, rounding=rounding, normalise=normalise,
        lowest=lowest, highest=highest, outliers=outliers, discretisation=discretisation, bin_size=bin_size, bin_number=bin_number,
        families=families, aggregations=aggregations,
    )  # fmt: skip
    named = filters_named(filters)
    _need(images, settings, named, keep)
    limits = Perturbation(rotation_deg, shift_px, volume_percent, noise)
    job = CaseJob(images.loader, settings, named, labels, limits, repeats, seed, _cache(workspace))
    found = _computed(job, images, workers, address, on_event)
    _need_some(found, len(images))
    return _told(images, found, job, keep)


def _need(images: ImageSet, settings: Settings, named: tuple[NamedFilter, ...], keep: tuple[str, ...]) -> None:
    images.role("mask")
    if named and of_response(settings) is None:
        raise OptionError(
            "G-RAD-214",
            en="filters do not change the form of a region; with families=morphology they have nothing to do. Leave out the filters.",
            ja="フィルタは領域の形を変えないため、families=morphology では計算するものがありません。フィルタの指定を外してください。",
        )
    for name in keep:
        images.with_role("value", name)  # an unknown column is told with the nearest known one


def _cache(workspace: Path | str | None) -> Path:
    home = workspace or os.environ.get("GAZO_HOME") or Path.home() / "gazo"
    return Path(home).expanduser() / "cache" / "radiomics"


def _computed(job: CaseJob, images: ImageSet, workers: int, address: str, on_event: OnEvent) -> Found:
    """All cases; of each no more is kept than its numbers."""
    cells = images.role("image"), images.role("mask")
    cases = [Case(row, image, mask) for row, (image, mask) in enumerate(zip(*cells, strict=True))]
    found = Found()
    step = max(1, len(cases) // 200)
    for count, done in enumerate(map_cases(job, cases, workers=workers or None, address=address), 1):
        found.add(done.number, done.value or (), done.error)
        if count % step == 0 or count == len(cases):
            on_event(Event(COMPUTING, count, len(cases)))
    return found


def _need_some(found: Found, cases: int) -> None:
    if not found.rows:
        first: GazoError | None = found.failed[0].error if found.failed else None
        why = first.text if first else Text("画像がありません。", "there is no image.")
        raise DataError(
            "G-RAD-215",
            en=f"no region of the {cases} images could be measured. The first reason: {why.en}",
            ja=f"{cases} 枚の画像のうち、測定できた領域は 1 つもありません。最初の理由: {why.ja}",
        )


def _told(images: ImageSet, found: Found, job: CaseJob, keep: tuple[str, ...]) -> FeatureTable:
    found.sort()
    features = feature_rows(images, found, keep, repeats=job.repeats > 0)
    lost = len({one.row for one in found.failed})
    regions, count = len({(one.row, one.roi) for one in found.rows}), len(found.names)
    return FeatureTable(
        conclusion=Text(
            f"{len(images)} 枚の画像の {regions} 個の領域から、それぞれ {count} 個の特徴量を計算した"
            + (f" (測定できなかった画像: {lost} 枚)。" if lost else "。"),
            f"{count} features each were computed of {regions} regions in {len(images)} images"
            + (f"; {lost} images could not be measured, wholly or in part." if lost else "."),
        ),
        features=features,
        regions=regions_table(images, found),
        failed=failed_table(images, found),
        definitions=definitions_table(found.names),
        settings=settings_table(job.settings),
        settings_json=settings_as_json(job),
        sentence=sentence_of(job),
        warnings=warnings_of(images, found),
    )


def settings_as_json(job: CaseJob) -> str:
    """Every setting, filter and amount of perturbation as JSON, in the words of gazo and with the references they follow."""
    told: Mapping[str, Any] = {
        "format": 1,
        "gazo": version("gazo"),
        "definitions": "IBSI 1 (doi:10.1148/radiol.2020191145), IBSI 2 (doi:10.1148/radiol.231319)",
        "settings": asdict(job.settings),
        "filters": [{"filter": one.name, **dict(one.options)} for one in job.filters],
        "perturbation": {**asdict(job.limits), "repeats": job.repeats, "seed": job.seed} if job.repeats else None,
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
