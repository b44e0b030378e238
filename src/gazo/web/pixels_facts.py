"""What a viewer tells about an image: size, spacing, values, history, and the technical part of a DICOM header. Never who it is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.io.dicom_header import number, opened, value_of
from gazo.io.files import kind_of
from gazo.io.opening import start_of
from gazo.web.pixels import Shown
from gazo.web.pixels_voi import voi_of
from gazo.web.texts import both

_MEANINGS = {
    "unknown": Text("不明", "not known"),
    "linear exposure": Text("線量に比例", "linear in exposure"),
    "log exposure": Text("線量の対数に比例", "logarithmic in exposure"),
    "HU": Text("CT 値", "CT number"),
    "display": Text("表示値", "display value"),
    "stored": Text("格納値", "stored value"),
    "mask": Text("マスク", "mask"),
    "quantity": Text("物理量", "physical quantity"),
}
# Numbers and codes that describe how the image was made; no text that people type, no dates, no identifiers.
_NUMBERS = {
    "KVP": Text("管電圧 [kV]", "Tube voltage [kV]"),
    "XRayTubeCurrent": Text("管電流 [mA]", "Tube current [mA]"),
    "ExposureTime": Text("撮影時間 [ms]", "Exposure time [ms]"),
    "Exposure": Text("mAs 値 [mAs]", "Tube current-time product [mAs]"),
    "DistanceSourceToDetector": Text("焦点・検出器間距離 [mm]", "Source to detector [mm]"),
    "DistanceSourceToPatient": Text("焦点・被写体間距離 [mm]", "Source to patient [mm]"),
    "ExposureIndex": Text("線量指標 EI", "Exposure index"),
    "TargetExposureIndex": Text("目標線量指標 EIT", "Target exposure index"),
    "DeviationIndex": Text("偏差指標 DI", "Deviation index"),
    "SliceThickness": Text("スライス厚 [mm]", "Slice thickness [mm]"),
    "SpacingBetweenSlices": Text("スライス間隔 [mm]", "Spacing between slices [mm]"),
    "MagneticFieldStrength": Text("静磁場強度 [T]", "Field strength [T]"),
    "RepetitionTime": Text("繰り返し時間 TR [ms]", "Repetition time [ms]"),
    "EchoTime": Text("エコー時間 TE [ms]", "Echo time [ms]"),
    "FlipAngle": Text("フリップ角 [°]", "Flip angle [°]"),
    "BitsStored": Text("格納ビット数", "Bits stored"),
    "RescaleSlope": Text("リスケール傾き", "Rescale slope"),
    "RescaleIntercept": Text("リスケール切片", "Rescale intercept"),
    "EstimatedRadiographicMagnificationFactor": Text("推定拡大率", "Estimated magnification"),
}
_CODES = {
    "BodyPartExamined": Text("撮影部位", "Body part"),
    "ViewPosition": Text("撮影方向", "View"),
    "ImageLaterality": Text("左右", "Laterality"),
    "PresentationIntentType": Text("画像の用途", "Presentation intent"),
    "PixelIntensityRelationship": Text("画素値と線量の関係", "Pixel intensity relationship"),
    "PhotometricInterpretation": Text("光度の解釈", "Photometric interpretation"),
}
# A code outside these may be a name that somebody typed.
_KNOWN_CODES = """CHEST ABDOMEN PELVIS HEAD SKULL NECK BREAST HEART LUNG LIVER BRAIN SPINE CSPINE TSPINE LSPINE SHOULDER ELBOW WRIST HAND
HIP KNEE ANKLE FOOT LEG ARM EXTREMITY RIB STERNUM CLAVICLE FEMUR HUMERUS WHOLEBODY PA AP LL RL LAT LATERAL LLD RLD LLO RLO CC MLO ML LM
L R U B LIN LOG OTHER DISP MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_RCT YBR_ICT YBR_PARTIAL_420"""
_CODED = frozenset(_KNOWN_CODES.split()) | {"FOR PRESENTATION", "FOR PROCESSING", "PALETTE COLOR"}


def facts_of(shown: Shown) -> dict[str, Any]:
    """Title, neighbours, VOI presets of the file, and rows of label and value."""
    found, image = shown.found, shown.image
    header = _header(found.path)
    rows = [*_of_image(image), *_of_header(header)]
    return {
        "title": both(found.title),
        "planes": image.shape[0] if len(image.shape) == 3 else 1,
        "place": None if found.place is None else list(found.place),
        "previous": found.neighbours[0],
        "next": found.neighbours[1],
        "voi": voi_of(header, image),
        "rows": [{"label": both(label), "value": both(value)} for label, value in rows],
        "history": [{"name": step.name, "version": step.version, "options": _plain(step.options)} for step in image.history],
    }


def _of_image(image: Image) -> list[tuple[Text, Text]]:
    size = " × ".join(str(n) for n in reversed(image.shape))
    spacing = image.spacing_mm
    unknown = Text("不明", "not known")
    lengths = unknown if spacing is None else _same(" × ".join(f"{s:.4g}" for s in reversed(spacing)))
    rows = [
        (Text("大きさ (列 × 行)", "Size (columns × rows)") if len(image.shape) == 2 else _VOLUME, _same(size)),
        (Text("画素間隔 [mm]", "Pixel spacing [mm]"), lengths),
        (Text("画素の型", "Type of the pixels"), _same(f"{image.pixels.dtype}{' × 3' if image.colour else ''}")),
        (Text("画素値の意味", "Meaning of a value"), _MEANINGS[image.meaning]),
    ]
    if image.unit:
        rows.append((Text("単位", "Unit"), _same(image.unit)))
    if image.modality:
        rows.append((Text("モダリティ", "Modality"), _same(image.modality[:16])))
    if image.inverted:
        rows.append((Text("白黒", "Grey scale"), Text("低い値を白く表示 (MONOCHROME1)", "low values white (MONOCHROME1)")))
    return rows


_VOLUME = Text("大きさ (列 × 行 × 枚)", "Size (columns × rows × planes)")


def _of_header(header: Any) -> list[tuple[Text, Text]]:
    if header is None:
        return []
    rows = []
    for keyword, label in _NUMBERS.items():
        found = number(header, keyword)
        if found is not None:
            rows.append((label, _same(f"{found:.6g}")))
    for keyword, label in _CODES.items():
        word = str(value_of(header, keyword) or "").strip().upper()
        if word in _CODED:
            rows.append((label, _same(word)))
    syntax = getattr(header.file_meta.get("TransferSyntaxUID"), "name", "")
    return [*rows, (Text("転送構文", "Transfer syntax"), _same(syntax))] if syntax else rows


def _header(path: Path | None) -> Any:
    """The header of a DICOM file; None for anything else."""
    try:
        if path is None or kind_of(start_of(path), path.name) != "dicom":
            return None
        return opened(str(path), path.name, pixels=False)
    except GazoError:
        return None


def _same(text: str) -> Text:
    return Text(text, text)


def _plain(options: Any) -> dict[str, Any]:
    """Options of a step that are numbers, truths or choices; a text may be a path."""
    return {name: value for name, value in options.items() if isinstance(value, bool | int | float)}
