"""Scripts of runs that measure or process image files: the files are found again by their content, wherever they lie."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, get_type_hints

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.registry import Entry
from gazo.runs.export_script_lines import Code, call_of, opened_set, public_package
from gazo.runs.given import opening_of
from gazo.runs.inputs import inputs_of, wants
from gazo.runs.recipe import Recipe
from gazo.runs.steps import ChainStep, steps_in

_RESULTS = {"import json", "from gazo.core.results import from_json", "from gazo.runs.catalog import discover"}
_KINDS = "discover()  # makes every kind of result known"


def measuring_code(recipe: Recipe, entry: Entry) -> Code:
    """Open the files, measure."""
    function = entry.target.__name__
    imports = {"from threadpoolctl import threadpool_limits", f"from {public_package(entry)} import {function}"}
    drawn = [f"seed={recipe.seed}"] if wants(entry, "seed") else []
    if wants(entry, "rng"):
        imports.add("from gazo.core.seeds import generator")
        drawn.append(f"rng=generator({recipe.seed}, {entry.name!r})")
    many = {one.name for one in inputs_of(entry) if one.many}
    body = []
    for name, one in recipe.inputs.items():
        several = name in many and "files" in one
        body.append(
            f"{name} = Sequential(tuple(there[sha256] for sha256 in {name.upper()}), read)" if several else _given(name, one)
        )
    if any("Sequential" in line for line in body):
        imports.add("from gazo.runs.image_files import Sequential")
    sets = [one.name for one in inputs_of(entry) if one.is_set]
    opened = [opened_set(recipe, name) for name in sets if recipe.reads_set]
    before = [*(f"{name}={name}" for name in (*sets, *recipe.inputs)), *drawn]
    call = call_of("result", function, recipe.options, entry.target, before=before)
    body = [
        *(line for code in opened for line in code.body),
        *_found(recipe, measuring=True),
        *body,
        "with threadpool_limits(THREADS):",
        *(f"    {line}" for line in call),
    ]
    constants = [*(line for code in opened for line in code.constants), f"THREADS = {recipe.threads}", *_constants(recipe)]
    taken = next((code.arguments for code in opened), "DATA" if _has_files(recipe) else "")
    return Code(imports.union(_needed(recipe), *(code.imports for code in opened)), constants, body, taken)


def chain_code(recipe: Recipe, outcome: Any) -> Code:
    """Open each file, send it through the operations, write it, and compare it with what the run wrote."""
    others = {name: one for name, one in recipe.inputs.items() if name != "image"}
    own = [name for name, one in others.items() if len(one.get("files", ())) > 1]  # every image has its own
    steps = steps_in(recipe.options)
    calls = [line for number, step in enumerate(steps) for line in _step(step, number, others)]
    bits = recipe.options["file_bits"]
    imports = {f"from {public_package(step.entry)} import {step.entry.target.__name__}" for step in steps}
    imports |= {"from gazo.runs.image_files import digest", "from gazo.runs.outputs import Output"}
    seed = []
    if any("derived_seed" in line for line in calls):
        imports.add("from gazo.core.seeds import derived_seed")
        seed = [f"    seed = derived_seed({recipe.seed}, sha256{''.join(f', {name.upper()}[row]' for name in own)})"]
    same = Text("実行と同じ画像", "images equal to those of the run")
    body = [
        *_found(recipe, measuring=False),
        f"output = Output({recipe.options['file_kind']!r}, {None if bits == 'auto' else int(bits)})",
        "OUT.mkdir(parents=True, exist_ok=True)",
        *(_given(name, one) for name, one in others.items() if name not in own),
        "same = 0",
        "for row, sha256 in enumerate(IMAGE):",
        *(f"    {name} = read(there[{name.upper()}[row]])" for name in own),
        "    before = image = read(there[sha256])",
        *seed,
        *(f"    {line}" for line in calls),
        '    target = OUT / f"{row + 1:04d}{output.ending(there[sha256])}"',
        "    output.write(image, target, was=before.pixels.dtype)",
        "    same += digest(str(target)).startswith(tuple(MADE))",
        f'print(f"{same}: {{same}}/{{len(MADE)}}")',
        "sys.exit(0 if same == len(MADE) else 1)",
    ]
    made = Text("実行で作られた画像の SHA-256 の先頭", "beginnings of the SHA-256 of the images that the run made")
    constants = [
        'OUT = Path(sys.argv[2] if len(sys.argv) > 2 else "images").absolute()',
        *_constants(recipe),
        f"MADE = {json.dumps([row[2] for row in outcome.outputs.rows])}  # {made}",
    ]
    return Code(imports | _needed(recipe), constants, body, "DATA [OUT]")


def _step(step: ChainStep, number: int, others: Mapping[str, Any]) -> list[str]:
    entry = step.entry
    given = [f"{one.name}={one.name}" for one in inputs_of(entry)[1:] if one.name in others]
    drawn = [f"seed=derived_seed(seed, {number})"] if wants(entry, "seed") else []
    alone = get_type_hints(inspect.unwrap(entry.target)).get("return") is Image
    before = ["image", *given, *drawn]
    return call_of("image", entry.target.__name__, step.options, entry.target, before=before, after="" if alone else ".image")


def _given(name: str, one: Mapping[str, Any]) -> str:
    return f"{name} = from_json(json.loads({name.upper()}))" if "value" in one else f"{name} = read(there[{name.upper()}[0]])"


def _has_files(recipe: Recipe) -> bool:
    return any("files" in one for one in recipe.inputs.values())


def _needed(recipe: Recipe) -> set[str]:
    """Imports for the inputs."""
    found = (
        {"from gazo.runs.given import contents_below", "from gazo.runs.image_files import Opening"}
        if _has_files(recipe)
        else set()
    )
    return found | (_RESULTS if any("value" in one for one in recipe.inputs.values()) else set())


def _found(recipe: Recipe, *, measuring: bool) -> list[str]:
    """Lines that say how files are opened and where those of the run lie."""
    lines = [_KINDS] if any("value" in one for one in recipe.inputs.values()) else []
    if not _has_files(recipe):
        return lines
    opening = opening_of(recipe.source, measuring=measuring)
    told = f"spacing_mm={opening.spacing_mm!r}, raw={opening.raw!r}, presentation={opening.presentation!r}"
    wanted = ", ".join(f"*{name.upper()}" for name, one in recipe.inputs.items() if "files" in one)
    lost = Text("この実行の画像が見つかりません (内容で照合)。", "images of the run are not there (compared by content)")
    return [
        *lines,
        f"read = Opening({told})",
        f"wanted = {{{wanted}}}",
        "there = contents_below(DATA, wanted)",
        "if not wanted <= set(there):",
        f'    sys.exit("{lost}")',
    ]


def _constants(recipe: Recipe) -> list[str]:
    """The inputs: files by the SHA-256 of their content, results as they were stored."""
    lines = []
    for name, one in recipe.inputs.items():
        if "value" in one:
            lines.append(f"{name.upper()} = {json.dumps(one['value'], ensure_ascii=False)!r}")
        else:
            lines.append(f"{name.upper()} = {json.dumps(list(one['files']), indent=4)}")
    return lines
