"""The leak report of a learning run: every way known to us in which results look too good, each with its verdict.

Leaks are the most common fault of studies with learned models (Kapoor & Narayanan, Patterns 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.datasets.checks import DataReport
from gazo.datasets.splits import Fold
from gazo.datasets.strata import is_missing, numbered

FOUND, CLEAN, UNKNOWN = Text("要確認", "look at this"), Text("問題なし", "clean"), Text("調べられない", "not checked")
TITLE = Text("漏洩の検査", "Leak report")
_GIVES_AWAY = 0.95  # strength of association from which a column all but equals the label
_BURNED = ("burnedinannotation", "burned_in", "burned in", "文字の焼き込み")
Row = tuple[Text, Text, Text]


@feature("漏洩の検査", "Leak report")
def leak_report(images: ImageSet, folds: Sequence[Fold], report: DataReport) -> Table:
    """One row a check: what was looked for, the verdict, what was found.

    Parameters
    ----------
    folds : the parts that were drawn.
    report : what `check` found in the same images.
    """
    rows = (
        _patients(images, folds),
        _copies(folds, report),
        _same_day(images, folds),
        _label_as_feature(images, report),
        _acquisition(report),
        _burned_in(images),
        _each_image_alone(),
        _test_once(),
    )
    headings = (Text("調べたこと", "What was looked for"), Text("判定", "Verdict"), Text("内容", "Finding"))
    return Table(TITLE, headings, rows)


def _patients(images: ImageSet, folds: Sequence[Fold]) -> Row:
    what = Text("同じ患者が学習とテストの両方にいる", "One patient in training and test")
    if not images.has("patient"):
        return (
            what,
            UNKNOWN,
            Text(
                "患者の列がありません。--patient で指定してください。", "There is no column of patients; name one with --patient."
            ),
        )
    column = images.role("patient")
    unknown = sum(is_missing(cell) for cell in column)
    crossing = _crossing(numbered(column), folds, np.array([not is_missing(cell) for cell in column]))
    if crossing:
        return what, FOUND, Text(f"{crossing} 人の患者が複数の部分にいます。", f"{crossing} patients are in more than one part.")
    if unknown:
        return what, FOUND, Text(f"患者が不明な画像が {unknown} 枚あり、それぞれ別の患者として扱いました。", f"The patient of {unknown} images is not known; each counts as a patient of its own.")  # fmt: skip
    patients = len(set(column.tolist()))
    return (
        what,
        CLEAN,
        Text(f"{patients} 人の患者はそれぞれ 1 つの部分だけにいます。", f"Each of {patients} patients is in one part only."),
    )


def _copies(folds: Sequence[Fold], report: DataReport) -> Row:
    what = Text("同じ画像、ほぼ同じ画像が学習とテストの両方にある", "Copies or near copies in training and test")
    groups = np.arange(1 + max((int(rows.max()) for fold in folds for rows in fold.parts.values() if len(rows)), default=0))
    for number, rows in enumerate(report.copies.sets):
        groups[list(rows)] = len(groups) + number
    crossing = _crossing(groups, folds, np.ones(len(groups), bool))
    if crossing:
        return (
            what,
            FOUND,
            Text(f"{crossing} 組の複製が複数の部分にあります。", f"{crossing} groups of copies are in more than one part."),
        )
    count = len(report.copies.sets)
    if not count:
        return what, CLEAN, Text("複製はありません。", "There are no copies.")
    return (
        what,
        CLEAN,
        Text(
            f"複製 {count} 組は、それぞれ 1 つの部分にまとめられています。",
            f"Each of {count} groups of copies is kept in one part.",
        ),
    )


def _same_day(images: ImageSet, folds: Sequence[Fold]) -> Row:
    what = Text("同じ日の検査の画像が学習とテストの両方にある", "Images of one examination day in training and test")
    if not (images.has("date") and images.has("patient")):
        return what, UNKNOWN, Text("日付か患者の列がありません。", "There is no column of dates or of patients.")
    pairs = list(zip(images.role("patient"), images.role("date"), strict=True))
    known = np.array([not (is_missing(patient) or is_missing(date)) for patient, date in pairs])
    crossing = _crossing(numbered([f"{patient} {date}" for patient, date in pairs]), folds, known)
    if crossing:
        return (
            what,
            FOUND,
            Text(f"{crossing} 件の検査が複数の部分にあります。", f"{crossing} examinations are in more than one part."),
        )
    return what, CLEAN, Text("同じ患者・同じ日の画像は 1 つの部分にあります。", "Images of one patient and day are in one part.")


def _label_as_feature(images: ImageSet, report: DataReport) -> Row:
    what = Text("ラベルそのものを表す列がある", "A column that is the label in other words")
    if not images.has("label"):
        return what, UNKNOWN, Text("ラベルの列がありません。", "There is no column of labels.")
    names = [str(row[0]) for row in report.associations.rows if float(row[1]) >= _GIVES_AWAY]
    if not names:
        return (
            what,
            CLEAN,
            Text(
                "ネットワークは画像だけを見ます。ラベルと同じ内容の列もありません。",
                "Networks see images alone, and no column equals the label.",
            ),
        )
    listed = ", ".join(names)
    return what, FOUND, Text(f"ラベルとほぼ一致する列: {listed}。ネットワークは画像だけを見ますが、これらの列を特徴量に加えないでください。", f"Columns that all but equal the label: {listed}. Networks see images alone; never add these columns as features.")  # fmt: skip


def _acquisition(report: DataReport) -> Row:
    what = Text("撮影条件 (装置、大きさ、画素間隔など) がラベルを教える", "How an image was taken tells the label")
    found = report.of("shortcut")
    if not found:
        return (
            what,
            CLEAN,
            Text(
                "ラベルと強く関連する撮影条件はありません。", "Nothing about how images were taken goes strongly with the label."
            ),
        )
    return what, FOUND, Text(" ".join(f.text.ja for f in found), " ".join(f.text.en for f in found))


def _burned_in(images: ImageSet) -> Row:
    what = Text("画像に焼き込まれた文字 (名前、施設、L/R の印など)", "Text burned into the pixels (names, hospitals, L/R marks)")
    column = next((name for name in images.columns if name.strip().casefold() in _BURNED), None)
    if column is None:
        return what, UNKNOWN, Text("画像からは確実に見つけられません。判断の根拠の図で、端や隅に注目していないか確認してください。", "It cannot be found reliably from pixels. See in the heat maps whether the network looks at edges and corners.")  # fmt: skip
    marked = np.array([str(cell).strip().upper() in ("YES", "TRUE", "1") for cell in images.columns[column]])
    if not marked.any():
        return what, CLEAN, Text(f"列「{column}」によると、ありません。", f"None, by the column '{column}'.")
    return what, FOUND, Text(f"{int(marked.sum())} 枚にあると記録されています。{_by_class(images, marked).ja}", f"{int(marked.sum())} images have some by their record. {_by_class(images, marked).en}")  # fmt: skip


def _by_class(images: ImageSet, marked: NDArray[np.bool_]) -> Text:
    """How the marked images are spread over the classes."""
    if not images.has("label"):
        return Text("", "")
    labels = np.array([str(label) for label in images.role("label")])
    listed = ", ".join(
        f"{name} {int((marked & (labels == name)).sum())}/{int((labels == name).sum())}" for name in sorted(set(labels))
    )
    return Text(f"クラス別: {listed}。", f"By class: {listed}.")


def _each_image_alone() -> Row:
    return (
        Text("正規化などの前処理をテスト画像も使って決めている", "Preprocessing that was fitted on test images too"),
        CLEAN,
        Text(
            "gazo の手法では、画像ごとに単独で、または学習データだけから決めます。",
            "By design: each image by itself, or from the training part alone.",
        ),
    )


def _test_once() -> Row:
    return (
        Text(
            "閾値、重みの選択、温度をテストデータで決めている",
            "Threshold, choice of weights or temperature made on the test part",
        ),
        CLEAN,
        Text(
            "gazo の手法では、すべて検証データで決めます。テストデータは最後に 1 回だけ使います。",
            "By design: all are made on the validation part; the test part is used once, at the end.",
        ),
    )


def _crossing(keys: NDArray[Any], folds: Sequence[Fold], known: NDArray[np.bool_]) -> int:
    """How many keys stand in more than one part of a fold; the most of all folds."""
    return max((_in_several(keys, fold, known) for fold in folds), default=0)


def _in_several(keys: NDArray[Any], fold: Fold, known: NDArray[np.bool_]) -> int:
    parts = [set(keys[rows[known[rows]]].tolist()) for rows in (np.asarray(r, np.int64) for r in fold.parts.values())]
    everywhere = [key for part in parts for key in part]
    return len(everywhere) - len(set(everywhere)) if everywhere else 0
