"""ROC analysis of a reader study: one curve and one area for every reader under every test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Gt, Label, Le, Lt
from gazo.core.results import Curve, Estimate, Measurement, Table, number_text, result
from gazo.stats.auc import AUC, auc, class_pattern, roc_curve
from gazo.stats.bootstrap import bootstrap
from gazo.stats.curve_models import FAMILIES, Family, Fit, ModelName
from gazo.stats.delong import auc_limits, auc_value
from gazo.stats.inputs import Bools, Floats, Ints, groups_of, repeated
from gazo.stats.operating import partial_auc, rates, sensitivity_at, youden_threshold
from gazo.stats.reader_study import ReaderStudy

IntervalName = Literal["logit", "wald", "bootstrap"]
ModelOption = Annotated[ModelName, Label("曲線のモデル", "Model of the curve")]
LevelOption = Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Level of the intervals")]
Repeats = Annotated[int, Ge(100), Le(100_000), Label("ブートストラップの回数", "Bootstrap resamples")]
FPF = Text("偽陽性率 (1 - 特異度)", "False positive fraction (1 - specificity)")
TPF = Text("真陽性率 (感度)", "True positive fraction (sensitivity)")
GRID = np.linspace(0, 1, 101)


class Ratings(NamedTuple):
    """What one reader said under one test: the cases that were read, their patients, what the curve is called."""

    test: str
    reader: str
    truth: Bools
    values: Floats
    patients: Ints
    title: Text


@result("roc analysis")
@dataclass(frozen=True, eq=False, kw_only=True)
class RocAnalysis(Measurement):
    """Area, points and curve of every reader under every test.

    `areas` follow the chosen model; `each` holds area, sensitivity at the specificity, partial area and Youden's point, `parameters` those
    of the model, `points` the empirical operating points; `curves` are the empirical or smooth curves with their bands.
    """

    conclusion: Text
    areas: tuple[Estimate, ...]
    each: Table
    parameters: Table | None
    points: Table
    curves: tuple[Curve, ...]


@operation("ROC 解析", "ROC analysis", booklet="B5")
def roc(
    study: ReaderStudy,
    *,
    model: ModelOption = "empirical",
    interval: Annotated[IntervalName, Label("信頼区間の求め方", "Interval by")] = "logit",
    specificity: Annotated[
        float, Gt(0), Lt(1), Label("感度を読み取る特異度", "Specificity at which the sensitivity is read off")
    ] = 0.9,
    least_specificity: Annotated[
        float, Gt(0), Lt(1), Label("部分 AUC の特異度の下限", "Least specificity of the partial AUC")
    ] = 0.8,
    level: LevelOption = 0.95,
    repeats: Repeats = 1000,
    seed: int = 0,
) -> RocAnalysis:
    """The ROC curve and its area for each reader under each test, empirical or of a model.

    The direction is never turned: high ratings speak for disease. Cases of one patient are kept together (Obuchowski 1997, or a bootstrap
    over patients, which a model then always uses). Data that determine no model curve get their empirical area and a warning.

    Parameters
    ----------
    study : ratings of readers; of free responses the best mark of each case.
    model : "empirical", "binormal" (may have a hook), "proper" (never has one), "cbm" (contaminated binormal).
    interval : "logit" (default), "wald", or "bootstrap" over patients.
    """
    each = [_analysed(one, model, interval, specificity, least_specificity, level, repeats, seed) for one in ratings_of(study)]
    areas = tuple(one.area for one in each)
    return RocAnalysis(
        conclusion=_conclusion(areas),
        areas=areas,
        each=_table(each, specificity, least_specificity),
        parameters=_parameters(each, model),
        points=_points(each),
        curves=tuple(one.curve for one in each),
        sentence=_sentence(model, interval, level, repeats, any(repeated(one.ratings.patients) for one in each)),
        warnings=tuple(warning for one in each for warning in one.warnings),
    )


def ratings_of(study: ReaderStudy) -> Iterator[Ratings]:
    """Every reader under every test that has read something; marks of -inf and +inf stand one below and above the others."""
    for i, test in enumerate(study.tests):
        for j, reader in enumerate(study.readers):
            read = study.read_cases(i, j)
            if read.any():
                patients = groups_of(study.patients[read].tolist(), int(read.sum()))
                yield Ratings(
                    test, reader, study.truth[read], _finite(study.ratings[i, j, read]), patients, _title(study, test, reader)
                )


class _Found(NamedTuple):
    ratings: Ratings
    area: Estimate
    fit: Fit | None
    sensitivity: Estimate
    partial: Estimate
    curve: Curve
    warnings: tuple[Text, ...]


def _analysed(
    one: Ratings,
    model: ModelName,
    interval: IntervalName,
    specificity: float,
    least: float,
    level: float,
    repeats: int,
    seed: int,
) -> _Found:
    common: dict[str, Any] = {"patients": one.patients, "level": level, "repeats": repeats, "seed": seed}
    sensitivity = sensitivity_at(one.truth, one.values, specificity=specificity, **common)
    partial = partial_auc(one.truth, one.values, least_specificity=least, corrected=False, **common)
    family = FAMILIES.get(model)
    fit = None if family is None else family.fit(one.truth, one.values, None)
    notes = () if fit is None else fit.warnings
    if family is None or fit is None or fit.degenerate:
        area = _empirical(one, interval, level, repeats, seed)
        curve = roc_curve(one.truth, one.values, title=one.title, **common).curve()
    else:
        area = _modelled(one, family, fit, interval, level, repeats, seed)
        sensitivities, low, high = family.band(fit, GRID, level)
        curve = Curve(GRID, sensitivities, FPF, TPF, one.title, low=low, high=high, level=level)
    return _Found(one, area, fit, sensitivity, partial, curve, tuple(_of(one, note) for note in (*notes, *_direction(area))))


def _empirical(one: Ratings, interval: IntervalName, level: float, repeats: int, seed: int) -> Estimate:
    name = _area_name(one)
    if interval != "bootstrap":
        return auc(one.truth, one.values, patients=one.patients, level=level, interval=interval, name=name)
    low, high = _resampled(one, auc_value, level, repeats, seed)
    if low == high:  # a perfect curve: every resample is perfect too, which says nothing of other cases
        return auc(one.truth, one.values, patients=one.patients, level=level, name=name)
    return Estimate(
        name, auc_value(one.truth, one.values), low, high, level, f"bootstrap by patient, {repeats} resamples, percentile"
    )


def _modelled(one: Ratings, family: Family, fit: Fit, interval: IntervalName, level: float, repeats: int, seed: int) -> Estimate:
    """The delta method where every case is another patient; else, or when asked for, refits to resamples of patients."""
    if interval == "bootstrap" or repeated(one.patients) or not fit.se:
        low, high = _resampled(one, lambda truth, values: family.fit(truth, values, fit.shape).auc, level, repeats, seed)
        return Estimate(_area_name(one), fit.auc, low, high, level, f"bootstrap by patient, {repeats} resamples, percentile")
    positives = int(one.truth.sum())
    low, high, how = auc_limits(fit.auc, fit.se**2, positives, len(one.truth) - positives, level, interval)
    return Estimate(_area_name(one), fit.auc, low, high, level, f"maximum likelihood, {how}")


def _resampled(one: Ratings, statistic: Any, level: float, repeats: int, seed: int) -> tuple[float, float]:
    pattern = class_pattern(one.truth, one.patients)
    return bootstrap(
        statistic, one.truth, one.values, groups=one.patients, repeats=repeats, seed=seed, level=level, strata=pattern
    )


def _finite(values: Floats) -> Floats:
    real = values[np.isfinite(values)]
    low, high = (float(real.min()), float(real.max())) if len(real) else (0.0, 0.0)
    return np.nan_to_num(values, neginf=low - 1, posinf=high + 1)


def _title(study: ReaderStudy, test: str, reader: str) -> Text:
    """Only what tells the curves apart."""
    ja = " / ".join((["検査 " + test] if len(study.tests) > 1 else []) + (["読影者 " + reader] if len(study.readers) > 1 else []))
    en = " / ".join((["test " + test] if len(study.tests) > 1 else []) + (["reader " + reader] if len(study.readers) > 1 else []))
    return Text(ja, en) if en else Text("ROC 曲線", "ROC curve")


def _area_name(one: Ratings) -> Text:
    return AUC if one.title.en == "ROC curve" else Text(f"AUC ({one.title.ja})", f"AUC ({one.title.en})")


def _of(one: Ratings, note: Text) -> Text:
    return Text(f"{one.title.ja}: {note.ja}", f"{one.title.en}: {note.en}")


def _direction(area: Estimate) -> tuple[Text, ...]:
    if area.high is None or area.high >= 0.5:
        return ()
    return (
        Text(
            "AUC が 0.5 より有意に小さくなっています。高い評点が「病変なし」を表す尺度であれば、評点の向きを逆にしてから解析してください (自動では反転しません)。",
            "the AUC lies clearly below 0.5. If high ratings mean no disease on this scale, turn the ratings first (it is never done silently).",
        ),
    )


def _table(each: list[_Found], specificity: float, least: float) -> Table:
    headings = (
        Text("検査", "Test"), Text("読影者", "Reader"), Text("陰性例", "Negative cases"), Text("陽性例", "Positive cases"),
        Text("AUC", "AUC"), Text("下限", "Low"), Text("上限", "High"),
        Text(f"感度 (特異度 {specificity:g})", f"Sensitivity (specificity {specificity:g})"), Text("感度の下限", "Sensitivity low"),
        Text("感度の上限", "Sensitivity high"), Text(f"部分 AUC (特異度 {least:g} 以上)", f"Partial AUC (specificity at least {least:g})"),
        Text("部分 AUC の下限", "Partial AUC low"), Text("部分 AUC の上限", "Partial AUC high"), Text("Youden のしきい値", "Youden threshold"),
        Text("その感度", "Its sensitivity"), Text("その特異度", "Its specificity"),
    )  # fmt: skip
    return Table(Text("読影者ごとの結果", "Each reader"), headings, tuple(map(_row, each)))


def _row(found: _Found) -> tuple[Any, ...]:
    one, threshold = found.ratings, youden_threshold(found.ratings.truth, found.ratings.values)
    positives = int(one.truth.sum())
    called = one.values >= threshold
    estimates = [part for e in (found.area, found.sensitivity, found.partial) for part in (e.value, e.low, e.high)]
    at = float(called[one.truth].mean()), float((~called[~one.truth]).mean())
    return (one.test, one.reader, len(one.truth) - positives, positives, *estimates, threshold, *at)


def _parameters(each: list[_Found], model: ModelName) -> Table | None:
    family = FAMILIES.get(model)
    if family is None:
        return None
    headings = (
        Text("検査", "Test"), Text("読影者", "Reader"), *(Text(symbol, symbol) for symbol in family.symbols), Text("AUC", "AUC"),
        Text("AUC の標準誤差", "SE of the AUC"), Text("経験的 AUC", "Empirical AUC"), Text("縮退", "Degenerate"),
    )  # fmt: skip
    rows = tuple(
        (
            *(found.ratings.test, found.ratings.reader),
            *(found.fit.shape or (None, None)),
            *(found.fit.auc, found.fit.se, auc_value(found.ratings.truth, found.ratings.values), found.fit.degenerate),
        )
        for found in each
        if found.fit is not None
    )
    return Table(Text(f"{family.name.ja}の母数", f"Parameters of the {family.name.en}"), headings, rows)


def _points(each: list[_Found]) -> Table:
    rows = []
    for found in each:
        one = found.ratings
        levels = np.sort(np.unique(one.values))[::-1]
        for threshold, f, t in zip(levels, *(part[1:] for part in rates(one.truth, one.values)), strict=True):
            rows.append((one.test, one.reader, float(threshold), float(f), float(t)))
    headings = (
        Text("検査", "Test"),
        Text("読影者", "Reader"),
        Text("しきい値 (この評点以上)", "Threshold (this rating or above)"),
        FPF,
        TPF,
    )
    return Table(Text("経験的な動作点", "Empirical operating points"), headings, tuple(rows))


def _conclusion(areas: tuple[Estimate, ...]) -> Text:
    if len(areas) == 1:
        a = areas[0]
        percent, span = f"{100 * a.level:g}", f"{number_text(a.low or 0.0)}–{number_text(math.nan if a.high is None else a.high)}"
        return Text(
            f"AUC は {number_text(a.value)} ({percent} % 信頼区間 {span}) でした。",
            f"The AUC was {number_text(a.value)} ({percent} % CI {span}).",
        )
    values = [area.value for area in areas]
    low, high, mean = (number_text(v) for v in (min(values), max(values), float(np.mean(values))))
    return Text(
        f"{len(areas)} 本の曲線の AUC は {low}～{high} (平均 {mean}) でした。読影者を代表させた比較には mrmc を使ってください。",
        f"The AUCs of {len(areas)} curves lay between {low} and {high} (mean {mean}); use mrmc to compare tests over readers.",
    )


def _sentence(model: ModelName, interval: IntervalName, level: float, repeats: int, clustered: bool) -> Text:
    percent, family = f"{100 * level:g}", FAMILIES.get(model)
    by_ja = (
        f"患者単位のブートストラップ {repeats} 回"
        if interval == "bootstrap"
        else {"logit": "ロジット変換", "wald": "Wald 法"}[interval]
    )
    by_en = f"a bootstrap over patients ({repeats} resamples)" if interval == "bootstrap" else f"the {interval} method"
    theory = "Obuchowski 1997" if clustered else "DeLong et al. 1988"
    if family is None:
        return Text(
            f"経験的 ROC 曲線の AUC を求め ({theory})、{percent} % 信頼区間は{by_ja}によりました。",
            f"Areas under the empirical ROC curves were computed ({theory}) with {percent} % confidence intervals by {by_en}.",
        )
    return Text(
        f"ROC 曲線は{family.name.ja} ({family.source}) を真陽性・真陰性の連 (LABROC4) に対する最尤法で当てはめ、AUC の {percent} % 信頼区間は{by_ja}によりました。",
        f"ROC curves of the {family.name.en} ({family.source}) were fitted by maximum likelihood to truth-state runs (LABROC4), with "
        f"{percent} % confidence intervals of the AUC by {by_en}.",
    )
