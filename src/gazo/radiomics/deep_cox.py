"""A small network whose output is the log hazard, taught by Cox's partial likelihood (DeepSurv)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.registry import feature
from gazo.core.seeds import derived_seed
from gazo.radiomics.cox_lasso import inner_folds
from gazo.radiomics.risk_model import Bools, Floats, Ints, RiskModel, Scaler, with_baseline
from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import RiskSets, risk_sets

if TYPE_CHECKING:
    import torch

PATIENCE = 100  # epochs (one step of the optimiser each) without a better likelihood of the watched patients


@feature("深層 Cox モデル", "Deep Cox model", booklet="C7")
@dataclass(frozen=True, kw_only=True)
class DeepCox:
    """A multilayer perceptron in place of beta'x (Katzman 2018, BMC Med Res Methodol 18:24), full batches, Adam, early stopping by patient.

    Parameters
    ----------
    width, layers : of the hidden part; dropout and weight decay hold it back.
    """

    width: int = 16
    layers: int = 1
    dropout: float = 0.2
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    epochs: int = 500

    def fit(self, x: Floats, time: Floats, event: Bools, *, names: Sequence[str], patients: Ints, seed: int) -> RiskModel:
        """One fifth of the patients is watched while the rest teaches; the epoch with their best likelihood is kept."""
        import torch

        scale = Scaler.of(x)
        train = inner_folds(event, patients, 5, seed)[0]
        watched = np.setdiff1d(np.arange(len(time)), train)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derived_seed(seed, "deep cox"))
            net = self._net(x.shape[1])
            epochs = self._taught(net, scale(x), time, event, train, watched)
        middle = float(_log_hazard(net, scale(x)).mean())

        def log_risk(rows: Floats) -> Floats:
            return np.asarray(_log_hazard(net, scale(rows)) - middle)

        return with_baseline(log_risk, x, time, event, told=(("epochs", float(epochs)),))

    def _net(self, inputs: int) -> Any:
        from torch import nn

        sizes = [inputs, *[self.width] * self.layers]
        hidden = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.SELU(), nn.Dropout(self.dropout))]
        return nn.Sequential(*hidden, nn.Linear(sizes[-1], 1, bias=False))

    def _taught(self, net: Any, x: Floats, time: Floats, event: Bools, train: Ints, watched: Ints) -> int:
        """Teach in place; the number of epochs of the state that was kept."""
        import torch

        optimiser = torch.optim.Adam(net.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
        inputs, seen = (torch.tensor(x[rows], dtype=torch.float32) for rows in (train, watched))
        sets, judged = (risk_sets(time[rows], event[rows]) for rows in (train, watched))
        best, kept, told, since = np.inf, _copied(net), 0, 0
        for epoch in range(1, self.epochs + 1):
            net.train()
            optimiser.zero_grad()
            loss = cox_loss(net(inputs)[:, 0], sets) / max(1, len(sets.slot))
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            net.eval()
            with torch.no_grad():
                now = float(cox_loss(net(seen)[:, 0], judged)) if len(judged.slot) else float(loss)
            if now < best - 1e-4:
                best, kept, told, since = now, _copied(net), epoch, 0
            elif (since := since + 1) >= PATIENCE:
                break
        net.load_state_dict(kept)
        return told


def _copied(net: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}


def cox_loss(log_hazard: torch.Tensor, sets: RiskSets) -> torch.Tensor:
    """The negative partial log-likelihood (ties after Efron), summed over the events.

    Its derivative by the log hazard of a patient is expected - observed events, the negative martingale residual (Therneau & Grambsch
    2000, section 4.2): the sum below has that derivative, and its value is put in beside.
    """
    import torch

    found = partial_likelihood(sets, log_hazard.detach().double().numpy())
    carried = (log_hazard * torch.from_numpy(found.expected - sets.event).to(log_hazard.dtype)).sum()
    return carried + (-found.value - carried).detach()


def _log_hazard(net: Any, x: Floats) -> Floats:
    import torch

    net.eval()
    with torch.no_grad():
        return np.asarray(net(torch.tensor(x, dtype=torch.float32))[:, 0].double().numpy())
