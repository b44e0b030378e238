"""The three-layer perceptron over the features of a candidate."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

LIMIT = 5.0  # standard deviations: one strange number must not decide

Floats = NDArray[np.float64]


class Perceptrons(nn.Module):
    """Several perceptrons of one hidden layer (tanh) that learned alike but began differently; their probabilities are averaged.

    Parameters
    ----------
    features : numbers that come in; they are standardised by the mean and deviation of the training part.
    hidden : units of the middle layer. members : how many perceptrons.
    """

    def __init__(self, *, features: int, hidden: int, members: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))
        self.into = nn.Parameter(torch.zeros(members, features, hidden))
        self.into_bias = nn.Parameter(torch.zeros(members, 1, hidden))
        self.out = nn.Parameter(torch.zeros(members, hidden, 1))
        self.out_bias = nn.Parameter(torch.zeros(members, 1, 1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, features) to n logits of the mean probability."""
        standard = ((features - self.mean) / self.scale).clamp(-LIMIT, LIMIT)
        hidden = torch.tanh(standard[None] @ self.into + self.into_bias)
        each = torch.sigmoid(hidden @ self.out + self.out_bias)[..., 0]
        return torch.logit(each.mean(0), eps=1e-6)

    def logits(self, features: Floats) -> Floats:
        """The same of an array."""
        with torch.inference_mode():
            return np.asarray(self(torch.from_numpy(features.astype(np.float32))).double().numpy())


def taught(
    features: Floats,
    lesion: NDArray[np.bool_],
    *,
    hidden: int,
    members: int,
    penalty: float,
    epochs: int,
    balanced: bool,
    seed: int,
) -> Perceptrons:
    """Perceptrons taught by scikit-learn's `MLPClassifier` (tanh, Adam, L2 penalty).

    Parameters
    ----------
    lesion : (n,) which candidates are lesions.
    balanced : lesions are repeated until both classes are about equally many.
    """
    from sklearn.neural_network import MLPClassifier

    net = Perceptrons(features=features.shape[1], hidden=hidden, members=members)
    mean, scale = features.mean(0), features.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    standard = np.clip((features - mean) / scale, -LIMIT, LIMIT)
    rows = np.arange(len(lesion))
    if balanced:
        rows = np.concatenate([rows[~lesion], np.repeat(rows[lesion], max(1, round((~lesion).sum() / lesion.sum())))])
    fitted = [_perceptron(MLPClassifier, standard[rows], lesion[rows], hidden, penalty, epochs, seed + k) for k in range(members)]
    state = {
        "mean": mean, "scale": scale, "into": np.stack([f.coefs_[0] for f in fitted]),
        "into_bias": np.stack([f.intercepts_[0][None] for f in fitted]), "out": np.stack([f.coefs_[1] for f in fitted]),
        "out_bias": np.stack([f.intercepts_[1][None] for f in fitted]),
    }  # fmt: skip
    net.load_state_dict({name: torch.from_numpy(np.asarray(value, np.float32)) for name, value in state.items()})
    return net.eval()


def _perceptron(
    kind: Any, standard: Floats, lesion: NDArray[np.bool_], hidden: int, penalty: float, epochs: int, seed: int
) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of epochs, as asked for
        return kind(
            (hidden,), activation="tanh", alpha=penalty, max_iter=epochs, random_state=seed % 2**32, learning_rate_init=3e-3,
            batch_size=min(200, len(lesion)),
        ).fit(standard, lesion)  # fmt: skip
