"""The networks by name: family, paper, where the definition comes from, least size, number of parameters."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.language import Text


@dataclass(frozen=True)
class Network:
    """One architecture.

    Parameters
    ----------
    name : what users write.
    label : its name in both languages.
    family : networks of one idea.
    paper, year : where it was published.
    min_size_px : the least side of a square image it takes.
    step_px : the side must be a multiple of this (the patches of a transformer); 1 for convolutions.
    source : "timm:NAME", "torchvision:NAME" or "gazo:NAME", the definition that is built.
    parameters_1000 : learned numbers for 3 channels, 1000 classes and images of `counted_px`, auxiliary heads included.
    counted_px : only LeNet and ViT have more learned numbers for larger images.
    booklet : ids of the booklet systems it belongs to.
    """

    name: str
    label: Text
    family: str
    paper: str
    year: int
    min_size_px: int
    source: str
    parameters_1000: int
    counted_px: int = 224
    step_px: int = 1
    booklet: tuple[str, ...] = ("K1",)


def _family(
    family: str, paper: str, year: int, min_size_px: int, *members: str, counted_px: int = 224, step_px: int = 1
) -> list[Network]:
    """Members are written as "name source parameters label"."""
    networks = []
    for member in members:
        name, source, count, label = member.split(maxsplit=3)
        parameters = int(count.replace(",", ""))
        text = Text(label, label)
        networks.append(Network(name, text, family, paper, year, min_size_px, source, parameters, counted_px, step_px))
    return networks


# A net that halves the plane five times sees one position at 32 px; below that its last layers work on padding alone, so 32 px is
# the least where a definition would run on less. Larger values are where the definition itself stops working.
NETWORKS: tuple[Network, ...] = (
    *_family(
        "gazo", "ours", 2025, 16,
        "small_cnn gazo:small_cnn 88,696 Small CNN (gazo)",
        "small_resnet gazo:small_resnet 437,304 Small ResNet (gazo)",
    ),
    *_family(
        "LeNet", "LeCun et al., Proc. IEEE 86(11):2278", 1998, 28,
        "lenet gazo:lenet 146,156 LeNet-5",
        counted_px=32,
    ),
    *_family(
        "AlexNet", "Krizhevsky et al., NeurIPS 25 (one-tower form: arXiv:1404.5997)", 2012, 63,
        "alexnet torchvision:alexnet 61,100,840 AlexNet",
    ),
    *_family(
        "VGG", "Simonyan & Zisserman, arXiv:1409.1556", 2014, 32,
        "vgg16 timm:vgg16 138,357,544 VGG-16",
        "vgg16_bn timm:vgg16_bn 138,365,992 VGG-16 BN",
        "vgg19 timm:vgg19 143,667,240 VGG-19",
        "vgg19_bn timm:vgg19_bn 143,678,248 VGG-19 BN",
    ),
    *_family(
        "GoogLeNet", "Szegedy et al., CVPR 2015, arXiv:1409.4842", 2014, 32,
        "googlenet torchvision:googlenet 13,004,888 GoogLeNet",
    ),
    *_family(
        "Inception", "Szegedy et al., CVPR 2016, arXiv:1512.00567", 2015, 75,
        "inception_v3 timm:inception_v3 23,834,568 Inception v3",
    ),
    *_family(
        "ResNet", "He et al., CVPR 2016, arXiv:1512.03385", 2015, 32,
        "resnet18 timm:resnet18 11,689,512 ResNet-18",
        "resnet34 timm:resnet34 21,797,672 ResNet-34",
        "resnet50 timm:resnet50 25,557,032 ResNet-50",
        "resnet101 timm:resnet101 44,549,160 ResNet-101",
        "resnet152 timm:resnet152 60,192,808 ResNet-152",
    ),
    *_family(
        "DenseNet", "Huang et al., CVPR 2017, arXiv:1608.06993", 2016, 32,
        "densenet121 timm:densenet121 7,978,856 DenseNet-121",
        "densenet161 timm:densenet161 28,681,000 DenseNet-161",
        "densenet169 timm:densenet169 14,149,480 DenseNet-169",
        "densenet201 timm:densenet201 20,013,928 DenseNet-201",
    ),
    *_family(
        "ResNet-RS", "Bello et al., NeurIPS 2021, arXiv:2103.07579", 2021, 32,
        "resnetrs50 timm:resnetrs50 35,691,912 ResNet-RS-50",
        "resnetrs101 timm:resnetrs101 63,618,696 ResNet-RS-101",
        "resnetrs152 timm:resnetrs152 86,621,576 ResNet-RS-152",
    ),
    *_family(
        "ResNeXt", "Xie et al., CVPR 2017, arXiv:1611.05431", 2016, 32,
        "resnext50 timm:resnext50_32x4d 25,028,904 ResNeXt-50 (32x4d)",
    ),
    *_family(
        "MobileNet", "Howard et al., arXiv:1704.04861", 2017, 32,
        "mobilenet_v1 timm:mobilenetv1_100 4,231,976 MobileNet v1",
    ),
    *_family(
        "MobileNet", "Sandler et al., CVPR 2018, arXiv:1801.04381", 2018, 32,
        "mobilenet_v2 timm:mobilenetv2_100 3,504,872 MobileNet v2",
    ),
    *_family(
        "MobileNet", "Howard et al., ICCV 2019, arXiv:1905.02244", 2019, 32,
        "mobilenet_v3_large timm:mobilenetv3_large_100 5,483,032 MobileNet v3 Large",
        "mobilenet_v3_small timm:mobilenetv3_small_100 2,542,856 MobileNet v3 Small",
    ),
    *_family(
        "MobileNet", "Qin et al., ECCV 2024, arXiv:2404.10518", 2024, 32,
        "mobilenet_v4_small timm:mobilenetv4_conv_small 3,774,024 MobileNet v4 Conv Small",
    ),
    *_family(
        "ShuffleNet", "Ma et al., ECCV 2018, arXiv:1807.11164", 2018, 32,
        "shufflenet_v2 torchvision:shufflenet_v2_x1_0 2,278,604 ShuffleNet v2 x1.0",
    ),
    *_family(
        "MNASNet", "Tan et al., CVPR 2019, arXiv:1807.11626", 2018, 32,
        "mnasnet_a1 timm:semnasnet_100 3,887,038 MNASNet-A1",
        "mnasnet_b1 timm:mnasnet_100 4,383,312 MNASNet-B1",
    ),
    *_family(
        "EfficientNet", "Tan & Le, ICML 2019, arXiv:1905.11946", 2019, 32,
        "efficientnet_b0 timm:efficientnet_b0 5,288,548 EfficientNet-B0",
        "efficientnet_b1 timm:efficientnet_b1 7,794,184 EfficientNet-B1",
        "efficientnet_b2 timm:efficientnet_b2 9,109,994 EfficientNet-B2",
        "efficientnet_b3 timm:efficientnet_b3 12,233,232 EfficientNet-B3",
        "efficientnet_b4 timm:efficientnet_b4 19,341,616 EfficientNet-B4",
        "efficientnet_b5 timm:efficientnet_b5 30,389,784 EfficientNet-B5",
        "efficientnet_b6 timm:efficientnet_b6 43,040,704 EfficientNet-B6",
        "efficientnet_b7 timm:efficientnet_b7 66,347,960 EfficientNet-B7",
        "efficientnet_lite0 timm:tf_efficientnet_lite0 4,652,008 EfficientNet-Lite0",
    ),
    *_family(
        "EfficientNetV2", "Tan & Le, ICML 2021, arXiv:2104.00298", 2021, 32,
        "efficientnet_v2_b0 timm:tf_efficientnetv2_b0 7,139,704 EfficientNetV2-B0",
        "efficientnet_v2_rw_t timm:efficientnetv2_rw_t 13,649,388 EfficientNetV2-T (timm)",
        "efficientnet_v2_s timm:tf_efficientnetv2_s 21,458,488 EfficientNetV2-S",
        "efficientnet_v2_m timm:tf_efficientnetv2_m 54,139,356 EfficientNetV2-M",
        "efficientnet_v2_l timm:tf_efficientnetv2_l 118,515,272 EfficientNetV2-L",
    ),
    *_family(
        "BiT", "Kolesnikov et al., ECCV 2020, arXiv:1912.11370", 2019, 32,
        "bit_resnet50 timm:resnetv2_50x1_bit 25,549,352 BiT ResNet-50x1",
        "bit_resnet101 timm:resnetv2_101x1_bit 44,541,480 BiT ResNet-101x1",
    ),
    *_family(
        "ViT", "Dosovitskiy et al., ICLR 2021, arXiv:2010.11929", 2020, 32,
        "vit_tiny timm:vit_tiny_patch16_224 5,717,416 ViT-Ti/16",
        "vit_small timm:vit_small_patch16_224 22,050,664 ViT-S/16",
        "vit_base timm:vit_base_patch16_224 86,567,656 ViT-B/16",
        "vit_large timm:vit_large_patch16_224 304,326,632 ViT-L/16",
        step_px=16,
    ),
    *_family(
        "RepVGG", "Ding et al., CVPR 2021, arXiv:2101.03697", 2021, 32,
        "repvgg_a0 timm:repvgg_a0 9,108,968 RepVGG-A0",
        "repvgg_b0 timm:repvgg_b0 15,817,960 RepVGG-B0",
        "repvgg_b3 timm:repvgg_b3 123,085,288 RepVGG-B3",
    ),
    *_family(
        "ConvNeXt", "Liu et al., CVPR 2022, arXiv:2201.03545", 2022, 32,
        "convnext_tiny timm:convnext_tiny 28,589,128 ConvNeXt-T",
    ),
    *_family(
        "Swin", "Liu et al., ICCV 2021, arXiv:2103.14030", 2021, 32,
        "swin_tiny timm:swin_tiny_patch4_window7_224 28,288,354 Swin-T",
        step_px=4,
    ),
    *_family(
        "for tests", "timm (Wightman), tiny networks for tests", 2024, 32,
        "test_resnet timm:test_resnet 469,688 timm test ResNet",
        "test_efficientnet timm:test_efficientnet 356,196 timm test EfficientNet",
    ),
    *_family(
        "for tests", "timm (Wightman), tiny networks for tests", 2024, 32,
        "test_vit timm:test_vit 371,240 timm test ViT",
        counted_px=160,
        step_px=16,
    ),
)  # fmt: skip
