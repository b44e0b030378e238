"""Write masks as a DICOM Segmentation that refers to the images they belong to."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.io.mask_files_sources import new_uid, planes_of, sources_of


def write_seg(masks: Mapping[str, Image], path: Path | str, source: Path | str | None, *, automatic: bool = False) -> None:
    """One binary segment a mask (they may overlap), made by highdicom (Bridge et al. 2022); planes without any are left out.

    Patient and study are those of the images in `source`, as the standard asks of a derived object.
    """
    import highdicom
    from highdicom.sr.coding import CodedConcept

    _, headers = sources_of(masks, source)
    tissue = CodedConcept("85756007", "SCT", "Tissue")
    way = highdicom.AlgorithmIdentificationSequence(
        "gazo", CodedConcept("123110", "DCM", "Artificial Intelligence"), version("gazo")
    )
    segments = [
        highdicom.seg.SegmentDescription(
            segment_number=number, segment_label=name[:64], segmented_property_category=tissue, segmented_property_type=tissue,
            algorithm_type="AUTOMATIC" if automatic else "MANUAL", algorithm_identification=way if automatic else None,
        )
        for number, name in enumerate(masks, 1)
    ]  # fmt: skip
    pixels = np.stack([planes_of(mask) for mask in masks.values()], axis=-1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: Any = highdicom.seg.Segmentation(
            source_images=headers, pixel_array=pixels, segmentation_type="BINARY", segment_descriptions=segments,
            series_instance_uid=new_uid("series", masks, headers), sop_instance_uid=new_uid("instance", masks, headers),
            series_number=1, instance_number=1, manufacturer="gazo", manufacturer_model_name="gazo",
            software_versions=version("gazo"), device_serial_number="0", omit_empty_frames=bool(pixels.any()),
        )  # fmt: skip
    made.decode()  # names in the character set of the images become text, and all is written as Unicode
    made.SpecificCharacterSet = "ISO_IR 192"
    with replacing(path) as file:
        made.save_as(file)
