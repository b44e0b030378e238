"""A study as one ZIP for a colleague, and back: runs are kept apart, data is found again by its content."""

from __future__ import annotations

import getpass
import html
import itertools
import json
import os
import platform
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError, OptionError, RunError
from gazo.core.files import replacing, storage_error
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.source import open_images
from gazo.io.archive import unpack
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.references import fingerprint, recall, remember
from gazo.runs.study import Study, is_linked, study_in, with_runs, write_study
from gazo.runs.study_inputs import Entries, image_inputs, is_input_linked, link_known, link_packed
from gazo.runs.study_pack import Files, pack, packed_entry, packed_inputs, portable

# What of a run folder travels; locks, logs, events and checkpoints belong to the machine that made it.
_PARTS = ("recipe.json", "results.json", "status.json", "report.html", "tables", "figures", "folds", "files")
_TEXTS = (".json", ".html", ".csv", ".svg", ".txt", ".py", ".xml", ".md")
_COMMON_USERS = ("root", "user", "users", "admin", "administrator", "guest", "student", "test", "demo", "ubuntu", "gazo")
# A folder of a person or a drive, as systems write it; neither an address nor a piece of a coded picture.
_PATH = re.compile(
    r"file:/+[\w.]|(?<![\w+/=.-])(?:/(?:home|Users|root|mnt|media|Volumes|tmp|var)/[\w.]|[A-Za-z]:[\\/]+(?:Users|Documents)\b)"
)
_ABSOLUTE = re.compile(r"/[^/\s]+/[^/]|[A-Za-z]:[\\/]|\\\\\w")


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Parameters
    ----------
    study : as it stands in this workspace now.
    runs : name in the archive -> name here; another name where a different run had it.
    kept : runs (names here) that were there already and were left as they are.
    linked : keys of data that this workspace knows.
    missing : key -> why not, and what to do.
    notes : what else should be known.
    """

    study: Study
    runs: Mapping[str, str]
    kept: tuple[str, ...]
    linked: tuple[str, ...]
    missing: Mapping[str, Text]
    notes: tuple[Text, ...] = ()


def export_study(
    study: Study, zip_path: Path, *, place: Path, images: bool = False, on_event: OnEvent = quiet
) -> tuple[Text, ...]:
    """Write a study with its runs, and with their images when asked, into one ZIP; returns what to look at before it is sent.

    Names of folders that a recipe holds are taken out. Any other path, user or host name of this machine in a text is refused.

    Raises
    ------
    OptionError : `zip_path` is no new .zip. RunError : a run is gone, or a text tells of this machine. DataError : data cannot be packed.
    """
    if zip_path.suffix.lower() != ".zip" or zip_path.exists():
        raise OptionError(
            "G-STU-020",
            en=f"a study is written into a new file that ends in .zip; '{zip_path.name}' came{' and exists already' if zip_path.exists() else ''}. Name another file.",
            ja=f"研究は新しい .zip ファイルに書き出します。「{zip_path.name}」は{'すでに存在します' if zip_path.exists() else '.zip ではありません'}。別の名前を指定してください。",
        )
    recipes = {name: _recipe_of(name, place) for name in study.runs}
    private = _private_paths(place, recipes.values())
    packed = _packed(recipes, place, on_event) if images else {}
    facts = json.dumps(asdict(study), ensure_ascii=False, indent=1).encode()
    _without_traces("study.json", facts, private, names=())
    with replacing(zip_path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        archive.writestr("study.json", facts)
        for name, recipe in recipes.items():
            for inside, part in _parts_of(place / "runs" / name):
                _store(archive, f"runs/{name}/{inside}", part, recipe, private)
        for inside, content in packed.items():
            if isinstance(content, bytes):
                _without_traces(inside, content, private, names=())
                archive.writestr(inside, content)
            else:
                archive.write(content, inside)
    return _warnings(recipes.values(), images)


def import_study(zip_path: Path, place: Path, *, data: Path | None = None, on_event: OnEvent = quiet) -> Imported:
    """Take a study from a ZIP into a workspace; no run or study that is there already is changed.

    Data is linked when the workspace knows its content, when it lies at `data`, or when it came along; fingerprints decide.

    Raises
    ------
    FileError : no safe ZIP, or none of gazo. RunError : another format, a run is missing, or `data` has another content.
    """
    beside = place / "cache" / f"study-{secrets.token_hex(4)}"
    try:
        unpack(zip_path, beside)
        study = study_in(beside / "study.json")
        recipes = {name: _recipe_of(name, beside) for name in study.runs}
        wanted = {recipe.data_sha256: recipe for recipe in recipes.values() if recipe.reads_set}
        entries = image_inputs(recipes.values())
        found = link_known(entries, data, place) if data is not None else set()
        given = _given(wanted, data, place, on_event) if data is not None and not found else ""
        missing = _link_inputs(entries, beside, place)
        for sha256, recipe in wanted.items():
            why = _link(recipe, beside, place, on_event) if sha256 != given else None
            if why is not None:
                missing[sha256[:12]] = why
        if data is not None and given:
            remember(data, given, place)
        names, kept = _placed(recipes, beside, place)
        study = _kept(with_runs(study, list(names.values()), place), place)
    except OSError as error:
        raise storage_error(error, zip_path) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    linked = tuple(sha256[:12] for sha256 in (*wanted, *entries) if sha256[:12] not in missing)
    return Imported(study, names, kept, linked, missing, _code_notes(names.values(), place))


def _recipe_of(name: str, place: Path) -> Recipe:
    folder = place / "runs" / name
    if not (folder / "recipe.json").is_file() or not (folder / "results.json").is_file():
        raise RunError(
            "G-STU-021",
            en=f"the study names the run '{name}', but it is not there or has no results. Restore it, or take it out with `gazo study remove`.",
            ja=f"研究に含まれる実行「{name}」が見つからないか、結果がありません。元に戻すか、`gazo study remove` で研究から外してください。",
        )
    return read_recipe(folder)


# --- out


def _packed(recipes: Mapping[str, Recipe], place: Path, on_event: OnEvent) -> Files:
    """The images of every recipe, each content once."""
    files: Files = {}
    for recipe in recipes.values():
        files |= packed_inputs(recipe, place) if not recipe.reads_set else {}
    for recipe in {recipe.data_sha256: recipe for recipe in recipes.values() if recipe.reads_set}.values():
        files |= pack(recall(recipe.data, place), recipe, on_event=on_event)
    return files


def _parts_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a run that travel, with their path inside its folder."""
    for part in _PARTS:
        below = sorted((folder / part).rglob("*")) if (folder / part).is_dir() else [folder / part]
        yield from ((file.relative_to(folder).as_posix(), file) for file in below if file.is_file())


