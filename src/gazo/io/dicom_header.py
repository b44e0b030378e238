"""Open a DICOM file, and take numbers out of its elements without trusting them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from gazo.core.errors import FileError
from gazo.core.language import Text
from gazo.io.opening import decoding, nothing_in, start_of

DICOM = Text("DICOM ファイル", "a DICOM file")
_GZIP, _ZIP = b"\x1f\x8b", b"PK"
# One of these stands in every image; without preamble a file needs one to be taken for DICOM.
_TELLING = ("SOPClassUID", "Modality", "Rows", "StudyInstanceUID", "PatientID", "PixelData")


def opened(source: bytes | str, name: str, *, pixels: bool = True, only: Sequence[str] | None = None) -> Any:
    """The data set of a DICOM file; one without preamble, file meta information or transfer syntax is understood too.

    Parameters
    ----------
    source : the path of the file, or its bytes.
    name : for messages.
    pixels : read up to the pixels and no further when false.
    only : keywords of the elements wanted; all when None.

    Raises
    ------
    FileError : G-IO-060 for anything that is no DICOM, G-IO-005 for DICOM that is broken.
    """
    import pydicom

    start = source[:132] if isinstance(source, bytes) else start_of(source, 132)
    if not start:
        raise nothing_in(name)
    if start.startswith((_GZIP, _ZIP)):
        raise _no_dicom(name)
    with decoding(name, DICOM):
        dataset = pydicom.dcmread(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            force=True,
            stop_before_pixels=not pixels,
            specific_tags=None if only is None else list(only),
        )
        known = start[128:] == b"DICM" or any(keyword in dataset for keyword in _TELLING)
    if not known:
        raise _no_dicom(name)
    with decoding(name, DICOM):
        _name_syntax(dataset)
    return dataset


def _name_syntax(dataset: Any) -> None:
    """Write down the transfer syntax of a file that does not tell it, as it was read."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta = getattr(dataset, "file_meta", None)
    if meta is None:
        meta = dataset.file_meta = FileMetaDataset()
    if not meta.get("TransferSyntaxUID"):
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def _no_dicom(name: str) -> FileError:
    return FileError(
        "G-IO-060",
        en=f"'{name}' is no DICOM file. Name a DICOM file; a packed one (.zip, .gz) has to be unpacked first.",
        ja=f"「{name}」は DICOM ファイルではありません。DICOM ファイルを指定してください。圧縮ファイル (.zip、.gz) は先に展開してください。",
    )


def value_of(dataset: Any, keyword: str) -> Any:
    """The value of an element, None when it is missing; several times faster than `Dataset.get` where it is."""
    tag = _tag(keyword)
    return dataset[tag].value if tag in dataset.keys() else None  # noqa: SIM118  Dataset.__contains__ is slow


@cache
def _tag(keyword: str) -> int:
    from pydicom.datadict import tag_for_keyword

    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"{keyword} is no attribute of DICOM")
    return tag


def number(dataset: Any, keyword: str) -> float | None:
    """The first number of an element that may be missing, empty, many or no number at all."""
    found = numbers(dataset, keyword, 1)
    return found[0] if found else None


def numbers(dataset: Any, keyword: str, count: int) -> tuple[float, ...] | None:
    """The first `count` finite numbers of an element; None when there are fewer.

    Decimal strings that nobody asked for yet are read from their bytes: pydicom needs ten times as long for each.
    """
    tag = _tag(keyword)
    if tag not in dataset.keys():  # noqa: SIM118  Dataset.__contains__ is slow
        return None
    element = dataset.get_item(tag)
    value = element.value
    if isinstance(value, bytes) and element.VR in ("DS", "IS", None):
        items: Any = value.split(b"\\")
    else:
        value = dataset[tag].value
        items = value if isinstance(value, Iterable) and not isinstance(value, str | bytes) else [value]
    try:
        found = tuple(float(item) for item in items)[:count]
    except (TypeError, ValueError):
        return None
    return found if len(found) == count and all(math.isfinite(one) for one in found) else None


def functional_groups(dataset: Any, name: str, frame: int | None = None) -> list[Any]:
    """The items of one functional group macro of an enhanced file: one when shared, else one a frame (or that of `frame`)."""
    shared = [value_of(group, name) for group in value_of(dataset, "SharedFunctionalGroupsSequence") or []]
    found = [items[0] for items in shared if items]
    if found:
        return found
    frames = list(value_of(dataset, "PerFrameFunctionalGroupsSequence") or [])
    chosen = frames if frame is None else frames[frame : frame + 1]
    each = [value_of(group, name) for group in chosen]
    return [items[0] for items in each if items]
