"""A small study of simulated chest radiographs: in memory, simulated when asked for, or as files as users have them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from gazo.core.errors import DataError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.core.imageset import ImageSet, as_column
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.seeds import generator
from gazo.phantoms.anatomy import Body, Pose, Sex, View, draw_body, draw_pose
from gazo.phantoms.chest import ChestRadiograph, Clutter, Contrast, Diameter, Exposure, FieldMm, Quanta, expose
from gazo.phantoms.nodules import Spot, draw_spot, placed
from gazo.phantoms.organs import Grid

VERSION = 1

Patients = Annotated[int, Ge(1), Le(100_000), Label("患者数", "Patients")]
PerPatient = Annotated[int, Ge(1), Le(20), Label("患者あたりの最大画像数", "Most images of a patient")]
StudySize = Annotated[int, Ge(32), Le(2048), Label("画像の大きさ", "Image size", "px")]
Share = Annotated[float, Ge(0), Le(1), Label("結節のある患者の割合", "Share of patients with a nodule")]
FemaleShare = Annotated[float, Ge(0), Le(1), Label("女性の割合", "Share of women")]
BedsideShare = Annotated[float, Ge(0), Le(1), Label("AP (臥位) の割合", "Share of AP images")]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image of the study: whose it is, and what is in it. `diameter_mm` is 0 without a nodule."""

    patient: str
    exam: int
    sex: Sex
    age: int
    view: View
    diameter_mm: float
    spot: Spot

    @property
    def key(self) -> str:
        return f"{self.patient}_{self.exam}"


@dataclass(frozen=True)
class ChestLoader:
    """Simulates the image behind a key such as "00042_1"; "00042_1/lungs" and "00042_1/heart" are its masks. Picklable."""

    cases: Mapping[str, Case]
    seed: int
    size_px: int
    field_mm: float
    nodule_contrast: float
    how: Exposure

    def __call__(self, reference: Any) -> Image:
        key, _, part = str(reference).partition("/")
        radiograph = self.radiograph(key)
        image = {"": radiograph.image, "lungs": radiograph.lungs, "heart": radiograph.heart}[part]
        return image.with_pixels(image.pixels, patient=self.cases[key].patient)

    def radiograph(self, key: str) -> ChestRadiograph:
        """The image of a case with all its truth."""
        case, body, pose = self.cases[key], self.body(key), self.pose(key)
        found = placed([case.spot], [case.diameter_mm], self.nodule_contrast, self._grid(key)) if case.diameter_mm else ()
        noise = generator(self.seed, "noise", key)
        return expose(body, pose, rng=noise, size_px=self.size_px, field_mm=self.field_mm, nodules=found, how=self.how)

    def body(self, key: str) -> Body:
        """The patient of a case."""
        case = self.cases[key]
        return draw_body(generator(self.seed, "body", case.patient), case.sex, case.age)

    def pose(self, key: str) -> Pose:
        """The position of a case."""
        return draw_pose(generator(self.seed, "pose", key), self.cases[key].view)

    def digest(self, reference: Any) -> str:
        """SHA-256 of everything the pixels are computed from; equal digests mean equal pixels."""
        key, _, part = str(reference).partition("/")
        recipe = (VERSION, self.seed, self.size_px, self.field_mm, self.nodule_contrast, self.how, self.cases[key], part)
        return hashlib.sha256(repr(recipe).encode()).hexdigest()

    def _grid(self, key: str) -> Grid:
        return Grid(self.body(key), self.pose(key), self.size_px, self.field_mm)


def cases_of(
    patients: int,
    images_per_patient: int,
    nodule_share: float,
    female_share: float,
    bedside_share: float,
    diameter_mm: float,
    seed: int,
) -> list[Case]:
    """Who is in the study. Exact numbers of patients with a nodule; a nodule grows a little from image to image."""
    rng = generator(seed, "patients")
    numbers = np.sort(rng.choice(np.arange(1, 10 * patients + 1), patients, replace=False))
    ill = set(rng.permutation(patients)[: round(patients * nodule_share)].tolist())
    women = set(rng.permutation(patients)[: round(patients * female_share)].tolist())
    cases = []
    for row, number in enumerate(numbers):
        age = int(np.clip(rng.normal(56, 17), 20, 90))
        size = diameter_mm * float(np.exp(rng.normal(0, 0.25)))
        spot = draw_spot(rng)
        for exam in range(1, int(rng.integers(1, images_per_patient + 1)) + 1):
            view: View = "AP" if rng.random() < bedside_share else "PA"
            grown = round(size * 1.05 ** (exam - 1), 1) if row in ill else 0.0
            sex: Sex = "F" if row in women else "M"
            cases.append(Case(patient=f"{number:05d}", exam=exam, sex=sex, age=age, view=view, diameter_mm=grown, spot=spot))
    return cases


