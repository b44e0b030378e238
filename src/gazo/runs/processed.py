"""Image processing as a command and as a run: what is planned, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import Label
from gazo.core.progress import OnEvent
from gazo.core.results import Measurement, Panels, Table, result
from gazo.runs.batch import Batch, Case, Job, matched, process_files
from gazo.runs.given import Given, file_entries, given_in, opening_of, result_entries, source_of
from gazo.runs.image_files import Files, Opening, digest, files_at, once
from gazo.runs.manifest import NAME, input_entry
from gazo.runs.outputs import ENDINGS, Kind, Output, targets
from gazo.runs.recipe import CHAIN, Recipe, environment
from gazo.runs.steps import ChainStep, other_inputs, steps_in

_SHOWN, _THUMB_PX = 3, 400
_DATA = {"data": "data", "data_sha256": "sha256", "rows": "rows"}


@result("processed-images")
@dataclass(frozen=True, eq=False, kw_only=True)
class ProcessedImages(Measurement):
    """What came of a chain: its steps, each image by content, and what was passed over. The images lie beside the results."""

    steps: Table
    outputs: Table
    passed_over: Table | None = None


def storing(
    *,
    file_kind: Annotated[Kind, Label("出力の形式", "Kind of file")] = "auto",
    file_bits: Annotated[
        Literal["auto", "8", "16", "32"], Label("1 画素のビット数 (32 は実数)", "Bits of a pixel; 32 keeps floats")
    ] = "auto",
    check: Annotated[
        bool, Label("処理の強すぎを調べる (差分画像のエッジ)", "Look for over-processing (edges in the difference)")
    ] = False,
) -> dict[str, Any]:
    """What every processing command is told besides the options of its operation, as a recipe keeps it."""
    return {"file_kind": file_kind, "file_bits": file_bits, "check": check}


def chain_recipe(steps: Sequence[ChainStep], given: Given, opening: Opening, stored: Mapping[str, Any], seed: int) -> Recipe:
    """The recipe of a chain, as far as it is known before the images are read: with the inputs that all images share."""
    shared = {name: input_entry([digest(files.paths[0])]) for name, files in given.files.items() if len(files.paths) == 1}
    return Recipe(
        task=CHAIN, version=1, data="", data_sha256="", rows=0, source=source_of(opening),
        options={"steps": [asdict(step) for step in steps], **stored}, protocol={}, seed=seed, threads=1,
        inputs=shared | result_entries(given), **environment(),
    )  # fmt: skip


def with_images(recipe: Recipe, data: Path, place: Path) -> Recipe:
    """A chain without images of its own, such as a file of steps, for the images at `data`; the workspace remembers where they lie."""
    stored = storing(**{name: value for name, value in recipe.options.items() if name != "steps"})
    steps = steps_in(recipe.options)
    _need_no_others(steps)
    images = file_entries(Given({"image": once(files_at([data]))}), place)
    whole = chain_recipe(steps, Given(), opening_of(recipe.source, measuring=False), stored, recipe.seed)
    return replace(whole, inputs=images, **{name: images["image"][part] for name, part in _DATA.items()})


def job_of(recipe: Recipe, given: Given) -> Job:
    """The work of a recipe. A further input of one file serves every image; of several, each image has its own."""
    each = tuple(name for name, files in given.files.items() if len(files.paths) > 1)
    shared = {name: files.paths[0] for name, files in given.files.items() if name not in each}
    options = recipe.options
    return Job(
        steps_in(recipe.options), opening_of(recipe.source, measuring=False), Output(options["file_kind"], None if options["file_bits"] == "auto" else int(options["file_bits"])), each,
        {**shared, **given.results}, recipe.seed, options["check"],
    )  # fmt: skip


def named_cases(job: Job, images: Files, given: Given, out: Path) -> tuple[list[Case], Path]:
    """The cases of a command, and where its manifest goes: in the folder `out`, or beside the file `out` for a single image."""
    each = {name: given.files[name] for name in job.names}
    if len(images.paths) == 1 and not out.is_dir() and out.name.lower().endswith(ENDINGS):
        return matched(images, each, [out]), out.with_name(f"{out.name}.{NAME}")
    names = targets(images.names, [job.output.ending(path) for path in images.paths])
    return matched(images, each, [out.joinpath(*name.split("/")) for name in names]), out / NAME


def process_run(recipe: Recipe, folder: Path, place: Path, on_event: OnEvent) -> ProcessedImages:
    """Make the images of a recipe in ``images/`` of a run folder, named by row; what a stopped run made is not made again."""
    whole = given_in(recipe, place)
    images = whole.files["image"]
    given = replace(whole, files={name: files for name, files in whole.files.items() if name != "image"})
    job = job_of(recipe, given)
    cases = []
    for row, path in enumerate(images.paths):
        paths = (path, *(given.files[name].paths[row] for name in job.names))
        target = folder / "images" / f"{row + 1:04d}{job.output.ending(path)}"
        expected = tuple(recipe.inputs[name]["files"][row] for name in ("image", *job.names))
        cases.append(Case(paths, str(target), expected=expected))
    shared = chain_recipe(job.steps, given, job.opening, {k: v for k, v in recipe.options.items() if k != "steps"}, recipe.seed)
    batch = process_files(job, cases, folder / "images" / NAME, shared, workers=recipe.threads, overwrite=True, on_event=on_event)
    return outcome_of(job, cases, batch)


def outcome_of(job: Job, cases: Sequence[Case], batch: Batch) -> ProcessedImages:
    """The result of a batch; images by number and content."""
    warnings = dict.fromkeys(text for found in batch.warnings.values() for text in found)
    numbers = sorted({name for row in batch.rows.values() for name in row.numbers})
    rows = tuple(
        (n + 1, row.inputs[0][:16], row.files[""][:16], *map(row.numbers.get, numbers)) for n, row in sorted(batch.rows.items())
    )
    headings = (Text("番号", "Row"), Text("入力 (SHA-256)", "Input (SHA-256)"), Text("出力 (SHA-256)", "Output (SHA-256)"), *(Text(n, n) for n in numbers))  # fmt: skip
    return ProcessedImages(
        sentence=_sentence(job, len(rows), len(batch.failed)), warnings=tuple(warnings), shown=_shown(job, cases, batch),
        steps=_steps(job), outputs=Table(Text("画像", "Images"), headings, rows), passed_over=passed_over(batch, {}),
    )  # fmt: skip


def passed_over(batch: Batch, names: Mapping[int, str]) -> Table | None:
    """The table of what failed, by row and, where they may be told, by name; None when nothing did."""
    if not batch.failed:
        return None
    headings = (Text("番号", "Row"), *((Text("ファイル", "File"),) if names else ()), Text("理由", "Reason"))
    rows = [(n + 1, *((names[n],) if names else ()), Text(*_reason(error))) for n, error in sorted(batch.failed.items())]
    return Table(Text("処理できなかった画像", "Images that were passed over"), headings, tuple(rows))


def _need_no_others(steps: Sequence[ChainStep]) -> None:
    needed = [one.name for one in other_inputs(steps).values() if one.required]
    if needed:
        raise OptionError(
            "G-RUN-039",
            en=f"these steps need '{needed[0]}' besides the images. Use `gazo process chain STEPS IN OUT --input {needed[0]}=PLACE`; the manifest it writes can be run.",
            ja=f"この処理には画像のほかに「{needed[0]}」が必要です。`gazo process chain 手順 入力 出力 --input {needed[0]}=場所` を使ってください。書き出される記録 (manifest) は実行できます。",
        )


def _reason(error: Any) -> tuple[str, str]:
    return error.message("ja"), error.message("en")


def _sentence(job: Job, made: int, failed: int) -> Text:
    done = [f"{s.entry.label.ja} ({_options(s)})" for s in job.steps], [f"{s.entry.label.en} ({_options(s)})" for s in job.steps]
    ja = f"画像 {made} 枚を次の順に処理した: {'、'.join(done[0])}。" + (f"{failed} 枚は処理できなかった。" if failed else "")
    en = f"{made} images were processed by, in this order: {'; '.join(done[1])}." + (
        f" {failed} could not be processed." if failed else ""
    )
    return Text(ja, en)


def _options(step: ChainStep) -> str:
    return ", ".join(f"{name}={value}" for name, value in step.options.items() if value is not None)


def _steps(job: Job) -> Table:
    headings = (Text("処理", "Operation"), Text("版", "Version"), Text("オプション", "Options"))
    return Table(Text("処理の順序", "Steps"), headings, tuple((s.entry.label, s.version, _options(s)) for s in job.steps))


def _shown(job: Job, cases: Sequence[Case], batch: Batch) -> Panels | None:
    """The first images before and after."""
    found: list[tuple[np.ndarray, Text]] = []
    for number in sorted(batch.rows)[:_SHOWN]:
        case = cases[number]
        for image, when in (
            (job.opening(case.paths[0]), Text("処理前", "before")),
            (Opening()(case.target), Text("処理後", "after")),
        ):
            found.append((thumbnail(image), Text(f"{number + 1}: {when.ja}", f"{number + 1}: {when.en}")))
    if not found:
        return None
    return Panels(Text("処理の例", "Examples"), tuple(f[0] for f in found), tuple(f[1] for f in found))


def thumbnail(image: Image) -> np.ndarray:
    """A small uint8 picture of an image, its 0.5th to 99.5th percentile from black to white; of a volume the middle plane."""
    pixels = image.grey().pixels
    plane = pixels if pixels.ndim == 2 else pixels[len(pixels) // 2]
    step = max(1, -(-max(plane.shape) // _THUMB_PX))
    small = np.nan_to_num(plane[::step, ::step].astype(np.float32))
    low, high = np.percentile(small, [0.5, 99.5])
    grey = np.clip((small - low) / max(float(high - low), 1e-12), 0, 1) * 255
    return np.asarray(255 - grey if image.inverted else grey).astype(np.uint8)
