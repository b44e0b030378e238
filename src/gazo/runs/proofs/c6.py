"""C6: classes from features, judged without a leak: chance is called chance, a known effect is found, sites are taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import derived_seed, generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics.feature_columns import FeatureCases, feature_cases
from gazo.radiomics.feature_recipe import FeatureRecipe
from gazo.radiomics.harmonise import harmonise
from gazo.radiomics.leak_demonstration import leak_demonstration
from gazo.radiomics.nested_cv import nested_cross_validation, permutation_test
from gazo.runs.proof import Proof, proof
from gazo.stats.delong import auc_value

PATIENTS, FEATURES, STUDIES, PERMUTATIONS = 60, 200, 40, 99
RECIPE = FeatureRecipe(selection="univariate", counts=(5, 10), inner=3)


@proof(
    "C6", ja="特徴量による分類: 漏れがなく、偶然を偶然と判定し、既知の効果を見つける", en="Classes from features without a leak"
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Noise through the whole nested recipe and through selection outside the folds; permutation tests; a known effect; site effects."""
    areas = []
    for study in range(STUDIES):
        areas.append(_area(_noise(derived_seed(seed, "noise", study)), study))
        on_event(Event(Text("雑音の研究", "Studies of noise"), study + 1, STUDIES))
    leak = leak_demonstration(seed=seed, features=(50, FEATURES), on_event=on_event)
    made = feature_table(rng=generator(seed, "effect"), patients=400, features=40, informative=5, effect=0.8)
    known = feature_cases(made.table, label="label", patient="patient", features=("f*",))
    found = _area(known, seed)
    few = known.take(np.arange(100))
    shuffled = replace(few, truth=generator(seed, "shuffled").permutation(few.truth))
    p_true, p_shuffled = (
        permutation_test(one, RECIPE, folds=5, permutations=PERMUTATIONS, seed=seed, on_event=on_event)[0].value
        for one in (few, shuffled)
    )
    sites = feature_table(rng=generator(seed, "sites"), patients=120, features=60, sites=3, site_shift=1.0, site_scale=0.3)
    harmonised = harmonise(sites.table, covariates=("age",))
    measured = {
        "auc_noise_inside": float(np.mean(areas)),
        "auc_noise_inside_se": float(np.std(areas, ddof=1) / np.sqrt(STUDIES)),
        "auc_noise_outside": leak.outside.value,
        "auc_known": found,
        "auc_best_possible": made.auc,
        "p_true_labels": p_true,
        "p_shuffled_labels": p_shuffled,
        "site_share_before": harmonised.before.value,
        "site_share_after": harmonised.after.value,
    }
    passed = (
        abs(measured["auc_noise_inside"] - 0.5) <= 0.05
        and leak.outside.value > 0.8
        and made.auc - 0.05 < found < made.auc + 0.03
        and p_true <= 0.01
        and p_shuffled > 0.05
        and abs(harmonised.after.value) < 0.05 < harmonised.before.value
    )
    bar = Text(
        "雑音: 分割内の選択で AUC 0.5 ± 0.05、分割外で 0.8 超。既知の効果は最良の AUC の -0.05～+0.03。並べ替え検定は真のラベルで p ≤ 0.01、並べ替えたラベルで p > 0.05。補正後の施設の割合は 5 % 未満",
        "noise: AUC 0.5 +- 0.05 with selection inside, above 0.8 outside; a known effect within -0.05 and +0.03 of the best area; permutation p at most 0.01 for true labels and above 0.05 for shuffled ones; share of the site below 5 % after harmonising",
    )
    return Proof("C6", passed, measured, bar, _table(measured), pictures=(leak.by_features,))


def _noise(seed: int) -> FeatureCases:
    made = feature_table(rng=generator(seed), patients=PATIENTS, features=FEATURES, informative=0)
    return feature_cases(made.table, label="label", patient="patient", features=("f*",))


def _area(cases: FeatureCases, seed: int) -> float:
    found = nested_cross_validation(cases, RECIPE, repeats=1, seed=seed)
    return auc_value(cases.truth == 1, found.probabilities[0, :, 1])


_NAMES = {
    "auc_noise_inside": Text("雑音の AUC (分割内で選択)", "AUC of noise, selection inside"),
    "auc_noise_inside_se": Text("その標準誤差", "its standard error"),
    "auc_noise_outside": Text("雑音の AUC (分割外で選択)", "AUC of noise, selection outside"),
    "auc_known": Text("既知の効果の AUC", "AUC of a known effect"),
    "auc_best_possible": Text("理論上の最良の AUC", "best area possible"),
    "p_true_labels": Text("並べ替え検定の p (真のラベル)", "permutation p, true labels"),
    "p_shuffled_labels": Text("並べ替え検定の p (並べ替えたラベル)", "permutation p, shuffled labels"),
    "site_share_before": Text("施設が説明する割合 (補正前)", "share of the site, before"),
    "site_share_after": Text("施設が説明する割合 (補正後)", "share of the site, after"),
}


def _table(measured: dict[str, float]) -> Table:
    rows = tuple((_NAMES[key], value) for key, value in measured.items())
    return Table(Text("特徴量による分類", "Classes from features"), (Text("項目", "What"), Text("値", "Value")), rows)