@operation("胸部 X 線画像の模擬データ", "Simulated chest images")
def chest_images(
    *,
    seed: int,
    patients: Patients = 120,
    images_per_patient: PerPatient = 2,
    size_px: StudySize = 128,
    field_mm: FieldMm = 400.0,
    nodule_share: Share = 0.5,
    nodule_diameter_mm: Diameter = 30.0,
    nodule_contrast: Contrast = 1.0,
    female_share: FemaleShare = 0.5,
    ap_share: BedsideShare = 0.4,
    quanta_per_pixel: Quanta = 200_000.0,
    clutter: Clutter = 1.0,
) -> ImageSet:
    """A set whose images are simulated when asked for; nothing is stored.

    Columns: file (key of the image), patient_id (text), sex, view, age, nodule (0/1), diameter_mm, lungs, heart (keys of the masks).
    Roles: image, label = nodule, patient, mask = lungs. The images of a patient share body and nodule, not position and noise.

    Parameters
    ----------
    images_per_patient : each patient has 1 up to so many.
    nodule_diameter_mm : the median; patients differ by a factor exp(0.25 N(0, 1)).
    """
    cases = cases_of(patients, images_per_patient, nodule_share, female_share, ap_share, nodule_diameter_mm, seed)
    how = Exposure(quanta_per_pixel=quanta_per_pixel, clutter=clutter)
    loader = ChestLoader({c.key: c for c in cases}, seed, size_px, field_mm, nodule_contrast, how)
    columns = {
        "file": as_column([c.key for c in cases]),
        "patient_id": as_column([c.patient for c in cases]),
        "sex": as_column([c.sex for c in cases]),
        "view": as_column([c.view for c in cases]),
        "age": as_column([c.age for c in cases]),
        "nodule": as_column([int(c.diameter_mm > 0) for c in cases]),
        "diameter_mm": as_column([c.diameter_mm for c in cases]),
        "lungs": as_column([f"{c.key}/lungs" for c in cases]),
        "heart": as_column([f"{c.key}/heart" for c in cases]),
    }
    return ImageSet(
        columns, {"image": "file", "label": "nodule", "patient": "patient_id", "mask": "lungs"}, loader, name="chest phantom"
    )


@operation("胸部 X 線の模擬研究フォルダー", "Simulated chest study folder")
def chest_study(
    folder: Path | str,
    *,
    seed: int,
    patients: Patients = 120,
    images_per_patient: PerPatient = 2,
    size_px: StudySize = 128,
    field_mm: FieldMm = 400.0,
    nodule_share: Share = 0.5,
    nodule_diameter_mm: Diameter = 30.0,
    nodule_contrast: Contrast = 1.0,
    female_share: FemaleShare = 0.5,
    ap_share: BedsideShare = 0.4,
    quanta_per_pixel: Quanta = 200_000.0,
    clutter: Clutter = 1.0,
    on_event: OnEvent = quiet,
) -> Path:
    """Write `chest_images` (same options, same pixels) as a study on disk, and return the folder.

    images/KEY.png (16-bit container, values 0 to 4095), masks/KEY_lungs.png and masks/KEY_heart.png (0 or 255), and
    labels.csv (UTF-8 with BOM): file, patient_id (text, leading zeros), sex, view, age, nodule (0/1), diameter_mm,
    x, y, w, h (box of the nodule in pixels; empty without one), lungs, heart, spacing_mm. The table is written last, so a
    folder with a table is whole.

    Parameters
    ----------
    folder : made when it is not there; refused (G-PHA-002) when it has anything in it.
    """
    images = chest_images(
        seed=seed,
        patients=patients,
        images_per_patient=images_per_patient,
        size_px=size_px,
        field_mm=field_mm,
        nodule_share=nodule_share,
        nodule_diameter_mm=nodule_diameter_mm,
        nodule_contrast=nodule_contrast,
        female_share=female_share,
        ap_share=ap_share,
        quanta_per_pixel=quanta_per_pixel,
        clutter=clutter,
    )
    loader = images.loader
    assert isinstance(loader, ChestLoader)
    folder = _empty(Path(folder))
    stage = Text("胸部 X 線画像を作成中", "Simulating chest radiographs")
    rows = [_written(folder, loader, case) for case in counted(list(loader.cases.values()), stage, on_event)]
    with replacing(folder / "labels.csv", "w", encoding="utf-8-sig") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def _empty(folder: Path) -> Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(
            "G-PHA-002",
            en=f"a study is written into a new or empty folder; '{folder.name}' has something in it already. Choose another folder.",
            ja=f"模擬研究は新しいフォルダーか空のフォルダーに書き込みます。「{folder.name}」にはすでに何か入っています。別のフォルダーを指定してください。",
        )
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def _written(folder: Path, loader: ChestLoader, case: Case) -> dict[str, Any]:
    """Write one image with its masks; its row of the table."""
    radiograph = loader.radiograph(case.key)
    names = {"file": f"images/{case.key}.png", "lungs": f"masks/{case.key}_lungs.png", "heart": f"masks/{case.key}_heart.png"}
    _png(folder / names["file"], radiograph.image.pixels)
    _png(folder / names["lungs"], radiograph.lungs.pixels * np.uint8(255))
    _png(folder / names["heart"], radiograph.heart.pixels * np.uint8(255))
    x0, y0, x1, y1 = radiograph.boxes[0].round(2) if case.diameter_mm else ("",) * 4
    place = {"x": x0, "y": y0, "w": round(x1 - x0, 2), "h": round(y1 - y0, 2)} if case.diameter_mm else dict.fromkeys("xywh", "")
    facts = {"patient_id": case.patient, "sex": case.sex, "view": case.view, "age": case.age}
    nodule = {"nodule": int(case.diameter_mm > 0), "diameter_mm": case.diameter_mm or ""}
    spacing = {"spacing_mm": loader.field_mm / loader.size_px}
    return {"file": names["file"], **facts, **nodule, **place, "lungs": names["lungs"], "heart": names["heart"], **spacing}


def _png(path: Path, pixels: np.ndarray) -> None:
    import cv2

    with replacing(path) as file:
        file.write(cv2.imencode(".png", pixels)[1].tobytes())
