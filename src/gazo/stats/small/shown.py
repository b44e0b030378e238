"""What a figure of a small study is drawn from: the values of each group, or of two columns against each other."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.language import Text
from gazo.core.results import result
from gazo.stats.inputs import Floats


@result("values of groups")
@dataclass(frozen=True, eq=False)
class GroupValues:
    """One value a patient in each group.

    Parameters
    ----------
    names : of the groups; `values` has an array for each.
    paired : the groups are conditions: the same place in each array is the same patient.
    label : what the values are.
    """

    names: tuple[str, ...]
    values: tuple[Floats, ...]
    paired: bool
    label: Text
    title: Text = Text("各群の値", "Values of each group")


@result("scatter")
@dataclass(frozen=True, eq=False)
class Scatter:
    """Two numbers of each patient, (n,) each."""

    x: Floats
    y: Floats
    x_label: Text
    y_label: Text
    title: Text = Text("散布図", "Scatter plot")
