"""Training, validation and test parts with every patient in one part only, and the classes in equal shares."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.registry import feature
from gazo.core.seeds import generator
from gazo.datasets.strata import is_missing, kept_together, labelled, value_bins

Rows = NDArray[np.int64]
Folds = Annotated[int, Ge(2), Le(100), Label("交差検証の分割数", "Folds")]
Repeats = Annotated[int, Ge(1), Le(100), Label("交差検証の繰り返し数", "Repeats")]
TestShare = Annotated[float, Ge(0.01), Le(0.9), Label("テストの割合", "Test share")]
ValidationShare = Annotated[float, Ge(0), Le(0.5), Label("検証の割合", "Validation share")]

_REDRAWS = 50
_PART_NAMES = {
    "train": ("train", "training", "trn", "learn", "trainval", "train_val", "学習", "訓練", "教師", "トレーニング"),
    "validation": ("val", "valid", "validation", "dev", "tune", "tuning", "検証", "バリデーション"),
    "test": ("test", "testing", "tst", "hold_out", "holdout", "テスト", "評価", "試験"),
}


@dataclass(frozen=True, eq=False)
class Fold:
    """One division of the rows of a set. The three arrays hold row numbers in rising order and share none.

    Parameters
    ----------
    repeat, number : which repetition and which fold of it, from 0.
    train, validation, test : row numbers.
    notes : what the reader of a report has to know about this division, such as patients that cross its parts.
    """

    repeat: int
    number: int
    train: Rows
    validation: Rows
    test: Rows
    notes: tuple[Text, ...] = field(default=())

    @property
    def parts(self) -> dict[str, Rows]:
        """The three arrays by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


@feature("患者単位の層化交差検証", "Stratified cross-validation by patient")
def patient_folds(
    images: ImageSet,
    *,
    folds: Folds = 5,
    repeats: Repeats = 1,
    validation_share: ValidationShare = 0.15,
    seed: int,
    groups: Sequence[Any] | NDArray[Any] | None = None,
) -> tuple[Fold, ...]:
    """Divide the rows `repeats` times into `folds` test parts; each row is tested once per repeat.

    Patients (role `patient`; without it each row stands for itself) are dealt one by one, the heaviest first and in random
    order among equals, to the part where chi-square of the class counts rises least, with the number of patients as one more
    class. Classes come from the role `label` (``"Mass|Nodule"`` counts for both), else from fifths of the role `value`.
    The validation part is drawn in the same way from the training part of each fold.

    Parameters
    ----------
    folds, repeats : number of test parts, and how often the division is made anew.
    validation_share : of the training part; 0 for none.
    seed : the same seed gives the same folds on every machine.
    groups : one value a row, such as `Copies.groups`: rows of equal value stay together, patient or not.

    Raises DataError with fewer patients than folds, one class only, or a class with too few patients.
    """
    table = _Patients.of(images, groups)
    if table.count < folds:
        raise DataError(
            "G-DATA-103",
            en=f"{folds} folds need at least {folds} patients; '{images.name}' has {table.count}. Use fewer folds or add patients.",
            ja=f"{folds} 分割には患者が {folds} 人以上必要ですが、「{images.name}」には {table.count} 人しかいません。分割数を減らすか、患者を増やしてください。",
        )
    table.need(max(folds, 3 if validation_share else 2), f"{folds} folds", f"{folds} 分割")
    made = []
    for repeat in range(repeats):
        part_of = table.deal([1 / folds] * folds, np.ones(table.count, bool), seed, "folds", repeat)
        for number in range(folds):
            rest = part_of != number
            validating = table.validation(rest, validation_share, seed, "validation", repeat, number)
            made.append(table.fold(repeat, number, rest & ~validating, validating, ~rest))
    return tuple(made)


@feature("患者単位の学習・検証・テスト分割", "Hold-out split by patient")
def holdout(
    images: ImageSet,
    *,
    test_share: TestShare = 0.2,
    validation_share: ValidationShare = 0.15,
    seed: int,
    groups: Sequence[Any] | NDArray[Any] | None = None,
) -> Fold:
    """Draw one test part by patient, stratified as in `patient_folds`, and a validation part from the rest.

    Parameters
    ----------
    test_share : of all images.
    validation_share : of what remains after the test part; 0 for none.
    seed, groups : as in `patient_folds`.
    """
    table = _Patients.of(images, groups)
    least = 3 if validation_share else 2
    if table.count < least:
        raise DataError(
            "G-DATA-104",
            en=f"a test part needs at least {least} patients in all; '{images.name}' has {table.count}. Add patients or give a test set of its own.",
            ja=f"テスト用に分けるには患者が {least} 人以上必要ですが、「{images.name}」には {table.count} 人しかいません。患者を増やすか、別のテストセットを用意してください。",
        )
    table.need(least, "a hold-out split", "ホールドアウト分割")
    everyone = np.ones(table.count, bool)
    testing = table.deal([1 - test_share, test_share], everyone, seed, "holdout") == 1
    validating = table.validation(~testing, validation_share, seed, "holdout validation")
    return table.fold(0, 0, ~testing & ~validating, validating, testing)


