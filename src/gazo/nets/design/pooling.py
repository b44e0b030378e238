"""Pooling: a window or the whole plane becomes one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.nets.design.kinds import Block, Layer, kind
from gazo.nets.design.layers import Kernel, Padding, Stride, window_told
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_image, window_over

Of = Annotated[Literal["mean", "maximum"], Label("求める値", "What is taken")]


@dataclass(frozen=True, kw_only=True)
class _Pool(Block):
    kernel: Kernel = 2
    stride: Stride = 2
    padding: Padding = 0

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        if 2 * self.padding > self.kernel:
            raise Misfit(
                Text(
                    f"余白 {self.padding} は窓の一辺 {self.kernel} の半分以下でなければなりません",
                    f"its padding {self.padding} must be at most half of its window {self.kernel}",
                ),
                Cure(
                    Text(f"余白を {self.kernel // 2} にする", f"Set the padding to {self.kernel // 2}"),
                    options={"padding": self.kernel // 2},
                ),
            )
        return window_over(inputs[0], inputs[0][0], self.kernel, self.stride, self.padding)

    def _options(self) -> dict[str, int]:
        options = {"kernel_size": self.kernel, "stride": self.stride}
        return options | ({"padding": self.padding} if self.padding else {})

    def told(self) -> str:
        return window_told(self.kernel, self.stride)


@kind("max-pool", "最大プーリング", "Maximum pooling", group="pooling")
@dataclass(frozen=True, kw_only=True)
class MaxPool(_Pool):
    """The largest value in each window."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.MaxPool2d", (), self._options())


@kind("average-pool", "平均プーリング", "Average pooling", group="pooling")
@dataclass(frozen=True, kw_only=True)
class AveragePool(_Pool):
    """The mean of each window; padding counts as zeros."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.AvgPool2d", (), self._options())


@kind("global-pool", "全体プーリング", "Global pooling", group="pooling")
@dataclass(frozen=True, kw_only=True)
class GlobalPool(Block):
    """One number for each map: its mean or its maximum. Any image size gives the same list."""

    of: Of = "mean"

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        return (inputs[0][0],)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("GlobalPool", (), {"of": self.of})


@kind("adaptive-pool", "大きさをそろえるプーリング", "Adaptive pooling", group="pooling")
@dataclass(frozen=True, kw_only=True)
class AdaptivePool(Block):
    """An image of the given side from an image of any side, by means or maxima of windows that may overlap."""

    side: Annotated[int, Ge(1), Le(512), Label("出力の一辺", "Side of the output", "px")] = 7
    of: Of = "mean"

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        return (inputs[0][0], self.side, self.side)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.AdaptiveAvgPool2d" if self.of == "mean" else "nn.AdaptiveMaxPool2d", (self.side,))

    def told(self) -> str:
        return f"→ {self.side}×{self.side}"
