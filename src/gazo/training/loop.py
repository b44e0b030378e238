"""The training loop: one or several optimisers, exact resume, little overhead.

A method says what is learned with `Part`s (a loss and the optimiser that lowers it); the loop draws batches, steps, watches a
validation value, keeps the best weights and writes checkpoints. Everything random follows from (seed, epoch), so a training that
was killed goes on from its last checkpoint with the numbers it would have had.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.core.progress import Cancelled, Event, OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.training.checkpoint import load_checkpoint, save_checkpoint
from gazo.training.devices import agreed, arithmetic, averaged, join_world, memory_layout, pick_device, reduced, world
from gazo.training.feed import Batch, Batches
from gazo.training.options import TrainingOptions, make_optimizer, rate_factor

if TYPE_CHECKING:
    import torch

SECONDS_BETWEEN_CHECKPOINTS = float(os.environ.get("GAZO_CHECKPOINT_SECONDS", "10"))
SECONDS_BETWEEN_EVENTS = 0.25


@dataclass(frozen=True, eq=False)
class Part:
    """What one optimiser minimises. `loss(net, batch)` is averaged over the batch; the part acts at every `every`-th step."""

    loss: Callable[[Any, Batch], torch.Tensor]
    parameters: Callable[[Any], Any] = lambda net: net.parameters()
    every: int = 1
    name: str = "loss"


@dataclass(frozen=True)
class History:
    """One row an epoch: the mean loss of each part, the watched value, the learning rate."""

    rows: tuple[dict[str, float], ...] = ()

    def column(self, name: str) -> list[float]:
        """One number an epoch; NaN where it was not measured."""
        return [row.get(name, math.nan) for row in self.rows]


@dataclass(eq=False)
class Trained:
    """The network with the weights that were kept, and how it came to them."""

    net: torch.nn.Module
    history: History
    kept_epoch: int
    device: torch.device


@dataclass(eq=False)
class _State:
    """What a checkpoint holds besides weights and optimisers."""

    epoch: int = 0
    step: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = -1
    best_value: float = math.inf
    best_weights: dict[str, Any] | None = None
    average: dict[str, Any] | None = None


def train(
    net: torch.nn.Module,
    feed: Batches,
    parts: Sequence[Part],
    options: TrainingOptions,
    *,
    seed: int,
    watch: Callable[[torch.nn.Module], dict[str, float]] | None = None,
    watched: str = "validation_loss",
    checkpoint: Path | None = None,
    on_event: OnEvent = quiet,
) -> Trained:
    """Train `net` on `feed`, from the checkpoint where there is one.

    Parameters
    ----------
    net : the module; `parts` choose which of its parameters each optimiser moves.
    options : see `TrainingOptions`.
    seed : of dropout and everything else random in the network; the feed has its own.
    watch : called after every epoch with the network in evaluation mode; returns values for the history.
    watched : the value (lower is better) that decides the best epoch and early stopping.
    checkpoint : file to go on from and to write to; None keeps nothing.
    """
    device = pick_device(options.device)
    join_world(device)
    engine = _Engine(net, feed, parts, options, device)
    state = engine.restore(checkpoint)
    last_save = time.monotonic()
    while state.epoch < options.epochs and not _out_of_patience(state, options):
        row = engine.epoch(state, derived_seed(seed, "epoch", state.epoch), on_event)
        row |= engine.watch(watch, state)
        state.rows.append(row)
        if row.get(watched, math.inf) < state.best_value:
            state.best_value, state.best_epoch = row[watched], state.epoch
            if options.keep == "best":
                state.best_weights = copy.deepcopy(engine.weights(state))
        state.epoch += 1
        try:
            facts = {"epoch": state.epoch, "epochs": options.epochs, **row}
            on_event(Event(Text("学習", "Training"), state.epoch, options.epochs, facts))
        except Cancelled:
            if checkpoint:
                engine.save(checkpoint, state)
            raise
        if checkpoint and time.monotonic() - last_save >= SECONDS_BETWEEN_CHECKPOINTS:
            engine.save(checkpoint, state)
            last_save = time.monotonic()
    weights = state.best_weights if state.best_weights is not None else engine.weights(state)
    net.load_state_dict(weights)
    net.eval()
    kept = state.best_epoch if state.best_weights is not None else state.epoch - 1
    return Trained(net, History(tuple(state.rows)), kept, device)


class _Engine:
    """The network with its optimisers on one device."""

    def __init__(
        self, net: torch.nn.Module, feed: Batches, parts: Sequence[Part], options: TrainingOptions, device: torch.device
    ) -> None:
        import torch

        self.options, self.feed, self.parts, self.device = options, feed, parts, device
        self.layout = memory_layout(net, channels_last=options.channels_last)
        self.net = net.to(device=device, memory_format=self.layout)
        self.optimizers = [make_optimizer(options, part.parameters(self.net)) for part in parts]
        self.dtype = arithmetic(options.precision, device)
        self.scaler = torch.amp.GradScaler(device.type, enabled=self.dtype is torch.float16)
        self.windows = math.ceil(len(feed) / options.accumulate)
        self.total = self.windows * options.epochs
        self.model = self._shared() if world()[1] > 1 else self.net

    def _shared(self) -> torch.nn.Module:
        from torch.nn.parallel import DistributedDataParallel

        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(self.net, device_ids=ids)

    def epoch(self, state: _State, seed: int, on_event: OnEvent) -> dict[str, float]:
        """One pass over the feed; the mean loss of each part."""
        import torch

        torch.manual_seed(seed)
        self.model.train()
        sums = {part.name: torch.zeros((), device=self.device) for part in self.parts}
        counts = dict.fromkeys(sums, 0)
        steps, last_event = len(self.feed), time.monotonic()
        for number, batch in enumerate(self.feed.epoch(state.epoch), 1):
            batch = Batch(batch.images.to(self.device, memory_format=self.layout), batch.targets.to(self.device), batch.rows)
            for part, optimizer in zip(self.parts, self.optimizers, strict=True):
                if state.step % part.every == 0:
                    sums[part.name] += self._descend(part, optimizer, batch, state, number - 1)
                    counts[part.name] += 1
            state.step += 1
            if time.monotonic() - last_event > SECONDS_BETWEEN_EVENTS:
                last_event = time.monotonic()
                facts = {"epoch": state.epoch, "epochs": self.options.epochs, "batch": number, "batches": steps}
                on_event(Event(Text("学習", "Training"), state.epoch * steps + number, self.options.epochs * steps, facts))
        means = {name: float(averaged(total)) / max(1, counts[name]) for name, total in sums.items()}
        self._finite(means, state.epoch)
        return means | {"learning_rate": self.optimizers[0].param_groups[0]["lr"]}

    def _descend(self, part: Part, optimizer: torch.optim.Optimizer, batch: Batch, state: _State, number: int) -> torch.Tensor:
        """Add the gradient of batch `number` of an epoch and step where its window of `accumulate` batches ends."""
        import torch

        steps, accumulate = len(self.feed), self.options.accumulate
        window, place = divmod(number, accumulate)
        size = min(accumulate, steps - window * accumulate)
        moved = [p for group in optimizer.param_groups for p in group["params"]]
        with reduced(self.dtype, self.device):
            loss = part.loss(self.model, batch)
        # where several parts share a network, each leaves no gradient on what the others move
        self.scaler.scale(loss / size).backward(inputs=moved if len(self.parts) > 1 else None)
        if place + 1 == size:
            factor = rate_factor(self.options, state.epoch * self.windows + window, self.total)
            for group in optimizer.param_groups:
                group["lr"] = self.options.learning_rate * factor
            if self.options.clip_norm:
                self.scaler.unscale_(optimizer)
                torch.nn.utils.clip_grad_norm_(moved, self.options.clip_norm)
            self.scaler.step(optimizer)
            self.scaler.update()
            optimizer.zero_grad(set_to_none=True)
            self._follow(state)
        return loss.detach()

    def _follow(self, state: _State) -> None:
        """Let the weight average follow the weights, slowly at first: decay min(average, (1 + step) / (10 + step))."""
        if not self.options.average:
            return
        now = self.net.state_dict()
        if state.average is None:
            state.average = {name: value.detach().clone() for name, value in now.items()}
            return
        decay = min(self.options.average, (1 + state.step) / (10 + state.step))
        for name, value in now.items():
            kept = state.average[name]
            kept.lerp_(value, 1 - decay) if kept.is_floating_point() else kept.copy_(value)

    def weights(self, state: _State) -> dict[str, Any]:
        """The weights that would be kept now: the average where one is asked for."""
        return state.average if state.average is not None else self.net.state_dict()

    def watch(self, watch: Callable[[torch.nn.Module], dict[str, float]] | None, state: _State) -> dict[str, float]:
        """The validation values of the weights that would be kept now."""
        import torch

        if watch is None:
            return {}
        own = None
        if state.average is not None:
            own = copy.deepcopy(self.net.state_dict())
            self.net.load_state_dict(state.average)
        self.net.eval()
        with torch.inference_mode():
            values = agreed(watch(self.net))
        if own is not None:
            self.net.load_state_dict(own)
        return values

    def restore(self, checkpoint: Path | None) -> _State:
        """The state to go on from: the checkpoint's, or a fresh one."""
        saved = load_checkpoint(checkpoint, self.device) if checkpoint else None
        if saved is None:
            return _State()
        self.net.load_state_dict(saved["net"])
        for optimizer, stored in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
        self.scaler.load_state_dict(saved["scaler"])
        return _State(**saved["state"])

    def save(self, checkpoint: Path, state: _State) -> None:
        """Write everything `restore` needs; only the first of several processes writes."""
        if world()[0] == 0:
            save_checkpoint(
                checkpoint,
                {
                    "net": self.net.state_dict(),
                    "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                    "scaler": self.scaler.state_dict(),
                    "state": dict(vars(state)),
                },
            )

    def _finite(self, means: dict[str, float], epoch: int) -> None:
        if not all(math.isfinite(value) for value in means.values()):
            raise RunError(
                "G-TRAIN-007",
                en=f"the loss became infinite or NaN in epoch {epoch + 1}. Lower --learning-rate (now {self.options.learning_rate:g}), or set --clip-norm 1.",
                ja=f"エポック {epoch + 1} で損失が無限大または NaN になりました。--learning-rate (現在 {self.options.learning_rate:g}) を下げるか、--clip-norm 1 を指定してください。",
            )


def _out_of_patience(state: _State, options: TrainingOptions) -> bool:
    return bool(options.patience) and state.best_epoch >= 0 and state.epoch - 1 - state.best_epoch >= options.patience
