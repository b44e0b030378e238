"""A table of features as arrays: which columns are features, who is the patient, what is the label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.parameters import Label
from gazo.core.results import Table
from gazo.stats.columns import number_column, word_column
from gazo.stats.inputs import groups_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FeatureNames = Annotated[
    tuple[str, ...], Label("特徴量の列 (名前。* は任意の文字)", "Columns of features (names; * stands for any letters)")
]
ClinicalNames = Annotated[tuple[str, ...], Label("臨床因子の列 (数値)", "Columns of clinical factors (numbers)")]
LabelName = Annotated[str, Label("ラベルの列", "Column of labels")]
PatientName = Annotated[str, Label("患者の列 (空欄なら 1 行 1 患者)", "Column of patients (empty: one row a patient)")]
BatchName = Annotated[str, Label("施設・装置の列 (空欄なら補正しない)", "Column of sites or scanners (empty: no harmonisation)")]
NOT_FEATURES = (
    "case",
    "patient",
    "patient_id",
    "id",
    "number",
    "row",
    "roi",
    "mask",
    "image",
    "repeat",
    "fold",
    "split",
    "voxels",
)


@dataclass(frozen=True, eq=False)
class FeatureCases:
    """The rows of a feature table that can be used.

    Parameters
    ----------
    features : (rows, features), NaN where a cell is empty.
    names : of the features.
    classes, truth : names of the classes, and for each row the number of its class.
    patients : patient number of each row.
    batch : site or scanner of each row, or None.
    clinical, clinical_names : (rows, factors), complete.
    warnings : what the reader of the result must know about the rows.
    """

    features: Floats
    names: tuple[str, ...]
    classes: tuple[str, ...]
    truth: Ints
    patients: Ints
    batch: tuple[str, ...] | None
    clinical: Floats
    clinical_names: tuple[str, ...]
    warnings: tuple[Text, ...] = ()

    def take(self, rows: Ints) -> FeatureCases:
        """Some of the rows."""
        sites = None if self.batch is None else tuple(self.batch[row] for row in rows)
        patients = np.unique(self.patients[rows], return_inverse=True)[1]
        parts = {"features": self.features[rows], "truth": self.truth[rows], "clinical": self.clinical[rows]}
        return replace(self, patients=patients, batch=sites, **parts)

    def clinical_only(self) -> FeatureCases:
        """The clinical factors as features, nothing beside them."""
        return replace(self, features=self.clinical, names=self.clinical_names, batch=None, **_nothing_beside(len(self.truth)))

    def without_clinical(self) -> FeatureCases:
        """The features alone."""
        return replace(self, **_nothing_beside(len(self.truth)))


def _nothing_beside(rows: int) -> dict[str, Any]:
    return {"clinical": np.zeros((rows, 0)), "clinical_names": ()}


def feature_columns(table: Table, patterns: Sequence[str], *, besides: Sequence[str] = ()) -> tuple[tuple[str, ...], Floats]:
    """Names and values (rows, columns) of the columns of numbers that a pattern names, without those with another role.

    Parameters
    ----------
    patterns : names or patterns such as "original_*"; "*" takes every column of numbers but usual names of cases and patients.
    besides : columns that have another role.
    """
    everything = tuple(patterns) in ((), ("*",))
    names: list[str] = []
    for place, heading in enumerate(table.headings):
        if heading.en in besides or heading.ja in besides or (everything and heading.en.strip().lower() in NOT_FEATURES):
            continue
        named = heading.en in patterns or any(fnmatchcase(heading.en, p) or fnmatchcase(heading.ja, p) for p in patterns)
        cells = [row[place] for row in table.rows]
        if everything and any(isinstance(c, str) for c in cells):
            continue
        if everything or named:
            names.append(heading.en)
    if not names:
        raise OptionError(
            "G-RAD-410",
            en=f"at least one column of features is needed; no column of numbers fits {', '.join(patterns) or '*'}. Name columns, or a beginning such as original_*.",
            ja=f"特徴量の列が 1 つ以上必要ですが、{', '.join(patterns) or '*'} に合う数値の列がありません。列名、または original_* のような先頭の文字を指定してください。",
        )
    return tuple(names), np.column_stack([number_column(table, name) for name in names])


def feature_cases(
    table: Table,
    *,
    label: str,
    features: Sequence[str] = ("*",),
    patient: str = "",
    batch: str = "",
    clinical: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> FeatureCases:
    """Take the columns by their roles; rows without a label, or of no class that is wanted, are left out and counted.

    Parameters
    ----------
    label, features, patient, batch, clinical : names of columns.
    classes : the order of the classes, the last of two is the positive one; empty takes all in the order of their names.
    """
    truth_words, owners = word_column(table, label), word_column(table, patient) if patient else None
    roles = [name for name in (label, patient, batch, *clinical) if name]
    names, values = feature_columns(table, features, besides=roles)
    beside = np.column_stack([number_column(table, n) for n in clinical]) if clinical else np.zeros((len(values), 0))
    sites = word_column(table, batch) if batch else None
    wanted = tuple(classes) or tuple(sorted({w for w in truth_words if w is not None}))
    labelled = np.array([w in wanted for w in truth_words])
    complete = np.isfinite(beside).all(1) & np.array([sites is None or sites[r] is not None for r in range(len(values))])
    use = np.flatnonzero(labelled & complete & np.array([owners is None or owners[r] is not None for r in range(len(values))]))
    truth = np.array([wanted.index(str(truth_words[r])) for r in use], np.int64)
    _need_classes(label, wanted, truth)
    return FeatureCases(
        _finite_or_missing(values[use]),
        names,
        wanted,
        truth,
        groups_of(None if owners is None else [owners[r] for r in use], len(use)),
        None if sites is None else tuple(str(sites[r]) for r in use),
        beside[use],
        tuple(clinical),
        _warnings(len(values), len(use), values[use], patient),
    )


def same_columns(table: Table, cases: FeatureCases, *, label: str, patient: str, batch: str) -> FeatureCases:
    """The rows of another table with the very columns and classes of `cases`."""
    return feature_cases(
        table,
        label=label,
        features=cases.names,
        patient=patient,
        batch=batch,
        clinical=cases.clinical_names,
        classes=cases.classes,
    )


def _finite_or_missing(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _need_classes(label: str, classes: Sequence[str], truth: Ints) -> None:
    counts = np.bincount(truth, minlength=len(classes))
    if len(classes) < 2 or counts.min() < 1:
        listed = ", ".join(f"{name}: {count}" for name, count in zip(classes, counts, strict=True))
        raise DataError(
            "G-RAD-411",
            en=f"the label column '{label}' must hold at least two classes with usable rows; it holds {listed or 'none'}. Correct the column, the names of the classes, or empty cells.",
            ja=f"ラベルの列「{label}」には使える行のあるクラスが 2 つ以上必要です。内容: {listed or 'なし'}。列やクラス名、空欄を確認してください。",
        )


def _warnings(rows: int, used: int, values: Floats, patient: str) -> tuple[Text, ...]:
    found = []
    if used < rows:
        found.append(
            Text(
                f"ラベル・患者・施設・臨床因子のいずれかが空欄、または対象外のクラスのため、{rows} 行のうち {rows - used} 行を除きました。",
                f"{rows - used} of {rows} rows were left out: label, patient, site or a clinical factor is empty, or the class is not wanted.",
            )
        )
    missing = int((~np.isfinite(values)).sum())
    if missing:
        found.append(
            Text(
                f"特徴量の空欄 {missing} 個は、学習部分の中央値で補いました。",
                f"{missing} empty cells of features were filled with the median of the training part.",
            )
        )
    if not patient:
        found.append(
            Text(
                "患者の列が指定されていないため、1 行を 1 患者とみなしました。同じ患者の行が複数あれば、結果は良く見えすぎます。",
                "No patient column was named, so each row counts as a patient. If a patient has several rows, results look too good.",
            )
        )
    return tuple(found)


def texts(*words: Any) -> tuple[Text, ...]:
    """Headings that read the same in both languages."""
    return tuple(Text(str(word), str(word)) for word in words)