@feature("公式の分割", "Official split", booklet="B3")
def official_split(
    images: ImageSet,
    *,
    validation_share: ValidationShare = 0.15,
    seed: int = 0,
    groups: Sequence[Any] | NDArray[Any] | None = None,
) -> Fold:
    """The division written in the split column (train, val, test; also 学習, 検証, テスト / 評価).

    When no row is named as validation, that part is drawn by patient from the training rows. Patients that stand in more
    than one part are a leak: they stay where the column puts them, and `Fold.notes` says how many there are.
    """
    named = _part_names(images.role("split"))
    rows = {part: np.flatnonzero(named == part) for part in _PART_NAMES}
    for part in ("train", "test"):
        if not len(rows[part]):
            raise DataError(
                "G-DATA-106",
                en=f"the split column of '{images.name}' names no row as {part}. Write 'train', 'val' or 'test', or let gazo draw the parts by patient.",
                ja=f"「{images.name}」の分割の列に {part} の行がありません。'train'、'val'、'test' のいずれかを記入するか、患者単位の自動分割を使ってください。",
            )
    together = kept_together(images, groups)
    notes = [_crossing(together, rows)]
    if not len(rows["validation"]) and validation_share:
        table = _Patients.of(images.take(rows["train"]), None if groups is None else np.asarray(groups)[rows["train"]])
        drawn = table.validation(np.ones(table.count, bool), validation_share, seed, "official validation")[table.patient_of]
        rows["validation"], rows["train"] = rows["train"][drawn], rows["train"][~drawn]
        notes.append(
            Text(
                f"分割の列に検証用の行がないため、学習用から患者単位で {drawn.sum()} 枚を選びました。",
                f"The split column names no validation rows; {drawn.sum()} images were drawn by patient from the training part.",
            )
        )
    return Fold(0, 0, rows["train"], rows["validation"], rows["test"], tuple(note for note in notes if note))


@dataclass(frozen=True, eq=False)
class _Patients:
    """The rows of a set seen as patients: `counts` is (patients, classes), the last column 1 for each patient."""

    patient_of: Rows
    counts: NDArray[np.float64]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, images: ImageSet, groups: Sequence[Any] | NDArray[Any] | None) -> _Patients:
        names: list[str] = []
        members = np.ones((len(images), 1))
        if images.has("label"):
            names, members = labelled(images)
        elif images.has("value"):
            members = value_bins(images)
        _, patient_of = np.unique(kept_together(images, groups), return_inverse=True)
        counts = np.zeros((int(patient_of.max(initial=-1)) + 1, members.shape[1]))
        np.add.at(counts, patient_of, members)
        return cls(patient_of, np.column_stack([counts, np.ones(len(counts))]), tuple(names))

    @property
    def count(self) -> int:
        return len(self.counts)

    def need(self, least: int, what_en: str, what_ja: str) -> None:
        """Refuse a set with one class, or with a class that cannot reach every part."""
        if not self.classes:
            return
        patients = (self.counts[:, :-1] > 0).sum(axis=0)
        if len(self.classes) == 1:
            raise DataError(
                "G-DATA-105",
                en=f"at least two classes are needed; every image is labelled '{self.classes[0]}'. Check the label column or add images of another class.",
                ja=f"クラスは 2 つ以上必要ですが、すべての画像のラベルが「{self.classes[0]}」です。ラベルの列を確認するか、別のクラスの画像を加えてください。",
            )
        few = [f"{name} ({n})" for name, n in zip(self.classes, patients, strict=True) if n < least]
        if few:
            listed = ", ".join(few[:10]) + (" ..." if len(few) > 10 else "")
            raise DataError(
                "G-DATA-107",
                en=f"{what_en} need at least {least} patients of each class; too few have: {listed}. Use fewer folds, join or leave out classes, or name a measured number as value instead of label.",
                ja=f"{what_ja}には各クラスに患者が {least} 人以上必要ですが、不足しているクラスがあります (人数): {listed}。分割数を減らすか、クラスを統合または除外してください。測定値の列であれば、ラベルではなく数値 (value) として指定してください。",
            )

    def deal(self, shares: Sequence[float], allowed: NDArray[np.bool_], seed: int, *purpose: object) -> Rows:
        """A part for each allowed patient, -1 for others; drawn anew while a part lacks a class that could reach it."""
        who = np.flatnonzero(allowed)
        counts = self.counts[who]
        due = ((counts > 0).sum(axis=0) >= len(shares))[None, :]
        fewest, best = np.inf, np.zeros(0, np.int64)
        for attempt in range(_REDRAWS):
            part_of, filled = _dealt(counts, np.asarray(shares), generator(seed, *purpose, attempt), fill_first=attempt > 0)
            lacking = int((due & (filled == 0)).sum())
            if lacking < fewest:
                fewest, best = lacking, part_of
            if not lacking:
                break
        parts = np.full(self.count, -1, np.int64)
        parts[who] = best
        return parts

    def validation(self, allowed: NDArray[np.bool_], share: float, seed: int, *purpose: object) -> NDArray[np.bool_]:
        if not share or allowed.sum() < 2:
            return np.zeros(self.count, bool)
        return np.equal(self.deal([1 - share, share], allowed, seed, *purpose), 1)

    def fold(self, repeat: int, number: int, *parts: NDArray[np.bool_]) -> Fold:
        train, validation, test = (np.flatnonzero(part[self.patient_of]) for part in parts)
        return Fold(repeat, number, train, validation, test)


