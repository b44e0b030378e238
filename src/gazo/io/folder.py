"""A folder of images: one folder a class, train/test folders, or simply all in one place."""

from __future__ import annotations

import fnmatch
import itertools
import os
import re
from pathlib import Path

from gazo.core.errors import DataError, OptionError
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Label
from gazo.core.registry import feature
from gazo.io.files import IMAGE_ENDINGS, kind_of
from gazo.io.finding import walk
from gazo.io.loader import FileLoader
from gazo.io.opening import need_folder, start_of

_PARTS = {
    **{name: "train" for name in ("train", "training", "学習", "訓練")},
    **{name: "val" for name in ("val", "valid", "validation", "検証")},
    **{name: "test" for name in ("test", "testing", "テスト", "評価")},
}


@feature("画像フォルダの読み込み", "Read a folder of images", booklet=("B2", "B3"))
def read_folder(
    path: Path | str,
    *,
    pattern: Annotated[str, Label("ファイル名の型 (例: *.png)", "Pattern of file names, such as *.png")] = "",
    label: Annotated[str | None, Label("ラベルを取り出す正規表現", "Regular expression that finds the label in the path")] = None,
) -> ImageSet:
    """All image files below a folder as a lazy set, sorted by path.

    Folders become labels: ``up/1.png, down/1.png``. Folders called train, val(idation) and test (学習, 検証, テスト) above them become a
    column "split". Folders that hold all others (as ZIP archives have) are passed through. Hidden files, Thumbs.db, .DS_Store and
    __MACOSX are passed over.

    Parameters
    ----------
    path : of the folder.
    pattern : only files whose name or relative path fits (* and ?).
    label : a regular expression searched in the relative path; its first group (or all of it) is the label.
        ``_([01])\\.png$`` reads Montgomery and Shenzhen names. Files in which it is not found are left out.

    Raises
    ------
    FileError : no such folder.
    DataError : no image in it.
    """
    folder = str(need_folder(path))
    files = [file for file in walk(folder) if _fits(file, pattern) and _is_image(folder, file)]
    if not files:
        name = os.path.basename(os.path.abspath(folder))
        suffix = f" ({pattern})" if pattern else ""
        raise DataError(
            "G-IO-050",
            en=f"the folder '{name}' holds no image files{suffix}. Name the folder the images lie in or above them.",
            ja=f"フォルダ「{name}」に画像ファイルがありません{suffix}。画像のあるフォルダか、その上のフォルダを指定してください。",
        )
    splits, labels = _split_and_label(files)
    notes: list[Text] = []
    if label is not None:
        files, splits, labels = _labelled(files, splits, label, notes)
    columns = {"file": as_column(files)}
    roles: dict[Role, str] = {"image": "file"}
    if any(labels):
        columns["label"], roles["label"] = as_column([name or None for name in labels]), "label"
    if any(splits):
        columns["split"], roles["split"] = as_column([part or None for part in splits]), "split"
    return ImageSet(columns, roles, FileLoader(folder), name=os.path.basename(os.path.abspath(folder)), notes=tuple(notes))


def _fits(file: str, pattern: str) -> bool:
    return not pattern or fnmatch.fnmatch(file, pattern) or fnmatch.fnmatch(os.path.basename(file), pattern)


def _is_image(folder: str, file: str) -> bool:
    """By its ending; a file without one (as DICOM files often are) by its first bytes."""
    name = os.path.basename(file)
    if name.lower().endswith(IMAGE_ENDINGS):
        return True
    if re.search(r"\.[A-Za-z]\w*$", name) or name.upper() == "DICOMDIR":
        return False
    return bool(kind_of(start_of(os.path.join(folder, file)), name))


def _split_and_label(files: list[str]) -> tuple[list[str], list[str]]:
    """For each file the part (train, val, test or nothing) and the class its folders tell."""
    folders = [file.split("/")[:-1] for file in files]
    alike = zip(*folders, strict=False)
    shared = len(list(itertools.takewhile(lambda names: len(set(names)) == 1, alike)))
    while shared and all(parts[shared - 1].lower() in _PARTS for parts in folders):
        shared -= 1  # a folder "train" alone still says what it holds
    inner = [parts[shared:] for parts in folders]
    if not any(inner):
        return [""] * len(files), [""] * len(files)
    splits = [_PARTS.get(parts[0].lower(), "") if parts else "" for parts in inner]
    rest = [parts[1:] if part else parts for parts, part in zip(inner, splits, strict=True)]
    return splits, [parts[0] if parts else "" for parts in rest]


def _labelled(files: list[str], splits: list[str], label: str, notes: list[Text]) -> tuple[list[str], list[str], list[str]]:
    """The files in which the expression finds a label, with it."""
    try:
        expression = re.compile(label)
    except re.error as error:
        raise OptionError(
            "G-IO-051",
            en=f"'{label}' is no regular expression ({error}). Write for example '_([01])\\.png$'.",
            ja=f"「{label}」は正規表現として正しくありません ({error})。例: '_([01])\\.png$'。",
        ) from None
    found = [expression.search(file) for file in files]
    kept = [row for row, match in enumerate(found) if match]
    if not kept:
        raise DataError(
            "G-IO-052",
            en=f"'{label}' finds a label in none of the {len(files)} paths (first: '{files[0]}'). Change the expression.",
            ja=f"「{label}」は {len(files)} 個のパスのどれからもラベルを取り出せません (最初: 「{files[0]}」)。式を直してください。",
        )
    if len(kept) < len(files):
        notes.append(
            Text(
                f"ラベルを取り出せない {len(files) - len(kept)} 個のファイルを除きました。",
                f"{len(files) - len(kept)} files were left out because no label was found in their path.",
            )
        )
    texts = [match[1] if match.re.groups else match[0] for match in found if match]
    return [files[row] for row in kept], [splits[row] for row in kept], texts
