"""Does a table of features tell the class? One operation from the table to the sentence for the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.classification_report import (
    caution,
    conclusion,
    frequency_table,
    predictions_table,
    reliability_curve,
    selection_stability,
    sentence,
    settings_table,
    symmetry,
    weights_table,
)
from gazo.radiomics.external_test import tested_once
from gazo.radiomics.feature_columns import (
    BatchName,
    ClinicalNames,
    FeatureCases,
    FeatureNames,
    LabelName,
    PatientName,
    feature_cases,
    same_columns,
)
from gazo.radiomics.feature_models import Model
from gazo.radiomics.feature_recipe import FeatureRecipe, Selection, fewest_patients
from gazo.radiomics.nested_cv import OutOfFold, compare_mean_aucs, mean_auc, nested_cross_validation, permutation_test
from gazo.stats.auc import roc_curve
from gazo.stats.calibration import calibration
from gazo.stats.classification import classification_metrics
from gazo.stats.confusion import confusion

Floats = NDArray[np.float64]
CLINICAL = FeatureRecipe(selection="none", model="ridge", redundancy=1.0)


@result("feature classification")
@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureClassification(Measurement):
    """What nested cross-validation says about features, the clinical model beside it, and what was chosen how often.

    Parameters
    ----------
    auc : mean over repeats of the area of the pooled out-of-fold probabilities; with more classes the mean of each against the rest.
    class_aucs : with more than two classes, each against the rest.
    clinical_auc, combined_auc : of a logistic model of the clinical factors, and of features and factors together, in the same folds.
    gains : features - clinical, and combined - clinical.
    gain_p : the p of each of them (DeLong), not corrected for one another.
    permutation_p : of the hypothesis that features say nothing.
    figures : accuracy, sensitivity and so on, out of fold.
    intercept, slope : of the calibration (two classes).
    events_per_feature : patients of the rarest class for each feature of the model, median over fits.
    stability : of the selection between fits, 0 (chance) to 1 (Nogueira 2018).
    agreement : tests of the confusion matrix: Bowker's symmetry, and McNemar's against the clinical model.
    predictions : each row with its mean out-of-fold probabilities, for `decision_curve`.
    """

    conclusion: Text
    auc: Estimate
    class_aucs: tuple[Estimate, ...] = ()
    clinical_auc: Estimate | None = None
    combined_auc: Estimate | None = None
    gains: tuple[Estimate, ...] = ()
    gain_p: tuple[Estimate, ...] = ()
    permutation_p: Estimate | None = None
    figures: tuple[Estimate, ...] = ()
    intercept: Estimate | None = None
    slope: Estimate | None = None
    events_per_feature: Estimate
    stability: Estimate
    external_figures: tuple[Estimate, ...] = ()
    roc: tuple[Curve, ...] = ()
    reliability: Curve | None = None
    confusion: Table
    agreement: tuple[Estimate, ...] = ()
    frequency: Table
    settings: Table
    weights: Table | None = None
    predictions: Table
    facts: Table


@operation("特徴量による分類 (入れ子交差検証)", "Classification from features (nested cross-validation)", booklet="C6")
def classify_features(
    table: Table,
    external: Table | None = None,
    *,
    label: LabelName,
    features: FeatureNames = ("*",),
    patient: PatientName = "",
    batch: BatchName = "",
    clinical: ClinicalNames = (),
    positive: Annotated[str, Label("陽性とするクラス (2 クラスのとき)", "Positive class (of two)")] = "",
    selection: Annotated[Selection, Label("特徴量の選択方法", "Selection of features")] = "mrmr-fcq",
    model: Annotated[Model, Label("モデル", "Model")] = "ridge",
    counts: Annotated[tuple[int, ...], Label("試す特徴量の数", "Numbers of features tried")] = (5, 10),
    redundancy: Annotated[
        float, Gt(0), Le(1), Label("重複とみなす相関 (1 で除かない)", "Correlation that counts as redundant (1: keep all)")
    ] = 0.9,
    folds: Annotated[int, Ge(2), Le(20), Label("外側の分割数", "Outer folds")] = 5,
    repeats: Annotated[int, Ge(1), Le(100), Label("外側の繰り返し回数", "Repeats of the outer folds")] = 10,
    inner: Annotated[int, Ge(2), Le(20), Label("内側の分割数", "Inner folds")] = 5,
    permutations: Annotated[
        int, Ge(0), Le(100_000), Label("並べ替え検定の回数 (0 でしない)", "Permutations (0: no test)")
    ] = 1000,
    balanced: Annotated[bool, Label("クラスの重みをそろえる", "Give classes equal weight")] = True,
    seed: int = 0,
    on_event: OnEvent = quiet,
) -> FeatureClassification:
    """Judge features by nested cross-validation with patients kept apart; the whole recipe is fitted inside each training part.

    Recipe: median for empty cells, ComBat where a batch column is named, standardisation, one of each redundant group, selection, model.
    Number of features and penalty come from the inner folds. AUC: mean over repeats of the pooled out-of-fold area, interval by
    bootstrap of patients; difference to the clinical model by DeLong on the same folds; calibration by logistic recalibration with
    the variance between patients. Subtypes (more than two classes): multinomial model, one-vs-rest areas.

    Parameters
    ----------
    table : one row a lesion or patient: features, label, and where they exist patient, site and clinical factors.
    external : rows of another hospital with the same columns; the recipe, fitted on all rows of `table`, is tested on them once.
    positive : name of the positive class; empty takes the last in the order of names.
    counts : each is tried in the inner folds.
    """
    cases = _cases(table, label=label, features=features, patient=patient, batch=batch, clinical=clinical, positive=positive)
    recipe = FeatureRecipe(
        selection=selection, model=model, counts=_counts(counts), redundancy=redundancy, balanced=balanced, inner=inner
    )
    alone = cases.without_clinical()
    run = _Runner(folds, repeats, seed, on_event)
    found = run(alone, recipe, Text("入れ子交差検証", "Nested cross-validation"))
    beside = _beside(cases, recipe, run) if clinical else {}
    test = None
    if permutations:
        test = permutation_test(alone, recipe, folds=folds, permutations=permutations, seed=seed, on_event=on_event)
    fitted = recipe.fit(alone, seed=seed)
    outside: tuple[Estimate, ...] = ()
    if external is not None:
        others = same_columns(external, cases, label=label, patient=patient, batch=batch)
        outside = tested_once(fitted, others.without_clinical(), seed=seed)
    fields = _figures(alone, found, beside, seed)
    per_feature = _events_per_feature(alone, found)
    settings = {
        "selection": selection, "model": model, "counts": recipe.counts, "folds": folds, "repeats": repeats, "inner": inner,
        "redundancy": redundancy, "permutations": permutations, "batch": bool(batch), "clinical": len(clinical), "balanced": balanced,
    }  # fmt: skip
    p = test[0] if test else None
    return FeatureClassification(
        conclusion=conclusion(alone, fields["auc"], fields["gains"], fields["gain_p"], p),
        permutation_p=p,
        events_per_feature=per_feature,
        stability=selection_stability(found.chosen),
        external_figures=outside,
        frequency=frequency_table(alone.names, found.chosen),
        settings=settings_table(found.settings),
        weights=weights_table(fitted, alone),
        predictions=predictions_table(cases, {"features": found, **beside}),
        facts=_facts(settings, external is not None, len(cases.truth), int(cases.patients.max()) + 1, len(cases.names)),
        warnings=(*cases.warnings, *caution(alone, per_feature, batch=cases.batch)),
        sentence=sentence(alone, settings),
        **fields,
    )


@dataclass(frozen=True)
class _Runner:
    """Nested cross-validation with the same folds for every model."""

    folds: int
    repeats: int
    seed: int
    on_event: OnEvent

    def __call__(self, cases: FeatureCases, recipe: FeatureRecipe, stage: Text) -> OutOfFold:
        return nested_cross_validation(
            cases, recipe, folds=self.folds, repeats=self.repeats, seed=self.seed, stage=stage, on_event=self.on_event
        )


def _cases(table: Table, *, positive: str, **roles: Any) -> FeatureCases:
    cases = feature_cases(table, **roles)
    if not positive:
        return cases
    if positive not in cases.classes or len(cases.classes) != 2:
        hint = nearest(positive, cases.classes)
        raise OptionError(
            "G-RAD-425",
            en=f"the positive class must be one of two classes; '{positive}' came and the label column holds {', '.join(cases.classes)}. {hint.en}",
            ja=f"陽性とするクラスは 2 クラスのいずれかでなければなりません。「{positive}」を受け取りましたが、ラベルの列の内容は {', '.join(cases.classes)} です。{hint.ja}",
        )
    order = (*(name for name in cases.classes if name != positive), positive)
    return feature_cases(table, classes=order, **roles)


def _counts(counts: tuple[int, ...]) -> tuple[int, ...]:
    if not counts or min(counts) < 1:
        raise OptionError(
            "G-RAD-426",
            en=f"the numbers of features tried must be at least 1; {', '.join(map(str, counts)) or 'none'} came. Give for example 5, 10.",
            ja=f"試す特徴量の数は 1 以上でなければなりません。受け取った値: {', '.join(map(str, counts)) or 'なし'}。例: 5, 10。",
        )
    return tuple(sorted(set(counts)))


def _beside(cases: FeatureCases, recipe: FeatureRecipe, run: _Runner) -> dict[str, OutOfFold]:
    """The clinical model and the combined one."""
    return {
        "clinical": run(cases.clinical_only(), CLINICAL, Text("臨床モデル", "Clinical model")),
        "combined": run(cases, recipe, Text("特徴量と臨床因子の併用", "Features and clinical factors")),
    }


def _figures(cases: FeatureCases, found: OutOfFold, beside: Mapping[str, OutOfFold], seed: int) -> dict[str, Any]:
    """Areas, differences, figures at the threshold, calibration, curves."""
    names = {
        "features": Text("AUC (特徴量)", "AUC (features)"),
        "clinical": Text("AUC (臨床モデル)", "AUC (clinical model)"),
        "combined": Text("AUC (併用)", "AUC (combined)"),
    }
    runs = {"features": found, **beside}
    areas = {key: _area(cases, one, names[key], seed) for key, one in runs.items()}
    fields: dict[str, Any] = {"auc": areas["features"], "gains": (), "gain_p": ()}
    fields |= {f"{key}_auc": area for key, area in areas.items() if key != "features"}
    if beside and len(cases.classes) == 2:
        fields["gains"], fields["gain_p"] = _gains(cases, found, beside)
    fields |= _two_classes(cases, found) if len(cases.classes) == 2 else _several_classes(cases, found, seed)
    vote = _vote(found)
    title = Text("混同行列 (繰り返しの多数決)", "Confusion matrix (majority of the repeats)")
    fields["confusion"] = confusion(cases.truth, vote, cases.classes, title=title).table()
    fields["agreement"] = symmetry(cases, vote, _vote(beside["clinical"]) if beside else None)
    fields["figures"] = _at_threshold(cases, found, seed)
    return fields


def _area(cases: FeatureCases, found: OutOfFold, name: Text, seed: int) -> Estimate:
    if len(cases.classes) == 2:
        return mean_auc(cases.truth == 1, found.probabilities[:, :, 1], cases.patients, seed=seed, name=name)
    metrics = _stacked(cases, found, seed)
    return replace(metrics[2], name=Text(f"{name.ja}、1 対他の平均", f"{name.en}, mean of one against rest"))


def _stacked(cases: FeatureCases, found: OutOfFold, seed: int) -> tuple[Estimate, ...]:
    """All figures of merit of the rows of every repeat, a patient's rows kept together."""
    repeats = len(found.probabilities)
    return classification_metrics(
        np.tile(cases.truth, repeats),
        found.probabilities.reshape(-1, len(cases.classes)),
        cases.classes,
        patients=np.tile(cases.patients, repeats).tolist(),
        predicted_index=found.decisions.ravel(),
        seed=seed,
    )


