"""An image as a detector of spots sees it: levelled grey values, enhancement filters, and the region it may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.learn.blanking import Blanking

Floats = NDArray[np.float32]
Enhancement = Literal["none", "filters", "both"]
SCALES = (0.8, 1.2, 1.7)  # of the radius of a spot: lesions of one kind differ about so much
LEVEL = 5.0  # sigma of the background in radii of a spot: wider than a lesion, narrower than vignetting or an organ
SPREAD = 12.0  # sigma of the local standard deviation in radii
LEAST_SPREAD = 0.4  # of its median in the image: flat parts are not blown up to noise


@dataclass(frozen=True, kw_only=True)
class SpotOptions(Blanking):
    """What the spots look like that are sought."""

    colour_plane: Annotated[
        Literal["auto", "red", "green", "blue"],
        Label("使う色 (auto: カラーは緑、白黒はそのまま)", "Colour used (auto: green of colour images)"),
    ] = "auto"
    spots: Annotated[Literal["dark", "bright"], Label("対象", "Spots that are")] = "dark"
    spot_radius_px: Annotated[float, Ge(1), Le(100), Label("対象のおおよその半径", "About the radius of a spot", "px")] = 5.0
    spot_radius_mm: Annotated[
        float,
        Ge(0),
        Le(100),
        Label("対象のおおよその半径 (0 なら画素で指定)", "About the radius of a spot (0: given in pixels)", "mm"),
    ] = 0.0
    candidates: Annotated[int, Ge(5), Le(5000), Label("1 枚あたりの候補の上限", "Most candidates in an image")] = 200
    candidates_by: Annotated[
        Literal["directional", "double-ring", "difference"],
        Label("候補を見つけるフィルタ (方向別コントラスト、二重リング、ガウス差分)", "Filter that finds candidates"),
    ] = "directional"
    merge_radii: Annotated[
        float, Gt(0), Le(20), Label("1 つの候補にまとめる距離 (半径に対する倍率)", "Distance of separate candidates, in radii")
    ] = 1.2

    def radius_of(self, image: Image) -> float:
        """The radius of a spot in pixels of an image."""
        return self.spot_radius_mm / float(np.mean(image.need_spacing()[-2:])) if self.spot_radius_mm else self.spot_radius_px


@dataclass(frozen=True, eq=False)
class Planes:
    """One image, with spots turned bright.

    Parameters
    ----------
    raw : (rows, columns) levelled: background 0, local standard deviation about 1; 0 where it must not look.
    colours : (3, rows, columns) red, green and blue, 0 to 1; empty for grey images.
    inside : where candidates may lie.
    radius : of a spot in pixels.
    """

    raw: Floats
    colours: Floats
    inside: NDArray[np.bool_]
    radius: float
    kept: dict[str, Floats] = field(default_factory=dict, repr=False)

    def enhanced(self) -> Mapping[str, Floats]:
        """The filter responses by name; computed when first asked for."""
        if not self.kept:
            self.kept.update(filtered(self.raw, self.radius))
        return self.kept

    def channels(self, enhancement: Enhancement) -> Floats:
        """What a network sees, (channels, rows, columns): the levelled image, the three filters of the article, or both."""
        if enhancement == "none":
            return self.raw[None]
        found = self.enhanced()
        three = np.stack([found["double-ring"], found["cup"], found["gabor"]])
        return three if enhancement == "filters" else np.concatenate([self.raw[None], three])


def channel_count(enhancement: Enhancement) -> int:
    """How many channels `Planes.channels` gives."""
    return {"none": 1, "filters": 3, "both": 4}[enhancement]


def planes_of(image: Image, options: SpotOptions, kept: NDArray[np.bool_] | None = None) -> Planes:
    """Level an image and remember where to look.

    Parameters
    ----------
    kept : (rows, columns) what may be looked at; everything else becomes 0 and has no candidates. None keeps all.
    """
    pixels, colours = _chosen(image, options.colour_plane)
    radius = options.radius_of(image)
    if min(pixels.shape) < 8 * radius:
        raise ImageError(
            "G-CAD-010",
            en=f"an image must be at least 8 times as large as the radius of a spot ({radius:.1f} px); this one has "
            f"{pixels.shape[1]} x {pixels.shape[0]} px. Set a smaller spot radius.",
            ja=f"画像の一辺は対象の半径 ({radius:.1f} 画素) の 8 倍以上でなければなりません。受け取った画像は "
            f"{pixels.shape[1]} x {pixels.shape[0]} 画素です。対象の半径を小さくしてください。",
        )
    known = np.ones(pixels.shape, bool) if kept is None else np.asarray(kept, bool)
    sign = np.float32((1 if options.spots == "bright" else -1) * (-1 if image.inverted else 1))
    return Planes(levelled(sign * pixels, known, radius), colours, _shrunk(known, 2 * radius), radius)


def _chosen(image: Image, plane: str) -> tuple[Floats, Floats]:
    """The grey values that are searched, and the colours beside them."""
    if len(image.shape) != 2:
        raise ImageError(
            "G-CAD-011",
            en=f"spots are sought in flat images (rows, columns); an image of shape {image.shape} came. Choose slices first.",
            ja=f"この検出は 2 次元画像 (行, 列) を対象とします。形 {image.shape} の画像が渡されました。先に断面を選んでください。",
        )
    pixels = np.asarray(image.pixels, np.float32)
    if not np.isfinite(pixels).all():
        raise ImageError(
            "G-CAD-012",
            en="an image holds pixels that are no numbers (NaN or infinite). Repair the image or leave it out.",
            ja="画像に数値でない画素 (NaN または無限大) があります。画像を修正するか除いてください。",
        )
    if not image.colour:
        return pixels, np.zeros((0, *pixels.shape), np.float32)
    full = float(np.iinfo(image.pixels.dtype).max) if image.pixels.dtype.kind in "iu" else max(float(pixels.max()), 1e-6)
    chosen = {"red": 0, "auto": 1, "green": 1, "blue": 2}[plane]
    return np.ascontiguousarray(pixels[..., chosen]), np.ascontiguousarray(np.moveaxis(pixels, -1, 0)) / np.float32(full)


def levelled(pixels: Floats, kept: NDArray[np.bool_], radius: float) -> Floats:
    """(g - local mean) / local standard deviation over what is kept; 0 elsewhere. Shading, exposure and contrast no longer matter."""
    weight = kept.astype(np.float32)
    middle = np.float32(pixels[kept].mean()) if kept.any() else np.float32(0)
    apart = (pixels - middle) * weight
    flat = (apart - _smooth(apart, weight, LEVEL * radius)) * weight
    spread = np.sqrt(np.maximum(_smooth(flat * flat, weight, SPREAD * radius), 0))
    floor = LEAST_SPREAD * float(np.median(spread[kept])) if kept.any() else 1.0
    return np.asarray(flat / np.maximum(spread, max(floor, 1e-6 * float(np.abs(apart).max()), 1e-12)), np.float32)


def _smooth(weighted: Floats, weight: Floats, sigma: float) -> Floats:
    """Gaussian mean over the kept pixels, computed on a coarse grid, since it is smooth."""
    import cv2

    factor = max(1, int(sigma / 4))
    rows, columns = weighted.shape
    small = (max(2, columns // factor), max(2, rows // factor))
    coarse = [cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in (weighted, weight)]
    blurred = [cv2.GaussianBlur(plane, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT) for plane in coarse]
    mean = blurred[0] / np.maximum(blurred[1], 1e-3)
    return np.asarray(cv2.resize(mean, (columns, rows), interpolation=cv2.INTER_LINEAR))


def _shrunk(kept: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """The mask less a margin: spots cut by the edge of the picture or of the mask are not judged."""
    import cv2

    side = 2 * round(reach) + 1
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    framed = np.pad(kept, 1).astype(np.uint8)
    return cv2.erode(framed, shape, borderType=cv2.BORDER_CONSTANT, borderValue=0)[1:-1, 1:-1] > 0


def filtered(raw: Floats, radius: float) -> dict[str, Floats]:
    """Filter responses to bright spots, each divided by its own spread so that networks and perceptrons start alike."""
    from gazo.process.enhance.directional_contrast import directional_contrast
    from gazo.process.enhance.double_ring import double_ring_filter
    from gazo.process.enhance.gabor import gabor_bank
    from gazo.process.enhance.shape_index import shape_index

    image = Image(raw)
    ring: dict[str, Any] = {"disc_radius_px": 0.5 * radius, "ring_inner_px": radius, "ring_outer_px": 1.4 * radius}
    form = shape_index(image, sigma_px=max(0.5, 0.5 * radius))
    frequency = min(0.4, max(0.01, 1 / (4 * radius)))
    found = {
        "double-ring": double_ring_filter(image, **ring, scales=SCALES, spots="bright").pixels,
        "cup": np.maximum(form.image.pixels, 0) * form.curvedness.pixels,
        "gabor": gabor_bank(image, frequency_per_px=frequency, angles=8, aspect=1.0, part="bright").image.pixels,
        "directional": directional_contrast(
            image, radii_px=tuple(c * radius for c in (1.0, 1.4)), sigma_px=0.3 * radius, left_out=2, spots="bright"
        ).pixels,
        "difference": _difference(raw, radius),
    }
    return {name: np.asarray(plane / max(float(plane.std()), 1e-9), np.float32) for name, plane in found.items()}


def _difference(raw: Floats, radius: float) -> Floats:
    """Signal-enhanced less signal-suppressed image: a Gaussian as wide as the spot less one twice as wide, the highest over sizes."""
    import cv2

    sizes = [0.6 * scale * radius for scale in SCALES]
    blurred = [[cv2.GaussianBlur(raw, (0, 0), k * s, borderType=cv2.BORDER_REFLECT) for k in (1, 2)] for s in sizes]
    return np.asarray(np.max([near - far for near, far in blurred], axis=0))
