"""How features are computed: every choice that changes a number, with presets for the usual images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.parameters import Label
from gazo.radiomics.names import Aggregation, Family

# Options as every operation that computes features offers them; None: as the preset says.
Preset = Annotated[
    Literal["plain", "ct-lung", "ct-soft", "mr", "radiograph"],
    Label("設定のひな型 (指定しない項目はここから)", "Preset (what is not given comes from it)"),
]
Spacing = Annotated[
    float | None,
    Ge(0),
    Le(100),
    Label("補間後のボクセル間隔 (0: 補間しない)", "Voxel spacing after interpolation (0: as it is)", "mm"),
]
BySlice = Annotated[bool | None, Label("断面ごとに処理する (2 次元)", "Work slice by slice (2-D)")]
Interpolation = Annotated[Literal["nearest", "linear", "cubic"] | None, Label("画像の補間", "Interpolation of the image")]
Rounding = Annotated[bool | None, Label("補間後に整数へ丸める (CT)", "Round to whole numbers after interpolation (CT)")]
Normalise = Annotated[
    Literal["none", "z-score"] | None,
    Label("値の正規化 (z-score: 0 でない画素の平均と標準偏差)", "Normalisation (z-score: mean and SD of pixels that are not 0)"),
]
Lowest = Annotated[float | None, Label("領域に含める値の下限", "Lowest value that belongs to the region")]
Highest = Annotated[float | None, Label("領域に含める値の上限", "Highest value that belongs to the region")]
Outliers = Annotated[bool | None, Label("平均 ± 3 標準偏差の外の値を除く", "Leave out values beyond 3 standard deviations")]
Discretisation = Annotated[Literal["fixed bin size", "fixed bin number"] | None, Label("階調化の方法", "Discretisation")]
BinSize = Annotated[float | None, Gt(0), Label("ビンの幅", "Width of a bin")]
BinNumber = Annotated[int | None, Ge(2), Le(1024), Label("ビンの数", "Number of bins")]
Families = Annotated[tuple[Family, ...], Label("特徴量の種類 (空: すべて)", "Families of features (empty: all)")]
Aggregations = Annotated[
    tuple[Aggregation, ...],
    Label("テクスチャのまとめ方 (空: 2D_avg または 3D_avg)", "Aggregation of texture (empty: 2D_avg or 3D_avg)"),
]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Image preparation and choice of features in the terms of IBSI 1 (reference manual, chapter 2).

    Parameters
    ----------
    spacing_mm : of the grid for the features; 0 leaves the grid of the image.
    by_slice : planes are not interpolated, and texture is computed in planes.
    interpolation : of the image; the region is interpolated linearly and cut at 0.5.
    rounding : to whole numbers after interpolation, for CT.
    normalise : before everything else.
    lowest, highest, outliers : which values of the region take part (resegmentation).
    discretisation, bin_size, bin_number : grey levels of histogram and texture.
    bin_start : where bins of fixed size begin; None: at `lowest`, else at the least value of the region.
    ivh, ivh_bin_size, ivh_bin_number : levels of the intensity-volume histogram; "values" are whole numbers as they are.
    families : which families are computed; empty: all.
    aggregations : of texture; empty: the average over directions.
    """

    spacing_mm: float = 0.0
    by_slice: bool = False
    interpolation: Literal["nearest", "linear", "cubic"] = "linear"
    rounding: bool = False
    normalise: Literal["none", "z-score"] = "none"
    lowest: float | None = None
    highest: float | None = None
    outliers: bool = False
    discretisation: Literal["fixed bin size", "fixed bin number"] = "fixed bin number"
    bin_size: float = 25.0
    bin_number: int = 32
    bin_start: float | None = None
    ivh: Literal["values", "fixed bin size", "fixed bin number"] = "fixed bin number"
    ivh_bin_size: float = 2.5
    ivh_bin_number: int = 1000
    families: tuple[Family, ...] = ()
    aggregations: tuple[Aggregation, ...] = ()

    def __post_init__(self) -> None:
        if self.lowest is not None and self.highest is not None and not self.lowest < self.highest:
            raise OptionError(
                "G-RAD-001",
                en=f"'lowest' must be below 'highest'; {self.lowest:g} and {self.highest:g} came. Exchange or correct them.",
                ja=f"値の範囲の下限は上限より小さくなければなりません。受け取った値: {self.lowest:g} と {self.highest:g}。入れ替えるか直してください。",
            )

    def texture(self, planes: int) -> tuple[Aggregation, ...]:
        """The aggregations that are computed: those chosen, else the average over directions, in planes where there is but one."""
        return self.aggregations or (("2D_avg",) if self.by_slice or planes == 1 else ("3D_avg",))

    def wants(self, family: Family) -> bool:
        """True when the features of this family are to be computed."""
        return not self.families or family in self.families


_CT = Settings(spacing_mm=1.0, rounding=True, discretisation="fixed bin size", bin_size=25.0, ivh="values")
PRESETS: dict[str, Settings] = {
    "plain": Settings(),
    "ct-lung": replace(_CT, lowest=-1000.0, highest=400.0),
    "ct-soft": replace(_CT, lowest=-150.0, highest=250.0),
    "mr": Settings(spacing_mm=1.0, normalise="z-score", outliers=True),
    "radiograph": Settings(by_slice=True),
}


def settings_of(preset: str, **changes: Any) -> Settings:
    """The settings of a preset with what was given (None and an empty choice: as in the preset)."""
    return replace(PRESETS[preset], **{name: value for name, value in changes.items() if value not in (None, ())})
