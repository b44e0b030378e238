"""Tables, curves and sentences of a classification from features."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Table, number_text
from gazo.radiomics.combat import cramers_v
from gazo.radiomics.feature_columns import FeatureCases
from gazo.radiomics.feature_recipe import FittedFeatureRecipe
from gazo.radiomics.nested_cv import OutOfFold
from gazo.stats.calibration import reliability
from gazo.stats.confusion import confusion_counts
from gazo.stats.inputs import repeated
from gazo.stats.proportions import mcnemar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEW_EVENTS = 10  # patients of the rarest class per feature (Peduzzi et al. 1996, J Clin Epidemiol 49:1373)
CONFOUNDED = 0.8
_SELECTIONS: Mapping[str, Text] = {
    "none": Text("選択なし", "no selection"),
    "univariate": Text("Kruskal-Wallis 検定", "the Kruskal-Wallis test"),
    "f-test": Text("F 検定", "the F test"),
    "mrmr-fcq": Text("mRMR (FCQ)", "mRMR (FCQ; Ding & Peng 2005)"),
    "mrmr-miq": Text("mRMR (MIQ)", "mRMR (MIQ; Ding & Peng 2005)"),
    "rfe": Text("再帰的特徴量削減", "recursive feature elimination"),
}
_MODELS: Mapping[str, Text] = {
    "ridge": Text("リッジロジスティック回帰", "ridge logistic regression"),
    "lasso": Text("LASSO ロジスティック回帰", "LASSO logistic regression"),
    "elastic-net": Text("elastic net ロジスティック回帰", "elastic-net logistic regression"),
    "svm": Text("サポートベクターマシン", "a support vector machine"),
    "forest": Text("ランダムフォレスト", "a random forest"),
    "boosting": Text("勾配ブースティング", "gradient boosting"),
}


def reliability_curve(truth: NDArray[np.bool_], probability: Floats) -> Curve:
    """Observed share against the mean out-of-fold probability, in five bins."""
    found = reliability(truth, probability, bins=5)
    return Curve(
        found.probability,
        found.observed,
        Text("予測確率", "Predicted probability"),
        Text("実際の陽性割合", "Observed share of positives"),
        Text("較正 (分割外)", "Calibration (out of fold)"),
        low=found.low,
        high=found.high,
    )


def frequency_table(names: tuple[str, ...], chosen: NDArray[np.bool_]) -> Table:
    """How often each feature was chosen; those never chosen are counted in a note."""
    counts = chosen.sum(0)
    order = [i for i in np.argsort(-counts, kind="stable") if counts[i]]
    rows = tuple((names[i], int(counts[i]), float(100 * counts[i] / len(chosen))) for i in order)
    never = len(names) - len(order)
    headings = (Text("特徴量", "feature"), Text("選ばれた回数", "times chosen"), Text("割合 [%]", "share [%]"))
    note = Text(f"一度も選ばれなかった特徴量: {never} 個", f"Never chosen: {never} features")
    return Table(Text("特徴量の選択頻度", "How often features were chosen"), headings, rows, (note,))


def selection_stability(chosen: NDArray[np.bool_]) -> Estimate:
    """Nogueira, Sechidis & Brown 2018 (JMLR 18(174), eqs. 4 and 5): 1 - mean variance of choosing over that of chance.

    The variance is that for independent fits; those of cross-validation share rows, so the interval is too narrow.
    """
    from scipy.special import ndtri

    name = Text("選択の安定性 (Nogueira)", "Stability of the selection (Nogueira)")
    fits, features = chosen.shape
    share, size = chosen.mean(0), chosen.sum(1)
    mean = size.mean() / features
    chance = mean * (1 - mean)
    if fits < 2 or chance <= 0:
        return Estimate(name, math.nan, None, None, 0.95, "undefined: one class only")
    value = float(1 - (fits / (fits - 1) * share * (1 - share)).mean() / chance)
    parts = (
        (chosen * share).mean(1)
        - size * size.mean() / features**2
        + value / 2 * (2 * size * size.mean() / features**2 - size / features - size.mean() / features + 1)
    ) / chance
    reach = float(ndtri(0.975) * math.sqrt(4 / fits**2 * ((parts - parts.mean()) ** 2).sum()))
    return Estimate(name, value, value - reach, min(1.0, value + reach), 0.95, "Nogueira 2018")


def settings_table(settings: tuple[tuple[int, float], ...]) -> Table:
    """Which number of features and penalty the inner folds took, how often."""
    counted = sorted(Counter(settings).items(), key=lambda item: (-item[1], item[0]))
    headings = (Text("特徴量の数", "features"), Text("罰則の設定", "setting of the penalty"), Text("回数", "times"))
    rows = tuple((count, strength, times) for (count, strength), times in counted)
    return Table(Text("内側の交差検証で選ばれた設定", "Settings chosen by the inner folds"), headings, rows)


def weights_table(fitted: FittedFeatureRecipe, cases: FeatureCases) -> Table | None:
    """Weights of a linear model fitted on all rows; None for other models."""
    if fitted.weights is None:
        return None
    names = [cases.names[i] for i in fitted.numbers]
    across = (cases.classes[1],) if len(fitted.weights) == 1 else cases.classes
    headings = (Text("特徴量", "feature"), *(Text(name, name) for name in across))
    rows = tuple((name, *(float(w) for w in fitted.weights[:, i])) for i, name in enumerate(names))
    shown = tuple(row for row in rows if any(row[1:]))
    note = Text(
        "全例で学習したモデルの、標準化した特徴量に対する係数です。成績の評価には使っていません。",
        "Of the model fitted on all rows, for standardised features; it took no part in the assessment.",
    )
    return Table(Text("全例で学習したモデルの係数", "Weights of the model fitted on all rows"), headings, shown, (note,))


def predictions_table(cases: FeatureCases, runs: Mapping[str, OutOfFold]) -> Table:
    """Row, patient as a running number, label, and mean out-of-fold probabilities of each model."""
    two = len(cases.classes) == 2
    columns: dict[str, Floats] = {}
    for key, found in runs.items():
        mean = found.probabilities.mean(0)
        for number, name in enumerate(cases.classes):
            if not two:
                columns[f"{key}: {name}"] = mean[:, number]
            elif number == 1:
                columns[key] = mean[:, 1]
    words = ("row", "patient", "label", *(("truth",) if two else ()), *columns)
    rows = tuple(
        (
            row + 1, f"P{cases.patients[row] + 1:04d}", cases.classes[cases.truth[row]],
            *((int(cases.truth[row]),) if two else ()), *(float(values[row]) for values in columns.values()),
        )
        for row in range(len(cases.truth))
    )  # fmt: skip
    title = Text("分割外の予測確率 (繰り返しの平均)", "Out-of-fold probabilities (mean over repeats)")
    return Table(title, tuple(Text(word, word) for word in words), rows)


def symmetry(cases: FeatureCases, decided: Ints, clinical: Ints | None) -> tuple[Estimate, ...]:
    """Bowker's test that mistakes go both ways, and McNemar's of features against the clinical model (one row a patient)."""
    found = []
    square, free, p = bowker(confusion_counts(cases.truth, decided, len(cases.classes)))
    kind = "McNemar" if len(cases.classes) == 2 else "Bowker"
    name = Text(f"誤分類の偏り ({kind}) の p 値", f"p of lopsided mistakes ({kind})")
    found.append(Estimate(name, p, method=f"Bowker 1948, chi-square {number_text(square)}, {free} df"))
    if clinical is not None and not repeated(cases.patients):
        test = mcnemar(decided == cases.truth, clinical == cases.truth)
        found.append(test.difference)
        found.append(
            Estimate(Text("正解率の差の p 値 (特徴量と臨床)", "p of it, features and clinical"), test.p, method=test.method)
        )
    return tuple(found)


def bowker(counts: Ints) -> tuple[float, int, float]:
    """Chi-square, degrees of freedom and p of the symmetry of a square table (Bowker 1948, JASA 43:572).

    sum over i < j of (n_ij - n_ji)^2 / (n_ij + n_ji); pairs that never occur are left out. With two classes it is McNemar's test.

    Parameters
    ----------
    counts : (classes, classes).
    """
    from scipy.special import chdtrc

    upper = np.triu_indices(len(counts), 1)
    there, back = counts[upper].astype(np.float64), counts.T[upper].astype(np.float64)
    some = there + back > 0
    square = float(((there - back)[some] ** 2 / (there + back)[some]).sum())
    free = int(some.sum())
    return square, free, float(chdtrc(free, square)) if free else 1.0


def caution(cases: FeatureCases, per_feature: Estimate, *, batch: tuple[str, ...] | None) -> tuple[Text, ...]:
    """Too few patients for the number of features; a site that nearly tells the label."""
    said = []
    if per_feature.value < FEW_EVENTS:
        said.append(
            Text(
                f"特徴量 1 個あたりの少数側クラスの患者数は {per_feature.value:.1f} 人で、目安の {FEW_EVENTS} 人を下回ります。特徴量を減らすか、患者を増やしてください。",
                f"There are {per_feature.value:.1f} patients of the rarest class per feature, below the usual {FEW_EVENTS}. Use fewer features or add patients.",
            )
        )
    if batch is not None:
        v = cramers_v(batch, cases.truth.tolist())
        if v > CONFOUNDED:
            said.append(confounded(v))
    return tuple(said)


def confounded(v: float) -> Text:
    """The sentence about a site that nearly tells the label."""
    return Text(
        f"施設・装置とラベルがほぼ一致しています (Cramér の V = {v:.2f})。施設間差を補正するとラベルの差も失われ、補正しないと施設を見分けているだけかもしれません。",
        f"Site and label nearly agree (Cramér's V = {v:.2f}). Harmonising takes the label away with the site; without it the model may only tell sites apart.",
    )


def conclusion(
    cases: FeatureCases, area: Estimate, gains: tuple[Estimate, ...], ps: tuple[Estimate, ...], test: Estimate | None
) -> Text:
    """One sentence that a reader can quote."""
    level = f"{100 * area.level:g}"
    span = f"{area.low:.2f}-{area.high:.2f}"
    ja = f"特徴量による分類の AUC は {area.value:.2f} (95 % 信頼区間 {span}) でした".replace("95", level)
    en = f"Features classified with an AUC of {area.value:.2f} ({level} % CI {span})"
    if test is not None:
        ja += f" (並べ替え検定 p = {test.value:.3g})"
        en += f" (permutation p = {test.value:.3g})"
    if gains:
        ja += (
            f"。臨床モデルとの差は {gains[0].value:+.2f} ({gains[0].low:+.2f}～{gains[0].high:+.2f}、p = {ps[0].value:.3g}) です"
        )
        en += f"; the difference to the clinical model is {gains[0].value:+.2f} ({gains[0].low:+.2f} to {gains[0].high:+.2f}, p = {ps[0].value:.3g})"
    low = area.low is not None and area.low <= 0.5
    chance = low or (
        test is not None and test.value > 0.05 and bool(test.low)
    )  # a p that few shuffles cannot push lower says nothing
    return Text(
        ja + "。" + ("偶然と区別できません。" if chance else ""),
        en + "." + (" This cannot be told from chance." if chance else ""),
    )


def sentence(cases: FeatureCases, settings: Mapping[str, Any]) -> Text:
    """The sentence for the methods part of a paper."""
    chosen, model = _SELECTIONS[settings["selection"]], _MODELS[settings["model"]]
    counts = ", ".join(map(str, settings["counts"]))
    patients = int(cases.patients.max()) + 1
    combat_ja = "ComBat による施設間補正、" if settings["batch"] else ""
    combat_en = "ComBat harmonisation (Johnson 2007), " if settings["batch"] else ""
    number_ja = "" if settings["selection"] == "none" else f" (特徴量数の候補 {counts})"
    number_en = "" if settings["selection"] == "none" else f" ({counts} features tried)"
    test_ja = f"並べ替え検定は {settings['permutations']} 回行った。" if settings["permutations"] else ""
    test_en = f" A permutation test used {settings['permutations']} shuffles of the labels." if settings["permutations"] else ""
    against_ja = "臨床モデルとの AUC の差は DeLong 法で検定した。" if settings["clinical"] else ""
    against_en = " Areas were compared with the clinical model by DeLong's test." if settings["clinical"] else ""
    return Text(
        f"{patients} 人の患者の {len(cases.names)} 個の特徴量から、患者単位の層化入れ子交差検証 (外側 {settings['folds']} 分割 × {settings['repeats']} 回、内側 {settings['inner']} 分割) で分類成績を評価した。"
        f"{combat_ja}標準化、|Spearman の ρ| > {settings['redundancy']:g} の重複の除去、{chosen.ja}による選択{number_ja}、{model.ja}のすべてを各学習部分の中だけで行った。"
        f"AUC の信頼区間は患者単位のブートストラップで求めた。{against_ja}{test_ja}",
        f"Classification from {len(cases.names)} features of {patients} patients was judged by stratified nested cross-validation by patient ({settings['folds']} outer folds repeated {settings['repeats']} times, {settings['inner']} inner folds). "
        f"{combat_en[:1].upper() + combat_en[1:]}standardisation, removal of redundant features (|Spearman's rho| > {settings['redundancy']:g}), selection by {chosen.en}{number_en} and {model.en} were all fitted within each training part alone. "
        f"The interval of the AUC comes from a bootstrap over patients.{against_en}{test_en}",
    )
