"""How a method is judged: cross-validation, held-out part, or the split the data came with. Patients always stay apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.datasets.splits import (
    Fold,
    Folds,
    Rows,
    TestShare,
    ValidationShare,
    holdout,
    official_split,
    patient_folds,
)
from gazo.datasets.strata import numbered

FEW_PATIENTS = 200  # below, one held-out part is too small to say much: cross-validation is the default


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Which images teach and which judge."""

    evaluation: Annotated[Literal["auto", "folds", "held-out", "given"], Label("評価方法", "Way of evaluating")] = "auto"
    folds: Folds = 5
    repeats: Annotated[int | None, Ge(1), Le(100), Label("繰り返しの回数 (既定は自動)", "Repeats (default: automatic)")] = None
    test_share: TestShare = 0.25
    validation_share: ValidationShare = 0.15


@dataclass(frozen=True)
class Plan:
    """The parts that were drawn, and in words how."""

    folds: tuple[Fold, ...]
    sentence: Text
    notes: tuple[Text, ...] = ()

    def tested(self) -> Rows:
        """The rows that are judged in some fold."""
        return np.unique(np.concatenate([fold.test for fold in self.folds]))


def plan(images: ImageSet, protocol: Protocol, *, seed: int, groups: Any = None) -> Plan:
    """Draw the parts.

    Rows of one value in `groups` (near copies) stay together. "auto" takes the split the data came with, else five folds, twice, below 200 patients, else a held-out part.
    """
    images = _without_one_class(images)
    way = protocol.evaluation
    by = Text("患者", "patient") if images.has("patient") else Text("画像", "image")
    patients = len(set(numbered(images.role("patient")))) if images.has("patient") else len(images)
    if way == "auto":
        way = "given" if images.has("split") else "folds" if patients < FEW_PATIENTS else "held-out"
    shares = {"validation_share": protocol.validation_share, "seed": seed, "groups": groups}
    if way == "given":
        fold = official_split(images, **shares)
        return Plan(
            (fold,),
            Text(f"データに付属の分割を使用: {_parts(fold).ja}", f"the split the data came with: {_parts(fold).en}"),
            fold.notes,
        )
    if way == "held-out":
        fold = holdout(images, test_share=protocol.test_share, **shares)
        sentence = Text(f"{by.ja}単位のホールドアウト: {_parts(fold).ja}", f"held-out part by {by.en}: {_parts(fold).en}")
        return Plan((fold,), sentence, fold.notes)
    repeats = protocol.repeats or (2 if protocol.evaluation == "auto" else 1)
    folds = patient_folds(images, folds=protocol.folds, repeats=repeats, **shares)
    return Plan(
        folds,
        Text(
            f"{by.ja}単位の {protocol.folds} 分割交差検証 ({repeats} 回)",
            f"{protocol.folds}-fold cross-validation by {by.en}, {repeats} time{'s' if repeats > 1 else ''}",
        ),
        folds[0].notes,
    )


def _without_one_class(images: ImageSet) -> ImageSet:
    """The set without a label that is the same everywhere: nothing can be dealt by it, and who learns labels refuses it before."""
    if not images.has("label") or len({str(label) for label in images.role("label")}) > 1:
        return images
    return replace(images, roles={role: column for role, column in images.roles.items() if role != "label"})


def _parts(fold: Fold) -> Text:
    sizes = tuple(len(np.asarray(rows)) for rows in (fold.train, fold.validation, fold.test))
    return Text("学習 {}、検証 {}、テスト {} 枚".format(*sizes), "{} training, {} validation, {} test images".format(*sizes))
