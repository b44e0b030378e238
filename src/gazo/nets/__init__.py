"""Floor 1: architectures only."""

from gazo.nets.design import build_design, design_to_python
from gazo.nets.srcnn import srcnn
from gazo.nets.table import NETWORKS, Network
from gazo.nets.unet_choices import create_segmentation
from gazo.nets.vdsr import vdsr
from gazo.nets.zoo import auxiliary_logits, count_parameters, create, fuse, network, network_names

__all__ = [
    "NETWORKS", "Network", "auxiliary_logits", "build_design", "count_parameters", "create", "create_segmentation",
    "design_to_python", "fuse", "network", "network_names", "srcnn", "vdsr",
]  # fmt: skip
