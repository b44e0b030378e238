"""Detectors: CPU time an image, ours as a multiple of the fastest and of torchvision's own Faster R-CNN on the same images."""

import argparse
import time

import numpy as np
import torch
from heading import print_heading

from gazo.learn.detect import RCNN, FasterRCNN, OneStage, selective_search
from gazo.learn.detect.feed import PROPOSAL, padded


def cpu_seconds(run, repeats: int) -> float:
    """The least CPU time of several runs."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        with torch.inference_mode():
            run()
        times.append(time.process_time() - start)
    return min(times)


def theirs(size: int) -> torch.nn.Module:
    """torchvision's smallest ready-made Faster R-CNN at the same size, without weights."""
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    return fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=2, min_size=size, max_size=size
    ).eval()  # fmt: skip


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--size", type=int, default=256)
    ask.add_argument("--repeats", type=int, default=5)
    given = ask.parse_args()
    print_heading("torch", "torchvision")
    image = torch.randn(1, 1, given.size, given.size, generator=torch.Generator().manual_seed(0))
    plane = image[0, 0].numpy()
    places = selective_search(plane, seed=0)
    targets = padded([np.column_stack([places, np.full(len(places), PROPOSAL)])])
    facts = {"sides": [[8, 12, 18]], "side": 12.0}
    one, two, regions = (kind(size_px=given.size).seeded(facts, 0).eval() for kind in (OneStage, FasterRCNN, RCNN))
    peer = theirs(given.size)
    times = {
        "one-stage (YOLO type)": cpu_seconds(lambda: one(image), given.repeats),
        "Faster R-CNN (small)": cpu_seconds(lambda: two(image), given.repeats),
        "R-CNN, proposals given": cpu_seconds(lambda: regions(image, targets), given.repeats),
        "Selective Search": cpu_seconds(lambda: selective_search(plane, seed=0), given.repeats),
        "torchvision Faster R-CNN (MobileNetV3 FPN)": cpu_seconds(lambda: peer([image[0].expand(3, -1, -1)]), given.repeats),
    }
    peers = times["torchvision Faster R-CNN (MobileNetV3 FPN)"]
    for name, seconds in times.items():
        print(
            f"{name:45s} {1000 * seconds:8.1f} ms  {seconds / min(times.values()):6.1f} x fastest  {seconds / peers:6.2f} x torchvision's"
        )


if __name__ == "__main__":
    main()
