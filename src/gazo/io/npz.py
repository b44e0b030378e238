"""Sets of small images in one .npz file, as MedMNIST has them."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError, nearest
from gazo.core.imageset import ArrayLoader, ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Label
from gazo.core.registry import feature
from gazo.io.npz_beside import columns_beside, masks_in
from gazo.io.opening import decoding, start_of

ARRAYS = Text("NumPy の .npz ファイル", "an .npz file of NumPy")
_LABEL_NAMES = ("labels", "label", "y", "target", "targets", "arr_1")
Arrays = Mapping[str, NDArray[Any]]


@feature("NPZ (MedMNIST) の読み込み", "Read an .npz set (MedMNIST)", booklet="B3")
def read_npz(
    path: Path | str,
    *,
    part: Annotated[str | None, Label("train・val・test のうち使うもの", "Which of train, val and test")] = None,
    label: Annotated[str | None, Label("ラベルの配列", "Array of labels")] = None,
    patient: Annotated[str | None, Label("患者の配列", "Array of patients")] = None,
    value: Annotated[str | None, Label("数値 (目的変数) の配列", "Array of numbers to estimate")] = None,
    table: Annotated[Path | str | None, Label("画像ごとに 1 行の表", "Table with a row for each image")] = None,
    spacing_mm: Annotated[float | None, Label("画素間隔", "Pixel spacing", "mm")] = None,
) -> ImageSet:
    """Arrays of images and labels in one file: MedMNIST keys ({train,val,test}_{images,labels}) or plain ones (images, labels, ...).

    The images are the array called images, else the largest one. One-dimensional arrays of the same length become columns; labels of
    shape (n, 1) are flattened, of shape (n, k) become label_0 ... label_k-1. The parts of MedMNIST are joined, and the column "split"
    tells them apart; patients are not known there. An array "masks" of the size of the images, or bit-packed along the columns, becomes
    the masks. A `table` brings more columns, such as the patient: row by row, or by its column "index". Nothing that would run code (pickled objects) is opened.

    Raises
    ------
    FileError : missing, broken, pickled, or larger unpacked than the memory.
    DataError : no images in it, an unknown part, arrays of different length.
    """
    name = os.path.basename(path)
    arrays = _arrays(path, name)
    parts = _parts(arrays, name, part)
    images = [_images(group, name) for group in parts.values()]
    pixels = images[0][1] if len(images) == 1 else np.concatenate([found[1] for found in images])
    columns: dict[str, NDArray[Any]] = {"image": np.arange(len(pixels))}
    for (key, found), group in zip(images, parts.values(), strict=True):
        for heading, cells in _columns(group, key, len(found)).items():
            columns[heading] = cells if heading not in columns else np.concatenate([columns[heading], cells])
    roles: dict[Role, str] = {"image": "image"}
    if "" not in parts:
        splits = [part_name for part_name, (_, found) in zip(parts, images, strict=True) for _ in found]
        columns["split"], roles["split"] = as_column(splits), "split"
    if table is not None:
        columns = {**columns_beside(table, len(pixels), name), **columns}
    masks = masks_in(parts[""], pixels, name) if "" in parts else None
    if masks is not None:
        columns["mask"], roles["mask"] = as_column([f"{row}/mask" for row in range(len(pixels))]), "mask"
    roles |= _roles(columns, name, {"label": label, "patient": patient, "value": value})
    if "label" in roles:
        columns[roles["label"]] = as_column([str(cell) for cell in columns[roles["label"]].tolist()])
    colour = pixels.ndim == 4 and pixels.shape[-1] == 3
    spacing = None if spacing_mm is None else (spacing_mm, spacing_mm)
    return ImageSet(columns, roles, ArrayLoader(pixels, colour, spacing, masks), name=os.path.splitext(name)[0])


def _arrays(path: Path | str, name: str) -> dict[str, NDArray[Any]]:
    """Every array of the archive, after its size and kind were looked at."""
    start_of(path)
    with decoding(name, ARRAYS):
        archive = zipfile.ZipFile(path)
    with archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
        _need_memory(sum(entry.file_size for entry in entries), name)
        return {entry.filename[:-4]: _array(archive, entry, name) for entry in entries}


def _need_memory(size: int, name: str) -> None:
    import psutil

    free = psutil.virtual_memory().available
    if size > 0.8 * free:
        raise FileError(
            "G-IO-055",
            en=f"'{name}' unpacks to {size / 1e9:.1f} GB; {free / 1e9:.1f} GB of memory are free. "
            "Close other programs, or store the images as files and use read_folder.",
            ja=f"「{name}」を展開すると {size / 1e9:.1f} GB になりますが、空きメモリは {free / 1e9:.1f} GB です。"
            "ほかのプログラムを終了するか、画像を個別のファイルにして read_folder を使ってください。",
        )


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> NDArray[Any]:
    with decoding(name, ARRAYS):
        content = archive.read(entry)
        header = io.BytesIO(content)
        version = np.lib.format.read_magic(header)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(header)
    if kind.hasobject:
        raise FileError(
            "G-IO-056",
            en=f"the array '{entry.filename[:-4]}' of '{name}' holds Python objects, which may run code when opened. "
            "Save it again as numbers or text.",
            ja=f"「{name}」の配列「{entry.filename[:-4]}」には Python オブジェクトが入っており、開くと任意のコードが実行される恐れがあります。"
            "数値または文字列の配列として保存し直してください。",
        )
    with decoding(name, ARRAYS):
        values = np.frombuffer(content, kind, int(np.prod(shape, dtype=np.int64)), header.tell())
        return values.reshape(shape, order="F" if fortran else "C")


def _parts(arrays: Arrays, name: str, part: str | None) -> dict[str, Arrays]:
    """The arrays of each part under their names without it; the only part is "" when there are no parts."""
    parts: dict[str, dict[str, NDArray[Any]]] = {}
    for key, array in arrays.items():
        match = re.fullmatch(r"(train|val|test)_(.+)", key)
        if match:
            parts.setdefault(match[1], {})[match[2]] = array
    parts = parts if any("images" in group for group in parts.values()) else {"": dict(arrays)}
    if part is None:
        return dict(parts)
    if part not in parts or part == "":
        hint = nearest(part, [known for known in parts if known])
        raise DataError(
            "G-IO-057",
            en=f"'{name}' has no part '{part}'. {hint.en}",
            ja=f"「{name}」に「{part}」という部分はありません。{hint.ja}",
        )
    return {part: parts[part]}


def _images(group: Arrays, name: str) -> tuple[str, NDArray[Any]]:
    """The key and the array of images: (n, rows, columns[, 3]) or (n, planes, rows, columns)."""
    candidates = {
        key: array for key, array in group.items() if array.ndim in (3, 4, 5) and array.size and array.dtype.kind in "uifb"
    }
    if not candidates:
        listed = ", ".join(f"{key} {array.shape}" for key, array in list(group.items())[:12])
        raise DataError(
            "G-IO-058",
            en=f"'{name}' holds no array of images (n, rows, columns); there are: {listed}. Store the images under the key 'images'.",
            ja=f"「{name}」に画像の配列 (枚数, 行, 列) がありません。入っているもの: {listed}。画像を「images」という名前で保存してください。",
        )
    key = "images" if "images" in candidates else max(candidates, key=lambda k: candidates[k].size)
    array = candidates[key]
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    return key, array


def _columns(group: Arrays, images: str, count: int) -> dict[str, NDArray[Any]]:
    """The other arrays with one value an image."""
    columns: dict[str, NDArray[Any]] = {}
    for key, array in group.items():
        if key == images or array.ndim not in (1, 2) or len(array) != count:
            continue
        if array.ndim == 1 or array.shape[1] == 1:
            columns[key] = as_column(array.reshape(-1).tolist())
        elif array.shape[1] <= 64 and key in _LABEL_NAMES:
            columns |= {f"{key.removesuffix('s')}_{number}": array[:, number] for number in range(array.shape[1])}
    return columns


def _roles(columns: Mapping[str, Any], name: str, asked: Mapping[Role, str | None]) -> dict[Role, str]:
    roles: dict[Role, str] = {}
    for role, key in asked.items():
        if key is not None and key not in columns:
            hint = nearest(key, [known for known in columns if known != "image"])
            raise DataError(
                "G-IO-059",
                en=f"'{name}' has no array '{key}' with one value an image. {hint.en}",
                ja=f"「{name}」に、画像ごとに値を 1 つ持つ「{key}」という配列はありません。{hint.ja}",
            )
        if key is not None:
            roles[role] = key
    usual = next((key for key in _LABEL_NAMES if key in columns), None)
    return roles if "label" in roles or "value" in roles or usual is None else {"label": usual, **roles}
