"""What figures of survival show: staircases with the number at risk, and hazard ratios under one another."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.language import Text
from gazo.core.results import Estimate, result
from gazo.stats.survival.kaplan_meier import SurvivalCurve


@result("survival curves")
@dataclass(frozen=True, eq=False)
class SurvivalCurves:
    """Kaplan-Meier curves of groups on one axis of time, with the number at risk below; `note` stands in the plot (a p-value)."""

    curves: tuple[SurvivalCurve, ...]
    title: Text = Text("", "")
    x_unit: str = ""
    note: Text = Text("", "")


@result("forest")
@dataclass(frozen=True, eq=False)
class Forest:
    """Estimates with intervals under one another and a line at `neutral`, such as hazard ratios at 1 on a logarithmic axis."""

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    x_label: Text
    title: Text = Text("", "")
    neutral: float = 1.0
    logarithmic: bool = True


def span_words(one: Estimate, form: str = ".3f") -> Text:
    """The limits of an estimate in brackets after a space, or nothing where it has none."""
    if one.low is None or one.high is None:
        return Text("", "")
    return Text(f" ({one.low:{form}} ～ {one.high:{form}})", f" ({one.low:{form}} to {one.high:{form}})")


def p_words(p: float) -> str:
    """A p-value as papers print it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
