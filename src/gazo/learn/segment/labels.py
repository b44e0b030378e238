"""What structures the masks of a set show, and the fingerprint of its images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.seeds import generator
from gazo.datasets.strata import is_missing
from gazo.learn.segment.plan import Fingerprint
from gazo.learn.truth import mask_of

MOST_STRUCTURES = 100
VALUES_OF_AN_IMAGE = 2_000


def with_masks(images: ImageSet) -> ImageSet:
    """The rows that name a mask; the others are neither learned from nor judged.

    A label of the set says nothing here; without it, parts are drawn by patient alone.
    """
    roles = {role: column for role, column in images.roles.items() if role not in ("label", "value")}
    chosen = replace(images.take(masked_rows(images)), roles=roles)
    return replace(chosen, notes=(*images.notes, *_left_out(len(images) - len(chosen))))


def masked_rows(images: ImageSet) -> NDArray[np.int64]:
    """The rows whose cell of the mask column is filled."""
    cells = images.role("mask")
    rows = np.flatnonzero([not is_missing(cell) for cell in cells])
    if not len(rows):
        raise DataError(
            "G-SEG-010",
            en=f"segmentation learns from masks; none of the {len(images)} rows names one. Check the column of masks.",
            ja=f"領域分割の学習にはマスクが必要ですが、{len(images)} 行のどれにもマスクがありません。マスクの列を確認してください。",
        )
    return rows


def _left_out(rest: int) -> tuple[Text, ...]:
    """A sentence about rows without a mask; none where all have one."""
    if not rest:
        return ()
    return (
        Text(
            f"マスクのない画像 {rest} 枚は学習にも評価にも使いませんでした。構造が写っていない画像には、すべて 0 のマスクを付けてください。",
            f"{rest} images without a mask were neither learned from nor judged. Where nothing is to be found, give a mask of zeros.",
        ),
    )


@dataclass(frozen=True, eq=False)
class Survey:
    """What was seen of the images of some rows, each read once: their size, spacing, labels and values inside the structures."""

    seen: dict[int, _Seen]
    first: GazoError | None = None

    def structures(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the structures, one for each label 1 ... n; masks that show nothing, or other labels, are refused."""
        if not self.seen:
            assert self.first is not None
            raise self.first
        return _named({label for one in self.seen.values() for label in one.labels}, names)

    def fingerprint(self, rows: Sequence[int] | NDArray[Any]) -> Fingerprint:
        """What the images of some rows are like."""
        some = [self.seen[row] for row in map(int, rows) if row in self.seen]
        values = np.concatenate([one.inside for one in some]) if some else np.zeros(0)
        low, high = np.percentile(values, (0.5, 99.5)) if len(values) else (0.0, 1.0)
        return Fingerprint(
            np.array([one.shape if len(one.shape) == 3 else (1, *one.shape) for one in some]), np.array([one.spacing for one in some], np.float64),
            all(one.ct for one in some), (float(low), float(high)),
            float(values.mean()) if len(values) else 0.0, float(values.std()) if len(values) else 1.0,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Seen:
    shape: tuple[int, ...]
    spacing: tuple[float, float, float]
    ct: bool
    labels: frozenset[int]
    inside: NDArray[np.float64]


def survey(images: ImageSet, *, on_event: OnEvent = quiet) -> Survey:
    """Look at every image and mask once. One that cannot be read is passed over here; it is told of later."""
    seen: dict[int, _Seen] = {}
    first: GazoError | None = None
    for row in counted(list(range(len(images))), Text("マスクの確認", "Reading masks"), on_event):
        try:
            image = images[row]
            mask = mask_of(images, row, shape=image.shape)
        except GazoError as error:
            first = first or error
            continue
        labels = frozenset(np.unique(mask).tolist()) - {0}
        seen[row] = _Seen(image.shape, _spacing(image), image.meaning == "HU", labels, _values_inside(image, mask, row))
    return Survey(seen, first)


def labels_of(
    images: ImageSet, row: int, structures: Sequence[str], *, shape: tuple[int, ...] | None = None
) -> NDArray[np.uint8]:
    """The mask of a row as labels 0 ... n; a value that is no structure is refused."""
    mask = mask_of(images, row, shape=shape)
    if len(structures) == 1:
        return (mask > 0).astype(np.uint8)
    if int(mask.max(initial=0)) > len(structures):
        raise DataError(
            "G-SEG-011",
            en=f"a mask may hold the labels 0 to {len(structures)} ({', '.join(structures)}); the mask of row {row} holds {int(mask.max())}. Correct the mask.",
            ja=f"マスクに使えるラベルは 0 から {len(structures)} ({', '.join(structures)}) ですが、行 {row} のマスクに {int(mask.max())} があります。マスクを修正してください。",
        )
    return mask.astype(np.uint8)


def _named(labels: set[int], names: tuple[str, ...]) -> tuple[str, ...]:
    """Masks of one value show one structure, whatever the value; else the values are the numbers of the structures."""
    present = sorted(labels)
    if not present:
        raise DataError(
            "G-SEG-012",
            en="every mask is empty, so there is nothing to learn. Check whether the masks belong to these images and hold values above 0.",
            ja="すべてのマスクが空で、学習する領域がありません。画像に対応するマスクか、0 より大きい値が入っているか確認してください。",
        )
    single = len(present) == 1 and len(names) <= 1
    wanted = 1 if single else len(names) or present[-1]
    if not single and (present[-1] > wanted or wanted > MOST_STRUCTURES):
        shown = ", ".join(map(str, present[:12])) + (" ..." if len(present) > 12 else "")
        allowed = len(names) or MOST_STRUCTURES
        raise DataError(
            "G-SEG-013",
            en=f"the values of masks are labels: 0 outside, 1 to {allowed} the structures; {shown} came. Store masks without smoothing or "
            "lossy compression, number the structures, and name each in `structures`.",
            ja=f"マスクの値はラベル (0 が背景、1 から {allowed} が構造) ですが、{shown} がありました。平滑化や非可逆圧縮をせずに保存し、"
            "構造に番号を付け、structures にすべての名前を指定してください。",
        )
    return names or (("structure",) if single else tuple(map(str, range(1, wanted + 1))))


def _spacing(image: Image) -> tuple[float, float, float]:
    if image.spacing_mm is None:
        return (np.nan,) * 3
    s = image.spacing_mm
    return (s[0], s[1], s[2]) if len(s) == 3 else (min(s), s[0], s[1])


def _values_inside(image: Image, mask: NDArray[Any], row: int) -> NDArray[np.float64]:
    """Some values inside the structures, at random places."""
    values = np.asarray(image.grey().pixels)[mask > 0].astype(np.float64)
    values = values[np.isfinite(values)]
    if len(values) <= VALUES_OF_AN_IMAGE:
        return values
    return np.asarray(generator(row, "values").choice(values, VALUES_OF_AN_IMAGE, replace=False))
