"""How networks that have learned are stored: tensors in safetensors, everything else in one JSON file beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazo.core.errors import FileError
from gazo.core.files import replacing, write_json
from gazo.training.devices import memory_layout

if TYPE_CHECKING:
    import torch

FORMAT = 1
MODEL = "model.json"
FILES = (MODEL, "classifier.json")  # what a folder of a saved model holds; the second name is that of classifiers
# The family in the file -> where its `load(folder, *, trust_file)` stands.
LOADERS: dict[str, str] = {
    "classify": "gazo.learn.classify.fitted:load",
    "detect": "gazo.learn.detect.fitted:load",
    "detect-spots": "gazo.learn.detect.cad_fitted:load",
    "denoise": "gazo.learn.denoise.fitted:load",
    "mtann": "gazo.learn.mtann.fitted:load",
    "segment": "gazo.learn.segment.fitted:load",
    "classical-lungs": "gazo.learn.segment.classical:load",
}


def save_networks(folder: Path | str, nets: Sequence[torch.nn.Module], about: Mapping[str, Any], *, file: str = MODEL) -> Path:
    """Write the networks and what is to be known about them; `about["method"]` names the family.

    The sums of the tensors' files stand in the JSON file, so that a changed one is noticed.
    """
    from safetensors.torch import save

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    digests = []
    for number, net in enumerate(nets):
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in net.state_dict().items()}
        content = save(tensors)  # clones, because some networks (DynUNet) hold a tensor under two names
        digests.append(hashlib.sha256(content).hexdigest())
        with replacing(folder / f"network-{number}.safetensors") as opened:
            opened.write(content)
    write_json(folder / file, {"format": FORMAT, **about, "sha256": digests})
    return folder


def read_networks(folder: Path | str, *, file: str = MODEL) -> tuple[dict[str, Any], list[dict[str, torch.Tensor]]]:
    """What `save_networks` wrote: the facts, and the tensors of each network. Only tensors and plain values are read."""
    from safetensors.torch import load

    folder = Path(folder)
    try:
        about: dict[str, Any] = json.loads((folder / file).read_text(encoding="utf-8"))
        contents = [(folder / f"network-{i}.safetensors").read_bytes() for i in range(len(about["sha256"]))]
    except (OSError, ValueError, KeyError, TypeError):
        raise FileError(
            "G-LEARN-002",
            en=f"'{folder.name}' is not a folder of a saved model ({file} and network-0.safetensors). Name the folder that save() wrote.",
            ja=f"「{folder.name}」は保存された学習済みモデルのフォルダ ({file} と network-0.safetensors) ではありません。save() が作成したフォルダを指定してください。",
        ) from None
    if about.get("format") != FORMAT or [hashlib.sha256(c).hexdigest() for c in contents] != about["sha256"]:
        raise FileError(
            "G-LEARN-003",
            en=f"the model in '{folder.name}' was changed after it was saved, or comes from another version (format {about.get('format')}). Use an unchanged copy.",
            ja=f"「{folder.name}」のモデルは保存後に変更されたか、別の版 (形式 {about.get('format')}) のものです。変更されていない複製を使ってください。",
        )
    return about, [load(content) for content in contents]


def load_networks(
    folder: Path | str, build: Callable[[Mapping[str, Any]], torch.nn.Module], *, file: str = MODEL
) -> tuple[dict[str, Any], tuple[torch.nn.Module, ...]]:
    """The facts and the networks, ready to predict; `build(about)` makes an untrained one. The layout is that of training: the same sums in the same order."""

    about, stored = read_networks(folder, file=file)
    nets = []
    for tensors in stored:
        net = build(about)
        net.load_state_dict(tensors)
        layout = memory_layout(net, channels_last=about.get("options", {}).get("channels_last", True))
        nets.append(net.to(memory_format=layout).eval())
    return about, tuple(nets)


def parts_of(folder: Path | str, *, file: str = MODEL) -> list[Path]:
    """The folders of the networks in a run, one a fold; the folder itself where it holds one."""
    folder = Path(folder)
    return sorted(path.parent for path in folder.glob(f"folds/*/{file}")) or [folder]


def model_file(folder: Path | str) -> Path | None:
    """The JSON file of the (first) network in a folder or run; None where nothing has learned."""
    folder = Path(folder)
    for name in FILES:
        for path in ((folder / name), *sorted(folder.glob(f"folds/*/{name}"))):
            if path.exists():
                return path
    return None


def load(folder: Path | str, *, trust_file: bool = False) -> Any:
    """The fitted object that `save` wrote, of whatever family, or the networks of all folds of a run together."""
    found = model_file(folder)
    try:
        family = json.loads(found.read_text(encoding="utf-8"))["method"] if found else ""
    except (OSError, ValueError, KeyError, TypeError):
        family = ""
    if family not in LOADERS:
        name = Path(folder).name
        raise FileError(
            "G-LEARN-055",
            en=f"'{name}' holds no model of a kind that is known ({', '.join(LOADERS)}). Name a finished run of `learn`, or a folder that save() wrote.",
            ja=f"「{name}」には対応する学習済みモデル ({', '.join(LOADERS)}) がありません。学習が終わった実行、または save() が作成したフォルダを指定してください。",
        )
    module, _, function = LOADERS[family].partition(":")
    return getattr(import_module(module), function)(folder, trust_file=trust_file)
