"""What a study of a given size can show: expected widths of intervals, and the patients needed for a width."""

from __future__ import annotations

import math
from collections.abc import Callable

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.stats.delong import auc_limits
from gazo.stats.inputs import within
from gazo.stats.proportions import wilson_limits

MOST_PATIENTS = 10_000_000


def hanley_mcneil_se(auc: float, positives: int, negatives: int) -> float:
    """Standard error of an area from the class sizes alone (Hanley & McNeil 1982, Radiology 143:29, eq. 1 and 2).

    SE^2 = (A (1 - A) + (m - 1) (Q1 - A^2) + (n - 1) (Q2 - A^2)) / (m n), Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A), m positive, n negative.
    """
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    return math.sqrt(max(variance, 0.0) / (positives * negatives))


@feature("AUC の予想区間", "Expected interval of an AUC")
def expected_auc(positives: int, negatives: int, auc: float, *, level: float = 0.95) -> Estimate:
    """The interval to be expected when the true area is `auc`: Hanley & McNeil's variance, logit scale.

    Parameters
    ----------
    positives, negatives : numbers of patients (not of images).
    """
    within("auc", auc, 0, 1)
    within("level", level, 0, 1)
    _enough(positives, negatives)
    variance = hanley_mcneil_se(auc, positives, negatives) ** 2
    low, high, how = auc_limits(auc, variance, positives, negatives, level, "logit")
    return Estimate(Text("予想される AUC", "Expected AUC"), auc, low, high, level, f"Hanley & McNeil 1982, {how}")


def expected_auc_width(positives: int, negatives: int, auc: float, level: float = 0.95) -> float:
    """Width of the interval of `expected_auc`."""
    return _width(expected_auc(positives, negatives, auc, level=level))


@feature("割合の予想区間", "Expected interval of a proportion")
def expected_proportion(total: int, value: float, *, level: float = 0.95) -> Estimate:
    """The interval to be expected for a sensitivity, specificity or accuracy of `value` in `total` patients (Wilson 1927)."""
    within("value", value, 0, 1)
    within("level", level, 0, 1)
    _enough(total)
    low, high = wilson_limits(value * total, total, level)
    return Estimate(Text("予想される割合", "Expected proportion"), value, low, high, level, "Wilson 1927")


def expected_proportion_width(total: int, value: float, level: float = 0.95) -> float:
    """Width of the interval of `expected_proportion`."""
    return _width(expected_proportion(total, value, level=level))


@feature("必要患者数 (AUC)", "Patients needed for an AUC interval")
def patients_for_auc_width(width: float, auc: float, *, prevalence: float = 0.5, level: float = 0.95) -> int:
    """Smallest number of patients for which the expected interval of an area is no wider than `width`.

    The positive ones are ``round(prevalence * patients)``, at least two of either class.
    """
    within("width", width, 0, 1)
    within("prevalence", prevalence, 0, 1)

    def width_of(patients: int) -> float:
        positives = min(max(2, round(prevalence * patients)), patients - 2)
        return expected_auc_width(positives, patients - positives, auc, level)

    return _smallest(width_of, width, least=4)


@feature("必要患者数 (割合)", "Patients needed for the interval of a proportion")
def patients_for_proportion_width(width: float, value: float, *, level: float = 0.95) -> int:
    """Smallest number of patients for which the expected interval of a proportion is no wider than `width`."""
    within("width", width, 0, 1)
    return _smallest(lambda patients: expected_proportion_width(patients, value, level), width, least=1)


def _width(estimate: Estimate) -> float:
    return float(estimate.high or 0.0) - float(estimate.low or 0.0)


def _enough(*counts: int) -> None:
    if min(counts) < 1:
        raise DataError(
            "G-STAT-010",
            en=f"planning needs at least one patient of each kind; {', '.join(map(str, counts))} came. Give larger numbers.",
            ja=f"計画には各群に少なくとも 1 人の患者が必要です。受け取った数: {', '.join(map(str, counts))}。数を増やしてください。",
        )


def _smallest(width_of: Callable[[int], float], width: float, *, least: int) -> int:
    """The width falls with the number of patients, so it is doubled and then halved."""
    few, many = least, least
    while width_of(many) > width:
        few, many = many, 2 * many
        if many > MOST_PATIENTS:
            raise DataError(
                "G-STAT-011",
                en=f"an interval of width {width:g} would need more than {MOST_PATIENTS:,} patients. Ask for a wider one.",
                ja=f"幅 {width:g} の区間には {MOST_PATIENTS:,} 人を超える患者が必要です。より広い幅を指定してください。",
            )
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if width_of(middle) <= width else (middle, many)
    return many
