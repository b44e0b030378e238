"""K3: weights from a file and from a hub arrive unchanged; without either there is a clear error and no silent random start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.core.results import Table
from gazo.runs.proof import Proof, proof

NAME, SIZE_PX = "test_resnet", 32
# In a process of its own, told that there is no network and given an empty cache: nothing may be fetched, and it must say so.
_OFFLINE = """
from gazo.core.errors import GazoError
from gazo.nets.zoo import create
from gazo.training.weights import load_weights
net = create("test_resnet", classes=2, channels=1, size_px=32)
try:
    load_weights(net, "hub", name="test_resnet")
except GazoError as error:
    print(error.code, bool(error.text.ja and error.text.en))
"""


@proof("K3", ja="重みの読み込み (ファイル、公開サイト、接続なし)", en="Weights from a file, from a hub, and offline")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Store a network's weights, load them in every way, and try what must be refused. Nothing is downloaded."""
    with TemporaryDirectory() as folder:
        cases = list(_cases(Path(folder), seed))
        rows = tuple((words, _tried(case)) for words, case in counted(cases, Text("重み", "Weights"), on_event))
    wrong = [row for row in rows if row[1] != "ok"]
    headings = (Text("場合", "Case"), Text("結果", "Outcome"))
    bar = Text(
        "すべての場合が想定どおり (拒否すべきものは符号付きの文で拒否)",
        "every case as it should be; what must be refused is, with a code",
    )
    table = Table(Text("学習済みの重み", "Pretrained weights"), headings, rows)
    return Proof("K3", not wrong, {"cases": len(rows), "wrong": len(wrong)}, bar, table)


def _cases(folder: Path, seed: int) -> Iterator[tuple[Text, Callable[[], str]]]:
    """What is tried; each answers "ok" or what went wrong."""
    safe, pickled = _stored(folder, seed)
    yield Text("safetensors ファイル", "safetensors file"), lambda: _same_answers(safe, seed)
    yield Text("PyTorch の .pth ファイル", ".pth file of PyTorch"), lambda: _same_answers(pickled, seed)
    yield (
        Text("3 チャンネルの重みを 1 チャンネルで使用", "weights for colour used on grey images"),
        lambda: _grey_as_colour(safe, seed),
    )
    yield Text("クラス数が違う場合は最終層だけ乱数", "other classes: only the last layer random"), lambda: _other_classes(safe)
    yield Text("公開サイトが応答した場合", "the hub answers"), lambda: _from_hub(safe, seed)
    yield Text("接続がない場合", "no connection"), _offline
    yield (
        Text("公開された重みがないネットワーク", "a network nobody published weights for"),
        lambda: _refused("hub", "G-WEI-001", name="small_cnn"),
    )
    yield Text("存在しないファイル", "a file that is not there"), lambda: _refused(folder / "none.pth", "G-WEI-003")
    yield Text("途中で切れたファイル", "a file cut in two"), lambda: _refused(_cut(safe), "G-WEI-005")
    yield Text("プログラムを含むファイル", "a file that would run code"), lambda: _code_is_not_run(folder)
    yield Text("別のネットワークの重み", "another network's weights"), lambda: _refused(safe, "G-WEI-008", name="test_vit")


def _tried(case: Callable[[], str]) -> str:
    try:
        return case()
    except GazoError as error:
        return error.code


def _network(seed: int, *, classes: int = 5, channels: int = 3, name: str = NAME) -> Any:
    import torch

    from gazo.nets.zoo import create

    torch.manual_seed(seed)
    return create(name, classes=classes, channels=channels, size_px=SIZE_PX).eval()


def _stored(folder: Path, seed: int) -> tuple[Path, Path]:
    """The weights of a network in both kinds of file."""
    import torch
    from safetensors.torch import save_file

    weights = _network(seed).state_dict()
    save_file(weights, folder / "weights.safetensors")
    torch.save(weights, folder / "weights.pth")
    return folder / "weights.safetensors", folder / "weights.pth"


def _difference(net: Any, other: Any, images: Any, others: Any) -> float:
    import torch

    with torch.no_grad():
        return float((net(images) - other(others)).abs().max())


def _images(channels: int) -> Any:
    import torch

    return torch.rand(2, channels, SIZE_PX, SIZE_PX, generator=torch.Generator().manual_seed(0))


def _same_answers(source: Path | str, seed: int) -> str:
    """A network with other random weights gives, once filled, the very same answers."""
    from gazo.training.weights import load_weights

    net, images = _network(seed + 1), _images(3)
    if _difference(net, _network(seed), images, images) == 0:
        return "the random start did not differ"
    taken = load_weights(net, source, name=NAME)
    same = _difference(net, _network(seed), images, images) == 0
    return "ok" if same and len(taken.sha256) == 64 and not taken.left and not taken.unused else f"differs: {taken}"


def _grey_as_colour(source: Path, seed: int) -> str:
    from gazo.training.weights import load_weights

    grey = _network(seed + 1, channels=1)
    load_weights(grey, source, name=NAME)
    images = _images(1)
    return "ok" if _difference(grey, _network(seed), images, images.expand(-1, 3, -1, -1)) < 1e-5 else "differs"


def _other_classes(source: Path) -> str:
    from gazo.training.weights import load_weights

    taken = load_weights(_network(1, classes=2), source, name=NAME)
    return "ok" if len(taken.left) == 2 and len(taken.taken) > 20 else f"left: {taken.left}"


def _from_hub(source: Path, seed: int) -> str:
    """As if the hub had answered with this file: nothing is downloaded."""
    with mock.patch("huggingface_hub.hf_hub_download", return_value=str(source)):
        return _same_answers("hub", seed)


def _offline() -> str:
    with TemporaryDirectory() as empty:
        quiet = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": empty, "TORCH_HOME": empty, "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run([sys.executable, "-c", _OFFLINE], env=quiet, capture_output=True, text=True)
    return "ok" if ran.stdout.split() == ["G-WEI-002", "True"] else ran.stdout.strip() or "no error"


def _refused(source: Path | str, code: str, *, name: str = NAME) -> str:
    """The error with this code, and the network left as it was."""
    from gazo.training.weights import load_weights

    net = _network(3, name=name)
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    try:
        load_weights(net, source, name=name)
    except GazoError as error:
        kept = all(bool((before[key] == tensor).all()) for key, tensor in net.state_dict().items())
        return "ok" if error.code == code and kept else f"{error.code}, weights {'kept' if kept else 'changed'}"
    return "taken without a word"


def _cut(source: Path) -> Path:
    half = source.with_name("half.safetensors")
    half.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    return half


class _Trap:
    """What a hostile file holds: reading it carelessly makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def _code_is_not_run(folder: Path) -> str:
    import torch

    mark, file = folder / "was run", folder / "hostile.pth"
    torch.save({"weight": _Trap(mark)}, file)
    outcome = _refused(file, "G-WEI-006")
    return "the code was run" if mark.exists() else outcome
