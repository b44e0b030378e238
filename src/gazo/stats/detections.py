"""What a detector found, beside what was there: boxes, scores, and which finding hits which lesion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.core.seeds import generator
from gazo.stats.inputs import Floats, Ints, groups_of, numbers, one_of, within

HitRule = Literal["centre", "distance", "iou"]
RULES: tuple[HitRule, ...] = ("centre", "distance", "iou")


@result("found")
@dataclass(frozen=True, eq=False)
class Found:
    """What a detector found in one image, in any order.

    Parameters
    ----------
    boxes : (n, 4) x, y, width, height in pixels, x and y of the upper left corner; points are boxes of width and height 0.
    scores : (n,) higher speaks for a lesion.
    """

    boxes: Floats
    scores: Floats

    def __post_init__(self) -> None:
        boxes, scores = boxes_array(self.boxes), numbers(np.ravel(self.scores))
        if len(boxes) != len(scores):
            raise DataError(
                "G-STAT-020",
                en=f"every finding needs one score; {len(boxes)} boxes and {len(scores)} scores came. Give one score for each box.",
                ja=f"検出結果には 1 つずつスコアが必要です。受け取った数: ボックス {len(boxes)}、スコア {len(scores)}。ボックスごとに 1 つ与えてください。",
            )
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "scores", scores)


def boxes_array(boxes: ArrayLike) -> Floats:
    """Boxes as (n, 4) float64; nothing but numbers, no side below 0."""
    array = np.asarray(boxes, np.float64)
    array = array.reshape(-1, 4) if array.size == 0 else array
    if array.ndim != 2 or array.shape[1] != 4 or not np.isfinite(array).all() or (array[:, 2:] < 0).any():
        raise DataError(
            "G-STAT-021",
            en="boxes are rows of x, y, width and height in pixels, finite and without a side below 0; something else came "
            f"(shape {array.shape}). Points may stand as boxes of width and height 0.",
            ja=f"ボックスは x, y, 幅, 高さ (画素) の行で、有限の値かつ幅と高さが 0 以上でなければなりません (受け取った形 {array.shape})。"
            "点は幅と高さが 0 のボックスとして与えられます。",
        )
    return array


@feature("ボックスの重なり (IoU)", "Intersection over union of boxes", booklet="D2")
def iou(first: ArrayLike, second: ArrayLike) -> Floats:
    """Area of the intersection over area of the union of every pair of boxes: (n, m) for (n, 4) and (m, 4); 0 for two points."""
    a, b = boxes_array(first), boxes_array(second)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
    shared = np.clip(high - low, 0, None).prod(2)
    union = a[:, 2:].prod(1)[:, None] + b[:, 2:].prod(1)[None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def nearness(found: Floats, truth: Floats, rule: HitRule, limit: float | None) -> Floats:
    """(n, m): how well each finding fits each lesion by a rule, higher is better; -inf where it does not hit it.

    "centre": the centre of the finding lies in the box of the lesion (nearest centre first). "distance": the centres are at most
    `limit` pixels apart, or, without a limit, the lesion's own radius (a quarter of width + height), as in LUNA16 (Setio et al. 2017).
    "iou": boxes overlap by at least `limit` (0.5 without one).
    """
    if rule == "iou":
        shared = iou(found, truth)
        return np.where(shared >= (0.5 if limit is None else limit) - 1e-12, shared, -np.inf)
    middle, centre = found[:, :2] + found[:, 2:] / 2, truth[:, :2] + truth[:, 2:] / 2
    apart = middle[:, None] - centre[None]
    distance = np.hypot(apart[..., 0], apart[..., 1])
    if rule == "distance":
        reach = truth[:, 2:].sum(1) / 4 if limit is None else np.full(len(truth), float(limit))
        return np.where(distance <= reach + 1e-9, -distance, -np.inf)
    inside = (np.abs(apart) <= truth[None, :, 2:] / 2 + 1e-9).all(2)
    return np.where(inside, -distance, -np.inf)


@dataclass(frozen=True, eq=False)
class Matched:
    """All images taken together: each lesion's score (-inf where nothing hit it) and patient, each false positive's."""

    lesion_scores: Floats
    lesion_patients: Ints
    false_scores: Floats
    false_patients: Ints
    image_patients: Ints

    @property
    def patients(self) -> int:
        return int(self.image_patients.max()) + 1


def matched(
    found: Sequence[Found], truth: Sequence[ArrayLike], groups: Ints, rule: HitRule = "centre", limit: float | None = None
) -> Matched:
    """Match the findings of every image with its lesions.

    "centre" and "distance": a finding belongs to the nearest lesion that it hits; a lesion has the score of its surest finding, and
    further hits of it are no false positives. "iou": from the surest finding on, each takes the free lesion it overlaps most; a
    finding that is left without one, a second hit included, is a false positive (Everingham et al. 2010; COCO).
    """
    lesions: list[Floats] = []
    false: list[Floats] = []
    for one, boxes in zip(found, truth, strict=True):
        true = boxes_array(boxes)
        scores, wrong = (_taken if rule == "iou" else _nearest)(one.scores, nearness(one.boxes, true, rule, limit))
        lesions.append(scores)
        false.append(one.scores[wrong])
    return Matched(
        np.concatenate(lesions),
        np.repeat(groups, [len(part) for part in lesions]),
        np.concatenate(false),
        np.repeat(groups, [len(part) for part in false]),
        groups,
    )


def _nearest(scores: Floats, fits: Floats) -> tuple[Floats, Any]:
    best = np.full(fits.shape[1], -np.inf)
    if not fits.shape[1]:
        return best, np.ones(len(scores), bool)
    hits = np.isfinite(fits.max(1, initial=-np.inf))
    np.maximum.at(best, fits[hits].argmax(1), scores[hits])
    return best, ~hits


def _taken(scores: Floats, fits: Floats) -> tuple[Floats, Any]:
    taken, wrong = np.full(fits.shape[1], -np.inf), np.ones(len(scores), bool)
    free = np.ones(fits.shape[1], bool)
    for finding in np.argsort(-scores, kind="stable"):
        own = np.where(free, fits[finding], -np.inf)
        if len(own) and np.isfinite(own.max()):
            lesion = int(own.argmax())
            free[lesion], taken[lesion], wrong[finding] = False, scores[finding], False
    return taken, wrong


def checked_inputs(
    found: Sequence[Found],
    truth: Sequence[ArrayLike],
    patients: Iterable[Any] | None,
    *,
    rule: HitRule,
    limit: float | None,
    level: float,
) -> Ints:
    """The patient number of each image, after a look at everything that was given."""
    one_of("rule", rule, RULES)
    within("level", level, 0, 1)
    groups = groups_of(patients, len(found))
    if not len(found) == len(truth) == len(groups) or not len(found):
        raise DataError(
            "G-STAT-022",
            en=f"findings, truth and patients need one entry an image, at least one; {len(found)}, {len(truth)} and {len(groups)} came. "
            "Give an empty Found for an image in which nothing was found.",
            ja=f"検出結果・正解・患者は画像ごとに 1 つ (1 枚以上) 必要です。受け取った数: {len(found)}、{len(truth)}、{len(groups)}。"
            "何も検出されなかった画像には空の Found を与えてください。",
        )
    if limit is not None and not (0 < limit <= 1 if rule == "iou" else limit > 0):
        raise OptionError(
            "G-STAT-023",
            en=f"'limit' is the least IoU (above 0, at most 1) or the largest distance in pixels (above 0); {limit:g} came with rule '{rule}'.",
            ja=f"「limit」は IoU の下限 (0 より大きく 1 以下) または距離の上限 (0 より大きい画素数) です。受け取った値: {limit:g} (規則 {rule})。",
        )
    lesions = [boxes_array(boxes) for boxes in truth]
    if not any(map(len, lesions)):
        raise DataError(
            "G-STAT-024",
            en="there is no lesion in any image, so no sensitivity can be computed. Add images with lesions, or name the column that holds their boxes.",
            ja="どの画像にも病変がないため、感度を計算できません。病変のある画像を加えるか、ボックスの列を指定してください。",
        )
    if (rule == "iou" or (rule == "distance" and limit is None)) and any((part[:, 2:] == 0).all(1).any() for part in lesions):
        raise DataError(
            "G-STAT-025",
            en="some lesions are points without a size, so nothing can overlap them. Use rule 'distance' with a limit in pixels.",
            ja="大きさのない点として与えられた病変があり、重なりを判定できません。規則「distance」と画素数の limit を使ってください。",
        )
    return groups


def rule_words(rule: HitRule, limit: float | None) -> Text:
    """When a finding counts as a hit, in words."""
    if rule == "iou":
        least = 0.5 if limit is None else limit
        return Text(f"IoU が {least:g} 以上で検出とする", f"a hit is an IoU of at least {least:g}")
    if rule == "distance":
        ja, en = ("病変の半径", "the lesion's radius") if limit is None else (f"{limit:g} 画素", f"{limit:g} px")
        return Text(f"中心間の距離が{ja}以内で検出とする", f"a hit has its centre within {en} of the lesion's")
    return Text("検出の中心が病変のボックス内にあれば検出とする", "a hit has its centre inside the lesion's box")


def patient_weights(matches: Matched, *, repeats: int, seed: int) -> Floats:
    """(repeats, patients): how often each patient is drawn; patients with and without lesions are drawn apart, so no resample lacks lesions."""
    rng = generator(seed, "bootstrap", "detections")
    ill = np.zeros(matches.patients, bool)
    ill[matches.lesion_patients] = True
    weights = np.zeros((repeats, matches.patients))
    for pool in (np.flatnonzero(ill), np.flatnonzero(~ill)):
        if len(pool):
            weights[:, pool] = rng.multinomial(len(pool), np.full(len(pool), 1 / len(pool)), size=repeats)
    return weights
