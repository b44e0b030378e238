"""The training loop against a bare PyTorch loop doing the same steps; events written to a log, no checkpoint."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from heading import print_heading

from gazo.core import ImageSet
from gazo.nets.zoo import create
from gazo.runs.events import EventLog
from gazo.training.feed import Feed, standardise
from gazo.training.loop import Part, train
from gazo.training.options import TrainingOptions, rate_factor
from gazo.training.pixels import prepare

STEPS, BATCH, SIZE, ROUNDS = 100, 16, 64, 5
OPTIONS = TrainingOptions(epochs=1, batch_size=BATCH)


def ours(pixels, targets, log) -> None:
    feed = Feed(pixels, np.arange(STEPS * BATCH), targets, BATCH, 0)
    loss = lambda net, batch: torch.nn.functional.cross_entropy(net(batch.images), batch.targets)  # noqa: E731
    train(network(), feed, [Part(loss)], OPTIONS, seed=0, on_event=log)


def bare(images, targets) -> None:
    """The same steps written out: shuffling, standardising, one-cycle rate, AdamW."""
    net = network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=OPTIONS.learning_rate, weight_decay=OPTIONS.weight_decay)
    order = np.random.default_rng(0).permutation(STEPS * BATCH)
    net.train()
    for step in range(STEPS):
        rows = order[step * BATCH : (step + 1) * BATCH]
        batch = standardise(images[rows]).contiguous(memory_format=torch.channels_last)
        loss = torch.nn.functional.cross_entropy(net(batch), targets[rows])
        for group in optimizer.param_groups:
            group["lr"] = OPTIONS.learning_rate * rate_factor(OPTIONS, step, STEPS)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return create("resnet18", classes=2, channels=1, size_px=SIZE)


def main() -> None:
    print_heading("torch", "timm")
    print("threads", torch.get_num_threads())
    arrays = np.random.default_rng(0).integers(0, 255, (STEPS * BATCH, SIZE, SIZE), dtype=np.uint8)
    targets = torch.from_numpy(np.arange(STEPS * BATCH) % 2)
    seconds: dict[str, list[float]] = {"bare": [], "gazo": []}
    with prepare(ImageSet.from_arrays(arrays), size_px=SIZE, channels=1) as pixels, tempfile.TemporaryDirectory() as folder:
        images = pixels.read(np.arange(len(arrays)))
        with EventLog(Path(folder)) as log:
            for _ in range(ROUNDS):
                for name, work in (("bare", lambda: bare(images, targets)), ("gazo", lambda: ours(pixels, targets, log))):
                    start = time.process_time()
                    work()
                    seconds[name].append(time.process_time() - start)
    for name, values in seconds.items():
        print(f"{name}: {', '.join(f'{v:.1f}' for v in values)} CPU s for {STEPS} steps")
    ratio = statistics.median(g / b for b, g in zip(seconds["bare"], seconds["gazo"], strict=True))
    print(f"ratio gazo / bare (median of {ROUNDS} rounds): {ratio:.3f} (bar 1.05)")


if __name__ == "__main__":
    main()
