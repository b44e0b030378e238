"""The images that a trained network makes of others (masks, restored or enlarged images), written one file an image."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.progress import OnEvent, quiet
from gazo.io.files import read
from gazo.io.finding import without_ending
from gazo.io.loader import FileLoader
from gazo.io.mask_files import write_mask
from gazo.runs.outputs import Output

MadeKind = Literal["auto", "png", "nii.gz", "seg", "rtstruct", "tif", "dcm"]
KINDS: tuple[MadeKind, ...] = ("auto", "png", "nii.gz", "seg", "rtstruct", "tif", "dcm")
_REFERRING = ("seg", "rtstruct")


def write_made(
    fitted: Any, images: ImageSet, folder: Path, *, kind: MadeKind = "auto", on_event: OnEvent = quiet
) -> Iterator[Path]:
    """What `fitted` makes of each image that can be used, in the geometry of its input; the files as they are written.

    Parameters
    ----------
    fitted : a model that makes images: a segmenter, a super-resolver, a noise network.
    folder : a file in it is called as the image it was made of, below the same folders; after its row where images have no names.
    kind : auto takes PNG for plane masks, NIfTI for volumes, and float TIFF for restored images. SEG and RTSTRUCT hold masks and refer to
        the DICOM images they belong to.
    """
    need_images(fitted)
    for row, made in fitted.made(images, on_event=on_event):
        reference = images.role("image")[row]
        stem = folder / _name(reference, row)
        stem.parent.mkdir(parents=True, exist_ok=True)
        source = input_path(images, reference)
        yield made_file(made, stem.parent, kind, stem=stem.name, names=getattr(fitted, "structures", ()), source=source)


def made_file(
    made: Image, folder: Path, kind: MadeKind = "auto", *, stem: str = "", names: Sequence[str] = (), source: Path | None = None
) -> Path:
    """One image that was made, as a file; masks with the names of their structures, others with values of the type of the `source`."""
    is_mask = made.meaning == "mask"
    need_kind(kind, is_mask=is_mask)
    chosen = ("png" if len(made.shape) == 2 else "nii.gz") if is_mask and kind == "auto" else kind
    target = folder / f"{stem or ('mask' if is_mask else 'image')}{_ending(chosen, source)}"
    if is_mask:
        write_mask(made, target, names=names, source=source, kind=chosen, automatic=True)  # type: ignore[arg-type]
    else:
        kept = made.pixels.dtype if source is None else read(source).pixels.dtype
        Output(chosen).write(made, target, was=kept)  # type: ignore[arg-type]
    return target


def makes_images(fitted: Any) -> bool:
    """Whether a model makes an image of an image."""
    return hasattr(fitted, "made")


def need_images(fitted: Any) -> None:
    """Refuse a model that says something of images but makes none."""
    if not makes_images(fitted):
        raise OptionError(
            "G-EXP-030",
            en=f"this model ({type(fitted).__name__}) makes a table, no images. Leave --images out; --out names the table.",
            ja=f"このモデル ({type(fitted).__name__}) の出力は表で、画像は作成しません。--images を付けず、--out で表の保存先を指定してください。",
        )


def need_kind(kind: str, *, is_mask: bool) -> None:
    """Masks go into SEG and RTSTRUCT, restored images into ordinary DICOM."""
    if is_mask and kind == "dcm":
        raise OptionError(
            "G-EXP-031",
            en="a mask as DICOM is a SEG or an RTSTRUCT. Take --kind seg or --kind rtstruct.",
            ja="マスクの DICOM 形式は SEG か RTSTRUCT です。--kind seg または --kind rtstruct を指定してください。",
        )
    if not is_mask and kind in _REFERRING:
        raise OptionError(
            "G-EXP-032",
            en=f"'{kind}' holds masks; this model makes images of pixel values. Take --kind tif, nii.gz, png or dcm.",
            ja=f"「{kind}」はマスクの形式です。このモデルは画素値の画像を作成します。--kind tif、nii.gz、png、dcm のいずれかを指定してください。",
        )


def input_path(images: ImageSet, reference: Any) -> Path | None:
    """The file of an image; None for images that are no files."""
    if not isinstance(images.loader, FileLoader):
        return None
    path = Path(images.loader.folder) / str(reference)
    return path if path.exists() else None


def _ending(kind: str, came: Path | None) -> str:
    if kind in _REFERRING:
        return ".dcm"
    if kind == "auto":
        return ".tif" if came is None else Output("auto").ending(os.fspath(came))
    return f".{kind}"


def _name(reference: Any, row: int) -> str:
    """As the input, below the same folders and without its ending; never outside of the folder."""
    if not isinstance(reference, str):
        return f"{row:06d}"
    parts = [part for part in without_ending(reference.replace("\\", "/")).split("/") if part not in ("", ".", "..")]
    return "/".join(parts).replace(":", "_") or f"{row:06d}"
