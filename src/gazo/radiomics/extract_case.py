"""All regions of one image: read, checked, prepared, filtered and computed; what was computed before comes from the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError, ImageError
from gazo.core.files import storage_error, write_json
from gazo.core.image import Image
from gazo.core.imageset import Loader
from gazo.core.language import Text
from gazo.radiomics.filters.named import NamedFilter
from gazo.radiomics.mask_checks import region_of, region_warnings
from gazo.radiomics.names import FAMILIES
from gazo.radiomics.perturb import Perturbation, drawn, perturbed
from gazo.radiomics.prepare import Prepared, prepared
from gazo.radiomics.settings import Settings
from gazo.radiomics.values import values_of

ENGINE = 1  # raised when the same settings give other numbers than before, so that old numbers are not taken from a cache
_PEAK_MM = 7.0  # what local peaks need around a region
_ORDER = {"nearest": 0, "linear": 1, "cubic": 3}


@dataclass(frozen=True)
class Case:
    """One image with its mask, as the loader knows them."""

    row: int
    image: Any
    mask: Any


@dataclass(frozen=True)
class Region:
    """What became of one region in one repeat: its features and notes, or the error it ended with."""

    roi: int
    repeat: int
    values: dict[str, float]
    voxels: int = 0
    notes: tuple[Text, ...] = ()
    error: GazoError | None = None


@dataclass(frozen=True)
class CaseJob:
    """Computes one case after the other; small and picklable.

    Parameters
    ----------
    loader : of the images and masks.
    settings, filters : what is computed.
    labels : the values of the mask that are regions; empty takes all there are.
    limits, repeats, seed : how often and how far image and region are changed besides.
    cache : the folder that keeps what was computed.
    """

    loader: Loader
    settings: Settings
    filters: tuple[NamedFilter, ...]
    labels: tuple[int, ...]
    limits: Perturbation
    repeats: int
    seed: int
    cache: Path

    def __call__(self, case: Case) -> tuple[Region, ...]:
        """The regions of a case, from the cache where it has been computed before."""
        if case.mask is None:
            raise DataError(
                "G-RAD-212",
                en="this image has no mask. Name its mask in the table, or leave the row out.",
                ja="この画像にはマスクがありません。表でマスクを指定するか、この行を除いてください。",
            )
        image, mask = self.loader(case.image), self.loader(case.mask)
        file = self.cache / f"{self._key(image, mask, case.row)}.json"
        kept = _kept(file)
        if kept is not None:
            return kept
        found = tuple(one for label in self._labels(mask) for one in self._repeated(image, mask, label, case.row))
        if not any(one.error for one in found):
            _keep(file, found)
        return found

    def _key(self, image: Image, mask: Image, row: int) -> str:
        """SHA-256 of everything that the numbers depend on. The row matters only where something is drawn for it."""
        said = {
            "engine": ENGINE,
            "settings": asdict(self.settings),
            "filters": [(one.name, one.options) for one in self.filters],
            "labels": self.labels,
            "draws": (asdict(self.limits), self.repeats, self.seed, row) if self.repeats else (),
            "grids": [(one.shape, one.spacing_mm, str(one.pixels.dtype)) for one in (image, mask)],
        }
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        for one in (image, mask):
            digest.update(np.ascontiguousarray(one.pixels).tobytes())
        return digest.hexdigest()

    def _labels(self, mask: Image) -> tuple[int, ...]:
        """The regions of the mask in the order of their numbers."""
        values = np.unique(mask.grey().pixels)
        if mask.pixels.dtype == bool or (len(values) == 2 and values[0] == 0 and values[1] in (255, 65535)):
            there: tuple[int, ...] = (0,)  # a picture of black and white: one region
        elif not np.isfinite(values).all() or (values != np.rint(values)).any() or values[0] < 0:
            raise ImageError(
                "G-RAD-213",
                en=f"a mask holds 0 and the whole numbers of its regions; values from {values[0]:g} to {values[-1]:g} came. Store it without smoothing.",
                ja=f"マスクの画素値は 0 と領域の番号 (整数) でなければなりません。{values[0]:g} から {values[-1]:g} までの値がありました。平滑化せずに保存してください。",
            )
        else:
            there = tuple(int(value) for value in values if value)
        return self.labels or there or (0,)

    def _repeated(self, image: Image, mask: Image, label: int, row: int) -> Iterator[Region]:
        """The region as it is (repeat 0), then changed."""
        for repeat in range(self.repeats + 1):
            try:
                yield self._region(image, mask, label, row, repeat)
            except GazoError as error:
                yield Region(label or 1, repeat, {}, error=error)

    def _region(self, image: Image, mask: Image, label: int, row: int, repeat: int) -> Region:
        spacing = image.need_spacing()
        region = region_of(image, mask, label)
        planar = self.settings.by_slice or region.ndim == 2
        notes = region_warnings(region, spacing, resampled=self.settings.spacing_mm > 0, planar=planar)
        pixels: NDArray[Any] = np.asarray(image.pixels)
        if repeat:
            pixels, region = self._near(pixels, region, spacing)
            what = drawn(self.limits, region.ndim, self.seed, row, repeat)
            pixels, region = perturbed(pixels, region, spacing, self.limits, what, _ORDER[self.settings.interpolation])
        return Region(label or 1, repeat, self._values(pixels, region, spacing), int(region.sum()), notes)

    def _near(self, pixels: NDArray[Any], region: NDArray[np.bool_], spacing: tuple[float, ...]) -> tuple[Any, NDArray[np.bool_]]:
        """What is needed about the region, with room for it to turn and grow; the whole image where its mean and deviation count."""
        margin = self._margin_mm(spacing) + 20 * max(spacing)
        if self.settings.normalise != "none" or self.limits.noise > 0 or not np.isfinite(margin):
            return pixels, region
        part = box(region, margin, spacing)
        return pixels[part], region[part]

    def _margin_mm(self, spacing: tuple[float, ...]) -> float:
        used = self.settings.spacing_mm or max(spacing)
        grid = [used, *spacing] if self.settings.by_slice else [used]
        return max([_PEAK_MM, *(one.reach_mm(grid) for one in self.filters)])

    def _values(self, pixels: NDArray[Any], region: NDArray[np.bool_], spacing: tuple[float, ...]) -> dict[str, float]:
        """Features of the image and of each response map, named after it."""
        margin = self._margin_mm(spacing)
        whole = prepared(pixels, region, spacing, self.settings, crop=bool(np.isfinite(margin)), margin_mm=margin)
        found = {f"original_{name}": value for name, value in values_of(closer(whole), self.settings).items()}
        for one in self.filters:
            found |= {f"{one.words}_{name}": value for name, value in self._filtered(one, whole).items()}
        return found

    def _filtered(self, one: NamedFilter, whole: Prepared) -> dict[str, float]:
        """Features of a response map. Its values are no longer HU, so grey levels are counted, not measured; form is that of the region."""
        settings = of_response(self.settings)
        if settings is None:
            return {}
        near = closer(whole, one.reach_mm(whole.spacing_mm))
        flat = near.volume.shape[0] == 1
        image = Image(near.volume[0] if flat else near.volume, spacing_mm=near.spacing_mm[1:] if flat else near.spacing_mm)
        response = one(image, by_slice=self.settings.by_slice and not flat).pixels.reshape(near.volume.shape)
        return values_of(closer(replace(near, volume=response.astype(np.float64))), settings)


def of_response(settings: Settings) -> Settings | None:
    """The settings for response maps: bins by number, no range of values, no form; None where nothing is left to compute."""
    families = tuple(family for family in settings.families or FAMILIES if family != "morphology")
    if not families:
        return None
    return replace(
        settings,
        families=families,
        discretisation="fixed bin number",
        ivh="fixed bin number",
        lowest=None,
        highest=None,
        bin_start=None,
    )


def closer(region: Prepared, margin_mm: float = _PEAK_MM) -> Prepared:
    """Only the region and a margin about it, by default what local peaks need."""
    if not np.isfinite(margin_mm):
        return region
    part = box(region.mask, margin_mm, region.spacing_mm)
    return replace(region, volume=region.volume[part], mask=region.mask[part], intensity_mask=region.intensity_mask[part])


def box(region: NDArray[np.bool_], margin_mm: float, spacing_mm: tuple[float, ...]) -> tuple[slice, ...]:
    """The part of an image that holds the region and a margin about it."""
    margins = [int(np.ceil(margin_mm / s)) for s in spacing_mm]
    places = [np.flatnonzero(region.any(axis=tuple(a for a in range(region.ndim) if a != axis))) for axis in range(region.ndim)]
    return tuple(slice(max(0, along[0] - m), along[-1] + m + 1) for along, m in zip(places, margins, strict=True))


def _kept(file: Path) -> tuple[Region, ...] | None:
    """What the cache has; None where it has nothing or a file that cannot be read."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return tuple(
            Region(
                one["roi"],
                one["repeat"],
                {name: np.nan if value is None else value for name, value in one["values"].items()},
                one["voxels"],
                tuple(Text(**note) for note in one["notes"]),
            )
            for one in stored["regions"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(file: Path, found: tuple[Region, ...]) -> None:
    regions = [
        {
            "roi": one.roi,
            "repeat": one.repeat,
            "voxels": one.voxels,
            "values": {name: float(value) if np.isfinite(value) else None for name, value in one.values.items()},
            "notes": [{"ja": note.ja, "en": note.en} for note in one.notes],
        }
        for one in found
    ]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, file.parent) from None
    write_json(file, {"regions": regions})