def _at_threshold(cases: FeatureCases, found: OutOfFold, seed: int) -> tuple[Estimate, ...]:
    """The figures but the areas, which stand elsewhere."""
    return tuple(one for one in _stacked(cases, found, seed) if "AUC" not in one.name.en)


def _gains(
    cases: FeatureCases, found: OutOfFold, beside: Mapping[str, OutOfFold]
) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
    clinical = beside["clinical"].probabilities[:, :, 1]
    pairs = {
        Text("AUC の差: 特徴量 - 臨床", "Difference of AUC: features - clinical"): found,
        Text("AUC の差: 併用 - 臨床", "Difference of AUC: combined - clinical"): beside["combined"],
    }
    both = [
        compare_mean_aucs(cases.truth == 1, one.probabilities[:, :, 1], clinical, cases.patients, name=name)
        for name, one in pairs.items()
    ]
    ps = tuple(Estimate(Text(f"p ({e.name.ja})", f"p ({e.name.en})"), p, method="DeLong 1988, paired") for e, p in both)
    return tuple(e for e, _ in both), ps


def _two_classes(cases: FeatureCases, found: OutOfFold) -> dict[str, Any]:
    repeats = len(found.probabilities)
    truth, patients = np.tile(cases.truth == 1, repeats), np.tile(cases.patients, repeats).tolist()
    scores = found.probabilities[:, :, 1]
    intercept, slope = calibration(truth, scores.ravel(), patients=patients)
    title = Text("ROC 曲線 (分割外、全繰り返し)", "ROC curve (out of fold, all repeats)")
    roc = roc_curve(truth, scores.ravel(), patients=patients, title=title).curve()
    shown = reliability_curve(cases.truth == 1, scores.mean(0))
    return {"intercept": intercept, "slope": slope, "roc": (roc,), "reliability": shown}


