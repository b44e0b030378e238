"""MR phantom measurements: signal-to-noise ratio from two acquisitions, and uniformity of profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import Mask, Plane, plane, same_shape
from gazo.quality.intervals import of_repeats

Centre = Annotated[
    tuple[float, float] | None, Label("中心 (列, 行) (空欄なら自動)", "Centre, column and row (found when empty)", "px")
]
SHIFTED = Text(
    "強度画像に負の値があります。リスケール切片で信号の原点がずれていると SNR は正しくありません。保存された画素値を使ってください。",
    "a magnitude image has negative values: where a rescale intercept moved the zero of the signal, SNR is wrong; use the stored values.",
)


@result("mr snr")
@dataclass(frozen=True, eq=False, kw_only=True)
class MrSignalToNoise(Measurement):
    """Mean over the regions, and each region."""

    ratio: Estimate
    regions: Table


@result("mr uniformity")
@dataclass(frozen=True, eq=False, kw_only=True)
class MrUniformity(Measurement):
    """Share of a central profile within the tolerance of the central mean, in both directions, with the profiles."""

    horizontal: Estimate
    vertical: Estimate
    profiles: tuple[Curve, ...]


@operation("MR の信号対雑音比 (差分法)", "MR signal-to-noise ratio, two acquisitions", booklet="W4")
def mr_snr(
    first: Image,
    second: Image,
    *,
    roi_px: Annotated[int, Ge(5), Le(200), Label("ROI の一辺", "Side of a region", "px")] = 20,
    offset_px: Annotated[
        int, Ge(0), Le(500), Label("対角 ROI の中心からの距離 (列、行とも)", "Offset of the outer regions", "px")
    ] = 40,
    centre_px: Centre = None,
) -> MrSignalToNoise:
    """SNR = sqrt(2) mean(first) / SD(first - second), averaged over five square regions: the centre and four on the diagonals.

    The difference method of NEMA MS 1 (method 1) with the regions of IPEM Report 112. The interval is Student's t over the regions.

    Parameters
    ----------
    first, second : the same slice acquired twice, magnitude images (rows, columns).
    centre_px : the middle of the phantom is found when it is not given.
    """
    one, two = plane(first), plane(second)
    same_shape(one, two)
    column, row = centre_px or _middle(one)
    steps = [(0, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)] if offset_px else [(0, 0)]
    boxes = [_box(round(column) + x * offset_px, round(row) + y * offset_px, roi_px, one.shape) for x, y in steps]
    rows = []
    for name, box in zip(("centre", "upper left", "upper right", "lower left", "lower right"), boxes, strict=False):
        noise = float((one[box] - two[box]).std(ddof=1)) / np.sqrt(2)
        if noise == 0:
            raise ImageError(
                "G-QUA-321",
                en="two acquisitions are needed; both images hold the same pixels. Give the second acquisition of the slice.",
                ja="2 回の撮像が必要ですが、2 つの画像がまったく同じです。同じ断面の 2 回目の画像を指定してください。",
            )
        rows.append((name, float(one[box].mean()), noise, float(one[box].mean()) / noise))
    masks = [_marked(box, one.shape) for box in boxes]
    headings = (Text("領域", "region"), Text("信号", "signal"), Text("雑音", "noise"), Text("SNR", "SNR"))
    return MrSignalToNoise(
        ratio=of_repeats(Text("SNR", "SNR"), [r[3] for r in rows]),
        regions=Table(Text("領域ごとの SNR", "SNR of the regions"), headings, tuple(rows)),
        shown=panels(Text("関心領域", "Regions"), (Text("測定した領域", "regions measured"), outlined(grey(one), masks))),
        warnings=(SHIFTED,) if float(one.min()) < 0 else (),
        sentence=Text(
            f"SNR は 2 回撮像の差分法 (NEMA MS 1) により、一辺 {roi_px} 画素の {len(boxes)} 領域の平均とした。",
            f"SNR was sqrt(2) mean / SD of the difference of two acquisitions (NEMA MS 1), averaged over {len(boxes)} regions of {roi_px} px.",
        ),
    )


@operation("MR の均一性 (プロファイル法)", "Uniformity of MR profiles", booklet="W4")
def mr_uniformity(
    image: Image,
    *,
    length_px: Annotated[int, Ge(10), Le(2000), Label("プロファイルの長さ", "Length of the profile", "px")] = 160,
    lines: Annotated[int, Ge(1), Le(200), Label("平均する行数", "Lines averaged")] = 10,
    tolerance: Annotated[
        float, Gt(0), Le(1), Label("許容差 (中心平均に対する割合)", "Tolerance, share of the central mean")
    ] = 0.1,
    centre_px: Centre = None,
) -> MrUniformity:
    """Fractional uniformity (IPEM Report 112): share of a central profile within +-10 % of the mean of the central 10 x 10 pixels.

    The interval is the range of the single lines (there is one image, so it is no confidence interval of repeats).

    Parameters
    ----------
    image : magnitude image of a uniform phantom (rows, columns).
    lines : neighbouring lines averaged to one profile.
    """
    pixels = plane(image)
    column, row = (round(place) for place in (centre_px or _middle(pixels)))
    centre = _box(column, row, 10, pixels.shape)
    mean = float(pixels[centre].mean())
    across = pixels[_box(column, row, lines, pixels.shape, length_px)]
    down = pixels[_box(column, row, length_px, pixels.shape, lines)].T
    masks = [_marked(_box(column, row, lines, pixels.shape, length_px), pixels.shape)]
    masks.append(_marked(_box(column, row, length_px, pixels.shape, lines), pixels.shape))
    return MrUniformity(
        horizontal=_share(Text("横方向の均一性", "Horizontal uniformity"), across, mean, tolerance),
        vertical=_share(Text("縦方向の均一性", "Vertical uniformity"), down, mean, tolerance),
        profiles=tuple(
            _profile(name, part, mean) for name, part in ((Text("横", "horizontal"), across), (Text("縦", "vertical"), down))
        ),
        shown=panels(
            Text("プロファイルの位置", "Where the profiles lie"),
            (Text("プロファイル", "profiles"), outlined(grey(pixels), masks)),
        ),
        sentence=Text(
            f"均一性は中心 {length_px} 画素のプロファイル ({lines} 行平均) のうち、中心 10 x 10 画素の平均の ±{100 * tolerance:g} % に入る割合とした (IPEM Report 112)。",
            f"Uniformity was the share of the central {length_px} px profile (mean of {lines} lines) within ±{100 * tolerance:g} % of the mean of "
            "the central 10 x 10 px (IPEM Report 112).",
        ),
    )


def _share(name: Text, lines: Plane, mean: float, tolerance: float) -> Estimate:
    def inside(profile: Plane) -> float:
        return float((np.abs(profile - mean) <= tolerance * mean).mean())

    singles = [inside(line) for line in lines]
    return Estimate(name, inside(lines.mean(0)), min(singles), max(singles), method="range of the single lines")


def _profile(name: Text, lines: Plane, mean: float) -> Curve:
    relative = lines / mean
    x = np.arange(lines.shape[1]) - (lines.shape[1] - 1) / 2
    spread = (relative.min(0), relative.max(0)) if len(lines) > 1 else (None, None)
    place = Text("中心からの位置", "Place from the centre")
    return Curve(
        x, relative.mean(0), place, Text("信号 / 中心平均", "Signal / central mean"), name, "px", low=spread[0], high=spread[1]
    )


def _middle(pixels: Plane) -> tuple[float, float]:
    """Column and row of the middle of the smallest circle round the phantom, its largest part above a quarter of the 95th percentile.

    A bubble or a flat top does not move it, unless more than half of the rim is lost.
    """
    import cv2
    from scipy.ndimage import binary_fill_holes, label, uniform_filter

    smooth = uniform_filter(pixels, 3)
    numbered, count = label(binary_fill_holes(smooth > 0.25 * np.percentile(smooth, 95)))
    largest = int(np.argmax(np.bincount(numbered.ravel())[1:])) if count else -1
    if largest < 0 or float(pixels.min()) == float(pixels.max()):
        raise ImageError(
            "G-QUA-322",
            en="a phantom brighter than its surroundings must be in the image; none was found. Give its centre with centre_px.",
            ja="周囲より明るいファントムが写っている必要がありますが、見つかりません。centre_px で中心を指定してください。",
        )
    rows, columns = np.nonzero(numbered == largest + 1)
    (column, row), _ = cv2.minEnclosingCircle(np.stack([columns, rows], 1).astype(np.float32))
    return float(column), float(row)


def _box(column: int, row: int, height: int, shape: tuple[int, ...], width: int | None = None) -> tuple[slice, slice]:
    width = height if width is None else width
    top, left = row - height // 2, column - width // 2
    if top < 0 or left < 0 or top + height > shape[0] or left + width > shape[1]:
        raise ImageError(
            "G-QUA-323",
            en=f"every region must lie inside the image of {shape}; one of {height} x {width} px about ({column}, {row}) does not. Make it smaller or move the centre.",
            ja=f"領域は画像 {shape} の内側になければなりません。({column}, {row}) を中心とする {height} x {width} 画素の領域がはみ出しています。小さくするか中心を動かしてください。",
        )
    return slice(top, top + height), slice(left, left + width)


def _marked(box: tuple[slice, slice], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    mask[box] = True
    return mask
