"""Processing that follows the hand: the same chain as in a batch, on the image in view, kept in memory under ``live:TOKEN``."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import FileError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.seeds import derived_seed
from gazo.runs.image_files import digest
from gazo.runs.inputs import inputs_of, wants
from gazo.runs.steps import ChainStep, Processed, applied, other_inputs
from gazo.web.addresses import Found, address, found_at
from gazo.web.given_words import result_named
from gazo.web.live_lane import Lane
from gazo.web.live_levels import at_level, steps_at_level
from gazo.web.pixels import kept, shown_at

KEPT_ASKS = 300  # so many of the last results can be made again after memory was needed for others
LEVELS = 8
lane = Lane()
_asked: OrderedDict[str, tuple[Ask, Path]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Ask:
    """What is wanted: a chain on the image of an address.

    Parameters
    ----------
    steps : checked steps in order; none gives the image itself.
    others : further inputs by name: addresses of images, "run:ID/field" of results.
    level : how often the image is halved first; 0 is full resolution.
    plane : of a volume.
    spacing_mm : instead of what the file says, for files that do not say it.
    seed : of randomness, as in a batch.
    """

    address: str
    steps: tuple[ChainStep, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    level: int = 0
    plane: int = 0
    spacing_mm: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Live:
    """What came out, the plane it was made from at the same level, and the whole image; `seconds` is the time it took."""

    token: str
    ask: Ask
    before: Image
    made: Processed
    source: Image
    seconds: float


def ask_live(ask: Ask, view: str, place: Path, number: int = 0) -> Live | None:
    """The chain on the image; None when a newer request of the view came first. The same request is not computed twice."""
    _need_level(ask.level)
    _need_inputs(ask)
    token = _remember(ask, place)
    ready: Live | None = kept.peek((str(place), "live", token))
    return ready if ready is not None else lane.ask(view, lambda: live_result(token), number)


def live_result(token: str) -> Live:
    """The result of a token, made again when its memory was needed for something else."""
    ask, place = _known(token)
    found: Live = kept.get((str(place), "live", token), lambda: _made(token, ask, place), _size)
    return found


def difference_of(live: Live) -> Image:
    """Processed less original, signed; an error when they have no common shape."""
    before, after = live.before.grey(), live.made.image.grey()
    if before.shape != after.shape:
        raise OptionError(
            "G-LIV-003",
            en=f"the processed image has another size ({after.shape}) than the original ({before.shape}), so there is no difference. Look at the images side by side.",
            ja=f"処理後の画像の大きさ {after.shape} が元の画像 {before.shape} と違うため、差分を計算できません。並べて見比べてください。",
        )
    pixels = np.subtract(after.pixels, before.pixels, dtype=np.float32)
    return before.with_pixels(pixels, meaning="quantity", window=None, inverted=False)


@address("live")
def _live(rest: str, place: Path) -> Found:
    """``live:TOKEN``, ``live:TOKEN:difference`` or ``live:TOKEN:NAME`` of a map beside the image."""
    token, _, part = rest.partition(":")
    if _known(token)[1] != place:
        raise _lost(token)
    return Found(lambda: image_in(live_result(token), part), stamp=token, title=title_of(part), signed=part == "difference")


_TITLES = {"": Text("処理後", "Processed"), "difference": Text("差分 (処理後 − 元)", "Difference (processed − original)")}


def title_of(part: str) -> Text:
    """What a part of a result is called."""
    return _TITLES.get(part, Text(part, part))


def image_in(live: Live, part: str) -> Image:
    """The processed image (""), the difference, or a map by name."""
    if not part:
        return live.made.image
    if part == "difference":
        return difference_of(live)
    if part not in live.made.maps:
        raise FileError(
            "G-LIV-002",
            en=f"these steps make no map '{part[:40]}'. Choose one of the maps that are listed.",
            ja=f"この処理では「{part[:40]}」という画像は作られません。一覧から選んでください。",
        )
    return live.made.maps[part]


def _remember(ask: Ask, place: Path) -> str:
    """A token that is the same for the same request of the same pixels."""
    stamps = [found_at(ask.address, place).stamp, *(f"{n}={w}" for n, w in sorted(ask.others.items()))]
    told = json.dumps([stamps, asdict(ask), str(place)], sort_keys=True, default=str)
    token = hashlib.sha256(told.encode()).hexdigest()[:20]
    with _lock:
        _asked[token] = (ask, place)
        _asked.move_to_end(token)
        while len(_asked) > KEPT_ASKS:
            _asked.popitem(last=False)
    return token


def _known(token: str) -> tuple[Ask, Path]:
    with _lock:
        found = _asked.get(token)
    if found is None:
        raise _lost(token)
    return found


def _made(token: str, ask: Ask, place: Path) -> Live:
    began = time.perf_counter()
    shown = shown_at(ask.address, place)
    source = shown.image if ask.spacing_mm is None else shown.image.with_spacing(ask.spacing_mm)
    before = _spaced(_source(ask.address, ask.level, ask.plane, place), ask)
    others = {name: _other(name, word, ask, place) for name, word in ask.others.items()}
    seed = ask.seed
    if any(wants(step.entry, "seed") for step in ask.steps) and shown.found.path is not None:
        seed = derived_seed(seed, digest(str(shown.found.path)))  # as a batch draws it for this image
    made = applied(steps_at_level(ask.steps, ask.level), before, others, seed=seed)
    return Live(token, ask, before, made, source, time.perf_counter() - began)


def _source(named: str, level: int, plane: int, place: Path) -> Image:
    """The image in view at a level, kept while it is in use."""
    shown = shown_at(named, place)
    if level == 0 and len(shown.image.shape) == 2:
        return shown.image
    key = (str(place), "level", named, shown.found.stamp, level, plane)
    found: Image = kept.get(key, lambda: at_level(shown.image, level, plane), lambda image: image.pixels.nbytes)
    return found


def _spaced(image: Image, ask: Ask) -> Image:
    """The image with the spacing that was given; that of a halved image is a multiple."""
    return image if ask.spacing_mm is None else image.with_spacing(ask.spacing_mm * 2**ask.level)


def _other(name: str, word: str, ask: Ask, place: Path) -> Any:
    """A further input: an image at the same level, or a result."""
    kinds = other_inputs(ask.steps)
    if name not in kinds:
        raise OptionError(
            "G-LIV-004",
            en=f"no step of the chain takes an input '{name[:40]}'. Take it away, or add the step that needs it.",
            ja=f"この処理の並びに「{name[:40]}」という入力はありません。入力を外すか、必要な処理を追加してください。",
        )
    if kinds[name].is_image:
        return _spaced(_source(word, ask.level, 0, place), ask)
    return result_named(word, kinds[name], place)


def _size(live: Live) -> int:
    return sum(image.pixels.nbytes for image in (live.made.image, *live.made.maps.values()))


def _need_inputs(ask: Ask) -> None:
    missing = next((one for one in other_inputs(ask.steps).values() if one.required and one.name not in ask.others), None)
    if missing is not None:
        step = next(s for s in ask.steps if missing.name in {one.name for one in inputs_of(s.entry)[1:]})
        raise OptionError(
            "G-LIV-006",
            en=f"{step.entry.label.en} needs '{missing.name}' besides the image. Choose it below the step.",
            ja=f"{step.entry.label.ja}には、画像のほかに「{missing.name}」が必要です。手順の下で選んでください。",
        )


def _need_level(level: int) -> None:
    if not 0 <= level <= LEVELS:
        raise OptionError(
            "G-LIV-005",
            en=f"the level of a preview is 0 (full size) to {LEVELS}; {level} came. Reload the page.",
            ja=f"プレビューの縮小段階は 0 (原寸) から {LEVELS} です。受け取った値: {level}。ページを再読み込みしてください。",
        )


def _lost(token: str) -> FileError:
    return FileError(
        "G-LIV-001",
        en="this preview is no longer kept. Move a slider, or reload the page, and it is computed again.",
        ja="このプレビューはもう保持されていません。スライダーを動かすかページを再読み込みすると、計算し直されます。",
    )
