"""What kind of images wait, and how they are opened: a public layout, DICOM, arrays, pictures in folders, RAW with a rule."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from gazo.core.errors import DataError, GazoError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet, Loader, as_column
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.layouts import medmnist_note, recognise
from gazo.io.dicom_folder import read_dicom_folder
from gazo.io.files import kind_of
from gazo.io.finding import walk
from gazo.io.folder import read_folder
from gazo.io.npz import read_npz
from gazo.io.opening import content_of, start_of
from gazo.io.raw import read_raw

Kind = Literal["layout", "dicom", "arrays", "pictures", "raw", "nothing"]
_TABLES = (".csv", ".tsv", ".xlsx", ".xls")
_TEXTS = (
    ".txt",
    ".md",
    ".json",
    ".xml",
    ".html",
    ".htm",
    ".pdf",
    ".doc",
    ".docx",
    ".exe",
    ".inf",
    ".ini",
    ".zip",
    ".mat",
    ".bmpx",
)
_FEW_CLASSES = 10


@dataclass(frozen=True)
class Files:
    """Paths below a tree by what they are."""

    images: tuple[str, ...]
    dicom: tuple[str, ...]
    arrays: tuple[str, ...]
    tables: tuple[str, ...]
    unknown: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Images as they wait.

    Parameters
    ----------
    images : opened lazily; the image column holds paths below the tree (numbers for arrays). Nothing of it may be shown as it is.
    layout : the public set that was recognised.
    patients : the column that holds real patient IDs, where one does.
    said : what to tell about the kind; names nothing.
    """

    kind: Kind
    images: ImageSet | None
    files: Files
    layout: Text | None = None
    patients: str = ""
    said: tuple[Text, ...] = ()


@dataclass(frozen=True)
class RawLoader:
    """Opens files without a header by one rule, as options of `read_raw`."""

    folder: str
    rule: tuple[tuple[str, Any], ...]

    def __call__(self, reference: Any) -> Image:
        return read_raw(os.path.join(self.folder, str(reference)), **dict(self.rule))

    def digest(self, reference: Any) -> str:
        return hashlib.sha256(content_of(os.path.join(self.folder, str(reference)))).hexdigest()


def sort_files(tree: Path) -> Files:
    """Every file below a tree looked at: its first bytes, then its name."""
    found: dict[str, list[str]] = {name: [] for name in ("images", "dicom", "arrays", "tables", "unknown", "others")}
    for file in walk(str(tree)):
        found[_sort(tree / file, file)].append(file)
    return Files(*(tuple(found[name]) for name in ("images", "dicom", "arrays", "tables", "unknown", "others")))


def _sort(path: Path, file: str) -> str:
    name = PurePosixPath(file).name
    lower = name.lower()
    if lower.endswith(_TABLES):
        return "tables"
    if lower.endswith(".npz"):
        return "arrays"
    if lower.endswith(_TEXTS) or name.upper() == "DICOMDIR":
        return "others"
    try:
        start = start_of(path)
    except GazoError:
        return "others"
    kind = kind_of(start, name)
    return "dicom" if kind == "dicom" else "images" if kind else "unknown"


def find_source(tree: Path, rule: Mapping[str, Any] | None = None, *, on_event: OnEvent = quiet) -> Source:
    """The images below a tree, by the first of these that fits: RAW where a rule is given, a public layout, DICOM, arrays, pictures."""
    files = sort_files(tree)
    if rule is not None and files.unknown:
        loader = RawLoader(str(tree), tuple(sorted(rule.items())))
        return Source("raw", ImageSet({"file": as_column(files.unknown)}, {"image": "file"}, loader, name="raw"), files)
    layout = recognise(tree)
    if layout is not None:
        images = layout.read(tree, walk(str(tree)))
        return Source("layout", images, files, layout.name, patients=images.roles.get("patient", ""))
    if files.dicom and len(files.dicom) >= len(files.images):
        return _dicom(tree, files, on_event)
    if files.images:
        return _pictures(tree, files)
    if files.arrays:
        return _arrays(tree, files)
    return Source("raw" if files.unknown else "nothing", None, files)


