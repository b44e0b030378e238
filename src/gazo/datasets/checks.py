"""The check of a data set before anything is learned from it; its findings and tables stand in every report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.core.registry import feature
from gazo.core.results import Table, result
from gazo.datasets.associations import Association, associations
from gazo.datasets.copies import LEVEL, Copies, copies_among
from gazo.datasets.measures import Survey, survey
from gazo.datasets.shifts import Shift, shifts
from gazo.datasets.splits import Fold
from gazo.datasets.strata import class_names, is_missing, kept_together
from gazo.datasets.summary import describe
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


@result("data report")
@dataclass(frozen=True, eq=False)
class DataReport:
    """Findings, the worst first, and the tables behind them."""

    findings: tuple[Finding, ...]
    summary: Table
    images: Table
    associations: Table
    shifts: Table
    copies: Copies

    def of(self, *codes: str) -> tuple[Finding, ...]:
        """The findings of some kinds."""
        return tuple(f for f in self.findings if f.code in codes)

    def table(self) -> Table:
        """The findings as a table."""
        words = {"serious": "重大 / serious", "warning": "注意 / warning", "note": "参考 / note"}
        headings = (Text("程度", "Severity"), Text("種類", "Kind"), Text("内容 (日本語)", "Finding (Japanese)"))
        rows = tuple((words[f.severity], f.code, f.text.ja, f.text.en, len(f.rows)) for f in self.findings)
        return Table(
            Text("データの検査結果", "Findings in the data"),
            (*headings, Text("内容 (英語)", "Finding (English)"), Text("画像数", "Images")),
            rows,
        )


@feature("学習データの検査", "Check of the training data", booklet="D14")
def check(
    images: ImageSet,
    *,
    fold: Fold | None = None,
    reference: ImageSet | None = None,
    level: Annotated[float, Ge(0.3), Le(1), Label("複製とみなす相関", "Correlation of near copies")] = LEVEL,
    on_event: OnEvent = quiet,
) -> DataReport:
    """Look for what spoils a study before it begins; a set without faults gives no finding.

    Searched are: unreadable, empty and outlying images (robust z above 6 of mean and contrast), mixed kinds of pixels, missing
    labels and patients, rare classes, impossible ages, copies (`find_copies`) across patients, labels and parts, patients in two
    parts, columns that give the label away (`associations`), and shifts against target data (`shifts`). Each image is read once.

    Parameters
    ----------
    images : roles label, patient, split, boxes and mask are used where they exist.
    fold : a division whose parts must share no patient and no copy; without it the role `split` is looked at.
    reference : the target data: where the result shall be used. Its images and regions are compared with those of `images`.
    level : correlation from which two images are copies.
    """
    found = survey(images, on_event=on_event)
    copies = copies_among(images, found.prints, level=level)
    links = associations(images, _acquired(found))
    compared = [] if reference is None else shifts(found, survey(reference, on_event=on_event))
    findings = [
        *_readable(found),
        *_labels(images),
        *_patients(images),
        *_ages(images),
        *_pixels(found),
        *_outliers(found),
        *_copied(images, copies),
        *_leaks(images, fold, copies),
        *_shortcuts(links),
        *_shifted(compared),
    ]
    order = ("serious", "warning", "note")
    findings.sort(key=lambda finding: order.index(finding.severity))
    return DataReport(tuple(findings), describe(images), _image_table(found), _link_table(links), _shift_table(compared), copies)


def _readable(found: Survey) -> Iterator[Finding]:
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


def _labels(images: ImageSet) -> Iterator[Finding]:
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


def _patients(images: ImageSet) -> Iterator[Finding]:
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


def _ages(images: ImageSet) -> Iterator[Finding]:
    for column in (name for name in images.columns if is_named(name, "age")):
        ages = as_numbers(images.columns[column])
        if ages is not None and (rows := tuple(np.flatnonzero((ages < 0) | (ages > _OLDEST)).tolist())):
            text = Text(
                f"{len(rows)} 行の年齢がありえない値 (0 未満または {_OLDEST} 超) です。",
                f"{len(rows)} rows have an impossible age (below 0 or above {_OLDEST}).",
            )
            yield Finding("warning", "age-impossible", text, rows)


def _pixels(found: Survey) -> Iterator[Finding]:
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


def _outliers(found: Survey) -> Iterator[Finding]:
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


def _copied(images: ImageSet, copies: Copies) -> Iterator[Finding]:
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


def _leaks(images: ImageSet, fold: Fold | None, copies: Copies) -> Iterator[Finding]:
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


def _shortcuts(links: list[Association]) -> Iterator[Finding]:
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


def _shifted(compared: list[Shift]) -> Iterator[Finding]:
    for shift in compared:
        if shift.p * len(compared) < _ALPHA and abs(shift.smd) >= _SHIFT_SMD:
            text = Text(
                f"{shift.name.ja}の分布が対象データと異なります (中央値 {shift.median:.4g}、対象 {shift.target_median:.4g}、標準化差 {shift.smd:+.2f})。",
                f"The {shift.name.en} differs from the target data (median {shift.median:.4g}, target {shift.target_median:.4g}, standardised difference {shift.smd:+.2f}).",
            )
            yield Finding("warning", "shift", text)


def _acquired(found: Survey) -> dict[str, NDArray[Any]]:
    """What the files themselves tell about how an image was taken, one value a row."""
    columns: Mapping[str, list[Any]] = {
        "width (file)": [None if m is None else m.columns for m in found.measures],
        "height (file)": [None if m is None else m.rows for m in found.measures],
        "bits (file)": [None if m is None else m.depth for m in found.measures],
        "spacing (file)": [None if m is None else m.spacing_mm for m in found.measures],
    }
    return {name: np.array(cells, dtype=object) for name, cells in columns.items()}


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


def _rows(groups: Any) -> tuple[int, ...]:
    return tuple(int(row) for group in groups for row in group)


def _image_table(found: Survey) -> Table:
    """Distribution of the images: least, quartiles, most of each measure, and the regions."""
    columns = {
        Text("幅 [px]", "Width [px]"): found.numbers("columns"),
        Text("高さ [px]", "Height [px]"): found.numbers("rows"),
        Text("画素間隔 [mm]", "Pixel spacing [mm]"): found.numbers("spacing_mm"),
        Text("画素値の平均", "Mean of pixel values"): found.numbers("mean"),
        Text("コントラスト (SD)", "Contrast (SD)"): found.numbers("contrast"),
    }
    for unit in sorted({region.unit for region in found.regions}):
        name = Text(f"領域の等価直径 [{unit}]", f"Equivalent diameter of regions [{unit}]")
        columns[name] = np.array([region.diameter for region in found.regions if region.unit == unit])
    if found.regions:
        columns[Text("領域と周囲のコントラスト [SD]", "Contrast of regions [SD]")] = np.array([r.contrast for r in found.regions])
    rows = []
    for name, values in columns.items():
        known = values[np.isfinite(values)]
        five = [float(f"{q:.5g}") for q in np.percentile(known, [0, 25, 50, 75, 100])] if known.size else [None] * 5
        rows.append((f"{name.ja} / {name.en}", int(known.size), *five))
    headings = (
        Text("項目", "Measure"),
        Text("個数", "Count"),
        Text("最小", "Least"),
        Text("25 %", "25 %"),
        Text("中央値", "Median"),
    )
    return Table(
        Text("画像の分布", "Distribution of the images"), (*headings, Text("75 %", "75 %"), Text("最大", "Most")), tuple(rows)
    )


def _link_table(links: list[Association]) -> Table:
    headings = (Text("列", "Column"), Text("関連の強さ (0-1)", "Strength (0-1)"), Text("p", "p"), Text("患者数", "Patients"))
    rows = tuple((link.column, round(link.strength, 3), float(f"{link.p:.3g}"), link.cases) for link in links)
    return Table(Text("ラベルと各列の関連", "Label against the columns"), headings, rows)


def _shift_table(compared: list[Shift]) -> Table:
    headings = (
        *(Text("項目", "Measure"), Text("中央値", "Median"), Text("対象の中央値", "Median of the target"), Text("個数", "Count")),
        *(Text("対象の個数", "Count of the target"), Text("KS の D", "KS D"), Text("p", "p"), Text("標準化差", "SMD")),
    )
    rows = tuple(
        (f"{s.name.ja} / {s.name.en}", s.median, s.target_median, s.cases, s.target_cases, round(s.d, 4), s.p, round(s.smd, 3))
        for s in compared
    )
    return Table(Text("対象データとの比較", "Compared with the target data"), headings, rows)
