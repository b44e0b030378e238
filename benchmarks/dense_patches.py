"""A patch network over a 1024 x 1024 image at stride 1: all at once against a batched loop over patches; CPU time and its ratio."""

import argparse
import time

import numpy as np
from heading import print_heading

from gazo.learn.detect.dense import dense_map, patch_scores
from gazo.learn.detect.patch_network import PatchNetwork

ROWS = 8  # of the image that the loop really does; the rest is taken as many times longer


def cpu_seconds(work) -> tuple[float, np.ndarray]:
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--channels", type=int, default=1)
    given = parser.parse_args()
    print_heading("numpy", "torch")
    picture = np.random.default_rng(0).normal(size=(given.channels, given.side, given.side)).astype(np.float32)
    net = PatchNetwork(channels=given.channels, patch_px=32)
    places = np.argwhere(np.ones((ROWS, given.side), bool)) + np.array([given.side // 2, 0])
    patch_scores(net, picture, places[:512])  # compiles its kernels
    dense_map(net, picture[:, :128, :128])
    looped, one_by_one = cpu_seconds(lambda: patch_scores(net, picture, places))
    looped *= given.side / ROWS
    for stride in (1, 2, 4):
        dense, whole = cpu_seconds(lambda stride=stride: dense_map(net, picture, stride=stride))
        print(
            f"dense, stride {stride}: {dense:.2f} s; loop over all patches at stride {stride}: {looped / stride**2:.1f} s, ",
            end="",
        )
        print(f"ratio {looped / stride**2 / dense:.0f}")
        if stride == 1:
            away = np.abs(whole[given.side // 2 : given.side // 2 + ROWS].ravel() - one_by_one).max()
            print(f"largest difference {away:.1e}")
