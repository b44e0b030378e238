"""Which features tell the class, by several methods side by side, with how sure each choice is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.core.seeds import derived_seed
from gazo.radiomics.classification_report import selection_stability
from gazo.radiomics.feature_columns import FeatureCases, FeatureNames, LabelName, PatientName, feature_cases
from gazo.radiomics.feature_recipe import Selection, select
from gazo.radiomics.mrmr import kruskal_wallis
from gazo.stats.auc import auc
from gazo.stats.bootstrap import resamples

Floats = NDArray[np.float64]
OUTSIDE = Text(
    "この選択は全例で行っています。選んだ特徴量を同じ症例で評価すると、雑音だけからでも AUC 0.8 以上になることがあります。評価には classify-features を使ってください。",
    "All rows took part in this selection. Judged on the same rows the chosen features can reach an AUC above 0.8 from noise alone; use classify-features to judge them.",
)


@result("feature selection")
@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureSelection(Measurement):
    """The features chosen, in order, and how often resamples of the patients choose them again.

    Parameters
    ----------
    stability : between resamples, 0 (chance) to 1 (Nogueira 2018).
    areas : of two classes, the AUC of each chosen feature alone (below 0.5: low values speak for the positive class).
    chosen : order, feature, share of resamples, false discovery rate (Kruskal-Wallis, Benjamini & Hochberg 1995).
    """

    conclusion: Text
    stability: Estimate
    areas: tuple[Estimate, ...]
    chosen: Table


@operation("特徴量の選択", "Selection of features", booklet="C6")
def select_features(
    table: Table,
    *,
    label: LabelName,
    features: FeatureNames = ("*",),
    patient: PatientName = "",
    selection: Annotated[Selection, Label("選択方法", "Method")] = "mrmr-fcq",
    count: Annotated[int, Ge(1), Le(1000), Label("選ぶ数", "How many")] = 10,
    redundancy: Annotated[
        float, Gt(0), Le(1), Label("重複とみなす相関 (1 で除かない)", "Correlation that counts as redundant (1: keep all)")
    ] = 0.9,
    resamples_made: Annotated[int, Ge(10), Le(10_000), Label("再標本の数", "Resamples")] = 100,
    seed: int = 0,
    on_event: OnEvent = quiet,
) -> FeatureSelection:
    """Choose features on all rows, to describe them; resamples of patients show how far the choice is chance.

    Empty cells get the median; columns are standardised; of a redundant group the feature with the highest Kruskal-Wallis H is left.

    Parameters
    ----------
    table : one row a lesion or patient.
    """
    cases = feature_cases(table, label=label, features=features, patient=patient)
    values = _standardised(cases.features)
    chosen = select(values, cases.truth, selection, (count,), redundancy=redundancy, seed=seed)[0]
    again = np.zeros((resamples_made, values.shape[1]), bool)
    for turn, rows in enumerate(resamples(cases.patients, repeats=resamples_made, seed=seed)):
        truth = cases.truth[rows]
        if len(np.unique(truth)) == len(cases.classes):
            picked = select(values[rows], truth, selection, (count,), redundancy=redundancy, seed=derived_seed(seed, turn))[0]
            again[turn, picked] = True
        on_event(Event(Text("再標本での選択", "Selection in resamples"), turn + 1, resamples_made))
    made = again[again.any(1)]
    stability = selection_stability(made)
    share = made.mean(0)
    return FeatureSelection(
        conclusion=Text(
            f"{len(cases.names)} 個から {len(chosen)} 個を選びました。再標本の半数以上で再び選ばれたのは {int((share[chosen] >= 0.5).sum())} 個です。",
            f"{len(chosen)} of {len(cases.names)} features were chosen; {int((share[chosen] >= 0.5).sum())} of them come back in half of the resamples.",
        ),
        stability=stability,
        areas=_areas(cases, values, chosen) if len(cases.classes) == 2 else (),
        chosen=_table(cases, chosen, share, false_discovery(_p_values(values, cases))),
        warnings=(*cases.warnings, OUTSIDE),
        sentence=Text(
            f"{len(cases.names)} 個の特徴量から {selection} により {len(chosen)} 個を選び、患者単位の再標本 {resamples_made} 回で選択の安定性 (Nogueira 2018) を調べた。",
            f"{len(chosen)} of {len(cases.names)} features were chosen by {selection}; the stability of the choice (Nogueira 2018) was examined in {resamples_made} resamples of the patients.",
        ),
    )


def false_discovery(p: Floats) -> Floats:
    """Adjusted p by Benjamini & Hochberg 1995 (J R Stat Soc B 57:289): the least over larger p of p n / rank."""
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    found = np.empty(len(p))
    found[order] = np.minimum.accumulate(np.minimum(1.0, p[order] * len(p) / ranks))
    return found


def _p_values(values: Floats, cases: FeatureCases) -> Floats:
    from scipy.special import chdtrc

    found: Floats = chdtrc(len(cases.classes) - 1, kruskal_wallis(values, cases.truth))
    return found


def _standardised(features: Floats) -> Floats:
    empty = np.isnan(features).all(0)
    filled = np.where(np.isnan(features), np.nanmedian(np.where(empty, 0.0, features), axis=0), features)
    spread = filled.std(0)
    standard: Floats = (filled - filled.mean(0)) / np.where(spread > 0, spread, 1.0)
    return standard


def _areas(cases: FeatureCases, values: Floats, chosen: NDArray[np.int64]) -> tuple[Estimate, ...]:
    owners = cases.patients.tolist()
    return tuple(
        auc(cases.truth == 1, values[:, i], patients=owners, name=Text(f"AUC: {cases.names[i]}", f"AUC: {cases.names[i]}"))
        for i in chosen[:20]
    )


def _table(cases: FeatureCases, chosen: NDArray[np.int64], share: Floats, rate: Floats) -> Table:
    headings = (
        Text("順位", "order"), Text("特徴量", "feature"), Text("再標本で選ばれた割合 [%]", "chosen in resamples [%]"),
        Text("FDR (全例)", "false discovery rate (all rows)"),
    )  # fmt: skip
    rows = tuple((place + 1, cases.names[i], float(100 * share[i]), float(rate[i])) for place, i in enumerate(chosen))
    return Table(Text("選ばれた特徴量", "Features chosen"), headings, rows)
