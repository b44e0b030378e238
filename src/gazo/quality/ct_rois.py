"""CT numbers in circular regions (sensitometry inserts), and the uniformity of a CT image from five of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Panels, Table, result
from gazo.quality.circles import Circle, circles_of, disc, discs, laid_out
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import Plane, plane
from gazo.quality.intervals import by_tiles, tiles

HEADINGS = (
    Text("名称", "name"),
    Text("中央値 [HU]", "median [HU]"),
    Text("95 % 下限", "low 95 %"),
    Text("95 % 上限", "high 95 %"),
    Text("平均 [HU]", "mean [HU]"),
    Text("標準偏差 [HU]", "SD [HU]"),
    Text("画素数", "pixels"),
    Text("x [px]", "x [px]"),
    Text("y [px]", "y [px]"),
    Text("半径 [px]", "radius [px]"),
)
Module = Literal["ctp404", "ctp486"]
Roll = Annotated[float, Ge(-180), Le(180), Label("ファントムの回転 (時計回り)", "Roll of the phantom, clockwise", "deg")]


@result("ct roi statistics")
@dataclass(frozen=True, eq=False, kw_only=True)
class CtRoiStatistics(Measurement):
    """One row for each region: median with its interval, mean, standard deviation, place."""

    regions: Table


@result("ct uniformity")
@dataclass(frozen=True, eq=False, kw_only=True)
class CtUniformity(Measurement):
    """Uniformity index (%), integral non-uniformity, largest difference from the centre (HU), and the five regions."""

    index: Estimate
    integral_nonuniformity: Estimate
    largest_difference: Estimate
    regions: Table


@operation("CT 値の ROI 統計", "CT numbers in circular regions", booklet="W4")
def ct_roi_statistics(
    image: Image,
    circles: Table | None = None,
    *,
    module: Annotated[Module, Label("円の表がないときの配置", "Layout without a table of circles")] = "ctp404",
    roll_deg: Roll = 0.0,
    seed: int = 0,
) -> CtRoiStatistics:
    """Median, mean, standard deviation of CT numbers in circles; a pixel counts when its centre lies inside.

    Parameters
    ----------
    image : one slice in HU.
    circles : columns name, x, y, radius in pixels, the centre of the first pixel being (0, 0); without it the circles of a Catphan 504
        module are laid round the centre of the phantom, found in the image.
    """
    pixels = plane(image)
    used = circles_of(circles) if circles is not None else laid_out(image, pixels, module, roll_deg)
    where = (
        Text("指定された円", "given circles")
        if circles is not None
        else Text(f"{module.upper()} の配置", f"layout of {module.upper()}")
    )
    return CtRoiStatistics(
        regions=_table(pixels, used, seed),
        shown=_shown(pixels, used),
        sentence=Text(
            f"CT 値は円形 ROI ({where.ja}) の中央値とし、95 % 区間は小領域のブートストラップで求めた。",
            f"CT numbers were medians in circular regions ({where.en}), 95 % intervals by bootstrap over tiles of each.",
        ),
    )


@operation("CT 画像の均一性", "Uniformity of a CT image", booklet="W4")
def ct_uniformity(
    image: Image,
    circles: Table | None = None,
    *,
    roll_deg: Roll = 0.0,
    seed: int = 0,
) -> CtUniformity:
    """Uniformity from the medians of a central and of outer regions (Catphan CTP486), as pylinac 3.49 defines it.

    Index = 100 (outer - centre) / (centre + 1000) of the region that differs most; integral non-uniformity = (max - min) / (max + min + 2000).

    Parameters
    ----------
    image : one slice in HU.
    circles : columns name, x, y, radius (pixels); one of them is named Center. Without it, the layout of CTP486.
    """
    pixels = plane(image)
    used = circles_of(circles) if circles is not None else laid_out(image, pixels, "ctp486", roll_deg)
    middle = [n for n, circle in enumerate(used) if circle.name.lower() in ("center", "centre", "中心")]
    if len(middle) != 1 or len(used) < 2:
        named = ", ".join(circle.name for circle in used)
        raise DataError(
            "G-QUA-320",
            en=f"uniformity needs one circle named Center and at least one other; there are: {named}. Correct the names.",
            ja=f"均一性には Center という名前の円 1 つと、ほかに 1 つ以上の円が必要です。受け取った名前: {named}。名前を直してください。",
        )
    values = [pixels[mask] for _, mask in discs(used, pixels.shape)]
    owners = [tiles(mask) for _, mask in discs(used, pixels.shape)]
    numbered = np.concatenate([np.full(len(v), n) for n, v in enumerate(values)])
    shifted = np.concatenate([o + 10_000 * n for n, o in enumerate(owners)])
    everything = np.concatenate(values)

    def medians(v: Plane, n: Plane) -> tuple[float, np.ndarray]:
        found = np.array([np.median(v[n == k]) if (n == k).any() else np.nan for k in range(len(used))])
        return float(found[middle[0]]), np.delete(found, middle[0])

    def index(v: Plane, n: Plane) -> float:
        centre, outer = medians(v, n)
        return float(100 * _largest(outer - centre) / (centre + 1000))

    def integral(v: Plane, n: Plane) -> float:
        centre, outer = medians(v, n)
        both = np.append(outer, centre)
        return float((both.max() - both.min()) / (both.max() + both.min() + 2000))

    def difference(v: Plane, n: Plane) -> float:
        centre, outer = medians(v, n)
        return _largest(outer - centre)

    def estimate(name: Text, statistic: Callable[[Plane, Plane], float], unit: str = "") -> Estimate:
        return by_tiles(name, statistic, (everything, numbered), shifted, seed=seed, unit=unit)

    return CtUniformity(
        index=estimate(Text("均一性指数", "Uniformity index"), index, "%"),
        integral_nonuniformity=estimate(Text("積分不均一度", "Integral non-uniformity"), integral),
        largest_difference=estimate(Text("中心との最大差", "Largest difference from the centre"), difference, "HU"),
        regions=_table(pixels, used, seed),
        shown=_shown(pixels, used),
        sentence=Text(
            "均一性指数は 100 (周辺 - 中心)/(中心 + 1000)、積分不均一度は (最大 - 最小)/(最大 + 最小 + 2000) とし、ROI の中央値から求めた。",
            "Uniformity index 100 (outer - centre)/(centre + 1000) and integral non-uniformity (max - min)/(max + min + 2000), from the "
            "medians of the regions.",
        ),
    )


def _largest(differences: np.ndarray) -> float:
    """The difference of the greatest size, with its sign."""
    return float(differences[np.argmax(np.abs(differences))])


def _table(pixels: Plane, circles: tuple[Circle, ...], seed: int) -> Table:
    rows = []
    for circle, mask in discs(circles, pixels.shape):
        values = pixels[mask]
        middle = by_tiles(Text(circle.name, circle.name), lambda v: float(np.median(v)), (values,), tiles(mask), seed=seed)
        spread = float(values.std(ddof=1)) if len(values) > 1 else None
        place = (circle.x, circle.y, circle.radius)
        rows.append((circle.name, middle.value, middle.low, middle.high, float(values.mean()), spread, len(values), *place))
    return Table(Text("ROI ごとの CT 値", "CT numbers of the regions"), HEADINGS, tuple(rows))


def _shown(pixels: Plane, circles: tuple[Circle, ...]) -> Panels:
    masks = [disc(circle, pixels.shape) for circle in circles]
    return panels(Text("関心領域", "Regions"), (Text("測定した円", "circles measured"), outlined(grey(pixels), masks)))
