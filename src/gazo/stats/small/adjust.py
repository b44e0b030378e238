"""`adjust_p`: p values corrected for their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Gt, Label, Lt
from gazo.core.results import Measurement, Table, result
from gazo.stats.columns import column, number_column
from gazo.stats.small.testing import P_ADJUSTED, P, adjusted

WAYS = {
    "holm": Text("Holm 法 (1979)", "Holm (1979)"),
    "bonferroni": Text("Bonferroni 法", "Bonferroni"),
    "benjamini-hochberg": Text("Benjamini-Hochberg 法 (1995、偽発見率)", "Benjamini and Hochberg (1995, false discovery rate)"),
}


@result("adjusted p values")
@dataclass(frozen=True, eq=False, kw_only=True)
class AdjustedP(Measurement):
    """Each p with its corrected value, and how many are below the limit."""

    conclusion: Text
    values: Table


@operation("p 値の多重性補正", "Correct p values for their number")
def adjust_p(
    table: Table,
    *,
    p: Annotated[str, Label("p 値の列", "Column of p values")] = "p",
    test: Annotated[str | None, Label("検定の名前の列", "Column with the names of the tests")] = None,
    method: Annotated[Literal["holm", "bonferroni", "benjamini-hochberg"], Label("方法", "Method")] = "holm",
    limit: Annotated[float, Gt(0), Lt(1), Label("有意水準", "Limit")] = 0.05,
) -> AdjustedP:
    """Holm's and Bonferroni's method hold the chance of any false finding, Benjamini & Hochberg's the share of false ones among the findings.

    Parameters
    ----------
    table : one row a test; rows without p are left out and counted.
    """
    values = number_column(table, p)
    used = np.flatnonzero(~np.isnan(values))
    wrong = [n for n in used if not 0 <= values[n] <= 1]
    if wrong or not len(used):
        raise DataError(
            "G-TEST-035",
            en=f"column '{p}' must hold p values from 0 to 1, at least one; {len(used)} came, {len(wrong)} of them outside. Choose the column of p values.",
            ja=f"列「{p}」には 0 から 1 の p 値が 1 つ以上必要です。受け取った数: {len(used)}、うち範囲外 {len(wrong)}。p 値の列を選んでください。",
        )
    names = [str(cell) for cell in column(table, test)] if test else [str(n + 1) for n in range(len(values))]
    corrected = adjusted([float(values[n]) for n in used], method)
    rows = tuple((names[n], float(values[n]), q, bool(q <= limit)) for n, q in zip(used, corrected, strict=True))
    found, way, left = sum(row[-1] for row in rows), WAYS[method], len(values) - len(used)
    headings = (Text("検定", "Test"), P, P_ADJUSTED, Text(f"{limit:g} 以下", f"at most {limit:g}"))
    return AdjustedP(
        conclusion=Text(
            f"{len(rows)} 個の p 値のうち、{way.ja}で補正後に {limit:g} 以下は {found} 個。",
            f"{found} of {len(rows)} p values are at most {limit:g} after correction by {way.en}.",
        ),
        values=Table(Text("補正した p 値", "Corrected p values"), headings, rows),
        sentence=Text(f"p 値は{way.ja}で補正した。", f"p values were corrected by {way.en}."),
        warnings=(Text(f"空欄の {left} 行を除きました。", f"{left} rows without p were left out."),) if left else (),
    )
