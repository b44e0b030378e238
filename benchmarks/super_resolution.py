"""Enlarging a 1024 x 1024 image by VDSR-light against bicubic alone, and cubic resizing against Pillow's and OpenCV's."""

import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import cv2
import numpy as np
from heading import print_heading
from PIL import Image as Picture

from gazo.core import Image
from gazo.learn import SuperResolver, cubic_resize
from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

SIDE, REPEATS = 1024, 3


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of some repeats."""
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    print_heading("torch", "pillow", "opencv-python-headless")
    plane = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    half = Fraction(1, 2)
    ours = seconds(lambda: cubic_resize(plane, half))
    pillow = seconds(lambda: Picture.fromarray(plane).resize((SIDE // 2, SIDE // 2), Picture.Resampling.BICUBIC))
    print(
        f"shrinking {SIDE} px to a half: gazo {ours:.3f}, Pillow {pillow:.3f} CPU s, ratio {ours / pillow:.1f} (Pillow is the peer)"
    )
    wide = seconds(lambda: cubic_resize(plane, 2))
    other = seconds(lambda: cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    print(
        f"enlarging {SIDE} px twice: gazo {wide:.3f}, OpenCV (another cubic, a = -0.75) {other:.3f} CPU s, ratio {wide / other:.1f}"
    )
    small = Image(plane[:256, :256])
    for name in ("srcnn-9-1-5", "vdsr-light", "vdsr"):
        spec = SuperResolver(network=name)
        fitted = FittedSuperResolver(spec, (spec.build(seed=0),), 0)
        taken = seconds(partial(fitted.enlarge, small))
        print(f"{name}: 256 px to 512 px in {taken:.2f} CPU s, {taken / (512 * 512) * 1e6:.2f} us a pixel made")


if __name__ == "__main__":
    main()
