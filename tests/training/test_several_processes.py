"""Two processes through PyTorch's launcher learn what one process learns from the same batches."""

import subprocess
import sys

import pytest
import torch

SCRIPT = """
import sys, numpy as np, torch
from gazo.core import ImageSet
from gazo.training.feed import Feed
from gazo.training.loop import Part, train
from gazo.training.options import TrainingOptions
from gazo.training.pixels import prepare
from gazo.training.devices import world
torch.manual_seed(0)
arrays = np.random.default_rng(0).integers(0, 255, (32, 8, 8), dtype=np.uint8)
net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 2))
with prepare(ImageSet.from_arrays(arrays), size_px=8, channels=1) as pixels:
    feed = Feed(pixels, np.arange(32), torch.arange(32) % 2, 8, 0)
    loss = lambda net, batch: torch.nn.functional.cross_entropy(net(batch.images), batch.targets)
    train(net, feed, [Part(loss)], TrainingOptions(epochs=2, device="cpu"), seed=0)
if world()[0] == 0:
    torch.save(net.state_dict(), sys.argv[1])
"""


@pytest.mark.slow
def test_two_processes_equal_one(tmp_path):
    script = tmp_path / "learn.py"
    script.write_text(SCRIPT)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    for command, name in (([sys.executable], "one.pt"), (launcher, "two.pt")):
        subprocess.run([*command, str(script), str(tmp_path / name)], check=True, capture_output=True, timeout=300)
    one, two = (torch.load(tmp_path / name, weights_only=True) for name in ("one.pt", "two.pt"))
    for a, b in zip(one.values(), two.values(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)