def _store(archive: zipfile.ZipFile, name: str, file: Path, recipe: Recipe, private: list[str]) -> None:
    """One file of a run; a text only after it was cleaned and looked through."""
    if file.suffix.lower() not in _TEXTS:
        archive.write(file, name)
        return
    content = file.read_bytes()
    if name.count("/") == 2 and file.name == "recipe.json":
        content = json.dumps(asdict(portable(recipe)), ensure_ascii=False, indent=1).encode()
    for spelling in _spellings(_folder_of(recipe)):
        content = content.replace(spelling.encode(), "…".encode())
    _without_traces(name, content, private, names=_machine_names())
    archive.writestr(zipfile.ZipInfo.from_file(file, name, strict_timestamps=False), content, zipfile.ZIP_DEFLATED)


def _folder_of(recipe: Recipe) -> str:
    """The folder of images a recipe names, if it is a full path."""
    folder = str(recipe.source.get("folder") or "")
    return folder if _ABSOLUTE.match(folder) else ""


def _private_paths(place: Path, recipes: Any) -> list[str]:
    """Every spelling of the places of this machine that are known to hold what must not travel."""
    places = {str(place), str(Path.home())}
    for recipe in recipes:
        try:
            places |= {str(recall(recipe.data, place)), str(recall(recipe.data, place).parent)}
        except RunError:
            continue
    return [spelling for path in places if len(path) > 3 for spelling in _spellings(path)]


def _spellings(path: str) -> list[str]:
    """A path as it stands in plain text, JSON and HTML; the longest first."""
    forms = {path, path.replace("\\", "/"), json.dumps(path, ensure_ascii=False)[1:-1], json.dumps(path)[1:-1], html.escape(path)}
    return sorted(forms - {""}, key=len, reverse=True)


