"""Radiomic features of a region of about 40,000 voxels in 128 x 128 x 128: gazo against PyRadiomics and mirp, each in its environment."""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from heading import print_heading
from peer import Peer
from scipy.ndimage import gaussian_filter

from gazo.radiomics import Settings, feature_values

ROUNDS, SIDE = 5, 128
BOTH = ("morphology", "statistics", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm")  # families that PyRadiomics has too
FULL = Settings(discretisation="fixed bin size", bin_size=25.0, ivh="values")
SHARED = Settings(discretisation="fixed bin size", bin_size=25.0, families=BOTH)


def case() -> tuple[np.ndarray, np.ndarray]:
    """Correlated noise of SD 150 and an ellipsoid."""
    noise = gaussian_filter(np.random.default_rng(0).normal(0, 1, (SIDE,) * 3), 1.5)
    z, y, x = np.indices((SIDE,) * 3) - SIDE // 2
    return np.round(noise / noise.std() * 150), ((z / 20) ** 2 + (y / 22) ** 2 + (x / 21.6) ** 2 < 1).astype(np.uint8)


def seconds(volume: np.ndarray, mask: np.ndarray, settings: Settings) -> float:
    start = time.process_time()
    feature_values(volume, mask, (1.0, 1.0, 1.0), settings)
    return time.process_time() - start


def main() -> None:
    print_heading("numpy", "scipy", "numba")
    volume, mask = case()
    print(f"{int(mask.sum())} voxels; gazo {len(feature_values(volume, mask, (1.0, 1.0, 1.0), FULL))} features")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        np.savez(path, volume=volume, mask=mask)
        peers = {name: Peer(name, f"{name}_features.py", str(path)) for name in ("pyradiomics", "mirp")}
        for peer in peers.values():
            peer.seconds()
        rounds = [
            {"gazo, all": seconds(volume, mask, FULL), "gazo, families of PyRadiomics": seconds(volume, mask, SHARED)}
            | {name: peer.seconds() for name, peer in peers.items()}
            for _ in range(ROUNDS)
        ]
        for peer in peers.values():
            peer.close()
    for name in rounds[0]:
        print(f"{name}: {statistics.median(r[name] for r in rounds):.3f} CPU s")
    for above, below, bar in (
        ("gazo, families of PyRadiomics", "pyradiomics", "<= 1.2"),
        ("mirp", "gazo, all", ">= 4"),
    ):
        print(
            f"{above} / {below} (median of {ROUNDS} rounds): {statistics.median(r[above] / r[below] for r in rounds):.2f} (bar {bar})"
        )


if __name__ == "__main__":
    main()
