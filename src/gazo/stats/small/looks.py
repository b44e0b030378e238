"""What the values look like: numbers of each group, and the assumptions of the tests. Looked at and told, never a gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.inputs import Floats

SKEWED = 1.0  # beyond it half of the values lie on a third of the range, and a mean tells little

HEADINGS = (
    Text("群", "Group"),
    Text("患者数", "Patients"),
    Text("平均", "Mean"),
    Text("標準偏差", "SD"),
    Text("中央値", "Median"),
    Text("第 1 四分位", "1st quartile"),
    Text("第 3 四分位", "3rd quartile"),
    Text("最小", "Minimum"),
    Text("最大", "Maximum"),
    Text("歪度", "Skewness"),
    Text("Shapiro-Wilk p", "Shapiro-Wilk p"),
)


def described(names: Sequence[str], groups: Sequence[Floats], *, paired: bool) -> tuple[Table, tuple[Text, ...]]:
    """The groups in numbers, and what to think of before a test of means is read.

    Quartiles as R's default (Hyndman & Fan's type 7). For conditions of the same patients the differences of two stand below.
    """
    rows = [_row(name, values) for name, values in zip(names, groups, strict=True)]
    if paired and len(groups) == 2:
        rows.append(_row(f"{names[0]} - {names[1]}", groups[0] - groups[1]))
    notes = (
        Text(
            "正規性と等分散は確認のために示したもので、検定の選択には使っていない。",
            "Normality and equal spread are shown to be seen; they did not choose the test.",
        ),
        *(() if paired else _spread_note(groups)),
    )
    judged = rows[-1:] if paired and len(groups) == 2 else rows
    return Table(Text("各群の値", "The groups in numbers"), HEADINGS, tuple(rows), notes), _doubts(judged)


def _row(name: str, values: Floats) -> tuple[object, ...]:
    quartiles = np.quantile(values, [0.5, 0.25, 0.75])
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    numbers = (float(values.mean()), spread, *map(float, quartiles), float(values.min()), float(values.max()))
    return (name, len(values), *numbers, *_shape(values))


def _shape(values: Floats) -> tuple[float | None, float | None]:
    """Skewness (third moment over that of the spread) and Shapiro-Wilk's p; None where they do not exist."""
    from scipy.stats import shapiro

    rest = values - values.mean()
    if float(np.abs(rest).max()) <= 1e-12 * max(float(np.abs(values).max()), 1e-300):
        return None, None
    skewness = float((rest**3).mean() / (rest**2).mean() ** 1.5)
    p = float(shapiro(rest).pvalue) if 3 <= len(values) <= 5000 else None
    return skewness, p


def _spread_note(groups: Sequence[Floats]) -> tuple[Text, ...]:
    """Brown & Forsythe's test of equal spread (1974, JASA 69:364)."""
    from scipy.stats import f_oneway

    distances = [np.abs(g - np.median(g)) for g in groups]
    if all(float(np.ptp(d)) == 0 for d in distances):
        return ()
    p = float(f_oneway(*distances).pvalue)
    return (Text(f"ばらつきの比較 (Brown-Forsythe): p = {p:.3g}", f"Equal spread (Brown-Forsythe): p = {p:.3g}"),)


def _doubts(rows: Sequence[tuple[object, ...]]) -> tuple[Text, ...]:
    skewed = [str(r[0]) for r in rows if isinstance(r[-2], float) and abs(r[-2]) > SKEWED and isinstance(r[1], int) and r[1] < 30]
    if not skewed:
        return ()
    shown = ", ".join(skewed)
    return (
        Text(
            f"偏った分布 (歪度の絶対値が {SKEWED:g} 超、30 人未満): {shown}。平均の検定の結果は順位の検定 (scale=ordinal) と見比べてください。",
            f"Skewed (beyond {SKEWED:g}, fewer than 30 patients): {shown}. Compare a test of means with one of ranks (scale=ordinal).",
        ),
    )
