"""Peers in turn on one image: medians of CPU time over interleaved rounds."""

import statistics
import time

import cv2
import numpy as np

SIZE = 2048


def radiograph() -> np.ndarray:
    """Broad shades and noise over 14 bits (uint16)."""
    rng = np.random.default_rng(0)
    broad = cv2.GaussianBlur(rng.normal(0, 1, (SIZE, SIZE)).astype(np.float32), (0, 0), 60)
    broad = (broad - broad.min()) / np.ptp(broad)
    return np.rint(500 + 15_000 * broad + rng.normal(0, 60, broad.shape)).clip(0, 16_383).astype(np.uint16)


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def compared(name: str, ours, peers: dict, bar: str, rounds_of: int = 5) -> None:
    """Medians over interleaved rounds; the ratio is peer over gazo, round by round."""
    ours()  # compiles
    rounds = [{"gazo": seconds(ours)} | {peer: seconds(work) for peer, work in peers.items()} for _ in range(rounds_of)]
    times = {who: 1e3 * statistics.median(r[who] for r in rounds) for who in rounds[0]}
    ratio = {peer: statistics.median(r[peer] / r["gazo"] for r in rounds) for peer in peers}
    told = ", ".join(f"{peer} {times[peer]:.0f} ms (ratio {ratio[peer]:.2f}, inverse {1 / ratio[peer]:.1f})" for peer in peers)
    print(f"{name}: gazo {times['gazo']:.1f} CPU ms; {told}; bar: {bar}", flush=True)
