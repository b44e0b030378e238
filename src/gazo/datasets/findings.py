"""What is looked for in a data set, one function a question; each yields a `Finding` only when there is something to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import result
from gazo.datasets.associations import Association
from gazo.datasets.copies import Copies
from gazo.datasets.measures import Survey
from gazo.datasets.shifts import Shift
from gazo.datasets.splits import Fold
from gazo.datasets.strata import class_names, is_missing, kept_together
from gazo.datasets.tabulate import as_numbers, is_acquisition, is_named

Severity = Literal["serious", "warning", "note"]

_OUTLIER_Z = 6.0  # of normal values 1 in 500 million lies as far out
_ALPHA = 0.01  # for a family of tests, divided by their number (Bonferroni)
_STRONG = 0.3  # strength of an association worth a warning (Cohen: medium)
_SHIFT_SMD = 0.3  # between small (0.2) and medium (0.5) after Cohen
_RARE, _FEW_PATIENTS, _OLDEST = 0.1, 10, 120


@result("finding")
@dataclass(frozen=True)
class Finding:
    """One thing to know about the data. `code` names its kind, `rows` (from 0) the images concerned; no names, no paths."""

    severity: Severity
    code: str
    text: Text
    rows: tuple[int, ...] = ()


def unreadable(found: Survey) -> Iterator[Finding]:
    """Images that cannot be read, hold NaN or are blank."""
    if rows := tuple(row for row, measure in enumerate(found.measures) if measure is None):
        n = len(rows)
        yield Finding("serious", "unreadable", Text(f"{n} 枚の画像を読み込めません。", f"{n} images cannot be read."), rows)
    if rows := tuple(row for row, m in enumerate(found.measures) if m is not None and m.unusable):
        text = Text(
            f"{len(rows)} 枚の画像に数値でない画素 (NaN など) があります。",
            f"{len(rows)} images hold pixels that are no numbers (NaN).",
        )
        yield Finding("serious", "not-finite", text, rows)
    if rows := tuple(row for row, m in enumerate(found.measures) if m is not None and m.low == m.high):
        text = Text(
            f"{len(rows)} 枚の画像はほぼ一様で、何も写っていません。",
            f"{len(rows)} images are blank: nearly all pixels are equal.",
        )
        yield Finding("warning", "blank", text, rows)


def label_faults(images: ImageSet) -> Iterator[Finding]:
    """Missing labels, one class, rare classes."""
    if not images.has("label"):
        return
    labels = images.role("label")
    if rows := tuple(row for row, label in enumerate(labels) if is_missing(label)):
        yield Finding(
            "serious",
            "label-missing",
            Text(f"{len(rows)} 枚の画像にラベルがありません。", f"{len(rows)} images have no label."),
            rows,
        )
    patients = kept_together(images)
    of_class: dict[str, set[int]] = {}
    for label, patient in zip(labels, patients, strict=True):
        for name in () if is_missing(label) else class_names(label):
            of_class.setdefault(name, set()).add(int(patient))
    if len(of_class) == 1:
        yield Finding("serious", "one-class", Text("クラスが 1 つしかありません。", "There is only one class."))
    counts = {name: len(members) for name, members in of_class.items()}
    most = max(counts.values(), default=0)
    few = [f"{name} ({count})" for name, count in sorted(counts.items()) if count < _FEW_PATIENTS]
    rare = [
        f"{name} ({100 * count / most:.0f} %)" for name, count in sorted(counts.items()) if _FEW_PATIENTS <= count < _RARE * most
    ]
    if few:
        text = Text(
            f"患者が {_FEW_PATIENTS} 人未満のクラスがあります (人数): {', '.join(few)}。結果の信頼区間は広くなります。",
            f"Some classes have fewer than {_FEW_PATIENTS} patients: {', '.join(few)}; intervals of results will be wide.",
        )
        yield Finding("warning", "class-few", text)
    if rare:
        text = Text(
            f"最も多いクラスの 1 割に満たないクラスがあります: {', '.join(rare)}。正解率ではなく AUC や感度で評価してください。",
            f"Some classes have less than a tenth of the patients of the largest: {', '.join(rare)}. Judge by AUC or sensitivity, not by accuracy.",
        )
        yield Finding("warning", "class-rare", text)


def patient_faults(images: ImageSet) -> Iterator[Finding]:
    """Patients that are not known."""
    if not images.has("patient"):
        text = Text(
            "患者の列が指定されていません。同じ患者の画像が学習とテストの両方に入り、成績が良く見えすぎるおそれがあります。",
            "No patient column is named. Images of one patient may be in training and test, and results may look too good.",
        )
        yield Finding("warning", "patient-unknown", text)
    elif rows := tuple(row for row, patient in enumerate(images.role("patient")) if is_missing(patient)):
        text = Text(
            f"{len(rows)} 枚の画像に患者 ID がありません。それぞれ別の患者として扱います。",
            f"{len(rows)} images have no patient ID; each counts as a patient of its own.",
        )
        yield Finding("warning", "patient-missing", text, rows)


def age_faults(images: ImageSet) -> Iterator[Finding]:
    """Ages that no patient has."""
    for column in (name for name in images.columns if is_named(name, "age")):
        ages = as_numbers(images.columns[column])
        if ages is not None and (rows := tuple(np.flatnonzero((ages < 0) | (ages > _OLDEST)).tolist())):
            text = Text(
                f"{len(rows)} 行の年齢がありえない値 (0 未満または {_OLDEST} 超) です。",
                f"{len(rows)} rows have an impossible age (below 0 or above {_OLDEST}).",
            )
            yield Finding("warning", "age-impossible", text, rows)


def mixed_pixels(found: Survey) -> Iterator[Finding]:
    """Bit depths or colours that differ."""
    depths = [None if m is None else m.depth for m in found.measures]
    names, counts = np.unique([depth for depth in depths if depth], return_counts=True)
    if len(names) > 1:
        usual = names[np.argmax(counts)]
        rows = tuple(row for row, depth in enumerate(depths) if depth not in (None, usual))
        listed = ", ".join(f"{name} ({count})" for name, count in zip(names, counts, strict=True))
        text = Text(
            f"画素の型 (ビット数・カラー) が混在しています: {listed}。",
            f"Kinds of pixels (bit depth, colour) are mixed: {listed}.",
        )
        yield Finding("warning", "depth-mixed", text, rows)


def outliers(found: Survey) -> Iterator[Finding]:
    """Robust z = 0.6745 (x - median) / MAD (Iglewicz & Hoaglin 1993) of mean and contrast, each on its own."""
    names = {"mean": Text("画素値の平均", "mean of pixel values"), "contrast": Text("コントラスト (SD)", "contrast (SD)")}
    for name, words in names.items():
        values = found.numbers(name)
        distance = np.abs(values - np.nanmedian(values)) if np.isfinite(values).any() else values
        middle = float(np.nanmedian(distance)) if np.isfinite(distance).any() else 0.0
        if middle > 0 and (rows := tuple(np.flatnonzero(0.6745 * distance / middle > _OUTLIER_Z).tolist())):
            n = len(rows)
            text = Text(
                f"{n} 枚の画像は{words.ja}が他と大きく異なります (外れ値)。",
                f"{n} images are far from the others in {words.en} (outliers).",
            )
            yield Finding("warning", f"outlier-{name}", text, rows)


def copied(images: ImageSet, copies: Copies) -> Iterator[Finding]:
    """Copies, and those filed under different patients or labels."""
    if not copies.sets:
        return
    groups, rows = len(copies.sets), copies.rows
    text = Text(
        f"同じ画像、またはほぼ同じ画像が {groups} 組 ({len(rows)} 枚) あります。分割では同じ組を同じ部分に入れてください。",
        f"{groups} groups of images ({len(rows)} in all) are copies or near copies. Keep each group in one part of a split.",
    )
    yield Finding("warning", "copies", text, _rows(copies.sets))
    if images.has("patient") and (crossing := copies.across(images.role("patient"))):
        text = Text(
            f"複製の {len(crossing)} 組は、異なる患者の画像とされています。患者 ID を確認してください。",
            f"{len(crossing)} groups of copies are filed under different patients. Check the patient IDs.",
        )
        yield Finding("serious", "copies-across-patients", text, _rows(crossing))
    if images.has("label") and (crossing := copies.across(images.role("label"))):
        text = Text(
            f"複製の {len(crossing)} 組でラベルが食い違っています。",
            f"{len(crossing)} groups of copies have labels that contradict each other.",
        )
        yield Finding("serious", "copies-across-labels", text, _rows(crossing))


def leaks(images: ImageSet, fold: Fold | None, copies: Copies) -> Iterator[Finding]:
    """Patients or copies in two parts of a fold, or of the split column."""
    parts = _parts(images, fold)
    if parts is None:
        return
    named = [part is not None for part in parts]
    if images.has("patient"):
        patients = kept_together(images)
        crossing = [rows for rows in _grouped(patients[named], np.flatnonzero(named)) if len({parts[row] for row in rows}) > 1]
        if crossing:
            text = Text(
                f"漏洩: {len(crossing)} 人の患者の画像が、学習・検証・テストのうち複数に入っています。",
                f"Leak: images of {len(crossing)} patients are in more than one of training, validation and test.",
            )
            yield Finding("serious", "leak-patient", text, _rows(crossing))
    if copied := copies.across(parts):
        text = Text(
            f"漏洩: 複製の {len(copied)} 組が、学習・検証・テストのうち複数に入っています。",
            f"Leak: {len(copied)} groups of copies are in more than one of training, validation and test.",
        )
        yield Finding("serious", "leak-copies", text, _rows(copied))


def shortcuts(links: list[Association]) -> Iterator[Finding]:
    """Columns that give the label away."""
    for link in links:
        if link.p * len(links) >= _ALPHA or link.strength < _STRONG:
            continue
        how = f"{link.strength:.2f}"
        if is_acquisition(link.column):
            text = Text(
                f"撮影条件の列「{link.column}」がラベルと強く関連しています (強さ {how})。モデルが病変ではなく撮影条件を覚えるおそれがあります。",
                f"'{link.column}', which tells how an image was taken, goes with the label (strength {how}). A model may learn it instead of the finding.",
            )
            yield Finding("warning", "shortcut", text)
        elif is_named(link.column, "age") or is_named(link.column, "sex"):
            text = Text(
                f"「{link.column}」がクラス間で偏っています (強さ {how})。結果をこの項目別にも示してください。",
                f"'{link.column}' differs between the classes (strength {how}). Show results for its groups as well.",
            )
            yield Finding("note", "imbalance", text)


def shifted(compared: list[Shift]) -> Iterator[Finding]:
    """Distributions that differ from the target data."""
    for shift in compared:
        if shift.p * len(compared) < _ALPHA and abs(shift.smd) >= _SHIFT_SMD:
            text = Text(
                f"{shift.name.ja}の分布が対象データと異なります (中央値 {shift.median:.4g}、対象 {shift.target_median:.4g}、標準化差 {shift.smd:+.2f})。",
                f"The {shift.name.en} differs from the target data (median {shift.median:.4g}, target {shift.target_median:.4g}, standardised difference {shift.smd:+.2f}).",
            )
            yield Finding("warning", "shift", text)


def _parts(images: ImageSet, fold: Fold | None) -> list[Any] | None:
    """The part of each row, None where it has none."""
    if fold is not None:
        parts: list[Any] = [None] * len(images)
        for name, rows in fold.parts.items():
            for row in rows:
                parts[row] = name
        return parts
    if images.has("split"):
        return [None if is_missing(cell) else str(cell) for cell in images.role("split")]
    return None


def _grouped(keys: NDArray[Any], rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(keys, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(keys[order])) + 1)


def _rows(groups: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(row) for group in groups for row in group)
