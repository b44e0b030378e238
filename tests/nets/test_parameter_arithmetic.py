"""Parameter counts against the layer tables of the papers, computed here from the tables alone, and against printed numbers."""

import itertools
import math

import pytest

from gazo.nets import NETWORKS, count_parameters, network

pytestmark = pytest.mark.filterwarnings("error")


def conv(ins, outs, kernel=1, groups=1, bias=False):
    return ins // groups * outs * kernel * kernel + bias * outs


def conv_bn(ins, outs, kernel=1, groups=1):
    """A convolution without bias and the scale and shift of the normalisation after it."""
    return conv(ins, outs, kernel, groups) + 2 * outs


def dense(ins, outs):
    return ins * outs + outs


def squeeze(channels, reduced):
    """Squeeze and excitation: two dense layers with bias (Hu et al. 2018)."""
    return dense(channels, reduced) + dense(reduced, channels)


def in_eights(value):
    """The multiple of 8 nearest to a scaled width, at most 10 % below it (Sandler et al. 2018, as in their code)."""
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def lenet(classes, channels):
    return conv(channels, 6, 5, bias=True) + conv(6, 16, 5, bias=True) + dense(16 * 25, 120) + dense(120, 84) + dense(84, classes)


def alexnet():
    convolutions = [(3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3)]
    return sum(conv(*c, bias=True) for c in convolutions) + dense(256 * 36, 4096) + dense(4096, 4096) + dense(4096, 1000)


def vgg(repeats, normalised):
    total, ins = 0, 3
    for width, times in zip((64, 128, 256, 512, 512), repeats, strict=True):
        for _ in range(times):
            total += conv(ins, width, 3, bias=True) + normalised * 2 * width
            ins = width
    return total + dense(512 * 49, 4096) + dense(4096, 4096) + dense(4096, 1000)


def googlenet():
    """Table 1 of the paper with torchvision's two changes: batch normalisation, and 3x3 where the paper has 5x5."""
    table = [
        (192, 64, 96, 128, 16, 32, 32), (256, 128, 128, 192, 32, 96, 64), (480, 192, 96, 208, 16, 48, 64),
        (512, 160, 112, 224, 24, 64, 64), (512, 128, 128, 256, 24, 64, 64), (512, 112, 144, 288, 32, 64, 64),
        (528, 256, 160, 320, 32, 128, 128), (832, 256, 160, 320, 32, 128, 128), (832, 384, 192, 384, 48, 128, 128),
    ]  # fmt: skip
    total = conv_bn(3, 64, 7) + conv_bn(64, 64) + conv_bn(64, 192, 3)
    for ins, one, reduce3, three, reduce5, five, pool in table:
        total += conv_bn(ins, one) + conv_bn(ins, reduce3) + conv_bn(reduce3, three, 3)
        total += conv_bn(ins, reduce5) + conv_bn(reduce5, five, 3) + conv_bn(ins, pool)
    for ins in (512, 528):
        total += conv_bn(ins, 128) + dense(128 * 16, 1024) + dense(1024, 1000)
    return total + dense(1024, 1000)


def inception_v3():
    """Table 1 and figures 5-7 of Szegedy et al. 2016 with the widths of the published model; no auxiliary head."""
    total = conv_bn(3, 32, 3) + conv_bn(32, 32, 3) + conv_bn(32, 64, 3) + conv_bn(64, 80) + conv_bn(80, 192, 3)

    def line(ins, wide, length):
        return ins * wide * length + 2 * wide  # a 1 x n or n x 1 convolution

    for ins, pool in ((192, 32), (256, 64), (288, 64)):
        total += conv_bn(ins, 64) + conv_bn(ins, 48) + conv_bn(48, 64, 5)
        total += conv_bn(ins, 64) + conv_bn(64, 96, 3) + conv_bn(96, 96, 3) + conv_bn(ins, pool)
    total += conv_bn(288, 384, 3) + conv_bn(288, 64) + conv_bn(64, 96, 3) + conv_bn(96, 96, 3)
    for mid in (128, 160, 160, 192):
        total += 2 * conv_bn(768, 192) + 2 * conv_bn(768, mid)
        total += line(mid, mid, 7) + line(mid, 192, 7) + 3 * line(mid, mid, 7) + line(mid, 192, 7)
    total += conv_bn(768, 192) + conv_bn(192, 320, 3) + conv_bn(768, 192) + 2 * line(192, 192, 7) + conv_bn(192, 192, 3)
    for ins in (1280, 2048):
        total += conv_bn(ins, 320) + conv_bn(ins, 384) + 2 * line(384, 384, 3)
        total += conv_bn(ins, 448) + conv_bn(448, 384, 3) + 2 * line(384, 384, 3) + conv_bn(ins, 192)
    return total + dense(2048, 1000)