def _several_classes(cases: FeatureCases, found: OutOfFold, seed: int) -> dict[str, Any]:
    areas, curves = [], []
    for number, name in enumerate(cases.classes):
        truth, scores = cases.truth == number, found.probabilities[:, :, number]
        called = Text(f"AUC: {name} とその他", f"AUC: {name} against the rest")
        areas.append(mean_auc(truth, scores, cases.patients, seed=seed, name=called))
        repeats = len(scores)
        owners = np.tile(cases.patients, repeats).tolist()
        title = Text(f"{name} とその他", f"{name} against the rest")
        curves.append(roc_curve(np.tile(truth, repeats), scores.ravel(), patients=owners, title=title).curve())
    return {"class_aucs": tuple(areas), "roc": tuple(curves)}


def _vote(found: OutOfFold) -> NDArray[np.int64]:
    """The class decided most often over the repeats; of equals the more probable one."""
    classes = found.probabilities.shape[2]
    counts = np.stack([(found.decisions == k).sum(0) for k in range(classes)], axis=1)
    return np.argmax(counts + 0.5 * found.probabilities.mean(0), axis=1).astype(np.int64)


def _events_per_feature(cases: FeatureCases, found: OutOfFold) -> Estimate:
    used = np.maximum(found.chosen.sum(1), 1)
    events = fewest_patients(cases)
    low, middle, high = np.quantile(events / used, (0.025, 0.5, 0.975))
    name = Text("特徴量 1 個あたりの少数側クラスの患者数", "Patients of the rarest class per feature")
    return Estimate(name, float(middle), float(low), float(high), 0.95, "range of 95 % of the fits")


def _facts(settings: Mapping[str, Any], external: bool, rows: int, patients: int, features: int) -> Table:
    """What the run knows, for `quality_score`."""
    known = {**settings, "counts": ", ".join(map(str, settings["counts"])), "external": external}
    known |= {"rows": rows, "patients": patients, "features": features}
    headings = (Text("項目", "item"), Text("値", "value"))
    return Table(Text("解析の条件", "Facts of the analysis"), headings, tuple(known.items()))
