"""A 1024 x 1024 image by a small U-Net: pieces of 256 px through MONAI's inferer against the whole image at once, and a plain loop."""

import numpy as np
import torch
from heading import print_heading
from interleaved import compared

from gazo.learn.segment.infer import shares_of
from gazo.learn.segment.plan import SegmentationPlan, pooling
from gazo.nets.unet_choices import create_segmentation

SIZE, PIECE = 1024, 256


def plan(side: int) -> SegmentationPlan:
    pools, kernels = pooling((side, side), most=3)
    return SegmentationPlan(2, False, (side, side), 4, pools, kernels)


def looped(net, pixels):
    """Every piece by itself at half overlap, plain means: what a few lines of one's own would do."""
    total, count = np.zeros((2, SIZE, SIZE), np.float32), np.zeros((SIZE, SIZE), np.float32)
    with torch.inference_mode():
        for row in range(0, SIZE - PIECE + 1, PIECE // 2):
            for column in range(0, SIZE - PIECE + 1, PIECE // 2):
                cut = slice(row, row + PIECE), slice(column, column + PIECE)
                total[:, *cut] += net(torch.from_numpy(pixels[:, 0, *cut])[None]).softmax(1)[0].numpy()
                count[cut] += 1
    return total / count


def main() -> None:
    print_heading("torch", "monai")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    small, large = plan(PIECE), plan(SIZE)
    net = create_segmentation("unet", classes=2, channels=1, width=8, patch=small.patch, pools=small.pools, kernels=small.kernels)
    net = net.to(memory_format=torch.channels_last).eval()
    pixels = np.random.default_rng(0).normal(0, 1, (1, 1, SIZE, SIZE)).astype(np.float32)
    whole = shares_of([net], pixels, large)
    for overlap in (0.25, 0.5):
        pieced = shares_of([net], pixels, small, overlap=overlap)
        print(f"overlap {overlap}: largest difference from the whole {np.abs(pieced - whole)[:, :, 64:-64, 64:-64].max():.4f}")
        compared(
            f"pieces of {PIECE} px, overlap {overlap}",
            lambda overlap=overlap: shares_of([net], pixels, small, overlap=overlap),
            {"whole image": lambda: shares_of([net], pixels, large), "plain loop, half overlap": lambda: looped(net, pixels)},
            "at overlap 0.5 not slower than the plain loop",
            rounds_of=3,
        )


if __name__ == "__main__":
    main()
