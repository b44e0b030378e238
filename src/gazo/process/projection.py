"""PA or lateral: a chest radiograph is compared with the mean picture of each projection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Table
from gazo.process.template_matching import ShiftPercent
from gazo.process.template_scores import Array, TemplateScores, as_panels, class_of_templates, similarity, standard

FRONTAL, LATERAL = Text("正面", "PA"), Text("側面", "lateral")


@operation("正面・側面の識別", "PA or lateral identification", booklet="B7")
def identify_projection(
    images: Sequence[Image],
    pa: Sequence[Image],
    lateral: Sequence[Image],
    *,
    size_px: Annotated[int, Ge(16), Le(256), Label("テンプレートの一辺", "Side of the templates", "px")] = 64,
    shift_percent: ShiftPercent = 12.0,
    doubt: Annotated[
        float, Ge(0), Le(2), Label("2 段目に進む類似度の差", "Difference below which the second step decides")
    ] = 0.1,
) -> TemplateScores:
    """Compare chest radiographs with templates made from your own images of both projections.

    1. Every image becomes size_px x size_px pixels of mean 0 and SD 1; the template of a projection is the mean of its images.
    The similarity is the highest normalised cross-correlation over shifts. 2. Where the two similarities differ by less than
    `doubt`, the correlations of the row means and of the column means with those of the templates are added and decide.
    Images marked as inverted (MONOCHROME1) are turned round first.

    Arimura, Katsuragawa, Li, Ishida & Doi, Med Phys 2002; 29: 1556 (template matching for projections); sizes and the second step
    are gazo's (recalled from the literature, not read).

    Parameters
    ----------
    images : the radiographs in question, upright.
    pa, lateral : examples of each projection, some ten to a hundred of each; patients facing the same way in the lateral ones.
    shift_percent : how far a template is moved each way, in percent of its side.
    """
    templates = [_mean(class_of_templates(made, size_px, name)) for name, made in ((FRONTAL, pa), (LATERAL, lateral))]
    rows, doubted = [], 0
    for number, image in enumerate(images, 1):
        picture = standard(image, size_px)
        like = [similarity(picture, template, shift_percent) for template in templates]
        second = abs(like[0] - like[1]) < doubt
        doubted += second
        weight = [_profiles(picture, template) for template in templates] if second else like
        rows.append((number, *like, like[0] - like[1], FRONTAL if weight[0] > weight[1] else LATERAL, second))
    return TemplateScores(
        scores=_table(rows),
        sentence=_sentence(size_px, shift_percent, len(pa), len(lateral), doubted),
        shown=as_panels(templates, (FRONTAL, LATERAL), Text("平均テンプレート", "Mean templates")),
    )


def _mean(templates: list[tuple[Array, str]]) -> Array:
    mean = np.mean([template for template, _ in templates], axis=0)
    return ((mean - mean.mean()) / max(float(mean.std()), 1e-12)).astype(np.float32)


def _profiles(picture: Array, template: Array) -> float:
    """Sum of the correlations of row means and of column means."""
    return float(sum(np.corrcoef(picture.mean(axis), template.mean(axis))[0, 1] for axis in (0, 1)))


def _table(rows: list[tuple[object, ...]]) -> Table:
    headings = (
        Text("画像", "Image"),
        Text("正面との類似度", "Similarity to PA"),
        Text("側面との類似度", "Similarity to lateral"),
        Text("差", "Difference"),
        Text("判定", "Projection"),
        Text("2 段目で判定", "Decided by the second step"),
    )
    return Table(Text("正面・側面の識別", "PA or lateral"), headings, tuple(rows))


def _sentence(size_px: int, shift_percent: float, pa: int, lateral: int, doubted: int) -> Text:
    return Text(
        f"正面 {pa} 枚と側面 {lateral} 枚の平均テンプレート ({size_px} x {size_px} 画素) との正規化相互相関 (ずらしは一辺の ±{shift_percent:g} %) で撮影方向を判定し、差の小さい {doubted} 枚は行と列の平均の相関で判定した (Arimura ら 2002)。",
        f"The projection was identified by normalised cross-correlation with mean templates of {pa} PA and {lateral} lateral images ({size_px} x {size_px} pixels, shifts up to {shift_percent:g} % of the side), and by the correlation of row and column means in {doubted} images where these were alike (Arimura et al. 2002).",
    )
