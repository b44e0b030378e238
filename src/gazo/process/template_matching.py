"""Multiple-template matching: a candidate belongs to the class that owns the template it is most like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Le

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Table
from gazo.process.template_scores import Array, TemplateScores, as_panels, class_of_templates, similarity, standard

Templates = list[tuple[Array, str]]
ShiftPercent = Annotated[float, Ge(0), Le(40), Label("ずらす範囲 (一辺に対する割合)", "Reach of the shifts, of the side", "%")]
NODULE, OTHER = Text("結節", "nodule"), Text("結節以外", "other")
COPY = 0.9999  # a candidate so like a template is the template


@operation("多重テンプレートマッチング", "Multiple-template matching", booklet="B7")
def template_matching(
    candidates: Sequence[Image],
    nodules: Sequence[Image],
    others: Sequence[Image],
    *,
    size_px: Annotated[int, Ge(8), Le(256), Label("テンプレートの一辺", "Side of the templates", "px")] = 32,
    shift_percent: ShiftPercent = 10.0,
) -> TemplateScores:
    """Score regions around suspected nodules by their likeness to nodules and to what is mistaken for them.

    Each region becomes size_px x size_px pixels of mean 0 and SD 1; its similarity to a class is the highest normalised
    cross-correlation over the templates of the class and over shifts; the score is the difference of the two. Templates of the
    candidate's own patient (`Image.patient`) are left out, which makes a leave-one-patient-out test of a set against itself.

    Li, Katsuragawa & Doi, Med Phys 2001; 28: 2070: 44 % of the false positives went with 2 % of the true ones (abstract).

    Parameters
    ----------
    candidates, nodules, others : square regions, all of the same size in mm; any number of pixels.
    shift_percent : how far a template is moved each way, in percent of its side; its inner part is what is compared.
    """
    classes = [(name, class_of_templates(images, size_px, name)) for name, images in ((NODULE, nodules), (OTHER, others))]
    rows, shown, warnings, copies = [], [], [], 0
    for number, candidate in enumerate(candidates, 1):
        picture = standard(candidate, size_px)
        (like, which), (unlike, other) = (_best(picture, candidate.patient, made, shift_percent) for _, made in classes)
        copies += max(like, unlike) > COPY
        owner = NODULE if like > unlike else OTHER
        rows.append((number, like, unlike, like - unlike, owner, (which if owner is NODULE else other) + 1))
        if len(shown) < 12:
            template = classes[owner is OTHER][1][which if owner is NODULE else other][0]
            shown += [(picture, Text(f"候補 {number}", f"candidate {number}")), (template, owner)]
    if copies:
        warnings.append(
            Text(
                f"{copies} 個の候補がテンプレートと同じ画像です。成績は過大になります。患者キーを付けると同じ患者のテンプレートを除外します。",
                f"{copies} candidates are the same picture as a template, so results are too good; with patient keys such templates are left out.",
            )
        )
    return TemplateScores(
        scores=_table(rows),
        sentence=_sentence(size_px, shift_percent, [len(made) for _, made in classes]),
        warnings=tuple(warnings),
        shown=as_panels(
            *zip(*shown, strict=True), Text("候補と最も似たテンプレート", "Candidates and the templates most like them")
        )
        if shown
        else None,
    )


def _best(picture: Array, patient: str, templates: Templates, shift_percent: float) -> tuple[float, int]:
    """The highest similarity and the number of its template; -1 when all are of the same patient."""
    found = [
        (similarity(picture, template, shift_percent), n)
        for n, (template, whose) in enumerate(templates)
        if not patient or whose != patient
    ]
    return max(found, key=lambda pair: pair[0], default=(-1.0, 0))


def _table(rows: list[tuple[object, ...]]) -> Table:
    headings = (
        Text("候補", "Candidate"),
        Text("結節との類似度", "Similarity to nodules"),
        Text("結節以外との類似度", "Similarity to others"),
        Text("差", "Difference"),
        Text("分類", "Class"),
        Text("最も似たテンプレート", "Template most alike"),
    )
    return Table(Text("テンプレートマッチングの結果", "Template matching"), headings, tuple(rows))


def _sentence(size_px: int, shift_percent: float, counts: list[int]) -> Text:
    return Text(
        f"候補領域を {size_px} x {size_px} 画素に揃え、結節 {counts[0]} 個と結節以外 {counts[1]} 個のテンプレートとの正規化相互相関の最大値 (ずらしは一辺の ±{shift_percent:g} %) を比べて分類した (Li ら 2001)。",
        f"Candidates ({size_px} x {size_px} pixels) were given to the class of the template with the highest normalised cross-correlation among {counts[0]} nodule and {counts[1]} other templates, shifted by up to {shift_percent:g} % of the side (Li et al. 2001).",
    )
