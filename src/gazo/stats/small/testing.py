"""What every test of this room gives, and how p, degrees of freedom and effects are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gazo.core.language import Text
from gazo.core.results import Estimate, Table, number_text


@dataclass(frozen=True)
class Tested:
    """One test.

    Parameters
    ----------
    name : of the test, with the variant that was computed.
    symbol, statistic, free : such as t, 2.31 and its degrees of freedom.
    effects : the main effect first, each with its interval.
    cite : for the methods sentence: what was compared, and how.
    """

    name: Text
    symbol: str
    statistic: float
    free: tuple[float, ...]
    p: float
    effects: tuple[Estimate, ...]
    cite: Text
    notes: tuple[Text, ...] = ()

    @property
    def p_estimate(self) -> Estimate:
        return Estimate(Text("p 値", "p"), self.p, method=self.name.en)

    def table(self) -> Table:
        """The test as one row."""
        headings = (
            Text("検定", "Test"),
            Text("統計量", "Statistic"),
            Text("値", "Value"),
            Text("自由度", "Degrees of freedom"),
            P,
        )
        row = (self.name, self.symbol, self.statistic, ", ".join(f"{d:.6g}" for d in self.free), self.p)
        return Table(Text("検定", "Test"), headings, (row,))

    def shown(self) -> str:
        """t(17.8) = 1.86, p = 0.0794."""
        free = f"({', '.join(f'{d:.4g}' for d in self.free)})" if self.free else ""
        return f"{self.symbol}{free} = {number_text(self.statistic)}, {p_text(self.p)}" if self.symbol else p_text(self.p)


P = Text("p", "p")
P_ADJUSTED = Text("補正後の p", "adjusted p")


def p_text(p: float) -> str:
    """p with three digits, never p = 0."""
    if p < 1e-300:
        return "p < 1e-300"
    return f"p = {p:.3g}" if p < 0.9995 else "p = 1"


def span_text(found: Estimate) -> Text:
    """An effect with its interval, such as 'Hedges' g 0.42 (95 % CI 0.11 to 0.73)'."""
    value = number_text(found.value)
    if found.low is None or found.high is None or math.isnan(found.value):
        return Text(f"{found.name.ja} {value}", f"{found.name.en} {value}")
    low, high, percent = number_text(found.low), number_text(found.high), f"{100 * found.level:g} %"
    return Text(
        f"{found.name.ja} {value} ({percent} 信頼区間 {low} ～ {high})", f"{found.name.en} {value} ({percent} CI {low} to {high})"
    )


def holm(p: Sequence[float]) -> list[float]:
    """Holm's adjusted p (1979, Scand J Stat 6:65)."""
    return adjusted(p, "holm")


def adjusted(p: Sequence[float], method: str) -> list[float]:
    """Adjusted p by Holm (1979), Bonferroni, or Benjamini & Hochberg (1995, J R Stat Soc B 57:289), through statsmodels."""
    from statsmodels.stats.multitest import multipletests

    if not len(p) or method == "none":
        return list(p)
    name = {"holm": "holm", "bonferroni": "bonferroni", "benjamini-hochberg": "fdr_bh"}[method]
    return [float(value) for value in multipletests(p, method=name)[1]]
