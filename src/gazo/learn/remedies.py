"""Remedies for unbalanced classes, as options of a classifier and as functions that any method can use.

None of them is known to beat plain cross entropy in general: with few images of a class the threshold, tuned on the validation
part, matters more. They are here to be compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

Ints = NDArray[np.integer[Any]]
Balance = Literal["none", "weights", "class-balanced", "sampling"]


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """What is done about classes of very different size, and which loss is minimised."""

    balance: Annotated[Balance, Label("クラスの偏りへの対処", "Remedy for unequal classes")] = "none"
    class_balanced_beta: Annotated[
        float, Ge(0), Lt(1), Label("class-balanced の β (1 に近いほど枚数の逆数に近い重み)", "Beta of class-balanced weights")
    ] = 0.999
    loss: Annotated[Literal["cross-entropy", "focal", "affinity"], Label("損失関数", "Loss")] = "cross-entropy"
    focal_gamma: Annotated[float, Ge(0), Le(10), Label("フォーカル損失の γ", "Gamma of the focal loss")] = 2.0
    focal_alpha: Annotated[
        float,
        Ge(0),
        Lt(1),
        Label("フォーカル損失の α (陽性の重み、0 = なし)", "Alpha of the focal loss (of the positive class, 0 = none)"),
    ] = 0.0
    affinity_sigma: Annotated[float, Gt(0), Le(1000), Label("アフィニティ損失の σ", "Sigma of the Affinity loss")] = 10.0
    affinity_margin: Annotated[
        float, Gt(0), Le(1), Label("アフィニティ損失のマージン λ", "Margin lambda of the Affinity loss")
    ] = 0.75
    affinity_centres: Annotated[int, Ge(1), Le(20), Label("クラスあたりの中心の数", "Centres of each class (Affinity loss)")] = 1
    affinity_features: Annotated[int, Ge(2), Le(2048), Label("特徴量の次元 (アフィニティ損失)", "Features (Affinity loss)")] = 16


@feature("クラスの重み", "Class weights", booklet="D5")
def class_weights(labels: Ints, *, classes: int) -> NDArray[np.float32]:
    """n / (classes * n_c): rare classes weigh more, the mean over the rows is 1.

    Parameters
    ----------
    labels : (n,) class numbers of the training part. classes : how many there are.
    """
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return np.asarray(len(labels) / (classes * counts), np.float32)


@feature("クラス均衡重み", "Class-balanced weights", booklet="D5")
def class_balanced_weights(labels: Ints, *, classes: int, beta: float = 0.999) -> NDArray[np.float32]:
    """(1 - beta) / (1 - beta^n_c), scaled to sum to the number of classes (Cui et al., CVPR 2019, eq. 4).

    (1 - beta^n) / (1 - beta) is the effective number of n images that overlap: beta 0 weighs all classes alike, beta near 1 by 1 / n_c.

    Parameters
    ----------
    labels : (n,) class numbers of the training part. classes : how many there are.
    """
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    weights = (1 - beta) / -np.expm1(counts * np.log(beta)) if beta > 0 else np.ones(classes)
    return np.asarray(weights * classes / weights.sum(), np.float32)


def need_two_classes(remedies: Remedies, classes: int) -> None:
    """Refuse what has a meaning for two classes only."""
    if remedies.loss == "focal" and remedies.focal_alpha and classes != 2:
        raise OptionError(
            "G-LEARN-060",
            en=f"--focal-alpha weighs the positive class of two; there are {classes} classes. Use --balance weights or class-balanced instead.",
            ja=f"--focal-alpha は 2 クラスの陽性クラスに対する重みですが、クラスが {classes} 個あります。代わりに --balance weights または class-balanced を使ってください。",
        )


def weights_for(remedies: Remedies, labels: Ints, classes: int) -> torch.Tensor | None:
    """The factor of each class in the loss; None where all weigh alike."""
    import torch

    if remedies.balance == "weights":
        return torch.from_numpy(class_weights(labels, classes=classes))
    if remedies.balance == "class-balanced":
        return torch.from_numpy(class_balanced_weights(labels, classes=classes, beta=remedies.class_balanced_beta))
    return None


def centred(remedies: Remedies, build: Callable[[int], torch.nn.Module], classes: int) -> torch.nn.Module:
    """The network for the loss: with the Affinity loss its last layer gives a place among learned centres instead of logits.

    Parameters
    ----------
    build : makes the network for a number of outputs.
    """
    if remedies.loss != "affinity":
        return build(classes)
    from gazo.nets.affinity import CentredNetwork

    return CentredNetwork(
        build(remedies.affinity_features),
        classes=classes,
        features=remedies.affinity_features,
        centres=remedies.affinity_centres,
        sigma=remedies.affinity_sigma,
    )


def loss_of(remedies: Remedies, net: torch.nn.Module, weights: torch.Tensor | None) -> Callable[[Any, Any], torch.Tensor]:
    """The loss of logits (n, classes) and class numbers (n,) that was asked for; cross entropy stands with the classifier.

    Parameters
    ----------
    net : whose centres the Affinity loss spreads evenly.
    """
    from gazo.learn.losses import affinity_loss, focal_loss, spread_of_centres

    if remedies.loss == "focal":
        alpha = remedies.focal_alpha or None
        return lambda logits, targets: focal_loss(logits, targets, gamma=remedies.focal_gamma, alpha=alpha, weights=weights)
    centres: Any = getattr(net, "module", net).centres  # below what spreads a network over processes

    def affinity(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        loss = affinity_loss(logits.exp(), targets, margin=remedies.affinity_margin, weights=weights)
        # distances in units of sigma, so that the term weighs alike whatever the width
        return loss + spread_of_centres(centres.flatten(0, 1) / remedies.affinity_sigma**0.5)

    return affinity