def _dicom(tree: Path, files: Files, on_event: OnEvent) -> Source:
    try:
        images = read_dicom_folder(tree, identify=True, on_event=on_event)
    except DataError:
        return Source("nothing", None, files)
    left = len(files.dicom) - len(images)
    said = []
    if left:
        said.append(
            Text(
                f"画像でない、または読めない DICOM {left} 個は取り込みません。",
                f"{left} DICOM files hold no image or cannot be read; they are left out.",
            )
        )
    if files.images:
        said.append(
            Text(
                f"DICOM でない画像 {len(files.images)} 個は取り込みません。",
                f"{len(files.images)} images that are not DICOM are left out.",
            )
        )
    ids = [cell or f"(no ID) {study}" for cell, study in zip(images.columns["patient_id"], images.columns["study"], strict=True)]
    images = _with_classes(images.with_column("patient_id", ids, "patient"), tree)
    return Source(
        "dicom",
        replace(images, columns={n: c for n, c in images.columns.items() if n != "patient"}),
        files,
        patients="patient_id",
        said=tuple(said),
    )


def _with_classes(images: ImageSet, tree: Path) -> ImageSet:
    """Folders of DICOM as a column where they are classes: few, each with several patients. Folders of patients tell names."""
    folders = read_folder(tree)
    if not folders.has("label"):
        return images
    folder_of = dict(zip(folders.role("image"), folders.role("label"), strict=True))
    named = [folder_of.get(file) for file in images.role("image")]
    people: dict[str | None, set[str]] = {}
    for name, patient in zip(named, images.role("patient"), strict=True):
        people.setdefault(name, set()).add(patient)
    if not 2 <= len(people) <= _FEW_CLASSES or min(map(len, people.values())) < 2:
        return images
    return images.with_column("folder", named)


def _pictures(tree: Path, files: Files) -> Source:
    """Pictures and volumes; folders as a column "folder"."""
    images = read_folder(tree)
    kept = [row for row, file in enumerate(images.role("image")) if file in set(files.images) | set(files.dicom)]
    images = images.take(kept)
    columns = {("folder" if name == images.roles.get("label") else name): cells for name, cells in images.columns.items()}
    roles = {role: name for role, name in images.roles.items() if role in ("image", "split")}
    return Source("pictures", ImageSet(columns, roles, images.loader, name=images.name), files)


def _arrays(tree: Path, files: Files) -> Source:
    first, others = files.arrays[0], files.arrays[1:]
    note = medmnist_note(PurePosixPath(first).name)
    said = [] if note is None else [note]
    if others:
        said.append(
            Text(
                f".npz は 1 個だけ取り込みます。残りの {len(others)} 個は別に取り込んでください。",
                f"one .npz is taken in; take the other {len(others)} in separately.",
            )
        )
    return Source("arrays", read_npz(tree / first), files, said=tuple(said))


def usual_raw_sizes(tree: Path, files: Sequence[str]) -> list[tuple[int, int]]:
    """How large files of unknown kind are: bytes and how many files, the most frequent first."""
    return Counter((tree / file).stat().st_size for file in files).most_common(5)


def opener(source: Source, spacing_mm: float | None = None) -> Loader:
    """What opens the images of a source, with a spacing where the files tell none."""
    assert source.images is not None
    return source.images.loader if spacing_mm is None else _Spaced(source.images.loader, spacing_mm)


@dataclass(frozen=True)
class _Spaced:
    """Images of another loader, with a pixel spacing where they have none."""

    loader: Loader
    spacing_mm: float

    def __call__(self, reference: Any) -> Image:
        image = self.loader(reference)
        return image if image.spacing_mm is not None else image.with_spacing(self.spacing_mm)

    def digest(self, reference: Any) -> str:
        return self.loader.digest(reference)
