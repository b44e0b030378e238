"""Numbers of the networks of the zoo that pure Python cannot derive: what a channel and a class more cost, and multiply-adds.

Made once from the definitions themselves; `tests/nets/test_design_zoo.py` compares them with torch for every network.
"""

from __future__ import annotations

from math import ceil

from gazo.nets.zoo import network

# name: weights a channel more costs, weights a class more costs, multiply-adds for 3 channels, 1000 classes and the size in the table
_COUNTS = """
small_cnn 144 65 137345536
small_resnet 400 129 207856640
lenet 150 85 734880
alexnet 7744 4097 714188480
vgg16 576 4097 15470264320
vgg16_bn 576 4097 15470264320
vgg19 576 4097 19632062464
vgg19_bn 576 4097 19632062464
googlenet 3136 3075 1498376192
inception_v3 288 2049 2837921120
resnet18 3136 513 1814073344
resnet34 3136 513 3663761408
resnet50 3136 2049 4089184256
resnet101 3136 2049 7801405440
resnet152 3136 2049 11513626624
densenet121 3136 1025 2834161664
densenet161 4704 2209 7727907072
densenet169 3136 1665 3359843328
densenet201 3136 1921 4291365888
resnetrs50 288 2049 4454490112
resnetrs101 288 2049 8175624192
resnetrs152 288 2049 11895185408
resnext50 3136 2049 4230479872
mobilenet_v1 288 1025 568740352
mobilenet_v2 288 1281 300774272
mobilenet_v3_large 144 1281 216589760
mobilenet_v3_small 144 1025 56510400
mobilenet_v4_small 288 1281 186005568
shufflenet_v2 216 1025 144907992
mnasnet_a1 288 1281 311579072
mnasnet_b1 288 1281 314415872
efficientnet_b0 288 1281 385814752
efficientnet_b1 288 1281 569651680
efficientnet_b2 288 1409 658963440
efficientnet_b3 360 1537 962708240
efficientnet_b4 432 1793 1503710432
efficientnet_b5 432 2049 2356493184
efficientnet_b6 504 2305 3360166848
efficientnet_b7 576 2561 5169865152
efficientnet_lite0 288 1281 385187552
efficientnet_v2_b0 288 1281 718086176
efficientnet_v2_rw_t 216 1025 1912879840
efficientnet_v2_s 216 1281 2849895872
efficientnet_v2_m 216 1281 5362207200
efficientnet_v2_l 288 1281 12231188544
bit_resnet50 3136 2049 4089184256
bit_resnet101 3136 2049 7801405440
vit_tiny 49152 193 1253683200
vit_small 98304 385 4598882304
vit_base 196608 769 17563828224
vit_large 262144 1025 61554712576
repvgg_a0 480 1281 1512581120
repvgg_b0 640 1281 3397191680
repvgg_b3 640 2561 29120696320
convnext_tiny 1536 769 4455531264
swin_tiny 1536 769 4490566656
test_resnet 144 97 200900352
test_efficientnet 216 257 112064192
test_vit 16384 65 37635328
"""
_LINES = [line.split() for line in _COUNTS.strip().splitlines()]
_TABLE = {name: (int(channel), int(per_class), int(adds)) for name, channel, per_class, adds in _LINES}


def zoo_parameters(name: str, *, classes: int, channels: int, size_px: int) -> int:
    """How many numbers the network learns."""
    known, (channel, per_class, _) = network(name), _TABLE[name]
    count = known.parameters_1000 + (channels - 3) * channel + (classes - 1000) * per_class
    return count + _grown(name, size_px) - _grown(name, known.counted_px)


def zoo_multiply_adds(name: str, *, size_px: int) -> int:
    """Multiply-adds, scaled by area from the size they were counted at: an estimate for other sizes, channels and classes."""
    return round(_TABLE[name][2] * (size_px / network(name).counted_px) ** 2)


def _grown(name: str, size_px: int) -> int:
    """The part of the learned numbers that depends on the size of the image."""
    if name == "lenet":
        side = ((max(size_px, 32) - 4) // 2 - 4) // 2
        return 16 * side * side * 120
    if network(name).family == "ViT" or name == "test_vit":  # one position for each patch
        return (size_px // 16) ** 2 * (_TABLE[name][1] - 1)
    if name == "swin_tiny":  # tables of relative positions in windows of at most 7 patches, for each head of each layer
        total, side = 0, size_px // 4
        for heads in (3 * 2, 6 * 2, 12 * 6, 24 * 2):
            total += (2 * min(7, side) - 1) ** 2 * heads
            side = ceil(side / 2)
        return total
    return 0
