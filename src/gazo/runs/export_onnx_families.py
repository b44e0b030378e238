"""What of each family becomes an ONNX model: everything between its input and its answer that is one network of fixed form."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gazo.core.errors import RunError

if TYPE_CHECKING:
    import torch

_SQUARE = "images in 0 to 1: the 0.5th to 99.5th percentile of each image"


@dataclass(frozen=True, eq=False)
class Exportable:
    """A module to be written, and what a program that uses it must know.

    Parameters
    ----------
    said : what it answers to a batch of inputs.
    nets : the networks in it.
    shape : of one input: channels, (planes,) rows, columns.
    output : name of the answer.
    facts : for the metadata.
    free : axes besides the batch that may have any length, with their names.
    prepared : inputs are images as `gazo.training.pixels.prepared_pixels` makes them.
    """

    said: Callable[[torch.Tensor], torch.Tensor]
    nets: tuple[torch.nn.Module, ...]
    shape: tuple[int, ...]
    output: str
    facts: dict[str, str]
    free: dict[int, str] = field(default_factory=dict)
    prepared: bool = False

    def module(self) -> torch.nn.Module:
        """All of it as one module on the processor."""
        import torch

        class Whole(torch.nn.Module):
            def __init__(self, said: Callable[[torch.Tensor], torch.Tensor], nets: Sequence[torch.nn.Module]) -> None:
                super().__init__()
                self.nets = torch.nn.ModuleList(net.to("cpu") for net in nets)
                self.said = said

            def forward(self, images: torch.Tensor) -> torch.Tensor:
                return self.said(images)

        return Whole(self.said, self.nets).eval()


def exportable(fitted: Any, family: str) -> Exportable:
    """What can be written of a model; an error where its answer takes more than one network of fixed form."""
    makers = {
        "classify": _classifier,
        "regress": _regressor,
        "segment": _segmenter,
        "denoise": _denoiser,
        "super-resolution": _resolver,
    }
    if family not in makers:
        raise RunError(
            "G-EXP-035",
            en=f"a model of the family '{family}' is more than one network with input of fixed form (proposals, candidates and rules are part of it), so it is no ONNX model. Take the weights (gazo export weights) and gazo.load.",
            ja=f"「{family}」のモデルは、候補の作成や選別などを含み、入力の形が決まった 1 つのネットワークではないため、ONNX に書き出せません。重み (gazo export weights) を gazo.load で読み込んで使ってください。",
        )
    return makers[family](fitted)


def _mean(each: list[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.stack(each).mean(0)


def _square(spec: Any) -> tuple[int, int, int]:
    return (3 if spec.colour else 1, spec.size_px, spec.size_px)


def _square_facts(spec: Any) -> dict[str, str]:
    return {
        "size_px": str(spec.size_px),
        "channels": str(_square(spec)[0]),
        "fit_to_square": spec.fit_to_square,
        "input": _SQUARE,
    }


def _classifier(fitted: Any) -> Exportable:
    """Prepared pixels to probabilities: standardising, mirror image, softmax and mean over folds inside."""
    from gazo.training.feed import standardise

    def said(images: torch.Tensor) -> torch.Tensor:
        images = standardise(images)
        return _mean([_mirrored(net, images, fitted.spec.mirror).float().softmax(1) for net in fitted.nets])

    threshold = f"{fitted.threshold!r}" if len(fitted.classes) == 2 else ""
    facts = {"classes": json.dumps(fitted.classes, ensure_ascii=False), "threshold": threshold, **_square_facts(fitted.spec)}
    return Exportable(said, fitted.nets, _square(fitted.spec), "probabilities", facts, prepared=True)


def _regressor(fitted: Any) -> Exportable:
    """Prepared pixels to the value in its unit."""
    from gazo.training.feed import standardise

    def said(images: torch.Tensor) -> torch.Tensor:
        images = standardise(images)
        pairs = zip(fitted.nets, fitted.scales, strict=True)
        return _mean([_mirrored(net, images, fitted.spec.mirror).float() * sd + centre for net, (centre, sd) in pairs])

    facts = {"unit": fitted.spec.unit, **_square_facts(fitted.spec)}
    return Exportable(said, fitted.nets, _square(fitted.spec), "value", facts, prepared=True)


def _mirrored(net: torch.nn.Module, images: torch.Tensor, mirror: bool) -> torch.Tensor:
    answer = net(images)
    return (answer + net(images.flip(3))) / 2 if mirror else answer


def _segmenter(fitted: Any) -> Exportable:
    """Pixels as the network sees them to the share of each class; pieces of large images are laid together by the program that uses it."""
    from gazo.learn.segment.infer import mirrored_axes

    if len(set(fitted.plans)) > 1:
        raise RunError(
            "G-EXP-036",
            en="the networks of the folds have different sizes of input (configured from the data of each fold), so they are no one ONNX model. Train with --configure given, or take the weights.",
            ja="分割ごとにネットワークの入力の大きさが異なる (データから自動構成した) ため、1 つの ONNX モデルにできません。--configure given で学習するか、重みを使ってください。",
        )
    plan = fitted.plans[0]
    turns = mirrored_axes(fitted.spec.mirror, plan.dims)

    def said(images: torch.Tensor) -> torch.Tensor:
        turned = [(net(images.flip(axes) if axes else images).float().softmax(1), axes) for net in fitted.nets for axes in turns]
        return _mean([share.flip(axes) if axes else share for share, axes in turned])

    channels = 3 if fitted.spec.channel == "colour" else 1
    facts = {
        "structures": json.dumps(fitted.structures, ensure_ascii=False), "spacing_mm": json.dumps(plan.spacing_mm), "whole": str(plan.whole),
        "shrink": str(plan.shrink), "values": plan.values, "intensity": json.dumps(plan.intensity),
        "input": "values 'image': each image with mean 0 and standard deviation 1; 'ct': cut at the first two of intensity, less the third, divided by the fourth",
    }  # fmt: skip
    return Exportable(said, fitted.nets, (channels, *plan.patch), "shares", facts)


def _denoiser(fitted: Any) -> Exportable:
    """A plane of noise level 1 and mean 0 to its noise (or the plane without it)."""
    unit = 2**fitted.spec.depth
    facts = {
        "target": fitted.spec.target, "multiple_of": str(unit),
        "input": f"(image - mean) / noise level; sides that are multiples of {unit}; the answer times the noise level is the {fitted.spec.target}",
    }  # fmt: skip
    side = max(64, 2 * unit)
    return Exportable(_nets(fitted), fitted.nets, (1, side, side), "answer", facts, {2: "rows", 3: "columns"})


def _resolver(fitted: Any) -> Exportable:
    """A plane that was enlarged by cubic convolution to the estimate of the fine one."""
    facts = {
        "factor": str(fitted.spec.factor),
        "input": "grey or luminance in 0 to 1, enlarged by cubic convolution (Keys 1981, a = -0.5) by the factor",
    }
    return Exportable(_nets(fitted), fitted.nets, (1, 48, 48), "estimate", facts, {2: "rows", 3: "columns"})


def _nets(fitted: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    def said(images: torch.Tensor) -> torch.Tensor:
        return _mean([net(images).float() for net in fitted.nets])

    return said
