"""How fast networks train and predict on this machine, and how well they do on the images at hand (booklet section 5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Choices, Ge, Label, Le
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.results import Estimate, Table, result
from gazo.core.seeds import derived_seed
from gazo.learn.classify.classifier import Classifier, ClassifierOptions
from gazo.learn.classify.compare import NetworkComparison
from gazo.learn.classify.side_by_side import NetworkComparisonStudy
from gazo.learn.protocol import Protocol
from gazo.nets.zoo import network_names

if TYPE_CHECKING:
    import torch

WARM_UP = 2  # runs that are not timed: memory is found, kernels are chosen


@result("network speed")
@dataclass(frozen=True, eq=False)
class NetworkSpeedStudy:
    """Networks with their speed on this machine beside their figure of merit.

    Parameters
    ----------
    machine : what computed, with how many threads, in which arithmetic.
    table : a row a network, and one more for a merged form.
    training, prediction : images a second, one a row of the table; the merged form is not trained (NaN).
    merged_error : the largest difference of a logit between a network and its merged form, over its largest logit; NaN without one.
    comparison : the networks judged on the same parts.
    """

    machine: Text
    table: Table
    training: tuple[Estimate, ...]
    prediction: tuple[Estimate, ...]
    merged_error: float
    comparison: NetworkComparisonStudy


@dataclass(frozen=True)
class _Timed:
    name: Text
    parameters: int
    training: Estimate
    prediction: Estimate


@method("classify", "ネットワークの速度と精度", "Speed and accuracy of networks", name="network-speed", booklet="K6")
@dataclass(frozen=True, kw_only=True)
class NetworkSpeed(ClassifierOptions):
    """Time networks on this machine and judge them on the same parts of the images, in one table.

    Timed are whole steps (forward, backward, optimiser) and predictions of one batch of the size, batch size, arithmetic and memory
    layout asked for: the median of several, after a warm-up. RepVGG is also timed with its branches merged (Ding et al. 2021, 3.3).
    """

    networks: Annotated[tuple[str, ...], Choices(network_names, prefix="file:"), Label("ネットワーク", "Networks")] = (
        "efficientnet_b0", "efficientnet_v2_s", "vit_tiny", "repvgg_a0",
    )  # fmt: skip
    timed: Annotated[int, Ge(3), Le(1000), Label("計測の回数", "Times each is timed")] = 7
    epochs: Annotated[int, Ge(1), Le(10_000), Label("エポック数", "Epochs")] = 10

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text("ネットワークの速度と精度", "Speed and accuracy of networks")

    @property
    def compared(self) -> NetworkComparison:
        """The comparison that gives the figures of merit."""
        shared = {f.name: getattr(self, f.name) for f in fields(ClassifierOptions)}
        return NetworkComparison(**shared | {"networks": self.networks, "epochs": self.epochs})

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained."""
        self.compared.preflight(images, protocol, seed=seed)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> NetworkSpeedStudy:
        """Judge each network and then time it; nothing else of this program runs while it is timed."""
        judged = self.compared.study(images, protocol, seed=seed, folder=folder, on_event=on_event)
        rows: list[_Timed] = []
        errors: list[float] = []
        for number, network in enumerate(self.networks):
            on_event(Event(Text(f"速度の計測: {network}", f"Timing {network}"), number, len(self.networks)))
            found, error = self.times(network, seed=seed)
            rows += found
            errors += error
        return NetworkSpeedStudy(
            machine=self._machine(),
            table=_table(rows, judged.table),
            training=tuple(row.training for row in rows),
            prediction=tuple(row.prediction for row in rows),
            merged_error=max(errors, default=float("nan")),
            comparison=judged,
        )

    def times(self, network: str, *, seed: int, classes: int = 2) -> tuple[list[_Timed], list[float]]:
        """A network timed, and its merged form where it has branches, with the error of the merging.

        The merged form is compared after the timed training steps, when the running means of the normalisation are no longer 0 and 1.
        """
        import torch

        from gazo.core.errors import OptionError
        from gazo.nets.zoo import fuse
        from gazo.training.devices import memory_layout, pick_device

        spec = self.compared.classifier(network)
        device = pick_device(self.device)
        torch.manual_seed(derived_seed(seed, "speed"))
        net = spec.build(classes, seed=seed)
        layout = memory_layout(net, channels_last=self.channels_last)
        net = net.to(device=device, memory_format=layout)
        batch = torch.randn(self.batch_size, 3 if self.colour else 1, self.size_px, self.size_px)
        batch = batch.to(device=device, memory_format=layout)
        training = self._rate(_training_step(spec, net, batch, classes), device)
        net.eval()
        prediction = self._rate(lambda: _predicted(self.precision, net, batch), device)
        rows = [_Timed(spec.name, _count(net), training, prediction)]
        try:
            merged = fuse(net).to(device=device, memory_format=layout)
        except OptionError:  # no branches
            return rows, []
        name = Text(f"{spec.name.ja} (分岐を統合)", f"{spec.name.en} (merged)")
        nothing = Estimate(_RATE, float("nan"), method="not trained")
        rows.append(_Timed(name, _count(merged), nothing, self._rate(lambda: _predicted(self.precision, merged, batch), device)))
        return rows, [largest_difference(net, merged, batch)]

    def _rate(self, run: Callable[[], Any], device: torch.device) -> Estimate:
        """Images a second: the median over the timed runs, with the range."""
        import torch

        found = []
        for number in range(WARM_UP + self.timed):
            started = time.perf_counter()
            run()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if number >= WARM_UP:
                found.append(self.batch_size / (time.perf_counter() - started))
        return Estimate(_RATE, float(np.median(found)), min(found), max(found), 1.0, "range of repeats", "1/s")

    def _machine(self) -> Text:
        import torch

        from gazo.training.devices import arithmetic, pick_device

        device = pick_device(self.device)
        kind = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
        dtype = str(arithmetic(self.precision, device) or torch.float32).removeprefix("torch.")
        threads, side, batch = torch.get_num_threads(), self.size_px, self.batch_size
        return Text(
            f"計算装置 {kind}、{threads} スレッド、{dtype}、一辺 {side} px、バッチサイズ {batch}、PyTorch {torch.__version__}",
            f"device {kind}, {threads} thread(s), {dtype}, images of {side} px, batches of {batch}, PyTorch {torch.__version__}",
        )


