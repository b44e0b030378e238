"""Two tests read on the same cases: the difference of their areas, reader by reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Label
from gazo.core.results import Curve, Estimate, Measurement, Table, number_text, result
from gazo.stats.auc import class_pattern, compare_aucs, roc_curve
from gazo.stats.bootstrap import paired_bootstrap
from gazo.stats.curve_models import FAMILIES
from gazo.stats.delong import auc_value
from gazo.stats.inputs import Bools, Floats, groups_of
from gazo.stats.paired import PairedComparison
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.roc_study import LevelOption, ModelOption, Repeats, ratings_of


@result("paired areas")
@dataclass(frozen=True, eq=False, kw_only=True)
class PairedAreas(Measurement):
    """For each reader the areas of both tests and their difference, first - second, with a two-sided test that it is 0."""

    conclusion: Text
    differences: tuple[Estimate, ...]
    each: Table
    curves: tuple[Curve, ...]
    comparisons: tuple[PairedComparison, ...] = ()


@operation("2 つの検査の AUC の比較", "Compare the AUCs of two tests", booklet="B5")
def compare(
    study: ReaderStudy,
    *,
    first: Annotated[str, Label("検査 A (空欄: 最初の検査)", "Test A (empty: the first)")] = "",
    second: Annotated[str, Label("検査 B (空欄: 2 番目の検査)", "Test B (empty: the second)")] = "",
    method: Annotated[Literal["delong", "bootstrap"], Label("検定法", "Method")] = "delong",
    model: ModelOption = "empirical",
    level: LevelOption = 0.95,
    repeats: Repeats = 1000,
    seed: int = 0,
) -> PairedAreas:
    """Paired comparison of two areas on the cases read under both tests, with the interval of the difference A - B.

    DeLong et al. 1988, by patient Obuchowski 1997; areas of a model are compared by a bootstrap over patients. Each reader stands alone:
    for one answer over readers use `mrmc`.

    Parameters
    ----------
    study : ratings; a table with a column of truth and a column for each test is a study of one reader.
    first, second : names of the tests.
    """
    a, b = _position(study, first, 0), _position(study, second, 1)
    found = [
        (reader, pair)
        for j, reader in enumerate(study.readers)
        if (pair := _compared(study, a, b, j, method, model, level, repeats, seed))
    ]
    names = study.tests[a], study.tests[b]
    return PairedAreas(
        conclusion=_conclusion(names, found),
        differences=tuple(_named(pair.difference, reader, len(found)) for reader, pair in found),
        each=_table(names, found),
        curves=_curves(study, (a, b), level, repeats, seed),
        comparisons=tuple(pair for _, pair in found),
        sentence=_sentence(method, model, level, repeats),
        warnings=_several(len(found)),
    )


def _compared(
    study: ReaderStudy, a: int, b: int, reader: int, method: str, model: str, level: float, repeats: int, seed: int
) -> PairedComparison | None:
    """One reader; None who did not read under both tests."""
    both = study.read_cases(a, reader) & study.read_cases(b, reader)
    if not both.any():
        return None
    truth, patients = study.truth[both], groups_of(study.patients[both].tolist(), int(both.sum()))
    values = study.ratings[a, reader, both], study.ratings[b, reader, both]
    names = Text(f"AUC ({study.tests[a]})", f"AUC ({study.tests[a]})"), Text(f"AUC ({study.tests[b]})", f"AUC ({study.tests[b]})")
    if method == "delong" and model == "empirical":
        return compare_aucs(truth, *values, patients=patients, level=level, names=names)
    pattern = class_pattern(truth, patients)
    statistic = _statistic(model)
    return paired_bootstrap(
        statistic, truth, *values, groups=patients, repeats=repeats, seed=seed, level=level, strata=pattern, names=names
    )


def _statistic(model: str) -> Callable[[Bools, Floats], float]:
    family = next((family for name, family in FAMILIES.items() if name == model), None)
    if family is None:
        return auc_value
    fit = family.fit
    return lambda truth, values: fit(truth, values, None).auc


def _position(study: ReaderStudy, name: str, default: int) -> int:
    if name in study.tests:
        return study.tests.index(name)
    if name or default >= len(study.tests):
        hint = nearest(name, study.tests)
        raise OptionError(
            "G-ROC-002",
            en=f"two tests are compared; '{name}' was named and the study has {len(study.tests)} test(s). {hint.en}",
            ja=f"比較する 2 つの検査が必要です。指定された検査: 「{name}」、データにある検査の数: {len(study.tests)}。{hint.ja}",
        )
    return default


def _named(estimate: Estimate, reader: str, readers: int) -> Estimate:
    name = (
        estimate.name if readers == 1 else Text(f"{estimate.name.ja} (読影者 {reader})", f"{estimate.name.en} (reader {reader})")
    )
    return replace(estimate, name=name)


def _table(names: tuple[str, str], found: list[tuple[str, PairedComparison]]) -> Table:
    headings = (
        Text("読影者", "Reader"), Text(f"AUC ({names[0]})", f"AUC ({names[0]})"), Text(f"AUC ({names[1]})", f"AUC ({names[1]})"),
        Text("差", "Difference"), Text("下限", "Low"), Text("上限", "High"), Text("z", "z"), Text("p", "p"), Text("方法", "Method"),
    )  # fmt: skip
    rows = tuple(
        (
            reader,
            pair.first.value,
            pair.second.value,
            pair.difference.value,
            pair.difference.low,
            pair.difference.high,
            pair.z,
            pair.p,
            pair.method,
        )
        for reader, pair in found
    )
    return Table(Text(f"AUC の差 ({names[0]} - {names[1]})", f"Difference of AUC ({names[0]} - {names[1]})"), headings, rows)


def _curves(study: ReaderStudy, tests: tuple[int, int], level: float, repeats: int, seed: int) -> tuple[Curve, ...]:
    wanted = {study.tests[test] for test in tests}
    return tuple(
        roc_curve(one.truth, one.values, patients=one.patients, level=level, repeats=repeats, seed=seed, title=one.title).curve()
        for one in ratings_of(study)
        if one.test in wanted
    )


def _several(readers: int) -> tuple[Text, ...]:
    if readers < 2:
        return ()
    return (
        Text(
            f"{readers} 人の読影者を 1 人ずつ検定しています (多重比較の補正はしていません)。読影者全体についての結論には mrmc を使ってください。",
            f"the {readers} readers were tested one by one, without correction; for a conclusion over readers use mrmc.",
        ),
    )


def _conclusion(names: tuple[str, str], found: list[tuple[str, PairedComparison]]) -> Text:
    a, b = names
    if len(found) == 1:
        d, p = found[0][1].difference, found[0][1].p
        numbers = f"{number_text(d.value)} ({100 * d.level:g} % CI {number_text(d.low or 0.0)}–{number_text(d.high or 0.0)}, p = {number_text(p)})"
        return Text(f"AUC の差 ({a} - {b}) は {numbers} でした。", f"The difference of AUC ({a} - {b}) was {numbers}.")
    favour = sum(pair.difference.value > 0 for _, pair in found)
    clear = sum(pair.p < 0.05 for _, pair in found)
    mean = number_text(float(np.mean([pair.difference.value for _, pair in found]))) if found else "–"
    return Text(
        f"{len(found)} 人中 {favour} 人で {a} の AUC が {b} より大きく、差の平均は {mean}、個別の検定で p < 0.05 は {clear} 人でした。",
        f"{favour} of {len(found)} readers had the larger AUC with {a} than with {b}; the mean difference was {mean}, and {clear} had p < 0.05 alone.",
    )


def _sentence(method: str, model: str, level: float, repeats: int) -> Text:
    percent = f"{100 * level:g}"
    if method == "delong" and model == "empirical":
        return Text(
            f"同一症例における 2 つの AUC を DeLong らの方法 (1988; 同一患者の複数症例は Obuchowski 1997) で比較し、差の {percent} % 信頼区間を求めました。",
            f"Two AUCs on the same cases were compared by the method of DeLong et al. (1988; several cases of a patient: Obuchowski 1997), with "
            f"the {percent} % confidence interval of their difference.",
        )
    what = FAMILIES[model].name if model in FAMILIES else Text("経験的", "empirical")
    return Text(
        f"同一症例における 2 つの AUC ({what.ja}) を患者単位のブートストラップ ({repeats} 回) で比較し、差の {percent} % 信頼区間を求めました。",
        f"Two AUCs ({what.en}) on the same cases were compared by a bootstrap over patients ({repeats} resamples), with the {percent} % "
        "confidence interval of their difference.",
    )
