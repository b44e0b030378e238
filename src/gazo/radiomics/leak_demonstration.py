"""Why features must be chosen inside the folds: noise alone, judged the wrong way and the right way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.core.seeds import derived_seed, generator
from gazo.radiomics.feature_columns import FeatureCases
from gazo.radiomics.feature_models import fit_model
from gazo.radiomics.feature_recipe import select, stratified_folds
from gazo.stats.delong import auc_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 5


@result("leak demonstration")
@dataclass(frozen=True, eq=False, kw_only=True)
class LeakDemonstration(Measurement):
    """Areas from pure noise, with features chosen on all cases (wrong) and within each training part (right).

    Parameters
    ----------
    outside, inside : mean area over the simulated studies with the largest number of features.
    excess : how much the wrong way adds.
    by_features : both against the number of features.
    studies : each study with both areas.
    """

    conclusion: Text
    outside: Estimate
    inside: Estimate
    excess: Estimate
    by_features: tuple[Curve, ...]
    studies: Table


@operation("特徴量選択の漏れの実験", "Experiment on the leak of feature selection", booklet="C6")
def leak_demonstration(
    *,
    seed: int,
    patients: Annotated[int, Ge(20), Le(2000), Label("患者数 (半数が陽性)", "Patients (half of them positive)")] = 60,
    features: Annotated[tuple[int, ...], Label("特徴量の数", "Numbers of features")] = (10, 50, 200, 1000),
    chosen: Annotated[int, Ge(1), Le(100), Label("選ぶ特徴量の数", "Features chosen")] = 10,
    studies: Annotated[int, Ge(3), Le(1000), Label("模擬研究の数", "Simulated studies")] = 20,
    on_event: OnEvent = quiet,
) -> LeakDemonstration:
    """Features are standard normal noise and labels know nothing of them, so the true area is 0.5.

    Wrong: the features that differ most between the classes (Kruskal-Wallis) are chosen on all cases, then cross-validation judges the
    model. Right: they are chosen anew within each training part (Ambroise & McLachlan 2002, PNAS 99:6562). Ridge logistic regression,
    5 folds, the same folds for both. Intervals: t over studies.

    Parameters
    ----------
    features : at least two different numbers; each at least `chosen`.
    """
    numbers = tuple(sorted(set(features)))
    if len(numbers) < 2 or numbers[0] < chosen or numbers[-1] > 20_000:
        raise OptionError(
            "G-RAD-431",
            en=f"at least two different numbers of features from {chosen} (features chosen) to 20000 are needed; {', '.join(map(str, features))} came. Give for example 10, 50, 200.",
            ja=f"特徴量の数は、選ぶ数 {chosen} 以上 20000 以下の異なる値が 2 つ以上必要です。受け取った値: {', '.join(map(str, features))}。例: 10, 50, 200。",
        )
    areas = np.zeros((2, len(numbers), studies))
    for place, count in enumerate(numbers):
        for study in range(studies):
            areas[:, place, study] = noise_study(patients, count, chosen, seed=derived_seed(seed, count, study))
            on_event(Event(Text("模擬研究", "Simulated studies"), place * studies + study + 1, len(numbers) * studies))
    outside, inside = (_mean(areas[way, -1], _WAYS[way]) for way in (0, 1))
    return LeakDemonstration(
        conclusion=Text(
            f"雑音だけの特徴量 {numbers[-1]} 個から {chosen} 個を全例で選ぶと AUC は平均 {outside.value:.2f}、学習部分の中で選ぶと {inside.value:.2f} でした。真の値は 0.5 です。",
            f"Of {numbers[-1]} features of pure noise, {chosen} chosen on all cases gave a mean AUC of {outside.value:.2f}, chosen within the training parts {inside.value:.2f}. The truth is 0.5.",
        ),
        outside=outside,
        inside=inside,
        excess=_mean(areas[0, -1] - areas[1, -1], Text("見かけの上乗せ (誤り - 正しい)", "Excess (wrong - right)")),
        by_features=tuple(_curve(numbers, areas[way], _WAYS[way]) for way in (0, 1)),
        studies=_table(numbers, areas),
        sentence=Text(
            f"患者 {patients} 人、標準正規乱数の特徴量、無関係なラベルの模擬研究 {studies} 件ずつで、特徴量 {chosen} 個を全例で選んだ場合と各学習部分で選んだ場合の {FOLDS} 分割交差検証の AUC を比べた。",
            f"In {studies} simulated studies each of {patients} patients with standard normal features and unrelated labels, the AUC of {FOLDS}-fold cross-validation was compared between {chosen} features chosen on all cases and within each training part.",
        ),
    )


_WAYS = (
    Text("AUC: 全例で選ぶ (誤り)", "AUC: chosen on all cases (wrong)"),
    Text("AUC: 学習部分で選ぶ (正しい)", "AUC: chosen in the training part (right)"),
)


def noise_study(patients: int, features: int, chosen: int, *, seed: int) -> tuple[float, float]:
    """The area of one study of noise, features chosen outside and inside the folds.

    Parameters
    ----------
    patients, features, chosen : how many.
    """
    values = generator(seed, "noise").standard_normal((patients, features))
    truth = np.arange(patients, dtype=np.int64) % 2
    empty = np.zeros((patients, 0))
    cases = FeatureCases(values, (), ("0", "1"), truth, np.arange(patients), None, empty, ())
    everywhere = _best(values, truth, chosen)
    scores = np.zeros((2, patients))
    for train, test in stratified_folds(cases, FOLDS, derived_seed(seed, "folds")):
        for way, columns in enumerate((everywhere, _best(values[train], truth[train], chosen))):
            model = fit_model("ridge", 0.1, values[np.ix_(train, columns)], truth[train], balanced=False, seed=0)
            scores[way, test] = model.probabilities(values[np.ix_(test, columns)])[:, 1]
    return auc_value(truth == 1, scores[0]), auc_value(truth == 1, scores[1])


def _best(values: Floats, truth: Ints, count: int) -> Ints:
    return select(values, truth, "univariate", (count,), redundancy=1.0, seed=0)[0]


def _mean(values: Floats, name: Text) -> Estimate:
    from scipy.special import stdtrit

    half = float(stdtrit(len(values) - 1, 0.975)) * float(values.std(ddof=1)) / np.sqrt(len(values))
    return Estimate(
        name, float(values.mean()), float(values.mean() - half), float(values.mean() + half), 0.95, f"t, {len(values)} repeats"
    )


def _curve(numbers: tuple[int, ...], areas: Floats, name: Text) -> Curve:
    each = [_mean(row, name) for row in areas]
    low, high = np.array([e.low for e in each], float), np.array([e.high for e in each], float)
    x = np.array(numbers, float)
    return Curve(
        x,
        np.array([e.value for e in each]),
        Text("特徴量の数", "Number of features"),
        Text("AUC", "AUC"),
        name,
        low=low,
        high=high,
    )


def _table(numbers: tuple[int, ...], areas: Floats) -> Table:
    headings = (Text("特徴量の数", "features"), Text("研究", "study"), *_WAYS)
    rows = tuple(
        (count, study + 1, float(areas[0, place, study]), float(areas[1, place, study]))
        for place, count in enumerate(numbers)
        for study in range(areas.shape[2])
    )
    return Table(Text("模擬研究ごとの AUC", "AUC of each simulated study"), headings, rows)
