"""Agreement of measurements from a table: intraclass correlation of several raters, Bland-Altman of two methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, number_text, result
from gazo.stats.agreement import BlandAltman, bland_altman, concordance
from gazo.stats.columns import column, number_column
from gazo.stats.intraclass import IntraclassCorrelation, intraclass_correlation
from gazo.stats.kappa import Level, Rater, Raters, Rating, Subject
from gazo.stats.ratings_table import ratings_of


@result("intraclass study")
@dataclass(frozen=True, eq=False, kw_only=True)
class IntraclassStudy(Measurement):
    """The six intraclass correlations and the analysis of variance they come from."""

    conclusion: Text
    correlations: tuple[Estimate, ...]
    variance: Table


@result("bland-altman study")
@dataclass(frozen=True, eq=False, kw_only=True)
class BlandAltmanStudy(Measurement):
    """Bias, limits of agreement, slope of the difference, Lin's concordance; `plot` holds the points."""

    conclusion: Text
    values: tuple[Estimate, ...]
    plot: BlandAltman


@operation("級内相関係数 (ICC) の解析", "Intraclass correlation of raters", booklet="B6")
def intraclass(
    ratings: Table,
    *,
    raters: Raters = (),
    subject: Subject = "",
    rater: Rater = "",
    rating: Rating = "",
    level: Level = 0.95,
) -> IntraclassStudy:
    """All six forms (Shrout & Fleiss 1979; McGraw & Wong 1996) with intervals from F.

    Report ICC(A,1) for the reliability of one rater in practice, ICC(A,k) for that of the mean of these raters; consistency forms
    leave out constant differences between raters.

    Parameters
    ----------
    ratings : one row a subject with a column a rater, or one row a rating.
    """
    said = ratings_of(ratings, raters=raters, subject=subject, rater=rater, rating=rating)
    found = intraclass_correlation(said.numbers(), level=level)
    one = found.agreement
    span = f"{number_text(one.value)} ({number_text(one.low or 0.0)} - {number_text(one.high or 0.0)})"
    n, k = len(said.subjects), len(said.raters)
    return IntraclassStudy(
        conclusion=Text(f"評価者 {k} 名・{n} 例で ICC(A,1) = {span}。", f"ICC(A,1) = {span} of {k} raters on {n} subjects."),
        correlations=(
            found.agreement, found.agreement_mean, found.consistency, found.consistency_mean, found.one_way, found.one_way_mean,
        ),
        variance=_variance(found, n, k),
        sentence=Text(
            f"評価者間の信頼性は級内相関係数 (二元配置変量モデル、絶対一致、単一評価: ICC(A,1)、McGraw & Wong 1996) で評価し、{100 * level:g} % 信頼区間は F 分布から求めた。",
            f"Reliability was measured by the intraclass correlation (two-way, absolute agreement, single rating: ICC(A,1), McGraw and Wong 1996) with {100 * level:g} % intervals from F.",
        ),
        warnings=said.warnings,
    )  # fmt: skip


@operation("Bland-Altman 分析 (表から)", "Bland-Altman analysis of two columns", booklet="B6")
def limits_of_agreement(
    measurements: Table,
    *,
    first: Annotated[str, Label("1 つ目の測定の列", "Column of the first measurement")],
    second: Annotated[str, Label("2 つ目の測定の列", "Column of the second measurement")],
    patient: Annotated[str, Label("患者の列 (1 人に複数の行があるとき)", "Column of the patient, where patients repeat")] = "",
    unit: Annotated[str, Label("単位 (表示用)", "Unit, shown only")] = "",
    level: Level = 0.95,
    seed: int = 0,
) -> BlandAltmanStudy:
    """Bias and limits of agreement with intervals (Bland & Altman 1986, 1999), proportional bias, and Lin's concordance.

    With several rows a patient the limits hold the variance within and between patients, and intervals come from the bootstrap over patients.

    Parameters
    ----------
    measurements : one row a pair; rows with an empty cell are left out and counted.
    """
    a, b = number_column(measurements, first), number_column(measurements, second)
    whole = (a == a) & (b == b)
    names = [name for name, kept in zip(column(measurements, patient), whole, strict=True) if kept] if patient else None
    words = Text(first, first), Text(second, second)
    plot = bland_altman(a[whole], b[whole], patients=names, level=level, seed=seed, names=words, unit=unit)
    lin = concordance(a[whole], b[whole], patients=names, level=level, seed=seed)
    left = int((~whole).sum())
    after = f" {unit}" if unit else ""
    said = f"{number_text(plot.bias.value)}", f"{number_text(plot.low_limit.value)} - {number_text(plot.high_limit.value)}"
    return BlandAltmanStudy(
        conclusion=Text(
            f"「{first}」-「{second}」の差の平均は {said[0]}{after}、95 % 一致限界は {said[1]}{after} であった。",
            f"The mean difference '{first}' - '{second}' was {said[0]}{after}, the 95 % limits of agreement {said[1]}{after}.",
        ),
        values=(plot.bias, plot.low_limit, plot.high_limit, plot.slope, lin),
        plot=plot,
        sentence=Text(
            f"2 つの測定の一致は Bland-Altman 分析 (1986) で評価し、差の平均と一致限界の {100 * level:g} % 信頼区間を求めた"
            + ("(患者ごとに複数の測定があるため、患者単位のブートストラップによる)。" if names else "(t 分布による)。"),
            f"Agreement was assessed by Bland and Altman (1986); {100 * level:g} % intervals of bias and limits "
            + ("from the bootstrap over patients, who have several rows." if names else "from t."),
        ),
        warnings=(Text(f"値のない {left} 行を除きました。", f"{left} rows without a value were left out."),) if left else (),
    )


def _variance(found: IntraclassCorrelation, n: int, k: int) -> Table:
    rows = (
        (Text("対象間", "between subjects"), n - 1, found.between_subjects),
        (Text("対象内", "within subjects"), n * (k - 1), found.within_subjects),
        (Text("評価者間", "between raters"), k - 1, found.between_raters),
        (Text("残差", "rest"), (n - 1) * (k - 1), found.rest),
    )
    headings = (Text("変動", "source"), Text("自由度", "degrees of freedom"), Text("平均平方", "mean square"))
    return Table(Text("分散分析", "Analysis of variance"), headings, rows)
