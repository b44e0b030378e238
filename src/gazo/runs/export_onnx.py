"""A trained network as ONNX, checked against PyTorch before anybody gets it."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import GazoError, MissingError, RunError
from gazo.core.files import replacing
from gazo.core.registry import feature
from gazo.core.seeds import generator
from gazo.learn.saved import load
from gazo.runs.export_onnx_families import Exportable, exportable
from gazo.runs.export_runs import family_of

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-4
OPSET = 17
_NEEDS = ("onnx", "onnxruntime")


@dataclass(frozen=True)
class OnnxExport:
    """What was written: the file, on how many images it was compared with PyTorch, and the largest difference of an answer."""

    path: Path
    images: int
    largest_difference: float


@feature("ONNX への書き出し", "Export a trained network as ONNX")
def export_onnx(
    run: Path, target: Path | str, *, images: NDArray[np.floating[Any]] | None = None, trust_file: bool = False
) -> OnnxExport:
    """Write the networks of a run as one ONNX model and compare it with PyTorch to within 1e-4.

    A classifier takes images (n, channels, size, size) in 0 to 1, as `gazo.training.pixels.prepared_pixels` makes them (divided by 65535), and
    gives the probability of each class (n, classes): standardising, the mirror image where it was asked for, softmax and the mean over the
    networks of all folds are inside. A regressor gives the value in its unit; a segmenter the share of each class, a noise network the noise, a
    super-resolver the estimate for planes as their networks see them. What they need to know stands in the metadata.

    Parameters
    ----------
    run : folder of a finished run, or one that `save` wrote.
    target : the .onnx file.
    images : to compare on, besides random ones.
    trust_file : allow running the run's own network file.
    """
    _need_packages()
    part = exportable(load(run, trust_file=trust_file), family_of(run))
    whole = part.module()
    content = _with_facts(_exported(whole, part), part)
    compared = _patterns(part.shape)
    if part.prepared and images is not None and len(images):
        compared = np.concatenate([compared, np.asarray(images, np.float32)])
    difference = float(np.abs(_said_by_onnx(content, compared) - _said_by_torch(whole, compared)).max())
    if not difference <= TOLERANCE:
        raise RunError(
            "G-EXP-015",
            en=f"the ONNX model differs from PyTorch by {difference:.2g} in its answer; at most {TOLERANCE:g} is allowed. It was not written; use the weights (safetensors).",
            ja=f"ONNX モデルの出力が PyTorch と {difference:.2g} 異なります (許容 {TOLERANCE:g})。保存していません。重み (safetensors) を使ってください。",
        )
    target = Path(target)
    with replacing(target) as file:
        file.write(content)
    return OnnxExport(target, len(compared), difference)


def _need_packages() -> None:
    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise MissingError(
            "G-EXP-016",
            en=f'ONNX needs the package(s) {", ".join(missing)}, which are not installed. Install them with: pip install "gazo[onnx]"',
            ja=f'ONNX の書き出しに必要なパッケージ {", ".join(missing)} がありません。次のコマンドで入れてください: pip install "gazo[onnx]"',
        )


def _exported(whole: torch.nn.Module, part: Exportable) -> bytes:
    import torch

    example = torch.rand(2, *part.shape)
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter(
            "ignore"
        )  # the exporter that needs no further package calls itself deprecated; shapes are constant on purpose
        torch.onnx.export(
            whole, (example,), buffer, dynamo=False, opset_version=OPSET, input_names=["images"], output_names=[part.output],
            dynamic_axes={"images": {0: "n", **part.free}, part.output: {0: "n", **part.free}},
        )  # fmt: skip
    return buffer.getvalue()


def _with_facts(content: bytes, part: Exportable) -> bytes:
    """The model with what a program that uses it must know."""
    import onnx

    import gazo

    model = onnx.load_from_string(content)
    onnx.helper.set_model_props(model, {**part.facts, "use": "research only, not for diagnosis", "gazo": gazo.__version__})
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _patterns(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Noise and smooth patterns of several contrasts."""
    noise = generator(0, "onnx").random((4, *shape))
    down, across = np.linspace(0, 1, shape[-2]), np.linspace(0, 1, shape[-1])
    smooth = [np.broadcast_to(np.outer(down**a, across**b), shape) for a, b in ((1, 1), (2, 0.5), (0, 1), (3, 3))]
    return np.concatenate([noise, np.stack(smooth)]).astype(np.float32)


def _said_by_torch(whole: torch.nn.Module, images: NDArray[np.float32]) -> NDArray[np.float64]:
    import torch

    with torch.inference_mode():
        return np.asarray(whole(torch.from_numpy(images)).double().numpy())


def _said_by_onnx(content: bytes, images: NDArray[np.float32]) -> NDArray[np.float64]:
    """In batches of one and of the rest, so that the batch is known to be free."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"images": part})[0] for part in (images[:1], images[1:])]).astype(np.float64)


def sample_of_run(run: Path, place: Path, *, most: int = 16) -> NDArray[np.float32] | None:
    """Some images of a run as its networks see them; None where the data cannot be reached, or where networks see no squares."""
    from gazo.runs.export_images import images_of_run
    from gazo.training.pixels import FULL, prepared_pixels

    fitted = load(run)
    if family_of(run) not in ("classify", "regress"):
        return None
    found = []
    try:
        images = images_of_run(run, place)
        kept_of = fitted.spec.kept_of(images)
        for row in range(0, len(images), max(1, len(images) // most)):
            image = images[row]
            kept = None if kept_of is None else kept_of(row, image)
            found.append(prepared_pixels(image, **fitted.spec.input_options(), kept=kept).astype(np.float32) / FULL)
    except GazoError:
        return None
    return np.stack(found[:most]) if found else None