def _machine_names() -> tuple[str, ...]:
    """Name of the machine and of the user, unless so short or so common that they say nothing."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = ""
    names = {user, platform.node(), platform.node().partition(".")[0]}
    return tuple(name for name in names if len(name) >= 4 and name.lower() not in (*_COMMON_USERS, "localhost"))


def _without_traces(name: str, content: bytes, private: list[str], *, names: tuple[str, ...]) -> None:
    """Refuse a text that tells where on this machine, on which machine or by whom it was made."""
    text = content.decode("utf-8", errors="replace")
    words = "|".join(re.escape(word) for word in (*private, *names))
    found = _PATH.search(text) or (re.search(rf"(?<![\w+/=.-])(?:{words})(?![\w-])", text) if words else None)
    if found is None and not (name.endswith(".json") and any(_ABSOLUTE.match(leaf) for leaf in _leaves(text))):
        return
    raise RunError(
        "G-STU-023",
        en=f"'{name}' holds a path or a name of this machine; nothing was exported. Take it out of that file (for a report: `gazo report RUN`), "
        "or leave the run out with `gazo study remove`.",
        ja=f"「{name}」にこの計算機の場所や名前が含まれるため、書き出しませんでした。そのファイルから取り除くか (報告書は `gazo report 実行` で作り直せます)、"
        "`gazo study remove` でその実行を外してください。",
    )


def _leaves(text: str) -> Iterator[str]:
    """All texts in a JSON document."""
    try:
        waiting = [json.loads(text)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting += [*value, *value.values()] if isinstance(value, dict) else value


def _warnings(recipes: Any, images: bool) -> tuple[Text, ...]:
    """What nobody but the sender can judge."""
    columns = sorted({str(r.source["patient"]) for r in recipes if r.source.get("patient")}) if images else []
    if not columns:
        return ()
    listed = ", ".join(columns)
    return (
        Text(
            f"同梱した表には患者の列 ({listed}) がそのまま入っています。送る前に、実際の患者 ID でないことを確かめてください。",
            f"The packed table holds the patient column ({listed}) as it is. Make sure that it holds no real patient IDs before you send it.",
        ),
    )


# --- in


def _given(wanted: Mapping[str, Recipe], data: Path, place: Path, on_event: OnEvent) -> str:
    """The fingerprint of the recipe that `data` was made for."""
    cause = ""
    for sha256, recipe in wanted.items():
        try:
            images = open_images(data, **portable(recipe).source, cache=place / "cache")
            if fingerprint(images, on_event=on_event) == sha256:
                return sha256
        except GazoError as error:
            cause = f" ({error.code})"
    raise RunError(
        "G-STU-022",
        en=f"the content of '{data.name}' is none of the data of this study{cause}; nothing was imported. Name the same images (or their table, lying in the folder of the images), or leave --data out.",
        ja=f"「{data.name}」の内容は、この研究のどのデータとも一致しません{cause}。何も取り込んでいません。同じ画像 (表の場合は画像のフォルダに置いたもの) を指定するか、--data を省いてください。",
    )


def _link(recipe: Recipe, beside: Path, place: Path, on_event: OnEvent) -> Text | None:
    """Let the workspace know data that it knows already or that came along; None, or why it could not be linked."""
    key = recipe.data_sha256[:12]
    if is_linked(key, place):
        return None
    entry = packed_entry(beside / "data" / key)
    if entry is None:
        return _absent(recipe.rows)
    if fingerprint(open_images(entry, **portable(recipe).source), on_event=on_event) != recipe.data_sha256:
        return Text(
            "同梱された画像は、実行に使われたものと内容が異なるため取り込みませんでした。送り主に書き出し直してもらってください。",
            "the images that came along are not those the run was made from and were left out. Ask the sender to export again.",
        )
    inside = entry.relative_to(beside / "data" / key)
    target = next(t for t in _names(place / "data" / f"study-{key}") if not t.exists())
    os.replace(beside / "data" / key, target)
    remember(target / inside, recipe.data_sha256, place)
    return None


def _link_inputs(entries: Entries, beside: Path, place: Path) -> dict[str, Text]:
    """Let the workspace know the inputs of measurements; key -> why not."""
    missing = {}
    for entry in entries.values():
        target = next(t for t in _names(place / "data" / f"study-{entry['data']}") if not t.exists())
        if not is_input_linked(entry, place) and not link_packed(entry, beside, target, place):
            missing[entry["data"]] = _absent(entry["rows"])
    return missing


def _absent(rows: int) -> Text:
    return Text(
        f"画像 {rows} 枚は同梱されておらず、この作業フォルダにもありません。手元にある場合は --data パス を付けてもう一度取り込んでください。",
        f"its {rows} images did not come along and are not known here. If you have them, import again with --data PATH.",
    )


def _placed(recipes: Mapping[str, Recipe], beside: Path, place: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Move the runs into the workspace: name in the archive -> name here, and the names that were there already."""
    names, kept = {}, []
    for name, recipe in recipes.items():
        target, there = _first(place / "runs" / name, partial(_holds, recipe))
        names[name] = target.name
        if there:
            kept.append(target.name)
            continue
        source = beside / "runs" / name
        for part in source.iterdir():
            if part.name not in _PARTS:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
        os.replace(source, target)
    return names, tuple(kept)


def _holds(recipe: Recipe, folder: Path) -> bool:
    return portable(read_recipe(folder)) == portable(recipe)


def _kept(study: Study, place: Path) -> Study:
    """The study in this workspace, under another name where a different one has its name."""
    folder, there = _first(
        place / "studies" / study.name, lambda folder: study_in(folder / "study.json") == replace(study, name=folder.name)
    )
    study = replace(study, name=folder.name)
    return study if there else write_study(study, place)


def _first(wanted: Path, is_same: Callable[[Path], bool]) -> tuple[Path, bool]:
    """The first of NAME, NAME-2, NAME-3 ... that is free, or that holds the same; and which of the two."""
    for path in _names(wanted):
        if not path.exists():
            return path, False
        try:
            if is_same(path):
                return path, True
        except GazoError:
            continue  # something that cannot be read has the name
    raise AssertionError("names do not end")


def _names(wanted: Path) -> Iterator[Path]:
    yield wanted
    yield from (wanted.with_name(f"{wanted.name}-{number}") for number in itertools.count(2))


def _code_notes(names: Any, place: Path) -> tuple[Text, ...]:
    """Runs that brought a network as Python code."""
    return tuple(
        Text(
            f"実行「{name}」には Python のプログラムが含まれます。再実行や判定に使う前に、files フォルダの内容を確かめてください。",
            f"The run '{name}' brought Python code. Look at its files folder before you repeat it or predict with it.",
        )
        for name in names
        if any((place / "runs" / name / "files").glob("*.py"))
    )
