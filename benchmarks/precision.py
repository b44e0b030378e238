"""bf16 with channels-last against float32, where the processor has bf16 arithmetic."""

import time
from pathlib import Path

import torch
from heading import print_heading

from gazo.nets.zoo import create
from gazo.training.devices import reduced

STEPS, BATCH, SIZE = 10, 16, 128


def seconds(dtype: torch.dtype | None, layout: torch.memory_format) -> float:
    torch.manual_seed(0)
    net = create("resnet18", classes=2, channels=1, size_px=SIZE).to(memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    images = torch.randn(BATCH, 1, SIZE, SIZE).contiguous(memory_format=layout)
    targets = torch.arange(BATCH) % 2
    for step in range(STEPS + 2):
        if step == 2:
            start = time.process_time()
        with reduced(dtype, torch.device("cpu")):
            loss = torch.nn.functional.cross_entropy(net(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.process_time() - start


def main() -> None:
    print_heading("torch", "timm")
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if not any(flag in flags for flag in ("avx512_bf16", "amx_bf16", "bf16")):
        print("this processor has no bf16 arithmetic; the comparison says nothing here")
        return
    plain = seconds(None, torch.contiguous_format)
    fast = seconds(torch.bfloat16, torch.channels_last)
    print(f"float32 {plain:.2f}, bf16 channels-last {fast:.2f} CPU s for {STEPS} steps; ratio {plain / fast:.2f} (bar 1.5)")


if __name__ == "__main__":
    main()
