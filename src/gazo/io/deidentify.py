"""Take out of a DICOM data set what tells who the patient is (PS3.15 annex E)."""

from __future__ import annotations

import copy
import datetime
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.io import deidentify_rules as rules
from gazo.io.dicom_header import DICOM
from gazo.io.opening import decoding

# PS3.16 CID 7050
_METHODS = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)
_OLDEST_YEARS = 89  # ages above tell too much of too few (45 CFR 164.514(b)(2)(i)(C))
_IDENTITY = ("PatientName", "PatientID", "OtherPatientIDs", "OtherPatientNames", "PatientBirthName", "PatientMotherBirthName")
_DOUBTFUL = ("US", "OT", "SC", "XA", "RF", "ES", "XC", "GM", "SM")


@dataclass(frozen=True)
class Pseudonym:
    """Who a patient becomes.

    Parameters
    ----------
    patient : the new Patient ID and Patient's Name, such as P0001.
    secret : the key of the UIDs; one for a whole import, kept apart from the copies.
    days : added to every date of this patient, so that the time between studies stays.
    """

    patient: str
    secret: bytes
    days: int

    def uid(self, uid: str) -> str:
        """The UID that stands in for another: under 2.25, from a keyed hash, always the same for the same key."""
        digest = bytearray(hmac.new(self.secret, uid.encode(), hashlib.sha256).digest()[:16])
        digest[6], digest[8] = digest[6] & 0x0F | 0x40, digest[8] & 0x3F | 0x80  # the bits of a random UUID
        return f"2.25.{int.from_bytes(digest, 'big')}"

    def date(self, text: str) -> str:
        """A DICOM date or date with time, moved by `days`; empty when it is no date."""
        match = re.match(r"(\d{4})\.?(\d{2})\.?(\d{2})(.*)", text.strip(), re.DOTALL)
        try:
            day = datetime.date(*(int(part) for part in match.groups()[:3])) if match else None
            moved = None if day is None else day + datetime.timedelta(self.days)
        except (ValueError, OverflowError):
            return ""
        rest = match[4] if match else ""
        clock = rest if re.fullmatch(r"[\d.+-]*", rest) else ""
        return "" if moved is None else f"{moved:%Y%m%d}".zfill(8) + clock


def days_for(secret: bytes, patient_id: str) -> int:
    """How far the dates of a patient move: 1 to 3650 days back, from a keyed hash of the Patient ID."""
    digest = hmac.new(secret, b"days " + patient_id.encode(), hashlib.sha256).digest()
    return -1 - int.from_bytes(digest[:8], "big") % 3650


@feature("DICOM の匿名化", "De-identify DICOM", booklet="B4")
def deidentify(dataset: Any, pseudonym: Pseudonym, *, keep_characteristics: bool = True) -> Any:
    """A copy of a data set without what identifies the patient; the given one is not changed.

    Basic Application Level Confidentiality Profile of PS3.15 with the options Retain Longitudinal Temporal Information with Modified Dates
    and (unless switched off) Retain Patient Characteristics: sex, age (090Y above 89), size, weight. Removed: private attributes, all free
    text but a short list about equipment and codes, overlays and curves, and any remaining text that contains a part of the patient's
    name or ID. UIDs that are not of the standard are replaced, in references too. Pixels are not looked at: see `burned_in_doubt`.

    Parameters
    ----------
    dataset : a pydicom data set.
    pseudonym : who the patient becomes.
    keep_characteristics : keep sex, age, size and weight.
    """
    with decoding("DICOM", DICOM):
        words = _identifying_words(dataset)
        clean = copy.deepcopy(dataset)
        _clean(clean, pseudonym, words, keep_characteristics)
        clean.PatientName = clean.PatientID = pseudonym.patient
        _declare(clean, keep_characteristics)
        clean.file_meta = _new_meta(clean, dataset)
        clean.preamble = b"\0" * 128
    return clean


def burned_in_doubt(dataset: Any) -> Text | None:
    """What is to be feared of names drawn into the pixels: the file says so, or its kind often has them and it does not deny it."""
    with decoding("DICOM", DICOM):
        told = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
        modality = str(dataset.get("Modality") or "")
    if told == "YES":
        return Text(
            "画像に文字が焼き込まれていると記録されています。", "the file says that annotations are burned into the pixels."
        )
    if told != "NO" and modality in _DOUBTFUL:
        return Text(
            "この種類の画像には氏名などの文字が焼き込まれていることがあります。目で確かめてください。",
            "images of this kind often have names burned into the pixels; look at them.",
        )
    return None


