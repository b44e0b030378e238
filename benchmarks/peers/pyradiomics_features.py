"""Runs inside PyRadiomics' own environment: one line in, all its original features of the region, their CPU seconds out."""

import logging
import sys
import time

import numpy as np
import SimpleITK
from radiomics import featureextractor


def main() -> None:
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    case = np.load(sys.argv[1])
    image, mask = (SimpleITK.GetImageFromArray(case[name]) for name in ("volume", "mask"))
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25)
    for _ in sys.stdin:
        start = time.process_time()
        extractor.execute(image, mask)
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
