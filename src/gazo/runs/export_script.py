"""A run as a Python script that a person can read, change and run without the workbench: data in, the same numbers out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import write_text
from gazo.core.language import Language, Text, speaking
from gazo.core.registry import Entry, feature
from gazo.core.results import Curve, Estimate, Surface, Table
from gazo.runs.export_script_images import chain_code, measuring_code
from gazo.runs.export_script_lines import Code, arguments_of, call_of, opened_set, public_package
from gazo.runs.measurement_sections import parts_of
from gazo.runs.recipe import CHAIN, Recipe, read_recipe
from gazo.runs.start import read_result
from gazo.runs.tasks import entry_of

_MOST_CHECKS = 60
_SHOWN_PACKAGES = ("python", "gazo", "numpy", "scipy", "torch")


@feature("再現スクリプトの書き出し", "Export a run as a Python script")
def export_script(run: Path, target: Path, *, language: Language | None = None) -> Path:
    """Write a script that repeats a finished run. Files of the run that it needs (a network, weights) are put beside it in ``files/``.

    The script takes the place of the data as its argument, for no path stands in it, and compares what comes out with the run.
    """
    with speaking(language):
        text = script_of(read_recipe(run), read_result(run), name=run.name)
    if (run / "files").is_dir():
        shutil.copytree(run / "files", target.parent / "files", dirs_exist_ok=True)
    write_text(target, text)
    return target


def script_of(recipe: Recipe, outcome: Any, *, name: str) -> str:
    """The text of the script."""
    if recipe.processes > 1:
        raise RunError(
            "G-EXP-014",
            en=f"the run '{name}' was trained by {recipe.processes} processes together, which a plain script cannot do. Repeat it with `gazo rerun {name}`.",
            ja=f"実行「{name}」は {recipe.processes} 個のプロセスで学習したため、単独のスクリプトでは再現できません。`gazo rerun {name}` で再現してください。",
        )
    entry = entry_of(recipe.task)
    if recipe.task == CHAIN:
        return assembled(recipe, entry, name, chain_code(recipe, outcome))
    code = _learning(recipe, entry) if entry.kind == "method" else measuring_code(recipe, entry)
    code.imports.add("import math")
    code.body += _comparison([(what, f"result.{where}", value) for what, where, value in numbers_in(outcome)])
    return assembled(recipe, entry, name, code)


def _learning(recipe: Recipe, entry: Entry) -> Code:
    """Open the data, make the method and the protocol, judge."""
    opened = opened_set(recipe, "images")
    imports = opened.imports | {
        "from threadpoolctl import threadpool_limits",
        f"from {public_package(entry)} import {entry.target.__name__}",
        "from gazo.learn import Protocol",
        "from gazo.training.devices import repeatable",
    }
    constants = [*opened.constants, f"THREADS = {recipe.threads}", f"SEED = {recipe.seed}"]
    options = arguments_of(recipe.options)
    body = [
        *opened.body,
        *call_of("method", entry.target.__name__, options, entry.target),
        *call_of("protocol", "Protocol", recipe.protocol),
        "with repeatable(THREADS), threadpool_limits(THREADS):",
        "    result = method.study(images, protocol, seed=SEED)",
    ]
    if any("HERE /" in line for line in body):
        constants.insert(0, "HERE = Path(__file__).resolve().parent")
    return Code(imports, constants, body, "DATA [IMAGES]")


def numbers_in(outcome: Any) -> list[tuple[str, str, float]]:
    """The numbers a result is known by: what each is called, how a script reaches it, and its value."""
    found = list(_numbers(outcome, (Estimate, Curve, Surface)))
    return (found or list(_numbers(outcome, (Table,))))[:_MOST_CHECKS]


def _numbers(outcome: Any, kinds: tuple[type, ...]) -> Iterator[tuple[str, str, float]]:
    alone = isinstance(outcome, Curve | Surface | Table)
    for field, value in (("", outcome),) if alone else parts_of(outcome):
        many = isinstance(value, tuple) and not isinstance(value, Text)
        for place, one in enumerate(value if many else (value,)):
            if isinstance(one, kinds):
                path = f"{field}[{place}]." if many else f"{field}." if field else ""
                yield from _reached(one, field, path)


def _reached(one: Any, field: str, path: str) -> Iterator[tuple[str, str, float]]:
    """A value or the sum of values, with the way to it."""
    if isinstance(one, Estimate):
        yield one.name.en, f"{path}value", float(one.value)
    elif isinstance(one, Curve):
        yield f"{one.title.en or field or one.y_label.en} (sum)", f"{path}y.sum()", float(one.y.sum())
    elif isinstance(one, Surface):
        yield f"{one.title.en or field or one.value_label.en} (sum)", f"{path}values.sum()", float(one.values.sum())
    else:
        cells = ((i, j, cell) for i, row in enumerate(one.rows) for j, cell in enumerate(row))
        yield from ((f"{one.headings[j].en} ({i + 1})", f"{path}rows[{i}][{j}]", c) for i, j, c in cells if isinstance(c, float))


def _comparison(checks: list[tuple[str, str, float]]) -> list[str]:
    """Print every number and say whether all are those of the run; the exit code says it too."""
    same, other = (
        Text("実行と同じ値です。", "the numbers are those of the run"),
        Text("実行と異なる値", "numbers that differ from the run"),
    )
    listed = [f"    ({what!r}, float({where}), {_literal(value)})," for what, where, value in checks]
    return [
        "checks = [",
        *listed,
        "]",
        "wrong = 0",
        "for what, here, there_was in checks:",
        "    same = math.isclose(here, there_was, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(here) and math.isnan(there_was))",
        '    print(f"{what}: {here!r}" + ("" if same else f"  <> {there_was!r}"))',
        "    wrong += not same",
        f'print(f"{other}: {{wrong}}" if wrong else "{same}")',
        "sys.exit(1 if wrong else 0)",
    ]


def _literal(value: float) -> str:
    return repr(value) if value == value and abs(value) != float("inf") else f'float("{value}")'


def assembled(recipe: Recipe, entry: Entry, name: str, code: Code) -> str:
    """The whole text: what it is for, imports, constants, one function."""
    versions = ", ".join(f"{k} {v}" for k, v in recipe.packages.items() if v != "absent" and k in _SHOWN_PACKAGES)
    told = [
        f"{entry.label}: {Text(f'実行 {name} を再現します。', f'repeats the run {name}.')}",
        "",
        f"{Text('使い方', 'Use')}: python SCRIPT.py {code.arguments}".rstrip(),
        f"{Text('作成時の版', 'Made with')}: {versions}",
    ]
    plain = sorted(
        {"import sys", "from pathlib import Path"} | {line for line in code.imports if line.startswith("import ")}, key=_order
    )
    own = sorted((line for line in code.imports if not line.startswith("import ")), key=_order)
    data = ["DATA = Path(sys.argv[1]).absolute()"] if code.arguments.startswith("DATA") else []
    blocks = [
        '"""' + "\n".join(told) + '\n"""',
        "\n".join(plain) + "\n\n" + "\n".join(own),
        "\n".join([*data, *code.constants]),
        "\ndef main():\n" + indent("\n".join(code.body), "    "),
        '\nif __name__ == "__main__":\n    main()',
    ]
    return "\n\n".join(blocks) + "\n"


def _order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line
