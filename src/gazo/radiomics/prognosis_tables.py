"""The tables of a comparison of prognosis models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.radiomics.prognosis_folds import Cohort, HeldOut
from gazo.radiomics.risk_model import Floats, Ints
from gazo.stats.paired import PairedComparison

SHOWN = 30  # covariates in the table of frequencies


def figure_table(merits: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Every figure of merit of every model."""
    headings = (Text("モデル", "model"), Text("指標", "figure"), Text("値", "value"), Text("下限", "low"), Text("上限", "high"))
    rows = tuple((name, e.name, e.value, e.low, e.high) for name, found in merits.items() for e in found.values())
    return Table(Text("交差検証による評価指標", "Figures of merit, out of fold"), headings, rows)


def comparison_table(gaps: Mapping[str, PairedComparison], beside: str) -> Table:
    """Differences of C to one model, with a paired test."""
    headings = (
        Text("モデル", "model"), Text("C の差", "difference of C"), Text("下限", "low"), Text("上限", "high"), Text("p", "p"),
    )  # fmt: skip
    rows = tuple((name, g.difference.value, g.difference.low, g.difference.high, g.p) for name, g in gaps.items())
    title = Text(f"{beside} モデルとの C の差 (同じ患者)", f"C less that of the {beside} model, same patients")
    return Table(title, headings, rows)


def frequency_table(held: Mapping[str, HeldOut]) -> Table:
    """How often each covariate was in the model."""
    headings = (Text("モデル", "model"), Text("変数", "covariate"), Text("選ばれた割合", "share of fits"))
    rows = []
    for name, found in held.items():
        counts = Counter(covariate for used in found.used for covariate in used)
        rows += [(name, covariate, count / len(found.used)) for covariate, count in counts.most_common(SHOWN)]
    return Table(Text("変数が選ばれた割合", "How often covariates were chosen"), headings, tuple(rows))


def predictions_table(cohort: Cohort, held: Mapping[str, HeldOut], rows: Ints, grid: Floats, at: Floats) -> Table:
    """Follow-up, log risk and survival at the times of evaluation for each row, out of fold."""
    places = [int(np.argmin(np.abs(grid - moment))) for moment in at]
    columns = [(f"{name} log risk", found.log_risk) for name, found in held.items()]
    columns += [(f"{name} S({grid[p]:.4g})", found.survival[:, p]) for name, found in held.items() for p in dict.fromkeys(places)]
    names = ("row", "time", "event", *(heading for heading, _ in columns))
    cells = zip(
        (rows + 1).tolist(),
        cohort.time.tolist(),
        cohort.event.astype(int).tolist(),
        *(v.tolist() for _, v in columns),
        strict=True,
    )
    return Table(Text("患者ごとの予測 (交差検証)", "Predictions, out of fold"), tuple(Text(n, n) for n in names), tuple(cells))
