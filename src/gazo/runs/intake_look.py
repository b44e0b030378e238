"""What was recognised in the files that wait: kind, number, sizes, depth, columns with what they may be for, a table, and faults file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from gazo.core.errors import GazoError, OptionError
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.datasets.strata import is_missing
from gazo.io.deidentify_rules import is_code
from gazo.io.loader import FileLoader
from gazo.io.rows import Rows, read_rows
from gazo.runs.intake import Incoming
from gazo.runs.intake_burned import Group, doubt_of, picture_key
from gazo.runs.intake_columns import Proposal, one_of_each, propose, propose_folder
from gazo.runs.intake_source import Source, find_source, usual_raw_sizes
from gazo.runs.intake_table import Fitted, fit

LOOKING = Text("内容の確認", "Looking at the files")
_PROBED, _SHOWN_FAULTS = 200, 200
_CODED = ("modality", "view", "laterality", "sex", "photometric")
_SKIPPED = ("study", "series", "patient_id", "rows", "columns", "frames", "bits", "x", "y")


@dataclass(frozen=True)
class FileFault:
    """A file that cannot be taken: its number among those sent (from 1; 0 when not known), and why, without its name."""

    number: int
    text: Text


@dataclass(frozen=True)
class TableSeen:
    """A table among the files: its number among those sent, its size, how many images it fits; `index` names it in choices."""

    index: int
    number: int
    rows: int
    columns: int
    matched: int


@dataclass(frozen=True, eq=False)
class Looked:
    """Everything a person has to see before taking images in. Nothing of it holds a name."""

    source: Source
    images: int
    patients: int | None
    sizes: tuple[tuple[str, int], ...]
    depths: tuple[tuple[str, int], ...]
    facts: tuple[tuple[Text, str], ...]
    proposals: tuple[Proposal, ...]
    tables: tuple[TableSeen, ...]
    fitted: Fitted | None
    groups: tuple[Group, ...]
    faults: tuple[FileFault, ...]
    raw_sizes: tuple[tuple[int, int], ...]
    in_place: bool
    has_masks: bool = False
    has_boxes: bool = False


@dataclass(frozen=True)
class Way:
    """How the files are to be looked at: the rule for RAW files, and which table (None: the one that fits most; -1: none)."""

    rule: Mapping[str, Any] | None = None
    table: int | None = None


def look(incoming: Incoming, way: Way = Way(), *, on_event: OnEvent = quiet) -> Looked:
    """See what waits. Of many pictures some are opened, spread evenly; all are opened when they are taken in."""
    source = source_for(incoming, way, on_event=on_event)
    images = source.images
    if images is None:
        raw = tuple(usual_raw_sizes(incoming.tree, source.files.unknown))
        return Looked(source, 0, None, (), (), (), (), (), None, (), (), raw, False)
    tables = tables_of(incoming, source)
    seen, fitted = _chosen_table(tables, source, way, incoming)
    sizes, depths, faults, groups = _probed(incoming, source, on_event)
    proposals = _proposals(source, fitted)
    known = source.patients and {str(cell) for cell in images.columns[source.patients] if not is_missing(cell)}
    return Looked(
        source=source,
        images=len(images),
        patients=len(known) if known else None,
        sizes=sizes,
        depths=depths,
        facts=_facts(source),
        proposals=_told_apart(proposals, source),
        tables=seen,
        fitted=fitted,
        groups=groups,
        faults=faults,
        raw_sizes=(),
        in_place=_may_stay(incoming, source),
        has_masks=images.has("mask"),
        has_boxes=images.has("boxes") or bool(fitted and fitted.boxes),
    )


def source_for(incoming: Incoming, way: Way, *, on_event: OnEvent = quiet) -> Source:
    """The images that wait; kept in memory until other files come."""
    received = incoming.folder / "received.json"
    stamp = received.stat().st_mtime_ns if received.exists() else 0
    rule = None if way.rule is None else tuple(sorted(way.rule.items()))
    on_event(Event(LOOKING))
    return _source(incoming, rule, stamp)


@lru_cache(4)
def _source(incoming: Incoming, rule: tuple[tuple[str, Any], ...] | None, stamp: int) -> Source:
    return find_source(incoming.tree, None if rule is None else dict(rule))


def source_columns(source: Source) -> dict[str, Sequence[Any]]:
    """The columns that the images themselves bring, other than files, identities, masks, boxes and plain technical numbers."""
    assert source.images is not None
    images = source.images
    playing = {images.roles[role] for role in ("image", "mask", "boxes") if images.has(role)} | {source.patients}
    return {
        name: cells.tolist()
        for name, cells in images.columns.items()
        if name not in playing and name not in _SKIPPED and not any(isinstance(c, np.ndarray | tuple) for c in cells[:1])
    }


def tables_of(incoming: Incoming, source: Source) -> dict[int, Rows]:
    """The tables that wait and can be read, by their place among all tables; none for a public layout, which reads its own."""
    found = {}
    for index, file in enumerate(() if source.kind == "layout" else source.files.tables):
        try:
            found[index] = read_rows(incoming.tree / file)
        except GazoError:
            continue
    return found


def _chosen_table(
    tables: Mapping[int, Rows], source: Source, way: Way, incoming: Incoming
) -> tuple[tuple[TableSeen, ...], Fitted | None]:
    assert source.images is not None
    if not tables or source.kind == "arrays":
        return (), None
    numbers = incoming.numbers()
    fits = {index: fit(table, source.images, source.patients) for index, table in tables.items()}
    seen = tuple(
        TableSeen(
            index,
            numbers.get(source.files.tables[index], 0),
            len(table),
            len(table.headings),
            fitted.matched if (fitted := fits[index]) else 0,
        )
        for index, table in tables.items()
    )
    best = max(seen, key=lambda one: (one.matched, one.columns)).index if way.table is None else way.table
    chosen = fits.get(best)
    return seen, chosen if chosen is not None and chosen.matched else None


def _proposals(source: Source, fitted: Fitted | None) -> list[Proposal]:
    """The columns of the table, then those of the images that it does not name; folders mean nothing where a table lists the images."""
    listed = [] if fitted is None else [propose(name, fitted.cells(name)) for name in fitted.headings()]
    named = {one.name for one in listed}
    own = []
    for name, cells in source_columns(source).items():
        if name == "folder":
            seen = propose_folder(name, cells)
            own.append(Proposal(name, "leave", seen.filled, seen.different) if listed else seen)
        elif name not in named:
            own.append(_without_texts(propose(name, cells)) if source.kind == "dicom" else propose(name, cells))
    return [*listed, *own]


def _without_texts(one: Proposal) -> Proposal:
    """A column of DICOM headers that are not cleaned yet: only codes of a short list are shown, free texts may hold a name."""
    shown = one.examples if one.name in _CODED and all(is_code(value) for value, _ in one.examples) else ()
    return replace(one, examples=shown)


def _told_apart(proposals: Sequence[Proposal], source: Source) -> tuple[Proposal, ...]:
    """Each part once, and the label and value that a public layout knows first."""
    assert source.images is not None
    known = {
        source.images.roles[role]: role
        for role in ("label", "value", "split")
        if source.kind in ("layout", "arrays") and source.images.has(role)
    }
    first = [
        Proposal(one.name, known.get(one.name, one.use), one.filled, one.different, one.examples, one.why) for one in proposals
    ]
    if source.patients:
        first = [
            Proposal(one.name, "leave" if one.use == "patient" else one.use, one.filled, one.different, one.examples, one.why)
            for one in first
        ]
    ordered = one_of_each(sorted(first, key=lambda one: one.name not in known))
    place = {one.name: number for number, one in enumerate(proposals)}
    return tuple(sorted(ordered, key=lambda one: place[one.name]))


def _probed(incoming: Incoming, source: Source, on_event: OnEvent) -> tuple[Any, Any, tuple[FileFault, ...], tuple[Group, ...]]:
    """Sizes, depths, faults and groups of the images that were opened."""
    assert source.images is not None
    images = source.images
    rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), _PROBED)).astype(int)).tolist()
    if source.kind == "dicom":
        rows = list(range(len(images)))
    sizes: Counter[str] = Counter()
    depths: Counter[str] = Counter()
    groups: dict[str, list[tuple[int, Text | None]]] = {}
    faults: list[FileFault] = []
    numbers = incoming.numbers()
    for done, row in enumerate(rows, 1):
        file = str(images.role("image")[row])
        on_event(Event(LOOKING, done, len(rows)))
        try:
            size, depth, key, doubt = (
                _header_facts(incoming, source, row) if source.kind == "dicom" else _pixel_facts(source, row)
            )
        except GazoError as error:
            faults.append(FileFault(numbers.get(file, 0), unnamed(error, file)))
            continue
        sizes[size] += 1
        depths[depth] += 1
        groups.setdefault(key, []).append((row, doubt))
    made = tuple(_group(key, members) for key, members in groups.items())
    return tuple(sizes.most_common(6)), tuple(depths.most_common(6)), tuple(faults[:_SHOWN_FAULTS]), made


def _group(key: str, members: list[tuple[int, Text | None]]) -> Group:
    modality, _, size = key.rpartition("-")
    width, height = (int(part) for part in size.split("x"))
    return Group(
        key, modality, width, height, tuple(row for row, _ in members), next((doubt for _, doubt in members if doubt), None)
    )


def _header_facts(incoming: Incoming, source: Source, row: int) -> tuple[str, str, str, Text | None]:
    assert source.images is not None
    cells = source.images.columns
    file = str(source.images.role("image")[row])
    key, doubt = doubt_of(str(incoming.tree / file), PurePosixPath(file).name)
    frames = f" × {cells['frames'][row]}" if cells["frames"][row] > 1 else ""
    return f"{cells['columns'][row]} × {cells['rows'][row]}{frames}", f"{cells['bits'][row]:.0f} bit", key, doubt


def _pixel_facts(source: Source, row: int) -> tuple[str, str, str, Text | None]:
    assert source.images is not None
    image = source.images[row]
    shape = image.shape
    planes = f" × {shape[0]}" if len(shape) == 3 else ""
    kind = image.pixels.dtype
    depth = f"{8 * kind.itemsize} bit{' RGB' if image.colour else ''}{' float' if kind.kind == 'f' else ''}"
    return f"{shape[-1]} × {shape[-2]}{planes}", depth, picture_key(shape), None


def unnamed(error: GazoError, file: str) -> Text:
    """The sentence of an error without the name of the file."""
    name = PurePosixPath(file).name
    ja = error.text.ja.replace(f"「{name}」", "このファイル").replace(name, "このファイル")
    return Text(ja, error.text.en.replace(f"'{name}'", "this file").replace(name, "this file"))


def _facts(source: Source) -> tuple[tuple[Text, str], ...]:
    """Numbers worth telling of DICOM: studies, series, modalities."""
    if source.kind != "dicom" or source.images is None:
        return ()
    cells = source.images.columns
    modalities = Counter(str(cell or "?") for cell in cells["modality"])
    return (
        (Text("検査", "Studies"), str(len(set(cells["study"])))),
        (Text("シリーズ", "Series"), str(len(set(cells["series"])))),
        (Text("モダリティ", "Modalities"), ", ".join(f"{name} {count}" for name, count in modalities.most_common(8))),
    )


def _may_stay(incoming: Incoming, source: Source) -> bool:
    """Whether the images can be used where they lie: a folder of this machine whose files need no rule and no spacing."""
    loader = source.images.loader if source.images is not None else None
    return incoming.local and isinstance(loader, FileLoader) and loader.spacing_mm is None


def need_images(looked: Looked) -> None:
    """Refuse to take in what holds no image."""
    if looked.source.images is None or not looked.images:
        raise OptionError(
            "G-SET-052",
            en="there is no image to take in. Give PNG, TIFF, JPEG, DICOM, NIfTI, NPZ, or a ZIP or folder of them; for RAW files type their size.",
            ja="取り込める画像がありません。PNG・TIFF・JPEG・DICOM・NIfTI・NPZ、またはそれらの入った ZIP やフォルダを選んでください。RAW は画像の大きさを入力してください。",
        )
