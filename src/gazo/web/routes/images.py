"""Pixels: raw for the viewer, exact values, statistics of drawn regions, profiles, facts, thumbnails."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.image import Image
from gazo.quality.regions import inside, line_profile, region_statistics
from gazo.web.pixels import Shown, head_last, kept_image, plane_of, reduced, shown_at, spacing_of
from gazo.web.pixels_display import coded, exact_floats, line_for, windows_of
from gazo.web.pixels_facts import facts_of
from gazo.web.pixels_thumbnails import thumbnail_png
from gazo.web.pixels_values import need_inside, plain_number, value_at
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api/images")
Address = Annotated[str, Query(min_length=1, max_length=4000)]
Plane = Annotated[int, Query(ge=0)]
Axis = Annotated[int, Query(ge=0, le=2)]
WHOLE_BYTES = 64 << 20  # volumes up to this size go to the browser whole


class _Drawn(BaseModel):
    """A shape on one plane of an image, in pixels; the centre of the first pixel is (0, 0)."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=20)
    points: list[list[float]] = Field(max_length=10_000)


class RegionAsked(BaseModel):
    """What statistics are wanted of."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(max_length=4000)
    shape: _Drawn
    plane: int = 0
    axis: int = 0


class ProfileAsked(RegionAsked):
    """A line, and over how many pixels across it values are averaged."""

    width_px: int = Field(1, ge=1, le=999)


@router.get("/raw")
def raw(
    place: Place, address: Address, level: int = 0, plane: Plane | None = None, axis: Axis = 0, exact: bool = False
) -> Response:
    """Pixels as little-endian numbers; the header `x-gazo-image` tells what they are. Without `plane` a volume comes whole.

    `exact` asks for the values themselves (float32) where the browser would otherwise get codes of 16 bits.
    """
    shown = shown_at(address, place)
    image = shown.image
    if plane is None and (len(image.shape) == 2 or axis or level or image.pixels.nbytes > WHOLE_BYTES):
        plane = 0 if len(image.shape) == 2 or axis else image.shape[0] // 2
    values = image.pixels if plane is None else reduced(plane_of(image, plane, axis), level)
    line = line_for(image)
    wire = exact_floats(values) if exact else coded(values, line)
    about = header_of(shown, level, plane, axis) | {"shape": list(values.shape[: values.ndim - image.colour])}
    about |= {"dtype": "f32"} if exact else {"dtype": line.kind, "slope": line.slope, "intercept": line.intercept}
    about |= {"gaps": line.gaps and not exact, "exact": line.exact or exact}
    headers = {"x-gazo-image": json.dumps(about), "cache-control": "no-store"}
    return Response(wire.tobytes(), media_type="application/octet-stream", headers=headers)


def header_of(shown: Shown, level: int, plane: int | None, axis: int) -> dict[str, Any]:
    """What the browser has to know of pixels besides how they are coded."""
    image = shown.image
    full = list(image.shape) if len(image.shape) == 3 else [1, *image.shape]
    spacing = image.spacing_mm
    return {
        "full": full,
        "level": level,
        "plane": plane,
        "axis": axis,
        "whole": plane is None or len(image.shape) == 2,
        "spacing_mm": None if spacing is None else [float(s) for s in (spacing if len(spacing) == 3 else (0.0, *spacing))],
        "windows": [{"name": both(n), "centre": c, "width": w} for n, c, w in windows_of(image, shown.found.signed)],
        "inverted": image.inverted,
        "signed": shown.found.signed,
        "head_last": head_last(image),
        "colour": image.colour,
        "meaning": image.meaning,
        "unit": image.unit,
        "modality": image.modality,
        "title": both(shown.found.title),
    }


@router.get("/facts")
def facts(place: Place, address: Address) -> dict[str, Any]:
    """What is known about an image, without a word about who the patient is."""
    return facts_of(shown_at(address, place))


@router.get("/value")
def value(place: Place, address: Address, row: int, column: int, plane: Plane = 0, axis: Axis = 0) -> dict[str, Any]:
    """The value of one pixel, as it was decoded, and where the pixel lies in mm."""
    return value_at(kept_image(address, place), row, column, plane, axis)


@router.post("/statistics")
def statistics(asked: RegionAsked, place: Place) -> dict[str, Any]:
    """Statistics of the values in a rectangle, an ellipse or a polygon."""
    image, pixels = _grey_plane(asked, place)
    mask = inside(asked.shape.kind, asked.shape.points, pixels.shape)
    found = region_statistics(pixels, mask, spacing_of(image, asked.axis))
    return {name: plain_number(v) for name, v in dataclasses.asdict(found).items()} | {"unit": image.unit}


@router.post("/profile")
def profile(asked: ProfileAsked, place: Place) -> dict[str, Any]:
    """Values along a line."""
    image, pixels = _grey_plane(asked, place)
    spacing = spacing_of(image, asked.axis)
    need_inside(asked.shape.points, pixels.shape)
    curve = line_profile(pixels, asked.shape.points, spacing_mm=spacing, width_px=asked.width_px, unit=image.unit)
    return {
        "x": curve.x.tolist(),
        "y": [plain_number(v) for v in curve.y.tolist()],
        "x_label": both(curve.x_label),
        "y_label": both(curve.y_label),
        "x_unit": curve.x_unit,
        "y_unit": curve.y_unit,
    }


def _grey_plane(asked: RegionAsked, place: Place) -> tuple[Image, Any]:
    """The plane of a request as one value a pixel."""
    image = kept_image(asked.address, place)
    pixels = plane_of(image, asked.plane, asked.axis)
    return image, Image(pixels, colour=True).grey().pixels if image.colour else pixels


@router.get("/thumbnail")
def thumbnail(request: Request, place: Place, address: Address, px: Annotated[int, Query(ge=16, le=1024)] = 160) -> Response:
    """A PNG of at most `px` pixels a side, in the window the viewer begins with."""
    png, mark = thumbnail_png(address, px, place)
    headers = {"etag": mark, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(png, media_type="image/png", headers=headers)
