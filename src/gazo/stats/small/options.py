"""Options that several operations of this room share."""

from __future__ import annotations

from typing import Annotated, Literal

from gazo.core.parameters import Gt, Label, Lt

Outcome = Annotated[
    tuple[str, ...], Label("結果の列 (対応のある横長の表では条件ごとの列を並べる)", "Outcome column, or one for each condition")
]
Group = Annotated[str | None, Label("群 (条件) の列", "Column of the group or condition")]
Patient = Annotated[str | None, Label("患者の列", "Patient column")]
Order = Annotated[
    tuple[str, ...], Label("群の順 (空欄なら表の順、差は 1 番目 - 2 番目)", "Order of the groups (first minus second)")
]
DesignOption = Annotated[Literal["auto", "independent", "paired"], Label("対応の有無", "Independent or paired")]
PerPatient = Annotated[Literal["mean", "median"], Label("1 患者に複数行あるときの値", "One value of a patient with several rows")]
Level = Annotated[float, Gt(0.5), Lt(1), Label("信頼係数", "Level of confidence")]
