"""Finished runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gazo.core.errors import RunError
from gazo.core.results import Curve, Measurement
from gazo.learn.classify.results import ClassificationStudy
from gazo.learn.classify.side_by_side import NetworkComparisonStudy, side_by_side
from gazo.runs.compare_measurements import MeasurementComparison, compare_measurements
from gazo.runs.recipe import read_recipe
from gazo.runs.start import read_result


def compare(folders: Sequence[Path], *, fixed_loss: float = 0.45) -> NetworkComparisonStudy | MeasurementComparison:
    """Compare runs of classifiers on the same images (paired tests use the images that both tested), or measurements of one kind.

    Parameters
    ----------
    folders : two or more finished runs: of ``learn classify`` with the same data, or of one measurement.
    fixed_loss : training loss whose epoch is compared.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise RunError(
            "G-RUN-016",
            en="a run was named twice; a comparison needs different runs. Name another one.",
            ja="同じ実行結果が 2 回指定されています。比較には異なる実行結果が必要です。別のものを指定してください。",
        )
    recipes = [read_recipe(folder) for folder in folders]
    studies = [read_result(folder) for folder in folders]
    if any(isinstance(study, Measurement | Curve) for study in studies):
        return compare_measurements(dict(zip(_short_names(folders), studies, strict=True)))
    others = [f.name for f, s in zip(folders, studies, strict=True) if not isinstance(s, ClassificationStudy)]
    if len(folders) < 2 or others or len({r.data_sha256 for r in recipes}) > 1:
        raise RunError(
            "G-RUN-015",
            en=f"a comparison needs two or more runs of `learn classify` on the same images; {', '.join(f.name for f in folders)} came. Choose other runs.",
            ja=f"比較には、同じ画像に対する `learn classify` の実行結果が 2 つ以上必要です。受け取ったもの: {', '.join(f.name for f in folders)}。別の実行結果を選んでください。",
        )
    networks = [str(study.name) for study in studies]
    names = [n if networks.count(n) == 1 else f"{n} ({f.name[-4:]})" for n, f in zip(networks, folders, strict=True)]
    return side_by_side(names, studies, sizes=[None] * len(studies), fixed_loss=fixed_loss)


def _short_names(folders: Sequence[Path]) -> list[str]:
    """What the user called each run; with the end of the folder's name where two are called the same."""
    names = ["-".join(f.name.split("-")[2:-1]) or f.name for f in folders]
    return [n if names.count(n) == 1 else f"{n} ({f.name[-4:]})" for n, f in zip(names, folders, strict=True)]
