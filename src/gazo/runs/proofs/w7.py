"""W7: the exposure index follows the kerma, falls with kyphosis, and is set beside the reference levels of 2015 and 2020."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Estimate, Table
from gazo.core.seeds import generator
from gazo.phantoms.exposed_chest import ExposedChest, exposed_chest
from gazo.quality.dose import drl_compare, drl_table, entrance_air_kerma
from gazo.quality.exposed_region import find_exposed_region
from gazo.quality.exposure_index import deviation_index, exposure_index
from gazo.quality.intervals import of_repeats
from gazo.runs.proof import Proof, proof

KERMAS_UGY = (5.0, 10.0, 20.0)
ANGLES_DEG = (50.0, 70.0)  # against 30, the straight phantom
PATIENTS = 8
OUTPUT_UGY_PER_MAS, SKIN_CM, DETECTOR_CM = 60.0, 160.0, 180.0
DRL_DOSE = 0.3  # mGy, chest PA from 100 kV on, edition of 2020
Row = tuple[Text, float, float, str]


@proof("W7", ja="EI と線量・円背・診断参考レベル", en="EI against kerma, kyphosis and reference levels")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """EI at several kermas, EI of straight and bent patients at one kerma, EI at the dose of the DRL, verdicts of two editions."""
    doubling, di = _doubling(seed)
    patients = list(counted(range(PATIENTS), Text("円背の模擬", "Kyphotic patients"), on_event))
    bent, dice = _kyphosis(seed, patients)
    at_drl = _index_at(seed, DRL_DOSE)
    linear = _index_at(seed, DRL_DOSE / 2) / at_drl
    verdicts = _verdicts(seed)
    measured: dict[str, Any] = {
        "doubling_error": max(abs(d / 2 - 1) for d in doubling),
        "di_of_doubling": di,
        "region_dice_least": dice,
        "ei_at_drl_2020": at_drl,
        "ei_of_half_the_drl": linear,
        "lumbar_2015_2020": verdicts,
    }
    measured |= {f"kyphosis_{angle:g}_percent": [e.value, e.low, e.high] for angle, e in bent.items()}
    rows: tuple[Row, ...] = (
        *((Text(f"{a:g} → {b:g} µGy: EI の比", f"{a:g} → {b:g} µGy: ratio of EI"), 2.0, r, "") for a, b, r in zip(KERMAS_UGY, KERMAS_UGY[1:], doubling, strict=False)),
        (Text("線量 2 倍での DI の差", "DI added by twice the kerma"), 3.0103, di, ""),
        (Text("関心領域の Dice (最小)", "least Dice of the relevant region"), 0.95, dice, ""),
        *((Text(f"後弯角 {a:g} 度: EI の変化 [%]", f"kyphosis {a:g} deg: change of EI [%]"), 0.0, e.value, _span(e)) for a, e in bent.items()),
        (Text("DRLs 2020 (胸部 0.3 mGy) での EI", "EI at the DRL 2020 of the chest, 0.3 mGy"), 0.0, at_drl, ""),
        (Text("線量を半分にしたときの EI の比", "EI at half of that dose, ratio"), 0.5, linear, ""),
    )  # fmt: skip
    passed = (
        measured["doubling_error"] < 0.02
        and abs(di - 3.0103) < 0.01
        and dice >= 0.95
        and all(e.high is not None and e.high < 0 for e in bent.values())
        and bent[70.0].value < bent[50.0].value
        and abs(linear - 0.5) < 0.01
        and verdicts == ["below the DRL", "above the DRL"]
    )
    headings = (Text("項目", "Item"), Text("期待値", "Expected"), Text("測定値", "Measured"), Text("95 % 区間", "95 % interval"))
    notes = (
        Text(
            f"腰椎正面、中央値約 3.75 mGy の施設: {drl_table(version='japan-2015').title.ja} では DRL より低く、{drl_table(version='japan-2020').title.ja} では高い。",
            "A facility with a median of about 3.75 mGy for lumbar AP lies below the level of 2015 and above that of 2020.",
        ),
        Text(
            "EI は模擬の値で、グリッドや線質硬化を含みません。", "EI is that of the simulation, without grid and beam hardening."
        ),
    )
    bar = Text(
        "線量 2 倍で EI 2 倍 (2 % 以内)、DI +3.01、Dice 0.95 以上、円背で EI が有意に低下、EI は入射線量に比例、版により判定が変わる",
        "EI doubles with kerma within 2 %, DI +3.01, Dice of the region at least 0.95, EI falls with kyphosis (interval below 0), EI in "
        "proportion to the entrance dose, the editions of the DRLs differ in their verdict",
    )
    return Proof("W7", bool(passed), measured, bar, Table(Text("線量指標", "Exposure index"), headings, rows, notes))


def _chest(seed: int, patient: int, **options: float) -> ExposedChest:
    """The same patient for every choice of kerma and posture."""
    sex = "FM"[patient % 2]
    return exposed_chest(rng=generator(seed, "W7", patient), sex=sex, **options)


def _doubling(seed: int) -> tuple[list[float], float]:
    found = [exposure_index(_chest(seed, 0, open_kerma_ugy=k).image).index.value for k in KERMAS_UGY]
    table = deviation_index(exposure_indices=(found[0], 2 * found[0]), target_index=found[0]).exposures
    return [b / a for a, b in pairwise(found)], table.rows[1][1] - table.rows[0][1]


def _kyphosis(seed: int, patients: list[int]) -> tuple[dict[float, Estimate], float]:
    """Change of EI (%) of each patient from 30 degrees, mean with Student's t; the least Dice of the region found."""
    changes: dict[float, list[float]] = {angle: [] for angle in ANGLES_DEG}
    dice = []
    for patient in patients:
        made = {angle: _chest(seed, patient, kyphosis_deg=angle) for angle in (30.0, *ANGLES_DEG)}
        found = {angle: find_exposed_region(one.image).anatomy for angle, one in made.items()}
        index = {angle: float(np.median(one.image.pixels[found[angle].pixels > 0])) for angle, one in made.items()}
        dice += [_dice(found[angle].pixels > 0, one.anatomy.pixels > 0) for angle, one in made.items()]
        for angle in ANGLES_DEG:
            changes[angle].append(100 * (index[angle] / index[30.0] - 1))
    named = {angle: Text(f"{angle:g} 度", f"{angle:g} deg") for angle in ANGLES_DEG}
    return {angle: of_repeats(named[angle], values, unit="%") for angle, values in changes.items()}, min(dice)


