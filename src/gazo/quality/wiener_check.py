"""The equalities between Wiener spectra of different dimension, checked on the user's own images (eqs 3, 11, 12, 6', 7')."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Estimate, Table
from gazo.quality.nps_inputs import frames, volumes_of
from gazo.quality.nps_report import not_linear
from gazo.quality.nps_results import DimensionCheck

Floats = NDArray[np.float64]
Row = tuple[Text, float | None, float | None, float]
HEADINGS = (
    Text("等式", "Equality"),
    Text("左辺", "Left"),
    Text("右辺", "Right"),
    Text("残差 (最大差 / 最大値)", "Residual (largest difference / largest value)"),
)


@operation("ウィーナースペクトルの次元変換の検算", "Check of the dimension conversion", booklet=("W2", "W3", "W4", "W5"))
def wiener_dimension_check(images: Sequence[Image]) -> DimensionCheck:
    """Variance = volume = area, and 2Y, 2Z: every equality of the booklet's article with its residual, in float64.

    For images of two axes: the 2DWS from the DFT of each image, the 1DWS from that of its mean row and of each row, and no
    shortcut from one to the other. For volumes of three axes: the 3DWS, the 2DWS of the slab's mean and of each plane. The mean
    is subtracted; spectra are averaged over the images. (11) and (6') hold in each image, (12) and (7') averaged over all rows
    or planes: a single row differs, because its spectrum is a sample. Without intervals: these are identities of numbers.

    Parameters
    ----------
    images : all of one shape and spacing.
    """
    images = (images,) if isinstance(images, Image) else images
    first = next(iter(images), None)
    solid = first is not None and first.pixels.ndim == 3 and not first.colour
    rows, variance, count = _of_volumes(images) if solid else _of_images(images)
    worst = max(residual for *_, residual in rows)
    unit = f"{first.unit}²" if first is not None and first.unit else ""
    said = Text(
        f"{'ボリューム' if solid else '画像'} {count} 個から次元の異なるウィーナースペクトルをそれぞれ独立に計算し、西木・土井の等式を確かめた (倍精度、最大残差 {worst:.1e})。",
        f"Wiener spectra of different dimension were computed independently from {count} {'volume(s)' if solid else 'image(s)'} and the equalities of Nishiki and Doi checked "
        f"(double precision, largest residual {worst:.1e}).",
    )
    return DimensionCheck(
        table=Table(
            Text("次元の異なるウィーナースペクトルの関係", "Relations of spectra of different dimension"), HEADINGS, tuple(rows)
        ),
        worst=Estimate(Text("最大残差", "Largest residual"), worst, method="identity, no interval exists"),
        variance=Estimate(Text("分散 σ²", "Variance"), variance, method="identity, no interval exists", unit=unit),
        sentence=said,
        warnings=not_linear(first) if first is not None else (),
    )


def _of_images(images: Sequence[Image]) -> tuple[list[Row], float, int]:
    """Sums over images of both axes' spectra, then the equalities."""
    sums: list[Floats] = []
    sections = [0.0, 0.0]
    variance, count = 0.0, 0
    for frame in frames(images):
        flat = frame.pixels.astype(np.float64)
        flat = flat - flat.mean()
        (ny, nx), (dy, dx) = flat.shape, frame.spacing_mm
        plane = np.abs(np.fft.fft2(flat)) ** 2 * dx * dy / (nx * ny)
        slit_u = np.abs(np.fft.fft(flat.mean(0))) ** 2 * dx / nx
        slit_v = np.abs(np.fft.fft(flat.mean(1))) ** 2 * dy / ny
        row_u = (np.abs(np.fft.fft(flat, axis=1)) ** 2).mean(0) * dx / nx
        row_v = (np.abs(np.fft.fft(flat, axis=0)) ** 2).mean(1) * dy / ny
        sections = [
            max(sections[0], _residual(plane[0], ny * dy * slit_u)),
            max(sections[1], _residual(plane[:, 0], nx * dx * slit_v)),
        ]
        found = [plane, row_u, row_v]
        sums = [a + b for a, b in zip(sums, found, strict=True)] if sums else found
        variance, count = variance + float((flat**2).mean()), count + 1
    plane, row_u, row_v = (one / count for one in sums)
    variance /= count
    du, dv = 1 / (nx * dx), 1 / (ny * dy)
    rows: list[Row] = [
        (
            Text("(11) 2DWS(u,0) = 2Y・1DWS_slit(u)、画像ごと", "(11) 2DWS(u,0) = 2Y 1DWS_slit(u), each image"),
            None,
            None,
            sections[0],
        ),
        (
            Text("(11) 2DWS(0,v) = 2X・1DWS_slit(v)、画像ごと", "(11) 2DWS(0,v) = 2X 1DWS_slit(v), each image"),
            None,
            None,
            sections[1],
        ),
        (
            Text("(12) Σ 2DWS Δv = 1DWS(u)、行の平均", "(12) sum of 2DWS dv = 1DWS(u), mean of the rows"),
            None,
            None,
            _residual(plane.sum(0) * dv, row_u),
        ),
        (
            Text("(12) Σ 2DWS Δu = 1DWS(v)、列の平均", "(12) sum of 2DWS du = 1DWS(v), mean of the columns"),
            None,
            None,
            _residual(plane.sum(1) * du, row_v),
        ),
        _total(Text("2DWS の体積 = σ²", "Volume of the 2DWS = variance"), float(plane.sum()) * du * dv, variance),
        _total(Text("1DWS(u) の面積 = σ²", "Area of the 1DWS(u) = variance"), float(row_u.sum()) * du, variance),
        _total(Text("1DWS(v) の面積 = σ²", "Area of the 1DWS(v) = variance"), float(row_v.sum()) * dv, variance),
    ]
    return rows, variance, count


