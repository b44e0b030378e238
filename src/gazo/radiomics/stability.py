"""Which features come out the same when the scan or the contour is repeated: ICC(A,1) with its interval for each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.feature_columns import FeatureNames, feature_columns
from gazo.stats.columns import word_column
from gazo.stats.inputs import numbers, within
from gazo.stats.intraclass import intraclass_correlation
from gazo.stats.proportions import proportion

Floats = NDArray[np.float64]


@result("feature stability")
@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureStability(Measurement):
    """ICC(A,1) of each feature, which of them are kept, and how many would be at other limits.

    Parameters
    ----------
    kept : share of features whose lower limit reaches the limit asked for.
    middle : median ICC.
    by_limit : share of features kept against the limit.
    features : name, ICC, lower and upper limit, kept.
    """

    conclusion: Text
    kept: Estimate
    middle: Estimate
    by_limit: Curve
    features: Table


@feature("特徴量ごとの級内相関係数", "Intraclass correlation of each feature", booklet="C5")
def feature_agreement(repeats: ArrayLike, *, level: float = 0.95) -> Floats:
    """ICC(A,1), lower and upper limit of each feature, (features, 3); NaN for a feature that never changes.

    Parameters
    ----------
    repeats : (cases, repeats, features), complete: the same cases measured again.
    """
    within("level", level, 0, 1)
    values = numbers(repeats, "features")
    if values.ndim != 3 or min(values.shape[:2]) < 2:
        raise DataError(
            "G-RAD-415",
            en=f"repeatability needs at least 2 cases with 2 measurements each; the shape {values.shape} came. Name the columns of case and repeat, and check that cases stand in several rows.",
            ja=f"再現性の評価には、2 回以上測定した症例が 2 例以上必要です。受け取った形: {values.shape}。症例の列と繰り返しの列を確認してください。",
        )
    found = np.full((values.shape[2], 3), np.nan)
    for number in range(values.shape[2]):
        if np.ptp(values[:, :, number]) > 0:
            one = intraclass_correlation(values[:, :, number], level=level).agreement
            found[number] = one.value, one.low, one.high
    return found


@operation("特徴量の再現性 (ICC)", "Stability of features (ICC)", booklet="C5")
def stability(
    table: Table,
    *,
    case: Annotated[str, Label("症例の列", "Column of cases")] = "case",
    repeat: Annotated[
        str, Label("繰り返し (再撮影・再輪郭・観察者) の列", "Column of repeats (scan, contour, observer)")
    ] = "repeat",
    features: FeatureNames = ("*",),
    least: Annotated[float, Gt(0), Lt(1), Label("残す条件: 信頼下限", "Kept from this lower limit on")] = 0.75,
    level: Annotated[float, Ge(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
) -> FeatureStability:
    """ICC(A,1) of every feature over repeated scans, contours or observers; a feature is kept when its lower limit reaches `least`.

    Two-way model, absolute agreement, one measurement (McGraw & Wong 1996); 0.75 on the lower limit is "good" by Koo & Li 2016
    (J Chiropr Med 15:155). Cases that lack a repeat, or a value, are left out.

    Parameters
    ----------
    table : one row for each case and repeat.
    """
    names, values = feature_columns(table, features, besides=(case, repeat))
    cube, dropped = _cube(word_column(table, case), word_column(table, repeat), values)
    found = feature_agreement(cube, level=level)
    keep = np.nan_to_num(found[:, 1], nan=-1.0) >= least
    cases, repeats = cube.shape[:2]
    limits = np.round(np.arange(0, 1.0, 0.05), 2)
    shares = np.array([np.mean(np.nan_to_num(found[:, 1], nan=-1.0) >= one) for one in limits])
    return FeatureStability(
        conclusion=Text(
            f"{len(names)} 個の特徴量のうち {keep.sum()} 個 ({100 * keep.mean():.0f} %) で、ICC の {100 * level:g} % 信頼下限が {least:g} 以上でした。",
            f"{keep.sum()} of {len(names)} features ({100 * keep.mean():.0f} %) have an ICC whose lower {100 * level:g} % limit is at least {least:g}.",
        ),
        kept=proportion(int(keep.sum()), len(names), level=level, name=Text("残った特徴量の割合", "Share of features kept")),
        middle=_middle(found[:, 0]),
        by_limit=Curve(
            limits,
            shares,
            Text("ICC の信頼下限の基準", "Limit on the lower end of the ICC"),
            Text("残る特徴量の割合", "Share of features kept"),
            Text("基準と残る特徴量", "Features kept by limit"),
        ),
        features=_table(names, found, keep, level),
        warnings=_warnings(cases, dropped, int(np.isnan(found[:, 0]).sum())),
        sentence=Text(
            f"特徴量の再現性は、{cases} 例の {repeats} 回の測定から級内相関係数 ICC(A,1) とその {100 * level:g} % 信頼区間 (McGraw & Wong 1996) で評価し、信頼下限が {least:g} 以上の特徴量を残した。",
            f"Stability of the features was judged by ICC(A,1) with its {100 * level:g} % interval (McGraw & Wong 1996) from {repeats} measurements of {cases} cases; features with a lower limit of at least {least:g} were kept.",
        ),
    )


def _cube(cases: Any, repeats: Any, values: Floats) -> tuple[Floats, int]:
    """(cases, repeats, features) of the cases that have every repeat once and complete, and how many have not."""
    orders = sorted({r for r in repeats if r is not None})
    rows: dict[str, dict[str, int]] = {}
    for row, (one, turn) in enumerate(zip(cases, repeats, strict=True)):
        if one is None or turn is None:
            continue
        if turn in rows.setdefault(one, {}):
            raise DataError(
                "G-RAD-416",
                en=f"each case may have one row for each repeat; row {row + 1} repeats row {rows[one][turn] + 1}. Remove one of them or correct the column of repeats.",
                ja=f"症例と繰り返しの組み合わせは 1 行ずつでなければなりませんが、{row + 1} 行目は {rows[one][turn] + 1} 行目と重複しています。一方を削除するか、繰り返しの列を直してください。",
            )
        rows[one][turn] = row
    whole = [[own[turn] for turn in orders] for own in rows.values() if len(own) == len(orders)]
    cube = values[np.array(whole, np.int64).reshape(len(whole), len(orders))]
    complete = np.isfinite(cube).all((1, 2))
    return cube[complete], len(rows) - int(complete.sum())


def _middle(icc: Floats) -> Estimate:
    """Median ICC and the range that holds 95 % of the features."""
    known = icc[np.isfinite(icc)]
    name = Text("ICC の中央値", "Median ICC")
    if not len(known):
        return Estimate(name, float("nan"), None, None, 0.95, "undefined: no such case")
    low, middle, high = np.quantile(known, (0.025, 0.5, 0.975))
    return Estimate(name, float(middle), float(low), float(high), 0.95, "range of 95 % of the features")


def _table(names: tuple[str, ...], found: Floats, keep: NDArray[np.bool_], level: float) -> Table:
    headings = (
        Text("特徴量", "feature"), Text("ICC(A,1)", "ICC(A,1)"), Text(f"下限 {100 * level:g} %", f"low {100 * level:g} %"),
        Text(f"上限 {100 * level:g} %", f"high {100 * level:g} %"), Text("残す", "kept"),
    )  # fmt: skip
    order = np.argsort(-np.nan_to_num(found[:, 1], nan=-9.0), kind="stable")
    rows = tuple((names[i], *(None if np.isnan(v) else float(v) for v in found[i]), bool(keep[i])) for i in order)
    return Table(Text("特徴量の再現性", "Stability of the features"), headings, rows)


def _warnings(cases: int, dropped: int, constant: int) -> tuple[Text, ...]:
    said = []
    if dropped:
        said.append(
            Text(f"測定がそろわない {dropped} 例を除きました。", f"{dropped} cases with a missing repeat or value were left out.")
        )
    if constant:
        said.append(
            Text(f"値が変わらない特徴量が {constant} 個あり、残しません。", f"{constant} features never change and are not kept.")
        )
    if cases < 15:
        said.append(
            Text(
                f"{cases} 例では ICC の信頼区間が広く、良い特徴量も除かれやすくなります。",
                f"With {cases} cases the intervals of the ICC are wide and good features are easily lost.",
            )
        )
    return tuple(said)