def _identifying_words(dataset: Any) -> list[str]:
    """Parts of the patient's names and IDs, folded; single letters would hit everything."""
    words: set[str] = set()
    for keyword in _IDENTITY:
        for value in str(dataset.get(keyword) or "").replace("\\", "=").split("="):
            whole = value.strip()
            words |= {part for part in (whole, *re.split(r"[\s^,'\[\]　]+", whole)) if len(part) > 1}
    return [word.casefold() for word in words if not (word.isdigit() and len(word) < 3)]


def _clean(dataset: Any, pseudonym: Pseudonym, words: list[str], characteristics: bool) -> None:
    for tag in list(dataset.keys()):
        if tag.is_private or rules.group_is_removed(tag.group):
            del dataset[tag]
            continue
        try:
            element = dataset[tag]
            kept = _cleaned(element, pseudonym, words, characteristics)
        except Exception:  # what cannot be read cannot be known to be harmless
            kept = False
        if not kept:
            del dataset[tag]


def _cleaned(element: Any, pseudonym: Pseudonym, words: list[str], characteristics: bool) -> bool:
    """Change the value of an element as its kind asks; False when the element has to go."""
    keyword, kind = element.keyword, element.VR
    if not keyword or keyword in rules.REMOVED or keyword.startswith(("GPS", "Selector")):
        return False
    if keyword in rules.CHARACTERISTICS:
        return _characteristic(element, characteristics)
    if keyword in rules.EMPTIED or keyword in rules.DUMMIES:
        element.value = rules.DUMMIES.get(keyword, "")
        return True
    if kind == "SQ":
        for item in element.value:
            _clean(item, pseudonym, words, characteristics)
        return True
    if kind == "UI":
        element.value = _each(element.value, lambda uid: uid if _is_standard(uid) else pseudonym.uid(str(uid)))
        return True
    if kind in rules.DATES:
        element.value = _each(element.value, lambda date: pseudonym.date(str(date)))
        return True
    if kind in rules.BINARY or keyword in rules.KEPT_BINARY:
        return keyword in rules.KEPT_BINARY
    if kind in rules.TEXT and keyword not in rules.KEPT_TEXT:
        return False
    return _harmless(element, words)


def _characteristic(element: Any, keep: bool) -> bool:
    if not keep:
        element.value = "" if element.keyword == "PatientSex" else None
        return element.keyword == "PatientSex"
    if element.VR in rules.NUMBERS:
        return _harmless(element, [])
    if element.keyword == "PatientAge":
        match = re.fullmatch(r"(\d{3})([YMWD])", str(element.value or ""))
        if match and match[2] == "Y" and int(match[1]) > _OLDEST_YEARS:
            element.value = f"{_OLDEST_YEARS + 1:03d}Y"
        return match is not None or not element.value
    if element.keyword == "PatientSex":
        element.value = element.value if element.value in ("M", "F", "O") else ""
    return True


def _harmless(element: Any, words: list[str]) -> bool:
    """Whether a value that may stay is what its kind may be and holds no part of the name."""
    values = element.value if element.VM > 1 else [element.value]
    texts = [str(value) for value in values if value is not None]
    if element.VR == "CS" and not all(rules.is_code(text) for text in texts):
        return False
    if element.VR in rules.NUMBERS:
        return all(float(text) == float(text) for text in texts if text)
    if element.VR == "TM":
        return all(re.fullmatch(r"[\d:.]*", text.strip()) for text in texts)
    return not (element.VR in ("CS", *rules.TEXT) and any(word in text.casefold() for text in texts for word in words))


def _each(value: Any, change: Any) -> Any:
    if value is None or value == "":
        return value
    return change(value) if isinstance(value, str) else [change(part) for part in value]


def _is_standard(uid: Any) -> bool:
    from pydicom.uid import UID_dictionary

    return str(uid) in UID_dictionary


def _declare(dataset: Any, characteristics: bool) -> None:
    """Say in the file what was done to it (PS3.15 E.1.1)."""
    from pydicom.dataset import Dataset

    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    used = _METHODS if characteristics else _METHODS[:2]
    dataset.DeidentificationMethod = [f"PS3.15 {code}" for code, _ in used]
    items = []
    for code, meaning in used:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = items


def _new_meta(clean: Any, original: Any) -> Any:
    """File meta information with nothing of the old but the transfer syntax."""
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = original.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = clean.get("SOPClassUID") or "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = clean.get("SOPInstanceUID") or "2.25.0"
    return meta
