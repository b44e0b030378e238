"""A chain of operations over a file or a whole folder: streamed, on all cores or a cluster, resumable, one bad file passed over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gazo.core.cases import map_cases
from gazo.core.errors import FileError, GazoError, RunError
from gazo.core.files import storage_error
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.seeds import derived_seed
from gazo.io.finding import without_ending
from gazo.process.difference import difference_image
from gazo.runs.image_files import Files, Opening, digest
from gazo.runs.manifest import Manifest, Row, known_rows, read_manifest
from gazo.runs.outputs import Output, beside
from gazo.runs.recipe import Recipe
from gazo.runs.steps import ChainStep, applied

PROCESSING = Text("画像処理", "Processing images")
LEAK = "edge_leak"


@dataclass(frozen=True)
class Case:
    """One image to be made.

    Parameters
    ----------
    paths : of its inputs, the image first.
    target : path of the output.
    lost : which input was not found.
    expected : SHA-256 of each input where a recipe tells it.
    """

    paths: tuple[str, ...]
    target: str
    lost: str = ""
    expected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """What became of a case: its row, whether it was there already, and what the operations warned of."""

    row: Row
    kept: bool = False
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Job:
    """What is done to each case; goes to every worker once.

    Parameters
    ----------
    steps : the chain.
    opening, output : how files are read and written.
    names : of the further inputs that each case brings.
    shared : further inputs that are the same for all: a result, or the path of an image.
    seed : of the whole batch; each image draws its own numbers, whatever its place in the folder.
    check : compare each image with its input (edge leak).
    known : rows of an earlier batch by the content of their inputs.
    """

    steps: tuple[ChainStep, ...]
    opening: Opening
    output: Output
    names: tuple[str, ...] = ()
    shared: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    check: bool = False
    known: Mapping[str, Row] = field(default_factory=dict)

    def __call__(self, case: Case) -> Made:
        """Make the image, unless it is there already, made from the same content by the same steps."""
        if case.lost:
            raise _without_partner(Path(case.paths[0]).name, case.lost)
        digests = tuple(digest(path) for path in case.paths)
        if case.expected and case.expected != digests:
            raise _changed()
        target = Path(case.target)
        old = self.known.get("+".join(digests))
        if old is not None and (LEAK in old.numbers or not self.check) and _is_there(old, target):
            return Made(old, kept=True)
        image = self.opening(case.paths[0])
        others = dict(zip(self.names, map(self.opening, case.paths[1:]), strict=True)) | self._shared()
        made = applied(self.steps, image, others, seed=derived_seed(self.seed, *digests))
        numbers, doubts = checked_against(image, made.image) if self.check else ({}, ())
        _make_folder(target.parent)
        files = {"": target} | {name: beside(target, name) for name in made.maps}
        for name, path in files.items():
            self.output.write(made.maps.get(name, made.image), path, was=image.pixels.dtype)
        row = Row(digests, {name: digest(str(path)) for name, path in files.items()}, _finite(made.numbers) | numbers)
        return Made(row, warnings=(*made.warnings, *doubts))

    def _shared(self) -> dict[str, Any]:
        return {name: _opened(value, self.opening) if isinstance(value, str) else value for name, value in self.shared.items()}


@dataclass(frozen=True)
class Batch:
    """What came of a batch: how many were made and how many were there already, and by number what failed, what was warned of, and the rows of the manifest."""

    made: int
    kept: int
    failed: Mapping[int, GazoError]
    warnings: Mapping[int, tuple[Text, ...]]
    rows: Mapping[int, Row]
    recipe: Recipe


def process_files(
    job: Job,
    cases: Sequence[Case],
    manifest: Path,
    recipe: Recipe,
    *,
    workers: int | None = None,
    address: str = "",
    overwrite: bool = False,
    on_event: OnEvent = quiet,
) -> Batch:
    """Work through all cases; what an earlier batch with the same manifest made is not made again.

    Parameters
    ----------
    manifest : the file that keeps what was made; it is written while the work goes on, so that it can be taken up again.
    recipe : of the chain, with the inputs that all cases share.
    workers, address : as for `map_cases`.
    overwrite : replace files that gazo did not make here.
    """
    need_own_targets(cases, manifest, overwrite=overwrite)
    _make_folder(manifest.parent)
    book = Manifest(manifest, recipe, ("image", *job.names))
    job = replace(job, known=known_rows(manifest, recipe))
    kept, failed = 0, {}
    warnings: dict[int, tuple[Text, ...]] = {}
    step = max(1, len(cases) // 200)
    try:
        with closing(map_cases(job, cases, workers=workers, address=address)) as results:  # an error here stops the workers too
            for done, case in enumerate(results, 1):
                if case.error is not None:
                    failed[case.number] = case.error
                    book.failed[case.number] = case.error.code
                else:
                    kept += case.value.kept
                    book.add(case.number, case.value.row)
                    if case.value.warnings:
                        warnings[case.number] = case.value.warnings
                if done % step == 0 or done == len(cases):
                    on_event(Event(PROCESSING, done, len(cases)))
    finally:
        book.write()
    return Batch(len(book.rows) - kept, kept, failed, warnings, book.rows, book.whole_recipe())


def matched(images: Files, others: Mapping[str, Files], targets: Sequence[Path]) -> list[Case]:
    """The cases of a folder; the further images of each are found by file name."""
    finders = {name: _ByName(files) for name, files in others.items()}
    cases = []
    for path, name, target in zip(images.paths, images.names, targets, strict=True):
        found = {other: finder.find(name) for other, finder in finders.items()}
        lost = next((other for other, there in found.items() if there is None), "")
        cases.append(Case((path, *(there for there in found.values() if there is not None)), str(target), lost))
    return cases


class _ByName:
    """Files of one input by their relative path, their name, or either without its ending."""

    def __init__(self, files: Files) -> None:
        self.known: dict[str, set[str]] = {}
        for path, name in zip(files.paths, files.names, strict=True):
            for spelling in {name, without_ending(name), Path(name).name, without_ending(Path(name).name)}:
                self.known.setdefault(spelling.casefold(), set()).add(path)

    def find(self, name: str) -> str | None:
        """The only file of that name; None where there is none or several."""
        for spelling in (name, without_ending(name), Path(name).name, without_ending(Path(name).name)):
            found = self.known.get(spelling.casefold(), set())
            if len(found) == 1:
                return next(iter(found))
        return None


def need_own_targets(cases: Sequence[Case], manifest: Path, *, overwrite: bool) -> None:
    """Refuse to write over an input, ever, and over files that gazo did not make here, unless that is wanted."""
    inputs = {path for case in cases for path in case.paths}
    if any(case.target in inputs for case in cases):
        raise RunError(
            "G-RUN-032",
            en="the results would take the place of the images they are made from. Name another folder or file for the results.",
            ja="処理結果の保存先が入力画像と同じです。入力画像は上書きできません。別のフォルダまたはファイルを指定してください。",
        )
    if overwrite or read_manifest(manifest) is not None:
        return
    there = next((Path(case.target).name for case in cases if Path(case.target).exists()), None)
    if there is not None:
        raise RunError(
            "G-RUN-033",
            en=f"'{there}' is there already and was not made by this command. Name another place for the results, or allow it with --overwrite.",
            ja=f"「{there}」はすでに存在し、このコマンドで作られたものではありません。別の保存先を指定するか、--overwrite で上書きを許可してください。",
        )


def checked_against(before: Image, after: Image) -> tuple[dict[str, float | None], tuple[Text, ...]]:
    """The edge-leak index of a processed image (None where it has none) and the warnings of over-processing."""
    found = difference_image(before, after)
    return {LEAK: None if found.edge_leak is None else found.edge_leak.value}, found.warnings


def _finite(numbers: Mapping[str, float]) -> dict[str, float | None]:
    """Numbers as JSON can hold them."""
    return {name: float(value) if math.isfinite(value) else None for name, value in numbers.items()}


def _without_partner(name: str, other: str) -> FileError:
    return FileError(
        "G-RUN-034",
        en=f"no single file for '{other}' has the name of '{name}'. Give both images of a pair the same file name.",
        ja=f"「{name}」と同じ名前の「{other}」のファイルが見つからないか、複数あります。組になる画像には同じファイル名を付けてください。",
    )


def _changed() -> RunError:
    return RunError(
        "G-RUN-037",
        en="the image has changed since the recipe was made. Restore it, or start a new run.",
        ja="画像がレシピ作成後に変わっています。元に戻すか、新しく実行してください。",
    )


def _is_there(row: Row, target: Path) -> bool:
    """Whether every file of a row stands where it belongs, unchanged."""
    files = [(target if not name else beside(target, name), sha256) for name, sha256 in row.files.items()]
    return all(path.is_file() and digest(str(path)) == sha256 for path, sha256 in files)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None


@lru_cache(maxsize=4)
def _opened(path: str, opening: Opening) -> Image:
    """An image that all cases share, read once a process."""
    return opening(path)