def _dealt(
    counts: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator, *, fill_first: bool
) -> tuple[Rows, NDArray[np.float64]]:
    """The part of each patient, and the class counts (parts, classes) that result.

    With `fill_first` a patient goes to a part that has nothing of his classes yet, whatever that does to the balance.
    """
    present = counts[:, counts.any(axis=0)]
    totals = present.sum(axis=0)
    mean_size = totals / (present > 0).sum(axis=0)
    target = np.maximum(shares[:, None] * totals, mean_size)
    order = rng.permutation(len(present))
    order = order[np.argsort(-(present / totals).sum(axis=1)[order], kind="stable")]
    filled, tie = np.zeros_like(target), rng.random((len(present), len(shares))) * 1e-9
    part_of = np.zeros(len(present), np.int64)
    for patient in order:
        size = present[patient]
        rise = (size * (2 * (filled - target) + size) / target).sum(axis=1)
        if fill_first:
            rise -= 1e6 * ((filled == 0) & (size > 0)).sum(axis=1)
        part = int(np.argmin(rise + tie[patient]))
        part_of[patient] = part
        filled[part] += size
    everything = np.ones((len(shares), counts.shape[1]))
    everything[:, counts.any(axis=0)] = filled
    return part_of, everything


def _part_names(column: Iterable[Any]) -> NDArray[Any]:
    known = {word: part for part, words in _PART_NAMES.items() for word in words}
    named = [known.get(_plain(cell)) for cell in column]
    strange = sorted({str(cell) for cell, part in zip(column, named, strict=True) if part is None})
    if strange:
        listed = ", ".join(f"'{name}'" for name in strange[:10])
        raise DataError(
            "G-DATA-108",
            en=f"the split column may hold train, val or test (also 学習, 検証, テスト); it also holds {listed}. Correct these cells or leave the rows out.",
            ja=f"分割の列に使える値は train、val、test (または 学習、検証、テスト) ですが、{listed} が含まれています。セルを修正するか、その行を除いてください。",
        )
    return np.array(named, dtype=object)


def _plain(cell: Any) -> str:
    """``"学習用データ "`` -> ``"学習"``; ``"Train-Val"`` -> ``"train_val"``."""
    word = "" if is_missing(cell) else unicodedata.normalize("NFKC", str(cell)).strip().lower().replace("-", "_")
    for ending in ("セット", "データ", "用"):
        word = word.removesuffix(ending)
    return word


def _crossing(together: Rows, rows: dict[str, Rows]) -> Text | None:
    """A sentence about patients that stand in more than one part; None when there are none."""
    seen = [set(together[part].tolist()) for part in rows.values()]
    crossing = (seen[0] & seen[1]) | (seen[0] & seen[2]) | (seen[1] & seen[2])
    if not crossing:
        return None
    n = len(crossing)
    return Text(
        f"漏洩: 分割の列では {n} 人の患者 (または複製のグループ) が複数の部分に入っています。この分割での成績は良く見えすぎます。",
        f"Leak: the split column puts {n} patients (or groups of copies) into more than one part. Results on this division look too good.",
    )
