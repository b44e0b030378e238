"""Multi-reader analyses: empirical areas of a study of 2 x 5 x 114, binormal jackknife of 1,140 fits, proper binormal analysis of 2 x 4 x 70."""

import time

import numpy as np
from heading import print_heading

from gazo.core.seeds import generator
from gazo.phantoms import rating_study
from gazo.runs.proofs.b5 import lcg6
from gazo.stats import mrmc
from gazo.stats.reader_study import ReaderStudy


def van_dyke_size() -> ReaderStudy:
    """2 tests, 5 readers, 69 + 45 cases, ratings in 100 steps, so that nearly all fits differ."""
    return rating_study(
        rng=generator(0, "benchmark"), areas=(0.9, 0.94), readers=5, diseased=45, healthy=69, categories=100
    ).study


def timed(name: str, study: ReaderStudy, bar: str, rounds: int = 3, **options: str) -> None:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        found = mrmc(study, **options)
        times.append(time.process_time() - start)
    print(f"{name}: {np.median(times):.3f} CPU s (F {found.test.statistic:.4f}); bar: {bar}", flush=True)


if __name__ == "__main__":
    print_heading("numpy", "scipy")
    study = van_dyke_size()
    mrmc(study)  # imports
    timed("empirical, 2 x 5 x 114", study, "< 0.1 s", rounds=9)
    timed("binormal jackknife, 1,140 fits", study, "< 15 s", rounds=1, fom="binormal")
    timed("proper binormal, LCG-6 (2 x 4 x 70)", lcg6(), "<= 17 s (MRMCaov 342 s)", rounds=1, fom="proper")
