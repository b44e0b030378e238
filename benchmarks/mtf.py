"""The MTF of an edge in 700 x 340 pixels: gazo (finding, line, profile, band and picture included) against two peers."""

import statistics
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from heading import print_heading
from peer import Peer

from gazo.core.image import Image
from gazo.phantoms.flat_panel import edge_mean
from gazo.quality import mtf_edge
from gazo.quality.edge_line import edge_line
from gazo.quality.edge_profile import projected

ROUNDS, SHAPE, PIXEL, BLUR, ANGLE = 15, (700, 340), 0.15, 0.08, 2.5
PEERS = ("quickMTF", "micro-ct-image-quality-toolbox")


def projection(pixels) -> None:
    """Line and projection alone, without finding, band and picture."""
    projected(pixels, edge_line(pixels), (PIXEL, PIXEL), 10)


def seconds(work, *given) -> float:
    start = time.process_time()
    work(*given)
    return time.process_time() - start


def main() -> None:
    print_heading("numpy", "scipy", "opencv-python-headless")
    cv2.setNumThreads(1)
    pixels = 100 + 900 * edge_mean(SHAPE, PIXEL, BLUR, np.radians(ANGLE)) + np.random.default_rng(0).normal(0, 4.5, SHAPE)
    image = Image(pixels, (PIXEL, PIXEL))
    found = mtf_edge(image).curve
    a = np.radians(ANGLE)
    true = (
        np.exp(-2 * (np.pi * BLUR * found.x) ** 2) * np.sinc(found.x * PIXEL * np.cos(a)) * np.sinc(found.x * PIXEL * np.sin(a))
    )
    print(f"largest error of gazo at 0.5 % noise: {np.abs(found.y - true).max():.4f}")
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "edge.npy", pixels)
        peers = {name: Peer("edge_mtf", "edge_mtf.py", str(Path(folder) / "edge.npy"), name) for name in PEERS}
        for peer in peers.values():
            peer.seconds()
        rounds = []
        for _ in range(ROUNDS):
            took = {"gazo": seconds(mtf_edge, image), "gazo, line and projection": seconds(projection, pixels)}
            rounds.append(took | {name: peer.seconds() for name, peer in peers.items()})
        for peer in peers.values():
            peer.close()
    for name in rounds[0]:
        print(
            f"{name}: {1000 * statistics.median(r[name] for r in rounds):.1f} CPU ms" + (" (aim: 20)" if name == "gazo" else "")
        )
    for name in PEERS:
        print(f"{name} / gazo (median of {ROUNDS} rounds): {statistics.median(r[name] / r['gazo'] for r in rounds):.2f}")


if __name__ == "__main__":
    main()