def resnet(blocks, *, bottleneck, groups=1, base=64, rs=False):
    """Table 1 of He et al.; `groups` and `base` for ResNeXt's table 1; `rs` for Bello et al.: three 3x3 convolutions as stem, one
    more instead of the pooling, squeeze and excitation of ratio 1/4 in each block."""
    total = conv_bn(3, 32, 3) + conv_bn(32, 32, 3) + conv_bn(32, 64, 3) + conv_bn(64, 64, 3) if rs else conv_bn(3, 64, 7)
    ins = 64
    for stage, times in enumerate(blocks):
        plain = 64 * 2**stage
        outs = plain * 4 if bottleneck else plain
        mid = plain * base * groups // 64
        for number in range(times):
            if bottleneck:
                total += conv_bn(ins, mid) + conv_bn(mid, mid, 3, groups) + conv_bn(mid, outs)
            else:
                total += conv_bn(ins, outs, 3) + conv_bn(outs, outs, 3)
            total += squeeze(outs, outs // 4) if rs else 0
            total += conv_bn(ins, outs) if number == 0 and ins != outs else 0
            ins = outs
    return total + dense(ins, 1000)


def bit(blocks):
    """Pre-activation bottlenecks (He et al. 2016b) with group normalisation; the way around is a bare 1x1 convolution."""
    total, ins = conv(3, 64, 7), 64
    for stage, times in enumerate(blocks):
        outs = 256 * 2**stage
        mid = outs // 4
        for number in range(times):
            total += 2 * ins + conv(ins, mid) + 2 * mid + conv(mid, mid, 3) + 2 * mid + conv(mid, outs)
            total += conv(ins, outs) if number == 0 else 0
            ins = outs
    return total + 2 * ins + dense(ins, 1000)


def densenet(blocks, growth, width):
    """Table 1 of Huang et al. (DenseNet-BC): bottlenecks of 4 x growth, transitions that halve."""
    total = conv_bn(3, width, 7)
    for number, layers in enumerate(blocks):
        for _ in range(layers):
            total += 2 * width + conv_bn(width, 4 * growth) + conv(4 * growth, growth, 3)
            width += growth
        if number < len(blocks) - 1:
            total += 2 * width + conv(width, width // 2)
            width //= 2
    return total + 2 * width + dense(width, 1000)


def mobilenet_v1():
    """Table 1 of Howard et al. 2017."""
    widths = [32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    pairs = itertools.pairwise(widths)
    return conv_bn(3, 32, 3) + sum(conv_bn(i, i, 3, i) + conv_bn(i, o) for i, o in pairs) + dense(1024, 1000)


def inverted(ins, outs, kernel, wide, reduced=0, fused=False):
    """Widen, depthwise (or one full convolution when fused), squeeze and excite, narrow."""
    if fused:
        return conv_bn(ins, outs, kernel) if wide == ins else conv_bn(ins, wide, kernel) + conv_bn(wide, outs)
    total = conv_bn(ins, wide) if wide != ins else 0
    return total + conv_bn(wide, wide, kernel, wide) + (squeeze(wide, reduced) if reduced else 0) + conv_bn(wide, outs)


def inverted_stages(stages, ins, reduced=lambda ins, wide: 0):
    """Rows (expansion, width, times, kernel, squeezed, fused) of a table of inverted residuals."""
    total = 0
    for expansion, outs, times, kernel, squeezed, fused in stages:
        for _ in range(times):
            wide = ins * expansion
            total += inverted(ins, outs, kernel, wide, reduced(ins, wide) if squeezed else 0, fused)
            ins = outs
    return total, ins


def mobilenet_v2():
    """Table 2 of Sandler et al."""
    rows = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
    total, ins = inverted_stages([(t, c, n, 3, False, False) for t, c, n in rows], 32)
    return conv_bn(3, 32, 3) + total + conv_bn(ins, 1280) + dense(1280, 1000)


def mobilenet_v3(rows, last, hidden):
    """Tables 1 and 2 of Howard et al. 2019: rows (kernel, expanded, out, squeezed); excitation of a quarter, in eights."""
    total, ins = conv_bn(3, 16, 3), 16
    for kernel, wide, outs, squeezed in rows:
        total += inverted(ins, outs, kernel, wide, in_eights(wide / 4) if squeezed else 0)
        ins = outs
    return total + conv_bn(ins, last) + dense(last, hidden) + dense(hidden, 1000)


V3_LARGE = [
    (3, 16, 16, 0), (3, 64, 24, 0), (3, 72, 24, 0), (5, 72, 40, 1), (5, 120, 40, 1), (5, 120, 40, 1), (3, 240, 80, 0),
    (3, 200, 80, 0), (3, 184, 80, 0), (3, 184, 80, 0), (3, 480, 112, 1), (3, 672, 112, 1), (5, 672, 160, 1), (5, 960, 160, 1),
    (5, 960, 160, 1),
]  # fmt: skip
V3_SMALL = [
    (3, 16, 16, 1), (3, 72, 24, 0), (3, 88, 24, 0), (5, 96, 40, 1), (5, 240, 40, 1), (5, 240, 40, 1), (5, 120, 48, 1),
    (5, 144, 48, 1), (5, 288, 96, 1), (5, 576, 96, 1), (5, 576, 96, 1),
]  # fmt: skip


def shufflenet_v2():
    """Table 5 of Ma et al., width 1x, units of figure 3 (c) and (d)."""
    total, ins = conv_bn(3, 24, 3), 24
    for outs, times in ((116, 4), (232, 8), (464, 4)):
        half = outs // 2
        total += conv_bn(ins, ins, 3, ins) + conv_bn(ins, half)
        total += conv_bn(ins, half) + conv_bn(half, half, 3, half) + conv_bn(half, half)
        total += (times - 1) * (2 * conv_bn(half, half) + conv_bn(half, half, 3, half))
        ins = outs
    return total + conv_bn(464, 1024) + dense(1024, 1000)


def mnasnet(rows, reduced=lambda ins, wide: 0):
    """Figure 7 of Tan et al. 2019: a separable first block of 16 maps, inverted residuals, 1x1 to 1280."""
    first = conv_bn(3, 32, 3) + conv_bn(32, 32, 3, 32) + conv_bn(32, 16)
    total, ins = inverted_stages(rows, 16, reduced)
    return first + total + conv_bn(ins, 1280) + dense(1280, 1000)


MNAS_A1 = [
    (6, 24, 2, 3, 0, 0),
    (3, 40, 3, 5, 1, 0),
    (6, 80, 4, 3, 0, 0),
    (6, 112, 2, 3, 1, 0),
    (6, 160, 3, 5, 1, 0),
    (6, 320, 1, 3, 0, 0),
]
MNAS_B1 = [
    (3, 24, 3, 3, 0, 0),
    (3, 40, 3, 5, 0, 0),
    (6, 80, 3, 5, 0, 0),
    (6, 96, 2, 3, 0, 0),
    (6, 192, 4, 5, 0, 0),
    (6, 320, 1, 3, 0, 0),
]
B0 = [(1, 16, 1, 3), (6, 24, 2, 3), (6, 40, 2, 5), (6, 80, 3, 3), (6, 112, 3, 5), (6, 192, 4, 5), (6, 320, 1, 3)]


def efficientnet(width, depth):
    """Table 1 of Tan & Le 2019 scaled by the coefficients of their code; excitation of a quarter of the block's input."""
    rows = [(e, in_eights(c * width), math.ceil(n * depth), k, True, False) for e, c, n, k in B0]
    stem, last = in_eights(32 * width), in_eights(1280 * width)
    total, ins = inverted_stages(rows, stem, lambda ins, wide: ins // 4)
    return conv_bn(3, stem, 3) + total + conv_bn(ins, last) + dense(last, 1000)


def efficientnet_lite0():
    """EfficientNet-B0 without squeeze and excitation."""
    total, ins = inverted_stages([(*row, False, False) for row in B0], 32)
    return conv_bn(3, 32, 3) + total + conv_bn(ins, 1280) + dense(1280, 1000)


def efficientnet_v2(stem, rows):
    """Table 4 of Tan & Le 2021: rows (expansion, width, times, fused); the others squeeze to a quarter of their input."""
    stages = [(e, c, n, 3, not fused, fused) for e, c, n, fused in rows]
    total, ins = inverted_stages(stages, stem, lambda ins, wide: ins // 4)
    return conv_bn(3, stem, 3) + total + conv_bn(ins, 1280) + dense(1280, 1000)


V2_B0 = [(1, 16, 1, 1), (4, 32, 2, 1), (4, 48, 2, 1), (4, 96, 3, 0), (6, 112, 5, 0), (6, 192, 8, 0)]
V2_S = [(1, 24, 2, 1), (4, 48, 4, 1), (4, 64, 4, 1), (4, 128, 6, 0), (6, 160, 9, 0), (6, 256, 15, 0)]
V2_M = [(1, 24, 3, 1), (4, 48, 5, 1), (4, 80, 5, 1), (4, 160, 7, 0), (6, 176, 14, 0), (6, 304, 18, 0), (6, 512, 5, 0)]
V2_L = [(1, 32, 4, 1), (4, 64, 7, 1), (4, 96, 7, 1), (4, 192, 10, 0), (6, 224, 19, 0), (6, 384, 25, 0), (6, 640, 7, 0)]


def vit(width, depth, size_px=224):
    """Table 1 of Dosovitskiy et al. (tiny and small: Touvron et al. 2021), patches of 16 px."""
    patches = (size_px // 16) ** 2
    block = 4 * width + dense(width, 3 * width) + dense(width, width) + dense(width, 4 * width) + dense(4 * width, width)
    return dense(3 * 256, width) + width + (patches + 1) * width + depth * block + 2 * width + dense(width, 1000)


def repvgg(widths, repeats=(2, 4, 14, 1), stem=64, merged=False):
    """Table 2 of Ding et al.: 3x3, 1x1 and, where the shape stays, identity with normalisation; merged: one 3x3 with bias."""
    total, ins = 0, 3
    first = min(64, widths[0]) if stem else 0
    for number, (outs, times) in enumerate(zip((first, *widths), (1, *repeats), strict=True)):
        for place in range(times):
            identity = 2 * outs if ins == outs and place > 0 and number > 0 else 0
            total += conv(ins, outs, 3, bias=True) if merged else conv_bn(ins, outs, 3) + conv_bn(ins, outs) + identity
            ins = outs
    return total + dense(ins, 1000)


def convnext_tiny():
    """Liu et al. 2022, section 3: depths 3-3-9-3, widths 96-768, 7x7 depthwise, layer scale."""
    total, ins = dense(3 * 16, 96) + 2 * 96, 96
    for width, times in ((96, 3), (192, 3), (384, 9), (768, 3)):
        total += 2 * ins + dense(4 * ins, width) if width != ins else 0
        total += times * (
            conv(width, width, 7, width, bias=True) + 2 * width + dense(width, 4 * width) + dense(4 * width, width) + width
        )
        ins = width
    return total + 2 * ins + dense(ins, 1000)


def swin_tiny():
    """Liu et al. 2021: widths 96-768, depths 2-2-6-2, heads 3-24, windows of 7 with 13 x 13 relative positions."""
    total = dense(3 * 16, 96) + 2 * 96
    for stage, times in enumerate((2, 2, 6, 2)):
        width, heads = 96 * 2**stage, 3 * 2**stage
        total += 2 * 2 * width + 2 * width * width if stage else 0  # merging: norm of 4 w/2, dense without bias
        attention = dense(width, 3 * width) + dense(width, width) + 169 * heads
        total += times * (4 * width + attention + dense(width, 4 * width) + dense(4 * width, width))
    return total + 2 * 768 + dense(768, 1000)


ARITHMETIC = {
    "lenet": lenet(1000, 3),
    "alexnet": alexnet(),
    "vgg16": vgg((2, 2, 3, 3, 3), False),
    "vgg16_bn": vgg((2, 2, 3, 3, 3), True),
    "vgg19": vgg((2, 2, 4, 4, 4), False),
    "vgg19_bn": vgg((2, 2, 4, 4, 4), True),
    "googlenet": googlenet(),
    "inception_v3": inception_v3(),
    "resnet18": resnet((2, 2, 2, 2), bottleneck=False),
    "resnet34": resnet((3, 4, 6, 3), bottleneck=False),
    "resnet50": resnet((3, 4, 6, 3), bottleneck=True),
    "resnet101": resnet((3, 4, 23, 3), bottleneck=True),
    "resnet152": resnet((3, 8, 36, 3), bottleneck=True),
    "resnext50": resnet((3, 4, 6, 3), bottleneck=True, groups=32, base=4),
    "resnetrs50": resnet((3, 4, 6, 3), bottleneck=True, rs=True),
    "resnetrs101": resnet((3, 4, 23, 3), bottleneck=True, rs=True),
    "resnetrs152": resnet((3, 8, 36, 3), bottleneck=True, rs=True),
    "bit_resnet50": bit((3, 4, 6, 3)),
    "bit_resnet101": bit((3, 4, 23, 3)),
    "densenet121": densenet((6, 12, 24, 16), 32, 64),
    "densenet169": densenet((6, 12, 32, 32), 32, 64),
    "densenet201": densenet((6, 12, 48, 32), 32, 64),
    "densenet161": densenet((6, 12, 36, 24), 48, 96),
    "mobilenet_v1": mobilenet_v1(),
    "mobilenet_v2": mobilenet_v2(),
    "mobilenet_v3_large": mobilenet_v3(V3_LARGE, 960, 1280),
    "mobilenet_v3_small": mobilenet_v3(V3_SMALL, 576, 1024),
    "shufflenet_v2": shufflenet_v2(),
    "mnasnet_a1": mnasnet(MNAS_A1, lambda ins, wide: ins // 4),
    "mnasnet_b1": mnasnet(MNAS_B1),
    "efficientnet_b0": efficientnet(1.0, 1.0),
    "efficientnet_b1": efficientnet(1.0, 1.1),
    "efficientnet_b2": efficientnet(1.1, 1.2),
    "efficientnet_b3": efficientnet(1.2, 1.4),
    "efficientnet_b4": efficientnet(1.4, 1.8),
    "efficientnet_b5": efficientnet(1.6, 2.2),
    "efficientnet_b6": efficientnet(1.8, 2.6),
    "efficientnet_b7": efficientnet(2.0, 3.1),
    "efficientnet_lite0": efficientnet_lite0(),
    "efficientnet_v2_b0": efficientnet_v2(32, V2_B0),
    "efficientnet_v2_s": efficientnet_v2(24, V2_S),
    "efficientnet_v2_m": efficientnet_v2(24, V2_M),
    "efficientnet_v2_l": efficientnet_v2(32, V2_L),
    "vit_tiny": vit(192, 12),
    "vit_small": vit(384, 12),
    "vit_base": vit(768, 12),
    "vit_large": vit(1024, 24),
    "repvgg_a0": repvgg((48, 96, 192, 1280)),
    "repvgg_b0": repvgg((64, 128, 256, 1280), (4, 6, 16, 1)),
    "repvgg_b3": repvgg((192, 384, 768, 2560), (4, 6, 16, 1)),
    "convnext_tiny": convnext_tiny(),
    "swin_tiny": swin_tiny(),
}
# millions, in the digits measured with timm 1.0.31 and torchvision 0.29.2 when the list of networks was drawn up
PRINTED = {
    "alexnet": "61.10", "vgg16": "138.36", "vgg19": "143.67", "googlenet": "13.00", "inception_v3": "23.83",
    "resnet18": "11.69", "resnet50": "25.56", "resnet101": "44.55", "resnet152": "60.19",
    "resnetrs50": "35.69", "resnetrs101": "63.62", "resnetrs152": "86.62",
    "densenet121": "7.98", "densenet169": "14.15", "densenet201": "20.01", "densenet161": "28.68",
    "mobilenet_v1": "4.23", "mobilenet_v2": "3.50", "mobilenet_v3_large": "5.48", "mobilenet_v3_small": "2.54",
    "shufflenet_v2": "2.28", "resnext50": "25.03", "mnasnet_b1": "4.38", "mnasnet_a1": "3.89",
    "efficientnet_b0": "5.29", "efficientnet_b1": "7.79", "efficientnet_b7": "66.35",
    "efficientnet_v2_s": "21.46", "efficientnet_v2_m": "54.14", "efficientnet_v2_l": "118.52",
    "efficientnet_v2_b0": "7.14", "efficientnet_v2_rw_t": "13.65", "bit_resnet50": "25.55", "bit_resnet101": "44.54",
    "vit_tiny": "5.72", "vit_small": "22.05", "vit_base": "86.57", "vit_large": "304.33", "repvgg_a0": "9.11",
    "convnext_tiny": "28.59", "swin_tiny": "28.29", "mobilenet_v4_small": "3.77",
    "test_resnet": ".47", "test_vit": ".37", "test_efficientnet": ".36",
}  # fmt: skip


def first_of_each_paper():
    """Every network, all but the smallest of each paper marked slow."""
    seen = set()
    for n in NETWORKS:
        yield pytest.param(n.name, marks=[pytest.mark.slow] if n.paper in seen else [])
        seen.add(n.paper)


@pytest.mark.parametrize("name", list(first_of_each_paper()))
def test_count_is_what_the_table_states_and_the_papers_arithmetic(name):
    built = count_parameters(name)
    assert built == network(name).parameters_1000
    assert built == ARITHMETIC.get(name, built)


@pytest.mark.parametrize("name", PRINTED)
def test_printed_digits(name):
    printed = PRINTED[name]
    places = len(printed.split(".")[1])
    assert f"{network(name).parameters_1000 / 1e6:.{places}f}".lstrip("0") == printed


def test_every_network_of_a_paper_is_checked_by_arithmetic_or_printed_digits():
    unchecked = {n.name for n in NETWORKS if n.source.split(":")[0] != "gazo"} - set(ARITHMETIC) - set(PRINTED)
    assert not unchecked


def test_lenet_has_61706_at_ten_classes():
    assert count_parameters("lenet", classes=10, channels=1) == lenet(10, 1) == 61_706


@pytest.mark.parametrize(("name", "width", "depth"), [("vit_tiny", 192, 12), ("vit_base", 768, 12)])
def test_vit_has_one_position_a_patch(name, width, depth):
    assert count_parameters(name, size_px=96) == vit(width, depth, 96)


def test_small_networks_of_ours():
    first = [(1, 16), (16, 32), (32, 64)]
    assert (
        count_parameters("small_cnn", classes=2, channels=1) == sum(conv_bn(i, o, 3) for i, o in first) + dense(64, 2) == 23_538
    )


def test_one_channel_less_costs_the_stem_only():
    three, one = count_parameters("resnet50"), count_parameters("resnet50", channels=1)
    assert three - one == 2 * 64 * 49
