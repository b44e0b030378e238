"""Floor 1: architectures only."""

from gazo.nets.table import NETWORKS, Network
from gazo.nets.zoo import auxiliary_logits, count_parameters, create, fuse, network, network_names

__all__ = ["NETWORKS", "Network", "auxiliary_logits", "count_parameters", "create", "fuse", "network", "network_names"]