def _index_at(seed: int, dose_mgy: float) -> float:
    """EI of a patient when the entrance surface kerma is `dose_mgy`: back through BSF and distance to the open beam at the detector."""
    one_mas = entrance_air_kerma(mas=1.0, focus_skin_cm=SKIN_CM, output_ugy_per_mas=OUTPUT_UGY_PER_MAS)
    mas = dose_mgy / one_mas.entrance.value
    at_detector = entrance_air_kerma(mas=mas, focus_skin_cm=DETECTOR_CM, output_ugy_per_mas=OUTPUT_UGY_PER_MAS).incident.value
    return exposure_index(_chest(seed, 0, open_kerma_ugy=1000 * at_detector).image).index.value


def _verdicts(seed: int) -> list[str]:
    """A facility of 60 patients with lumbar spines of 3.75 mGy median, against both editions."""
    rng = generator(seed, "W7", "lumbar")
    doses = np.exp(np.log(3.75) + 0.08 * rng.permutation(np.linspace(-1.7, 1.7, 60)))
    table = Table(Text("腰椎正面", "lumbar AP"), (Text("dose_mgy", "dose_mgy"),), tuple((float(d),) for d in doses))
    return [drl_compare(table, version=v, item="lumbar-ap").comparison.rows[0][7].en for v in ("japan-2015", "japan-2020")]


def _dice(found: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))


def _span(found: Estimate) -> str:
    return "" if found.low is None else f"{found.low:.1f} – {found.high:.1f}"
