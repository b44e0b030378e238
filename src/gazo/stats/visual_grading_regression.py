"""Visual grading regression: ordinal grades explained by condition, observer and other columns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, number_text, result
from gazo.stats.columns import number_column, word_column
from gazo.stats.inputs import Floats
from gazo.stats.kappa import Level
from gazo.stats.visual_grading import Case, Grades


@result("visual grading regression")
@dataclass(frozen=True, eq=False, kw_only=True)
class VisualGradingRegression(Measurement):
    """Odds ratios of a higher grade: of each condition against the reference, of each observer, of each covariate."""

    conclusion: Text
    odds_ratios: tuple[Estimate, ...]
    coefficients: Table


@operation("視覚的評価の順序ロジスティック回帰", "Visual grading regression", booklet="B6")
def visual_grading_regression(
    grades: Table,
    *,
    grade: Grades,
    factors: Annotated[tuple[str, ...], Label("要因の列 (条件、観察者など)", "Columns of factors: condition, observer ...")],
    case: Case = "",
    covariates: Annotated[tuple[str, ...], Label("数値の共変量の列", "Columns of numbers: covariates")] = (),
    level: Level = 0.95,
) -> VisualGradingRegression:
    """Proportional odds model, logit P(grade > k) = x b - threshold_k (Smedby & Fredrikson 2010, Br J Radiol 83:767), by statsmodels.

    The first level of each factor is its reference. Standard errors allow for grades of the same case being alike where `case` is named
    (sandwich over cases).

    Parameters
    ----------
    grades : one row a grade; rows with an empty cell are left out and counted.
    """
    y, x, names, clusters, left = _design(grades, grade, factors, covariates, case)
    beta, se, p = _fitted(y, x, clusters)
    ratios = _ratios(names, beta, se, level)
    note = (Text(f"値のない {left} 行を除きました。", f"{left} rows without a value were left out."),) if left else ()
    return VisualGradingRegression(
        conclusion=_conclusion(ratios[0], float(p[0])),
        odds_ratios=ratios,
        coefficients=_coefficients(names, beta, se, p),
        sentence=Text(
            f"視覚的評価は比例オッズモデルによる visual grading regression (Smedby & Fredrikson 2010) で解析し、オッズ比の {100 * level:g} % 信頼区間を求めた"
            + ("(症例内の相関を考慮したサンドイッチ分散)。" if case else "。"),
            f"Visual grades were analysed by visual grading regression (proportional odds; Smedby and Fredrikson 2010) with {100 * level:g} % intervals of the odds ratios"
            + (", standard errors clustered by case." if case else "."),
        ),
        warnings=note,
    )


def _design(
    table: Table, grade: str, factors: tuple[str, ...], covariates: tuple[str, ...], case: str
) -> tuple[Floats, Floats, list[Text], Any, int]:
    """Grades, columns of the model, their names, clusters and the number of rows left out."""
    y = number_column(table, grade)
    words = [word_column(table, name) for name in factors]
    numbers = [number_column(table, name) for name in covariates]
    owners = word_column(table, case) if case else ("",) * len(y)
    kept = [
        r for r in range(len(y))
        if not np.isnan([y[r], *(column[r] for column in numbers)]).any() and None not in (owners[r], *(column[r] for column in words))
    ]  # fmt: skip
    columns, names = [], []
    for name, column in zip(factors, words, strict=True):
        levels = list(dict.fromkeys(str(column[r]) for r in kept))
        for one in levels[1:]:
            columns.append([float(column[r] == one) for r in kept])
            names.append(Text(f"{name}: {one} ({levels[0]} に対して)", f"{name}: {one} (against {levels[0]})"))
    for name, values in zip(covariates, numbers, strict=True):
        columns.append(values[kept].tolist())
        names.append(Text(name, name))
    x = np.array(columns, np.float64).T if columns else np.zeros((len(kept), 0))
    _need_estimable(x, y[kept], names)
    return y[kept], x, names, ([owners[r] for r in kept] if case else None), len(y) - len(kept)


def _need_estimable(x: Floats, y: Floats, names: list[Text]) -> None:
    if not names or len(np.unique(y)) < 2 or np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) < x.shape[1] + 1:
        raise DataError(
            "G-AGR-024",
            en=f"the regression needs two grades at least and columns that are not made of each other; {len(np.unique(y))} grades and {len(names)} columns came. "
            "Leave out factors with one level or that repeat another.",
            ja=f"回帰には 2 段階以上の評点と、互いに独立な列が必要です。評点 {len(np.unique(y))} 段階、列 {len(names)} 個でした。"
            "水準が 1 つしかない要因や、他と重複する要因を除いてください。",
        )


def _fitted(y: Floats, x: Floats, clusters: Any) -> tuple[Floats, Floats, Floats]:
    """Coefficients, standard errors and p; a model that does not converge is refused."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    codes = np.unique(y, return_inverse=True)[1]
    robust = (
        {} if clusters is None else {"cov_type": "cluster", "cov_kwds": {"groups": np.unique(clusters, return_inverse=True)[1]}}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = OrderedModel(codes, x, distr="logit").fit(method="bfgs", disp=False, maxiter=1000, **robust)
    k = x.shape[1]
    beta, se, p = (np.asarray(part, np.float64)[:k] for part in (found.params, found.bse, found.pvalues))
    if not found.mle_retvals["converged"] or not np.isfinite(se).all() or abs(beta).max() > 15:
        raise DataError(
            "G-AGR-025",
            en="the regression has no finite solution: some factor separates the grades completely. Merge grades or leave that factor out.",
            ja="回帰の解が有限に求まりません。ある要因が評点を完全に分けています。評点の段階をまとめるか、その要因を除いてください。",
        )
    return beta, se, p


def _ratios(names: list[Text], beta: Floats, se: Floats, level: float) -> tuple[Estimate, ...]:
    from scipy.special import ndtri

    reach = float(ndtri((1 + level) / 2)) * se
    return tuple(
        Estimate(name, float(np.exp(b)), float(np.exp(b - r)), float(np.exp(b + r)), level, "Wald, logarithm")
        for name, b, r in zip(names, beta, reach, strict=True)
    )


def _coefficients(names: list[Text], beta: Floats, se: Floats, p: Floats) -> Table:
    headings = (
        Text("要因", "factor"),
        Text("係数", "coefficient"),
        Text("標準誤差", "standard error"),
        Text("z", "z"),
        Text("p", "p"),
    )
    rows = tuple((n, float(b), float(s), float(b / s), float(q)) for n, b, s, q in zip(names, beta, se, p, strict=True))
    return Table(Text("係数", "Coefficients"), headings, rows)


def _conclusion(first: Estimate, p: float) -> Text:
    span = f"{number_text(first.value)} ({number_text(first.low or 0.0)} - {number_text(first.high or 0.0)})"
    return Text(
        f"{first.name.ja}: より高い評点のオッズ比 {span}、p = {p:.3g}。",
        f"{first.name.en}: odds ratio of a higher grade {span}, p = {p:.3g}.",
    )