def _of_volumes(volumes: Sequence[Image]) -> tuple[list[Row], float, int]:
    """The same with one dimension more."""
    slab_worst, variance, count = 0.0, 0.0, 0
    solid: Floats = np.zeros(1)
    planes: Floats = np.zeros(1)
    for image in volumes_of(volumes):
        flat = image.pixels.astype(np.float64)
        flat = flat - flat.mean()
        (nz, ny, nx), (dz, dy, dx) = flat.shape, image.need_spacing()
        whole = np.abs(np.fft.fftn(flat)) ** 2 * dx * dy * dz / (nx * ny * nz)
        slab = np.abs(np.fft.fft2(flat.mean(0))) ** 2 * dx * dy / (nx * ny)
        slab_worst = max(slab_worst, _residual(whole[0], nz * dz * slab))
        solid = solid + whole
        planes = planes + (np.abs(np.fft.fft2(flat)) ** 2).mean(0) * dx * dy / (nx * ny)
        variance, count = variance + float((flat**2).mean()), count + 1
    solid, planes, variance = solid / count, planes / count, variance / count
    du, dv, dt = 1 / (nx * dx), 1 / (ny * dy), 1 / (nz * dz)
    rows: list[Row] = [
        (
            Text("(6)′ 3DWS(u,v,0) = 2Z・2DWS_slab(u,v)、ボリュームごと", "(6') 3DWS(u,v,0) = 2Z 2DWS_slab(u,v), each volume"),
            None,
            None,
            slab_worst,
        ),
        (
            Text("(7)′ Σ 3DWS Δt = 2DWS(u,v)、面の平均", "(7') sum of 3DWS dt = 2DWS(u,v), mean of the planes"),
            None,
            None,
            _residual(solid.sum(0) * dt, planes),
        ),
        _total(Text("3DWS の体積 = σ²", "Volume of the 3DWS = variance"), float(solid.sum()) * du * dv * dt, variance),
        _total(Text("2DWS の体積 = σ²", "Volume of the 2DWS = variance"), float(planes.sum()) * du * dv, variance),
    ]
    return rows, variance, count


def _residual(left: Floats, right: Floats) -> float:
    return float(np.abs(left - right).max() / np.abs(right).max())


def _total(name: Text, left: float, right: float) -> Row:
    return name, left, right, abs(left - right) / abs(right)
