"""The most similar past cases: nearest neighbours in the space of standardised, selected features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.feature_columns import FeatureNames, PatientName, feature_columns
from gazo.radiomics.feature_recipe import select
from gazo.stats.columns import column, word_column
from gazo.stats.inputs import groups_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@result("similar cases")
@dataclass(frozen=True, eq=False, kw_only=True)
class SimilarCases(Measurement):
    """The past cases most like a case, what became of them, and whether it is like any at all.

    Parameters
    ----------
    neighbours : rank, row of the table, distance, and the columns that were asked for.
    nearest : distance to the nearest one.
    strangeness : share of the past cases whose own nearest neighbour is nearer than that; near 100 % the case is like none.
    distances : to all past cases in order.
    features : value of the case and of its neighbours in SD from the mean of the past cases.
    """

    conclusion: Text
    neighbours: Table
    nearest: Estimate
    strangeness: Estimate
    distances: Curve
    features: Table


@operation("似た過去の症例", "Most similar past cases", booklet="C7")
def similar_cases(
    table: Table,
    new: Table | None = None,
    *,
    row: Annotated[int, Ge(1), Le(1_000_000), Label("調べる症例の行 (1 から)", "Row of the case (from 1)")] = 1,
    features: FeatureNames = ("*",),
    patient: PatientName = "",
    label: Annotated[
        str, Label("特徴量の選択に使うラベルの列 (空欄なら選ばない)", "Column of labels for choosing features (empty: all)")
    ] = "",
    count: Annotated[int, Ge(1), Le(500), Label("選ぶ特徴量の数", "Features chosen")] = 10,
    neighbours: Annotated[int, Ge(1), Le(100), Label("示す症例の数", "Cases shown")] = 5,
    shown: Annotated[tuple[str, ...], Label("一緒に示す列 (経過など)", "Columns shown beside (such as outcome)")] = (),
) -> SimilarCases:
    """Euclidean distance over standardised features, divided by the root of their number: 1 is one standard deviation in each.

    Features are standardised by the past cases; with a label column, mRMR chooses among them without the case itself. Rows of the same
    patient are no past cases. A similar image is no prognosis: the neighbours are shown, not averaged.

    Parameters
    ----------
    table : the past cases, one row each.
    new : a table that holds the case; None takes a row of `table` itself.
    """
    names, values = feature_columns(table, features, besides=(patient, label, *shown))
    asked, past = _asked(table, new, names, values, row, patient)
    level, spread = values[past].mean(0), values[past].std(0)
    if not np.isfinite(values[past]).all() or not np.isfinite(asked).all():
        raise DataError(
            "G-RAD-445",
            en=f"every feature must be a number in each of the {len(past)} past cases and in the case itself; some cells are empty. Fill them or name other columns.",
            ja=f"過去の症例 {len(past)} 例と調べる症例のすべてに特徴量の値が必要ですが、空欄があります。補うか、別の列を指定してください。",
        )
    used = np.flatnonzero(spread > 1e-12 * np.maximum(1.0, np.abs(level)))
    standard = (values[past][:, used] - level[used]) / spread[used]
    case = (asked[used] - level[used]) / spread[used]
    if label:
        truth = np.unique([str(word) for word in np.array(word_column(table, label), object)[past]], return_inverse=True)[1]
        chosen = select(standard, truth, "mrmr-fcq", (count,), redundancy=0.9, seed=0)[0]
        used, standard, case = used[chosen], standard[:, chosen], case[chosen]
    distance = _distance(standard, case)
    order = np.argsort(distance, kind="stable")[:neighbours]
    own = _own_nearest(standard, groups_of(None if not patient else [word_column(table, patient)[p] for p in past], len(past)))
    strange = float(100 * np.mean(own < distance[order[0]]))
    return SimilarCases(
        conclusion=Text(
            f"最も似た過去の症例は表の {past[order[0]] + 1} 行目 (距離 {distance[order[0]]:.2f}) です。"
            + ("ただし、過去のどの症例にもあまり似ていません。" if strange >= 95 else ""),
            f"The most similar past case is row {past[order[0]] + 1} of the table (distance {distance[order[0]]:.2f})."
            + (" But the case is not much like any past case." if strange >= 95 else ""),
        ),
        neighbours=_neighbours(table, past, order, distance, shown),
        nearest=Estimate(
            Text("最近傍までの距離", "Distance to the nearest"), float(distance[order[0]]), method="single measurement"
        ),
        strangeness=_strangeness(int(np.sum(own < distance[order[0]])), len(own)),
        distances=_curve(np.sort(distance)),
        features=_features([names[u] for u in used], case, standard[order], past[order]),
        sentence=Text(
            f"過去 {len(past)} 例の平均と標準偏差で標準化した {len(used)} 個の特徴量のユークリッド距離により、似た症例を求めた。",
            f"Similar cases were found by Euclidean distance over {len(used)} features standardised by the mean and SD of {len(past)} past cases.",
        ),
    )


def _asked(
    table: Table, new: Table | None, names: tuple[str, ...], values: Floats, row: int, patient: str
) -> tuple[Floats, Ints]:
    """The features of the case, and the rows that are past cases to it."""
    rows = len(values) if new is None else len(new.rows)
    if row > rows or len(values) < 3:
        raise OptionError(
            "G-RAD-446",
            en=f"row {row} must be one of the {rows} rows, and at least 2 past cases are needed; the table of past cases has {len(values)} rows. Give another row or table.",
            ja=f"{row} 行目は全 {rows} 行の中になければならず、過去の症例は 2 例以上必要です。過去の症例の表は {len(values)} 行です。行番号か表を確認してください。",
        )
    if new is not None:
        return feature_columns(new, names)[1][row - 1], np.arange(len(values))
    owners = groups_of(word_column(table, patient) if patient else None, len(values))
    return values[row - 1], np.flatnonzero(owners != owners[row - 1])


def _distance(past: Floats, case: Floats) -> Floats:
    found: Floats = np.sqrt(((past - case) ** 2).mean(1))
    return found


def _own_nearest(past: Floats, owners: Ints) -> Floats:
    """Distance of each past case to the nearest one of another patient."""
    found = np.empty(len(past))
    for number, case in enumerate(past):
        apart = _distance(past, case)
        found[number] = apart[owners != owners[number]].min(initial=np.inf)
    return found


def _strangeness(nearer: int, cases: int) -> Estimate:
    from gazo.stats.proportions import proportion

    share = proportion(nearer, cases)
    name = Text("これより近い最近傍をもつ過去の症例の割合", "Past cases with a nearer nearest neighbour")
    low, high = 100 * (share.low or 0.0), 100 * (share.high or 0.0)
    return Estimate(name, 100 * share.value, low, high, 0.95, share.method, "%")


def _neighbours(table: Table, past: Ints, order: Ints, distance: Floats, shown: tuple[str, ...]) -> Table:
    beside = {name: column(table, name) for name in shown}
    headings = (Text("順位", "rank"), Text("行", "row"), Text("距離", "distance"), *(Text(name, name) for name in shown))
    rows: list[tuple[Any, ...]] = [
        (rank + 1, int(past[one]) + 1, float(distance[one]), *(cells[past[one]] for cells in beside.values()))
        for rank, one in enumerate(order)
    ]
    return Table(Text("似た過去の症例", "Similar past cases"), headings, tuple(rows))


def _curve(distances: Floats) -> Curve:
    ranks = np.arange(1.0, len(distances) + 1)
    return Curve(
        ranks, distances, Text("近い順", "Rank"), Text("距離", "Distance"), Text("過去の症例までの距離", "Distance to past cases")
    )


def _features(names: list[str], case: Floats, near: Floats, rows: Ints) -> Table:
    headings = (Text("特徴量", "feature"), Text("この症例", "the case"), *(Text(f"{r + 1} 行目", f"row {r + 1}") for r in rows))
    cells = tuple((name, float(case[i]), *near[:, i].tolist()) for i, name in enumerate(names))
    return Table(Text("特徴量の比較 (標準偏差単位)", "Features compared (in SD)"), headings, cells)
