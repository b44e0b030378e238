"""Tables of features with known truth: how many of them tell the class, what a site adds, how well they repeat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SimulatedFeatures:
    """A table of features and all that is true of it.

    Parameters
    ----------
    table : columns case, patient, site, repeat, label, age, f001 ...
    informative : names of the features that tell the class.
    auc : the best area that any rule on features alone can reach with endless data (equal normal spreads, two classes).
    reliability : for each feature the share of its variance that is not error of measurement.
    """

    table: Table
    informative: tuple[str, ...]
    auc: float
    reliability: Floats


@feature("特徴量表の模擬データ (正解つき)", "Table of features with known truth")
def feature_table(
    *,
    rng: np.random.Generator,
    patients: int = 100,
    features: int = 100,
    informative: int = 5,
    effect: float = 1.0,
    classes: tuple[str, ...] = ("negative", "positive"),
    prevalence: float = 0.5,
    rows_per_patient: int = 1,
    sites: int = 1,
    site_shift: float = 0.0,
    site_scale: float = 0.0,
    repeats: int = 1,
    unreliable: float = 0.0,
    redundant: int = 0,
    clinical_effect: float = 0.0,
) -> SimulatedFeatures:
    """Standard normal features of independent patients; some are shifted between classes by `effect` standard deviations.

    For two classes and k independent informative features the best area is Phi(effect sqrt(k / 2)). The shift is that of neighbouring
    classes. A site adds to feature j a normally distributed shift of SD `site_shift` and multiplies it by exp of one of SD `site_scale`.

    Parameters
    ----------
    rng : draws everything.
    informative : the first features; the rest are noise.
    prevalence : share of the patients of the last class; the other classes share the rest evenly.
    rows_per_patient : rows (lesions) of a patient, correlated by 0.5.
    repeats : measurements of each row, for test and retest.
    unreliable : share of the features (the last ones) of whose variance a repeat shares one half; 0.99 for the others where repeats > 1.
    redundant : further columns that copy the informative ones in turn with r = 0.97.
    clinical_effect : shift of age between classes, in standard deviations.
    """
    if not 0 < prevalence < 1 or patients < 2 or not 0 <= informative <= features or len(classes) < 2:
        raise OptionError(
            "G-PHA-420",
            en=f"a table needs at least 2 patients, 2 classes, a prevalence between 0 and 1, and no more informative features than features; {patients}, {len(classes)}, {prevalence:g}, {informative} of {features} came. Correct these numbers.",
            ja=f"患者 2 人以上、クラス 2 つ以上、0 と 1 の間の有病割合、特徴量の数以下の有効な特徴量が必要です。受け取った値: {patients}、{len(classes)}、{prevalence:g}、{features} 個中 {informative} 個。値を直してください。",
        )
    truth = rng.permutation(_classes(patients, len(classes), prevalence))
    site = rng.permutation(np.arange(patients) % sites)
    own = rng.standard_normal((patients, features))
    rows = np.repeat(np.arange(patients), rows_per_patient)
    if rows_per_patient > 1:
        own = math.sqrt(0.5) * (own[rows] + rng.standard_normal((len(rows), features)))
    true = own + effect * truth[rows, None] * (np.arange(features) < informative)
    copies = true[:, np.arange(redundant) % max(1, informative)] if redundant else np.zeros((len(rows), 0))
    true = np.column_stack([true, 0.97 * copies + math.sqrt(1 - 0.97**2) * rng.standard_normal(copies.shape)])
    count = features + redundant
    shift, scale = rng.normal(0, site_shift, (sites, count)), np.exp(rng.normal(0, site_scale, (sites, count)))
    age = np.round(rng.normal(60, 10, patients) + 10 * clinical_effect * truth, 1)
    reliability = _reliability(count, unreliable, repeats)
    blocks = []
    for repeat in range(repeats):
        measured = true + np.sqrt(1 / reliability - 1) * rng.standard_normal(true.shape)
        values = measured * scale[site[rows]] + shift[site[rows]]
        blocks += [
            (f"C{row + 1:04d}", f"P{p + 1:04d}", f"site {site[p] + 1}", repeat + 1, classes[truth[p]], float(age[p]), *values[row].tolist())
            for row, p in enumerate(rows)
        ]  # fmt: skip
    names = tuple(f"f{number + 1:03d}" for number in range(count))
    headings = tuple(Text(word, word) for word in ("case", "patient", "site", "repeat", "label", "age", *names))
    best = 0.5 * (1 + math.erf(effect * math.sqrt(informative / 2) / math.sqrt(2)))
    title = Text("模擬した特徴量の表", "Simulated table of features")
    return SimulatedFeatures(Table(title, headings, tuple(blocks)), names[:informative], best, reliability)


def _classes(patients: int, classes: int, prevalence: float) -> NDArray[Any]:
    last = min(max(1, round(prevalence * patients)), patients - 1)
    return np.concatenate([np.arange(patients - last) % (classes - 1), np.full(last, classes - 1)])


def _reliability(features: int, unreliable: float, repeats: int) -> Floats:
    found = np.full(features, 0.99 if repeats > 1 else 1.0)
    found[features - round(unreliable * features) :] = 0.5
    return found
