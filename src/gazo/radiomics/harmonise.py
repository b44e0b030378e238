"""Take away what sites or scanners add to features, and show how much that was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Table, result
from gazo.radiomics.classification_report import CONFOUNDED, confounded
from gazo.radiomics.combat import ComBat, cramers_v
from gazo.radiomics.feature_columns import FeatureNames, feature_columns
from gazo.stats.columns import number_column, word_column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@result("harmonised features")
@dataclass(frozen=True, eq=False, kw_only=True)
class HarmonisedFeatures(Measurement):
    """The table without site effects, and the share of each feature's variance that the site explained before and after.

    Parameters
    ----------
    before, after : median share of variance explained by site (omega squared) over features.
    shares : features in order of that share, before and after.
    effects : name, share before, share after.
    harmonised : the whole table with the features replaced.
    """

    conclusion: Text
    before: Estimate
    after: Estimate
    shares: tuple[Curve, ...]
    effects: Table
    harmonised: Table


@operation("施設間・装置間差の補正 (ComBat)", "Harmonise features between sites (ComBat)", booklet="C5")
def harmonise(
    table: Table,
    *,
    batch: Annotated[str, Label("施設・装置の列", "Column of sites or scanners")] = "site",
    features: FeatureNames = ("*",),
    covariates: Annotated[
        tuple[str, ...], Label("保つ共変量の列 (年齢など、数値)", "Columns of covariates to keep (numbers, such as age)")
    ] = (),
    label: Annotated[str, Label("ラベルの列 (交絡の確認に使う)", "Column of labels (to check for confounding)")] = "",
    reference: Annotated[str, Label("基準の施設 (空欄なら全体の平均へ)", "Reference site (empty: the common mean)")] = "",
    empirical_bayes: Annotated[bool, Label("経験ベイズで安定させる", "Stabilise by empirical Bayes")] = True,
    mean_only: Annotated[bool, Label("平均だけを補正する", "Correct the mean only")] = False,
) -> HarmonisedFeatures:
    """ComBat (Johnson 2007) over all rows, for showing and describing features.

    For a model use the option `batch` of `classify_features` instead: there ComBat is fitted inside each training part. Rows without a
    site, or with an empty cell among features and covariates, are refused.

    Parameters
    ----------
    table : one row a case.
    covariates : their effect is kept.
    """
    sites = word_column(table, batch)
    names, values = feature_columns(table, features, besides=(batch, label, *covariates))
    beside = np.column_stack([number_column(table, c) for c in covariates]) if covariates else np.zeros((len(values), 0))
    _need_complete(sites, values, beside, batch)
    known = [str(site) for site in sites]
    spec = ComBat(empirical_bayes=empirical_bayes, mean_only=mean_only, reference=reference or None)
    corrected = spec.fit(values, known, beside).transform(values, known, beside)
    number = np.unique(known, return_inverse=True)[1]
    shares = omega_squared(values, number), omega_squared(corrected, number)
    before, after = (_middle(share, name) for share, name in zip(shares, _NAMES, strict=True))
    v = cramers_v(known, word_column(table, label)) if label else 0.0
    sites_shown, kind = len(set(known)), "" if empirical_bayes else " (経験ベイズなし)"
    return HarmonisedFeatures(
        conclusion=Text(
            f"施設・装置で説明される分散の割合は、補正前の中央値 {100 * before.value:.0f} % から補正後 {100 * after.value:.0f} % になりました。",
            f"The share of variance explained by the site fell from a median of {100 * before.value:.0f} % to {100 * after.value:.0f} %.",
        ),
        before=before,
        after=after,
        shares=tuple(_curve(share, name) for share, name in zip(shares, _NAMES, strict=True)),
        effects=_effects(names, *shares),
        harmonised=_replaced(table, names, corrected),
        warnings=((confounded(v),) if v > CONFOUNDED else ()) + (_NOT_FOR_MODELS,),
        sentence=Text(
            f"{sites_shown} 施設 (装置) の特徴量 {len(names)} 個の差を ComBat{kind} (Johnson 2007; Fortin 2018) で補正した。"
            + (f"共変量 {', '.join(covariates)} の影響は保った。" if covariates else "")
            + (f"基準は {reference} とした。" if reference else ""),
            f"{len(names)} features of {sites_shown} sites (scanners) were harmonised by ComBat{'' if empirical_bayes else ' without empirical Bayes'} (Johnson 2007; Fortin 2018)."
            + (f" The effect of {', '.join(covariates)} was kept." if covariates else "")
            + (f" The reference was {reference}." if reference else ""),
        ),
    )


_NAMES = (
    Text("施設が説明する割合 (補正前)", "Share explained by site, before"),
    Text("施設が説明する割合 (補正後)", "Share explained by site, after"),
)
_NOT_FOR_MODELS = Text(
    "全例を使って補正しています。この表で学習と評価を行うと、評価用の症例の情報が漏れます。モデルの評価には classify-features の「施設・装置の列」を使ってください。",
    "All rows were used. A model that is trained and judged on this table has seen its test cases; name the site column in classify-features instead.",
)


def omega_squared(features: Floats, group: Ints) -> Floats:
    """Share of the variance of each column between groups, without the part that chance gives (Hays 1963); negative when there is none."""
    counts = np.bincount(group)
    means = np.stack([features[group == k].mean(0) for k in range(len(counts))])
    between = (counts[:, None] * (means - features.mean(0)) ** 2).sum(0)
    inside = ((features - means[group]) ** 2).sum(0)
    free = len(counts) - 1
    error = inside / max(1, len(group) - len(counts))
    total = between + inside + error
    found: Floats = np.divide(between - free * error, total, out=np.zeros(features.shape[1]), where=total > 0)
    return found


def _need_complete(sites: tuple[str | None, ...], values: Floats, beside: Floats, batch: str) -> None:
    rows = [
        row + 1 for row, site in enumerate(sites) if site is None or not np.isfinite(values[row]).all() or not np.isfinite(beside[row]).all()
    ]  # fmt: skip
    if rows:
        raise DataError(
            "G-RAD-430",
            en=f"harmonising needs a site ('{batch}'), every feature and every covariate in each row; {len(rows)} row(s) lack one, the first is row {rows[0]}. Fill them or leave them out.",
            ja=f"補正にはすべての行に施設 (「{batch}」)・特徴量・共変量が必要です。欠けている行は {len(rows)} 行で、最初は {rows[0]} 行目です。補うか、除いてください。",
        )


def _middle(shares: Floats, name: Text) -> Estimate:
    low, middle, high = np.quantile(shares, (0.025, 0.5, 0.975))
    return Estimate(name, float(middle), float(low), float(high), 0.95, "range of 95 % of the features")


def _curve(shares: Floats, name: Text) -> Curve:
    order = np.sort(shares)[::-1]
    label = Text("特徴量の順位", "Rank of the feature")
    return Curve(np.arange(1.0, len(order) + 1), order, label, Text("施設が説明する割合", "Share explained by site"), name)


def _effects(names: tuple[str, ...], before: Floats, after: Floats) -> Table:
    headings = (Text("特徴量", "feature"), Text("補正前", "before"), Text("補正後", "after"))
    rows = tuple((names[i], float(before[i]), float(after[i])) for i in np.argsort(-before, kind="stable"))
    return Table(Text("施設が分散に占める割合 (ω²)", "Share of variance explained by site (omega squared)"), headings, rows)


def _replaced(table: Table, names: tuple[str, ...], values: Floats) -> Table:
    places = {heading.en: place for place, heading in enumerate(table.headings)}
    rows: list[tuple[Any, ...]] = []
    for row, own in zip(table.rows, values.tolist(), strict=True):
        cells = list(row)
        for name, value in zip(names, own, strict=True):
            cells[places[name]] = value
        rows.append(tuple(cells))
    return Table(Text("補正した特徴量の表", "Harmonised table"), table.headings, tuple(rows))
