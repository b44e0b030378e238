"""Selective Search: boxes where something may be, from regions that are joined step by step (Uijlings et al., IJCV 104:154, 2013).

The image is cut into small regions of even grey (Felzenszwalb & Huttenlocher, IJCV 59:167, 2004); then the two most similar
neighbours are joined until one region is left. The box of every region on the way is a proposal. One channel of any depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.registry import feature
from gazo.core.seeds import generator
from gazo.learn.detect.cases import Cases

SMOOTHING = 0.8  # sigma in pixels before the first regions are cut (Felzenszwalb & Huttenlocher 2004, 6)
BINS, ANGLES, TEXTURE_BINS = 25, 8, 10  # of the histograms (Uijlings et al. 2013, 3.2)
Floats = NDArray[np.float64]
Scale = Annotated[float, Gt(0), Le(10_000), Label("初期領域の大きさの目安 k", "Scale k of the first regions")]
Least = Annotated[int, Ge(1), Le(10_000), Label("初期領域の最小画素数", "Least pixels of a first region", "px")]
Most = Annotated[int, Ge(1), Le(10_000), Label("領域提案の最大数", "Most proposals")]


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """How Selective Search looks for places."""

    search_scale: Scale = 20.0
    search_least_px: Least = 8
    search_most: Most = 300
    search_largest: Annotated[
        float,
        Gt(0),
        Le(1),
        Label("領域提案の最大の一辺 (画像の一辺に対する割合)", "Largest side of a proposal, share of the image"),
    ] = 0.5


@dataclass(eq=False)
class _Region:
    """A region on the way: pixels, box (x0, y0, x1, y1), histograms that sum to 1, neighbours."""

    size: int
    box: tuple[int, int, int, int]
    grey: Floats
    texture: Floats
    neighbours: set[int]


@feature("領域提案 (Selective Search)", "Selective Search", booklet="D1")
def selective_search(
    pixels: NDArray[Any], *, seed: int, scale: Scale = 20.0, least_px: Least = 8, most: Most = 300, largest: float = 1.0
) -> Floats:
    """Proposals for one plane (rows, columns) of any depth: corners x0, y0, x1, y1, (n, 4), n at most `most`, likely ones first.

    Similarity of two neighbours: intersection of their grey histograms + of their gradient histograms + (1 - their joint size) +
    (1 - the part of their joint box they do not fill) (eqs 1 to 4 and 6). As in the paper (3.4) the order is that of the joining, the
    last first, times a random number. Scaling the grey values changes nothing.

    Parameters
    ----------
    scale, least_px : of the first regions; the grey range counts as 255.
    largest : boxes with a side above this share of the image are left out.
    """
    from skimage.segmentation import felzenszwalb

    plane = np.asarray(pixels, np.float64)
    low, high = float(plane.min()), float(plane.max())
    plane = (plane - low) / (high - low) if high > low else np.zeros_like(plane)
    labels = felzenszwalb(plane, scale=scale, sigma=SMOOTHING, min_size=least_px)
    boxes = _joined(_regions(plane, labels), plane.size)
    order = np.argsort(generator(seed, "selective search").random(len(boxes)) * np.arange(len(boxes), 0, -1), kind="stable")
    corners = np.array(boxes, np.float64)[order]
    sides = (corners[:, 2:] - corners[:, :2]) / np.array([plane.shape[1], plane.shape[0]])
    kept = corners[(sides <= largest).all(1)]
    _, first = np.unique(kept, axis=0, return_index=True)
    return np.asarray(kept[np.sort(first)][:most])


def _regions(plane: Floats, labels: NDArray[np.integer[Any]]) -> dict[int, _Region]:
    """The first regions with what is compared of them."""
    from scipy.ndimage import find_objects

    count = int(labels.max()) + 1
    sizes = np.bincount(labels.ravel(), minlength=count)
    grey = _histograms(labels, [np.minimum((plane * BINS).astype(int), BINS - 1)], BINS, count)
    texture = _histograms(labels, list(_gradients(plane)), TEXTURE_BINS, count)
    regions = {}
    for number, (rows, columns) in enumerate(find_objects(labels + 1)):
        box = (columns.start, rows.start, columns.stop, rows.stop)
        regions[number] = _Region(int(sizes[number]), box, grey[number], texture[number], set())
    for first, second in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        edges = np.unique(np.sort(np.stack([first.ravel(), second.ravel()], 1)[first.ravel() != second.ravel()], axis=1), axis=0)
        for a, b in edges.tolist():
            regions[a].neighbours.add(b)
            regions[b].neighbours.add(a)
    return regions


def _gradients(plane: Floats) -> Sequence[NDArray[np.int64]]:
    """For each of 8 directions the bin of the positive part of the derivative of a Gaussian, sigma 1."""
    from scipy.ndimage import gaussian_filter

    down, right = (gaussian_filter(plane, 1.0, order=order) for order in ((1, 0), (0, 1)))
    reach = max(float(np.hypot(down, right).max()), 1e-12)
    angles = np.arange(ANGLES) * 2 * np.pi / ANGLES
    along = [np.clip((np.cos(a) * right + np.sin(a) * down) / reach, 0, 1) for a in angles]
    return [np.minimum((part * TEXTURE_BINS).astype(np.int64), TEXTURE_BINS - 1) for part in along]


def _histograms(labels: NDArray[np.integer[Any]], planes: Sequence[NDArray[np.integer[Any]]], bins: int, count: int) -> Floats:
    """(regions, planes x bins), each row summing to 1."""
    parts = [np.bincount((labels * bins + plane).ravel(), minlength=count * bins).reshape(count, bins) for plane in planes]
    found = np.concatenate(parts, axis=1).astype(float)
    return np.asarray(found / found.sum(1, keepdims=True))


def _similarity(a: _Region, b: _Region, pixels: int) -> float:
    """Eqs (1) to (4) of the paper added up (eq. 6)."""
    x0, y0, x1, y1 = _around(a.box, b.box)
    fill = 1 - ((x1 - x0) * (y1 - y0) - a.size - b.size) / pixels
    size = 1 - (a.size + b.size) / pixels
    return float(np.minimum(a.grey, b.grey).sum() + np.minimum(a.texture, b.texture).sum() + size + fill)


def _joined(regions: dict[int, _Region], pixels: int) -> list[tuple[int, int, int, int]]:
    """Join the two most similar neighbours until one region is left; the boxes in the order in which they came to be."""
    import heapq

    boxes = [region.box for region in regions.values()]
    waiting = [(-_similarity(regions[a], regions[b], pixels), a, b) for a in regions for b in regions[a].neighbours if a < b]
    heapq.heapify(waiting)
    number = len(regions)
    while waiting:
        _, a, b = heapq.heappop(waiting)
        if a not in regions or b not in regions:
            continue  # one of them was joined to another meanwhile
        one, two = regions.pop(a), regions.pop(b)
        size = one.size + two.size
        mixed = [(one.size * p + two.size * q) / size for p, q in ((one.grey, two.grey), (one.texture, two.texture))]
        joined = _Region(size, _around(one.box, two.box), mixed[0], mixed[1], (one.neighbours | two.neighbours) - {a, b})
        regions[number] = joined
        boxes.append(joined.box)
        for other in joined.neighbours:
            regions[other].neighbours -= {a, b}
            regions[other].neighbours.add(number)
            heapq.heappush(waiting, (-_similarity(joined, regions[other], pixels), other, number))
        number += 1
    return boxes


def _around(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def searched(
    cases: Cases, rows: Sequence[int] | NDArray[np.integer[Any]], options: SearchOptions, *, seed: int, on_event: OnEvent = quiet
) -> dict[int, Floats]:
    """The proposals for some prepared images."""
    found: dict[int, Floats] = {}
    for done, row in enumerate(rows, 1):
        plane = cases.pixels.read([int(row)])[0].mean(0).numpy()
        found[int(row)] = selective_search(
            plane, seed=seed, scale=options.search_scale, least_px=options.search_least_px, most=options.search_most,
            largest=options.search_largest,
        )  # fmt: skip
        on_event(Event(Text("領域提案", "Proposing regions"), done, len(rows)))
    return found
