"""The check of a data set before anything is learned from it; its findings and tables stand in every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

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
from gazo.datasets.findings import (
    Finding,
    age_faults,
    copied,
    label_faults,
    leaks,
    mixed_pixels,
    outliers,
    patient_faults,
    shifted,
    shortcuts,
    unreadable,
)
from gazo.datasets.measures import Survey, survey
from gazo.datasets.shifts import Shift, shifts
from gazo.datasets.splits import Fold
from gazo.datasets.summary import describe


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
        words = {"serious": Text("重大", "serious"), "warning": Text("注意", "warning"), "note": Text("参考", "note")}
        headings = (Text("程度", "Severity"), Text("内容", "Finding"), Text("画像数", "Images"))
        rows = tuple((words[f.severity], f.text, len(f.rows)) for f in self.findings)
        return Table(Text("データの検査結果", "Findings in the data"), headings, rows)


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
        *unreadable(found),
        *label_faults(images),
        *patient_faults(images),
        *age_faults(images),
        *mixed_pixels(found),
        *outliers(found),
        *copied(images, copies),
        *leaks(images, fold, copies),
        *shortcuts(links),
        *shifted(compared),
    ]
    order = ("serious", "warning", "note")
    findings.sort(key=lambda finding: order.index(finding.severity))
    return DataReport(tuple(findings), describe(images), _image_table(found), _link_table(links), _shift_table(compared), copies)


def _acquired(found: Survey) -> dict[str, NDArray[Any]]:
    """What the files themselves tell about how an image was taken, one value a row."""
    columns: Mapping[str, list[Any]] = {
        "width (file)": [None if m is None else m.columns for m in found.measures],
        "height (file)": [None if m is None else m.rows for m in found.measures],
        "bits (file)": [None if m is None else m.depth for m in found.measures],
        "spacing (file)": [None if m is None else m.spacing_mm for m in found.measures],
    }
    return {name: np.array(cells, dtype=object) for name, cells in columns.items()}


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
        rows.append((name, int(known.size), *five))
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
        (s.name, s.median, s.target_median, s.cases, s.target_cases, round(s.d, 4), s.p, round(s.smd, 3)) for s in compared
    )
    return Table(Text("対象データとの比較", "Compared with the target data"), headings, rows)
