"""The images that a run was made from, by row: what a page opens when somebody asks for the image behind a number."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from gazo.core.errors import DataError, RunError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.datasets.source import open_images
from gazo.learn.truth import mask_of
from gazo.runs.given import opening_of
from gazo.runs.recipe import read_recipe
from gazo.runs.references import recall, recall_files, recall_folder


def images_of_run(folder: Path, place: Path) -> ImageSet:
    """The images that a run learned from, in the order of its rows; nothing is read yet."""
    return _images(folder, place, (folder / "recipe.json").stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _images(folder: Path, place: Path, changed: int) -> ImageSet:
    recipe = read_recipe(folder)
    known = recall_folder(recipe.data, place)
    images = open_images(recall(recipe.data, place), **recipe.source, **known, cache=place / "cache")
    if len(images) != recipe.rows:
        raise DataError(
            "G-EXP-007",
            en=f"the data has {len(images)} rows now, {recipe.rows} when the run was made, so a row no longer names its image. Restore the data.",
            ja=f"データは現在 {len(images)} 行で、実行時 ({recipe.rows} 行) と異なるため、行番号から画像を特定できません。データを元に戻してください。",
        )
    return images


def image_of_run(folder: Path, row: int, place: Path) -> Image:
    """One image of a run: a row of what was learned from, or of the first images that were measured or processed."""
    recipe = read_recipe(folder)
    _need_row(row, recipe.rows)
    if recipe.task[0] == "learn":
        return images_of_run(folder, place)[row]
    files = recall_files(recipe.data, place)
    return opening_of(recipe.source, measuring=False)(files[row])


def mask_of_run(folder: Path, row: int, place: Path) -> Image:
    """The mask of one image of a run, 0 outside and 1 ... n the structures, in the geometry of the image."""
    images, recipe = images_of_run(folder, place), read_recipe(folder)
    _need_row(row, recipe.rows)
    image = images[row]
    labels = mask_of(images, row, shape=image.shape)
    return replace(image, pixels=labels, colour=False, meaning="mask", window=None, inverted=False)


def _need_row(row: int, rows: int) -> None:
    if not 0 <= row < rows:
        raise RunError(
            "G-EXP-008",
            en=f"the run has {rows} images, rows 0 to {rows - 1}; row {row} was asked for. Choose a row of its table.",
            ja=f"この実行の画像は {rows} 枚 (行 0 〜 {rows - 1}) です。行 {row} はありません。表にある行を選んでください。",
        )