def largest_difference(net: torch.nn.Module, other: torch.nn.Module, batch: torch.Tensor) -> float:
    """The largest difference of a logit of two networks over the largest logit, both predicting."""
    import torch

    with torch.inference_mode():
        logits, others = net.eval()(batch), other.eval()(batch)
    return float((logits - others).abs().max() / logits.abs().max())


_RATE = Text("1 秒あたりの画像数", "Images a second")


def _training_step(spec: Classifier, net: torch.nn.Module, batch: torch.Tensor, classes: int) -> Callable[[], None]:
    """One whole step of the training of `spec` on a batch."""
    import torch

    from gazo.learn.losses import cross_entropy
    from gazo.training.devices import arithmetic, reduced
    from gazo.training.options import make_optimizer

    optimizer = make_optimizer(spec, net.parameters())
    targets = torch.arange(len(batch), device=batch.device) % classes
    net.train()

    def step() -> None:
        with reduced(arithmetic(spec.precision, batch.device), batch.device):
            loss = cross_entropy(net(batch), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def _predicted(precision: str, net: torch.nn.Module, batch: torch.Tensor) -> None:
    import torch

    from gazo.training.devices import arithmetic, reduced

    with torch.inference_mode(), reduced(arithmetic(precision, batch.device), batch.device):
        net(batch)


def _count(net: torch.nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def _table(rows: list[_Timed], judged: Table) -> Table:
    """Parameters, both speeds and the figure of merit; a merged form says what its network says, so it has the same."""
    merit = {str(row[0]): row[2:5] for row in judged.rows}
    headings = (
        Text("ネットワーク", "Network"), Text("パラメータ数", "Parameters"), Text("学習 [画像/s]", "training [images/s]"),
        Text("推論 [画像/s]", "prediction [images/s]"), *judged.headings[2:5],
    )  # fmt: skip
    found = []
    for row in rows:
        speed = None if np.isnan(row.training.value) else row.training.value
        found.append((row.name, row.parameters, speed, row.prediction.value, *merit[row.name.en.removesuffix(" (merged)")]))
    return Table(Text("速度と精度", "Speed and accuracy"), headings, tuple(found))
