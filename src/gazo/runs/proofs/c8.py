"""C8: a simulated effect of APOE e4 on the speed of atrophy is found, with the coverage it claims, and none is found where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.atrophy import atrophied_volume, atrophy_table
from gazo.radiomics.longitudinal import longitudinal
from gazo.radiomics.longitudinal_visits import groups_in, series_of
from gazo.radiomics.slopes import SlopeComparison, compare_slopes
from gazo.runs.proof import Proof, proof

EFFECT = 0.05  # ml a year that carriers lose more
WITH, WITHOUT, SMALL, PERMUTED = 200, 600, 20, 200
COVARIATES = ("age", "sex", "head_ml")


@proof(
    "C8",
    ja="遺伝子型と萎縮: 既知の差を正しい被覆率で見つけ、差がなければ見つけない",
    en="Genotype and atrophy: a known difference found, none where there is none",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Series of 40 subjects with an effect, of 40 and of 20 without; the groups shuffled; the allele dose; volumes measured in simulated MR."""
    measured = (
        _with_effect(seed, on_event)
        | _without(seed, on_event)
        | _small(seed, on_event)
        | _dose(seed)
        | _from_volumes(seed, on_event)
    )
    rows = tuple(_row(name, value) for name, value in measured.items())
    headings = (Text("量", "Quantity"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High"), Text("判定", "Verdict"))
    table = Table(Text("遺伝子型と萎縮", "Genotype and atrophy"), headings, rows)
    bar = Text("表のすべての量が下限と上限の間にある", "every quantity of the table between its limits")
    return Proof("C8", all(row[-1] == "ok" for row in rows), measured, bar, table)


BARS: dict[str, tuple[Text, float, float]] = {
    "effect": (Text(f"傾きの差の平均 [ml/年] (真値 -{EFFECT})", f"mean difference of slopes [ml/y], truth -{EFFECT}"), -1.04 * EFFECT, -0.96 * EFFECT),
    "coverage": (Text("95 % 区間の被覆率", "coverage of the 95 % interval"), 0.91, 0.99),
    "power": (Text("検出力 (参考)", "power, told only"), 0.0, 1.0),
    "null_t": (Text("差がないときの棄却率: t", "rejections without a difference: t"), 0.03, 0.07),
    "null_likelihood": (Text("同: 尤度比 (参考)", "the same, likelihood ratio, told only"), 0.0, 1.0),
    "null_small_t": (Text(f"同: t、{SMALL} 例", f"the same, t, {SMALL} subjects"), 0.03, 0.07),
    "null_small_wald": (Text(f"同: ワルド、{SMALL} 例 (参考)", f"the same, Wald, {SMALL} subjects, told only"), 0.0, 1.0),
    "null_small_permutation": (Text(f"同: 並べ替え、{SMALL} 例", f"the same, permutation, {SMALL} subjects"), 0.02, 0.08),
    "dose": (Text("アレル 1 つあたりの差 / 真値", "difference for each allele over the truth"), 0.8, 1.2),
    "volumes": (Text("模擬 MR から測った差 / 真値", "difference measured in simulated MR over the truth"), 0.7, 1.3),
    "volumes_drawn": (Text("同 / 描いた体積での差", "the same over that of the volumes drawn"), 0.9, 1.1),
    "volumes_p": (Text("模擬 MR から測った差の p", "p of the difference measured in simulated MR"), 0.0, 0.01),
}  # fmt: skip


def _row(name: str, value: float) -> tuple[Any, ...]:
    words, low, high = BARS[name]
    return words, value, low, high, "ok" if low <= value <= high else "missed"


def _compared(table: Table, *, permutations: int = 0, seed: int = 0) -> SlopeComparison:
    names, codes = groups_in(table, "carrier", "e3", "categories")
    series, _ = series_of(
        table, "hippocampus", subject="subject", time="years", group="carrier", names=names, codes=codes, told_as=names[1:],
        covariates=COVARIATES,
    )  # fmt: skip
    return compare_slopes(series, permutations=permutations, seed=seed)


def _with_effect(seed: int, on_event: OnEvent) -> dict[str, float]:
    found = []
    for study in range(WITH):
        rng = generator(seed, "C8", "effect", study)
        fit = _compared(atrophy_table(rng=rng, subjects=40, extra_ml_per_allele=EFFECT, carriers_of_one=True))
        value, low, high = fit.effect(np.eye(len(fit.model.beta))[-1], 0.95)
        found.append((value, low <= -EFFECT <= high, fit.p_t < 0.05))
        _tell(on_event, study, WITH)
    value, covered, seen = np.mean(found, axis=0)
    return {"effect": float(value), "coverage": float(covered), "power": float(seen)}


def _without(seed: int, on_event: OnEvent) -> dict[str, float]:
    p = []
    for study in range(WITHOUT):
        rng = generator(seed, "C8", "null", study)
        fit = _compared(atrophy_table(rng=rng, subjects=40, extra_ml_per_allele=0.0, carriers_of_one=True))
        p.append((fit.p_t, fit.p_likelihood))
        _tell(on_event, study, WITHOUT)
    share = np.mean(np.array(p) < 0.05, axis=0)
    return {"null_t": float(share[0]), "null_likelihood": float(share[1])}


def _small(seed: int, on_event: OnEvent) -> dict[str, float]:
    p = []
    for study in range(WITHOUT):
        rng = generator(seed, "C8", "small", study)
        shuffles = PERMUTED - 1 if study % 2 == 0 else 0
        table = atrophy_table(rng=rng, subjects=SMALL, extra_ml_per_allele=0.0, carriers_of_one=True)
        fit = _compared(table, permutations=shuffles, seed=study)
        p.append((fit.p_t, fit.p_wald, np.nan if fit.p_permutation is None else fit.p_permutation))
        _tell(on_event, study, WITHOUT)
    t, wald, shuffled = np.array(p).T
    return {
        "null_small_t": float(np.mean(t < 0.05)),
        "null_small_wald": float(np.mean(wald < 0.05)),
        "null_small_permutation": float(np.mean(shuffled[~np.isnan(shuffled)] <= 0.05)),
    }


def _dose(seed: int) -> dict[str, float]:
    table = atrophy_table(rng=generator(seed, "C8", "dose"), subjects=200, extra_ml_per_allele=EFFECT)
    found = longitudinal(
        table, subject="subject", time="years", values=("hippocampus",), group="alleles", group_as="dose", covariates=COVARIATES
    )
    return {"dose": found.differences[0].value / -EFFECT}


def _from_volumes(seed: int, on_event: OnEvent) -> dict[str, float]:
    """Each visit of 80 subjects is drawn as a volume of MR with noise and measured by counting voxels above the middle of grey and white.

    80 subjects, since the standard error of the difference is then about a tenth of it; the difference in the volumes that were drawn
    stands beside, which tells the error of the measurement from that of the sample.
    """
    rng = generator(seed, "C8", "volumes")
    truth = atrophy_table(rng=rng, subjects=80, visits=3, extra_ml_per_allele=0.15, carriers_of_one=True)
    rows = []
    for number, row in enumerate(truth.rows):
        rows.append((*row[:-1], measured_ml(atrophied_volume(float(row[-1]), rng=rng))))
        _tell(on_event, number, len(truth.rows))
    drawn, fit = _compared(truth), _compared(Table(truth.title, truth.headings, tuple(rows)))
    found = float(fit.model.beta[-1])
    return {"volumes": found / -0.15, "volumes_drawn": found / float(drawn.model.beta[-1]), "volumes_p": fit.p_t}


def measured_ml(volume: Any) -> float:
    """Millilitres of voxels (1 mm) above one half, smoothed by 0.7 voxel against the noise."""
    from scipy.ndimage import gaussian_filter

    return float((gaussian_filter(volume, 0.7) > 0.5).sum()) / 1000


def _tell(on_event: OnEvent, number: int, total: int) -> None:
    if (number + 1) % 20 == 0:
        on_event(Event(Text("模擬研究", "Simulated studies"), number + 1, total))
