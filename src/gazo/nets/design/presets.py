"""Networks to begin with, drawn block by block as they were published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text
from gazo.nets.design.graph import Design, Link, Placed
from gazo.nets.design.kinds import KINDS
from gazo.nets.design.layout import laid_out


class Sketch:
    """A design while it is drawn; every block is linked to the last one unless other sources are named."""

    def __init__(self, name: str, channels: int = 1, size_px: int = 0) -> None:
        self.name = name
        self.blocks: list[Placed] = []
        self.links: list[Link] = []
        self.last = ""
        if size_px:
            self.add("input", channels=channels, rows=size_px, columns=size_px)

    def add(self, kind: str, *sources: str, **options: Any) -> str:
        """A block after `sources`; its id."""
        id = Design("", tuple(self.blocks)).free_id(kind)
        before = sources or ((self.last,) if self.last else ())
        most = KINDS[kind].inputs[1]
        self.blocks.append(Placed(id, kind, {**KINDS[kind].defaults(), **options}))
        self.links += [Link(source, id, port if KINDS[kind].ports else 0) for port, source in enumerate(before[:most])]
        self.last = id
        return id

    def chain(self, *steps: str | tuple[str, Mapping[str, Any]]) -> str:
        """Blocks one after the other; a name alone takes its own options."""
        for step in steps:
            kind, options = (step, {}) if isinstance(step, str) else step
            self.add(kind, **options)
        return self.last

    def design(self) -> Design:
        """What was drawn, laid out."""
        return laid_out(Design(self.name, tuple(self.blocks), tuple(self.links)))


@dataclass(frozen=True)
class Preset:
    """A network to begin with, and what it was published for."""

    label: Text
    told: Text
    draw: Callable[[int, int, int], Design]
    channels: int
    size_px: int
    count: int


def preset(name: str, *, channels: int | None = None, size_px: int | None = None, count: int | None = None) -> Design:
    """A preset by name, for other images or another number of classes where given."""
    if name not in PRESETS:
        hint = nearest(name, PRESETS)
        raise OptionError(
            "G-DSG-017",
            en=f"there is no preset '{name}'. {hint.en}",
            ja=f"「{name}」というひな形はありません。{hint.ja}",
        )
    one = PRESETS[name]
    return one.draw(channels or one.channels, size_px or one.size_px, count or one.count)


def _convolution(maps: int, kernel: int = 3, **options: Any) -> tuple[str, dict[str, Any]]:
    return "convolution", {"maps": maps, "kernel": kernel, "padding": kernel // 2, **options}


def lenet(channels: int, size_px: int, count: int) -> Design:
    """As `gazo.nets.lenet`: images below 32 px are padded to 32 px."""
    sketch, missing = Sketch("LeNet-5", channels, size_px), max(0, 32 - size_px)
    if missing:
        low, high = missing // 2, missing - missing // 2
        sketch.add("padding", top=low, bottom=high, left=low, right=high)
    for maps in (6, 16):
        sketch.chain(_convolution(maps, 5, padding=0), "scaled-tanh", "average-pool")
    sketch.chain("flatten", ("dense", {"units": 120}), "scaled-tanh", ("dense", {"units": 84}), "scaled-tanh")
    sketch.chain(("dense", {"units": count}), ("output", {"count": count}))
    return sketch.design()


def alexnet(channels: int, size_px: int, count: int) -> Design:
    """One tower (Krizhevsky 2014), as torchvision has it."""
    sketch, pool = Sketch("AlexNet", channels, size_px), ("max-pool", {"kernel": 3, "stride": 2})
    sketch.chain(_convolution(64, 11, stride=4, padding=2), "relu", pool, _convolution(192, 5), "relu", pool)
    sketch.chain(_convolution(384), "relu", _convolution(256), "relu", _convolution(256), "relu", pool)
    sketch.chain(("adaptive-pool", {"side": 6}), "flatten", "dropout", ("dense", {"units": 4096}), "relu", "dropout")
    sketch.chain(("dense", {"units": 4096}), "relu", ("dense", {"units": count}), ("output", {"count": count}))
    return sketch.design()


def vgg16(channels: int, size_px: int, count: int) -> Design:
    """Table 1, column D."""
    sketch = Sketch("VGG-16", channels, size_px)
    for maps, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        sketch.chain(("convolution-unit", {"maps": maps, "repeats": times, "normalisation": "none"}), "max-pool")
    sketch.chain(("adaptive-pool", {"side": 7}), "flatten")
    for _ in range(2):
        sketch.chain(("dense", {"units": 4096}), "relu", "dropout")
    sketch.chain(("dense", {"units": count}), ("output", {"count": count}))
    return sketch.design()


def resnet18(channels: int, size_px: int, count: int) -> Design:
    """Table 1, 18 layers."""
    sketch = Sketch("ResNet-18", channels, size_px)
    sketch.chain(_convolution(64, 7, stride=2, bias=False), "batch-norm", "relu")
    sketch.chain(("max-pool", {"kernel": 3, "stride": 2, "padding": 1}))
    for maps in (64, 128, 256, 512):
        sketch.chain(("residual", {"maps": maps, "stride": 1 if maps == 64 else 2}), ("residual", {"maps": maps}))
    sketch.chain("global-pool", ("dense", {"units": count}), ("output", {"count": count}))
    return sketch.design()


def _unet(name: str, widths: tuple[int, ...], normalisation: str, channels: int, size_px: int, count: int) -> Design:
    """Units of two convolutions, halved and doubled again; every level hands its maps over."""
    sketch, kept = Sketch(name, channels, size_px), []

    def unit(maps: int) -> str:
        return sketch.add("convolution-unit", maps=maps, repeats=2, normalisation=normalisation)

    for maps in widths[:-1]:
        kept.append(unit(maps))
        sketch.add("max-pool")
    unit(widths[-1])
    for maps, level in zip(reversed(widths[:-1]), reversed(kept), strict=True):
        up = sketch.add("transposed-convolution", maps=maps)
        sketch.add("concatenate", level, up)
        unit(maps)
    sketch.chain(_convolution(count, 1), ("output", {"purpose": "image", "count": count}))
    return sketch.design()


def unet(channels: int, size_px: int, count: int) -> Design:
    """Figure 1 of the paper, with padding so that the output is as large as the input."""
    return _unet("U-Net", (64, 128, 256, 512, 1024), "none", channels, size_px, count)


def small_unet(channels: int, size_px: int, count: int) -> Design:
    """A U-Net for some hundreds of images and a computer without graphics card: 16 to 128 maps, batch normalisation."""
    return _unet("U-Net (small)", (16, 32, 64, 128), "batch", channels, size_px, count)


def srcnn(channels: int, size_px: int, count: int) -> Design:
    """9-1-5, 64 and 32 maps; the input is the image already enlarged."""
    sketch = Sketch("SRCNN", channels, size_px)
    sketch.chain(_convolution(64, 9), "relu", _convolution(32, 1), "relu", _convolution(channels, 5))
    sketch.add("output", purpose="image", count=channels)
    return sketch.design()


def vdsr(channels: int, size_px: int, count: int) -> Design:
    """Twenty 3x3 convolutions that learn what is missing in the enlarged image."""
    sketch = Sketch("VDSR", channels, size_px)
    start = sketch.last
    sketch.add("convolution-unit", maps=64, repeats=19, normalisation="none")
    residual = sketch.add("convolution", maps=channels)
    sketch.add("add", start, residual)
    sketch.add("output", purpose="image", count=channels)
    return sketch.design()


def _encoder(sketch: Sketch, widths: tuple[int, ...]) -> None:
    for maps in widths:
        sketch.chain(_convolution(maps, stride=2), "batch-norm", "relu")


def _decoder(sketch: Sketch, widths: tuple[int, ...], channels: int) -> None:
    for maps in widths:
        sketch.chain(("transposed-convolution", {"maps": maps, "kernel": 4, "padding": 1}), "batch-norm", "relu")
    sketch.add("transposed-convolution", maps=channels, kernel=4, padding=1)
    sketch.add("output", purpose="image", count=channels)


def cae(channels: int, size_px: int, count: int) -> Design:
    """A convolutional autoencoder: three halvings and back."""
    sketch = Sketch("CAE", channels, size_px)
    _encoder(sketch, (16, 32, 64))
    _decoder(sketch, (32, 16), channels)
    return sketch.design()


def vae(channels: int, size_px: int, count: int) -> Design:
    """A variational autoencoder with `count` latent variables; the side of the image is a multiple of 8."""
    sketch, side = Sketch("VAE", channels, size_px), size_px // 8
    _encoder(sketch, (16, 32, 64))
    flat = sketch.add("flatten")
    mean = sketch.add("dense", flat, units=count)
    log_variance = sketch.add("dense", flat, units=count)
    sketch.add("sampling", mean, log_variance)
    sketch.chain(("dense", {"units": 64 * side * side}), "relu", ("reshape", {"channels": 64, "rows": side, "columns": side}))
    _decoder(sketch, (32, 16), channels)
    return sketch.design()


def dcgan_generator(channels: int, size_px: int, count: int) -> Design:
    """From `count` random numbers to an image of 64 px (or another power of 2)."""
    sketch = Sketch("DCGAN generator")
    sketch.chain(("vector-input", {"numbers": count}), ("reshape", {"channels": count}))
    widths, side, step = [], size_px // 2, 64
    while side > 4:
        widths.insert(0, step)
        step, side = step * 2, side // 2
    sketch.chain(("transposed-convolution", {"maps": step, "kernel": 4, "stride": 1, "bias": False}), "batch-norm", "relu")
    for maps in widths:
        options = {"maps": maps, "kernel": 4, "padding": 1, "bias": False}
        sketch.chain(("transposed-convolution", options), "batch-norm", "relu")
    sketch.chain(("transposed-convolution", {"maps": channels, "kernel": 4, "padding": 1, "bias": False}), "tanh")
    sketch.add("output", purpose="image", count=channels)
    return sketch.design()


def dcgan_discriminator(channels: int, size_px: int, count: int) -> Design:
    """From an image of 64 px (or another power of 2) to how real it looks."""
    sketch, leaky, maps, side = Sketch("DCGAN discriminator", channels, size_px), ("leaky-relu", {"slope": 0.2}), 64, size_px // 2
    sketch.chain(_convolution(maps, 4, stride=2, padding=1, bias=False), leaky)
    while side > 4:
        maps, side = maps * 2, side // 2
        sketch.chain(_convolution(maps, 4, stride=2, padding=1, bias=False), "batch-norm", leaky)
    sketch.chain(_convolution(1, 4, padding=0, bias=False), "flatten", "sigmoid", ("output", {"purpose": "vector", "count": 1}))
    return sketch.design()


PRESETS: dict[str, Preset] = {
    "lenet": Preset(Text("LeNet-5", "LeNet-5"), Text("手書き数字のための最初の畳み込みネットワーク (1998)", "The first convolutional network, for digits (1998)"), lenet, 1, 32, 10),
    "alexnet": Preset(Text("AlexNet", "AlexNet"), Text("深層学習の流行を始めた 8 層 (2012)", "The 8 layers that began deep learning (2012)"), alexnet, 3, 224, 1000),
    "vgg16": Preset(Text("VGG-16", "VGG-16"), Text("3 × 3 の畳み込みだけを重ねた 16 層 (2014)", "16 layers of 3 × 3 convolutions (2014)"), vgg16, 3, 224, 1000),
    "resnet18": Preset(Text("ResNet-18", "ResNet-18"), Text("近道のある残差ブロックを重ねた 18 層 (2015)", "18 layers with ways around them (2015)"), resnet18, 3, 224, 1000),
    "unet": Preset(Text("U-Net", "U-Net"), Text("画像の領域分割 (2015)", "Segmentation (2015)"), unet, 1, 256, 2),
    "unet-small": Preset(Text("U-Net (小型)", "U-Net (small)"), Text("少ない画像と CPU での領域分割", "Segmentation with few images, without a graphics card"), small_unet, 1, 128, 2),
    "srcnn": Preset(Text("SRCNN", "SRCNN"), Text("3 層の超解像 (2014)", "Super-resolution in 3 layers (2014)"), srcnn, 1, 64, 1),
    "vdsr": Preset(Text("VDSR", "VDSR"), Text("20 層の超解像 (2016)", "Super-resolution in 20 layers (2016)"), vdsr, 1, 64, 1),
    "cae": Preset(Text("畳み込みオートエンコーダ (CAE)", "Convolutional autoencoder (CAE)"), Text("正常画像の復元による異常検知など", "Anomalies by rebuilding normal images, for example"), cae, 1, 64, 1),
    "vae": Preset(Text("変分オートエンコーダ (VAE)", "Variational autoencoder (VAE)"), Text("潜在変数をもつオートエンコーダ (2014)", "Autoencoder with latent variables (2014)"), vae, 1, 64, 16),
    "dcgan-generator": Preset(Text("DCGAN 生成器", "DCGAN generator"), Text("乱数から画像を作る (2015)", "Images from random numbers (2015)"), dcgan_generator, 3, 64, 100),
    "dcgan-discriminator": Preset(Text("DCGAN 識別器", "DCGAN discriminator"), Text("本物らしさを判定する (2015)", "Tells how real an image looks (2015)"), dcgan_discriminator, 3, 64, 1),
}  # fmt: skip
