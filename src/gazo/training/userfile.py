"""A network from a file the user names and trusts, spelled ``file:mynet.py:MyNet``. Nothing in it is run unless trust is given."""

from __future__ import annotations

import hashlib
import inspect
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazo.core.errors import DataError, FileError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

PREFIX = "file:"
# what other people call the three numbers
SPELLINGS = {
    "classes": ("classes", "num_classes", "n_classes", "nb_classes", "out_features"),
    "channels": ("channels", "in_channels", "in_chans", "input_channels"),
    "size_px": ("size_px", "img_size", "image_size", "input_size"),
}


@dataclass(frozen=True)
class UserFile:
    """A file as it was read: exactly these bytes are run, and `sha256` is theirs."""

    path: Path
    name: str | None
    content: bytes

    @property
    def sha256(self) -> str:
        """What a recipe records."""
        return hashlib.sha256(self.content).hexdigest()


def user_file(path: str | Path, name: str | None = None) -> UserFile:
    """Read the file behind ``file:PATH.py``, ``file:PATH.py:NAME`` or a path; nothing is run."""
    text = str(path).removeprefix(PREFIX)
    if not text.endswith(".py") and name is None and ":" in text:
        text, name = text.rsplit(":", 1)
    where = Path(text)
    if where.suffix != ".py" or not where.is_file():
        raise FileError(
            "G-WEI-020",
            en=f"'{where.name}' is no Python file that can be read. Name it as file:mynet.py or file:mynet.py:MyNet.",
            ja=f"「{where.name}」という Python ファイルを読めません。file:mynet.py または file:mynet.py:MyNet の形で指定してください。",
        )
    return UserFile(where, name, where.read_bytes())


def need_trust(file: UserFile, trust: bool) -> None:
    """Refuse to run a file the user did not say to trust."""
    if not trust:
        raise OptionError(
            "G-WEI-021",
            en=f"'{file.path.name}' (SHA-256 {file.sha256}) would be executed as a program with all your rights. Read it, and if you "
            "trust it, allow it with trust_file (trust=True in Python).",
            ja=f"「{file.path.name}」(SHA-256 {file.sha256}) はプログラムとして、あなたの権限で実行されます。内容を確認し、信頼できる場合だけ "
            "trust_file (Python では trust=True) で許可してください。",
        )


@feature("利用者のネットワーク", "Network from a user's file", booklet="K7")
def load_user_network(
    path: str | Path,
    name: str | None = None,
    *,
    trust: bool,
    classes: int,
    channels: int,
    size_px: int,
    on_event: OnEvent = quiet,
) -> torch.nn.Module:
    """Run the file and make its network; two images of zeros must give logits (2, classes).

    Parameters
    ----------
    path, name : the file and the module class or the function in it that returns a module; also together as
        ``file:mynet.py:MyNet``. Without a name the file must define exactly one module class.
    trust : False refuses with a sentence that says what would be run.
    classes, channels, size_px : passed on by name where the class or function takes them, also as num_classes, in_channels,
        in_chans or img_size.
    on_event : told the file's name and SHA-256 just before it is run.

    Raises
    ------
    OptionError : no trust; no such name; several to choose from.
    FileError : no such file.
    DataError : the file, the network or its forward pass fails, or its output has the wrong shape.
    """
    file = user_file(path, name)
    need_trust(file, trust)
    stage = Text(f"{file.path.name} を実行 (SHA-256 {file.sha256})", f"Running {file.path.name} (SHA-256 {file.sha256})")
    on_event(Event(stage, facts={"file": file.path.name, "sha256": file.sha256}))
    with _beside(file.path):
        make = _chosen(_executed(file), file)
        net = _made(make, file, {"classes": classes, "channels": channels, "size_px": size_px})
        _try_forward(net, file, classes, channels, size_px)
    return net


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let the file import its neighbours."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _executed(file: UserFile) -> types.ModuleType:
    module = types.ModuleType(f"user_{file.path.stem}_{file.sha256[:12]}")
    module.__file__ = str(file.path)
    sys.modules[module.__name__] = module  # dataclasses and pickle look a class's module up here
    try:
        exec(compile(file.content, file.path.name, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise DataError(
            "G-WEI-022",
            en=f"'{file.path.name}' stopped while it was run: {_told(error, file)}. Correct the file.",
            ja=f"「{file.path.name}」の実行が途中で止まりました: {_told(error, file)}。ファイルを修正してください。",
        ) from None
    return module


def _chosen(module: types.ModuleType, file: UserFile) -> Callable[..., Any]:
    """The class or function that makes the network."""
    import torch

    own = {key: value for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    networks = [key for key, value in own.items() if isinstance(value, type) and issubclass(value, torch.nn.Module)]
    functions = [key for key, value in own.items() if inspect.isfunction(value) and not key.startswith("_")]
    if file.name is None and len(networks) == 1:
        return own[networks[0]]
    if file.name is None:
        names = ", ".join([*networks, *functions]) or "-"
        raise OptionError(
            "G-WEI-023",
            en=f"'{file.path.name}' defines {len(networks)} module classes; say which class or function makes the network, as "
            f"file:{file.path.name}:NAME. There are: {names}.",
            ja=f"「{file.path.name}」には nn.Module のクラスが {len(networks)} 個あります。ネットワークを作るクラスまたは関数を "
            f"file:{file.path.name}:名前 の形で指定してください。候補: {names}。",
        )
    found = getattr(module, file.name, None)
    if inspect.isfunction(found) or (isinstance(found, type) and issubclass(found, torch.nn.Module)):
        return found
    hint = nearest(file.name, [*networks, *functions])
    raise OptionError(
        "G-WEI-024",
        en=f"'{file.path.name}' has no module class or function '{file.name}'. {hint.en}",
        ja=f"「{file.path.name}」に「{file.name}」という nn.Module のクラスも関数もありません。{hint.ja}",
    )


def _made(make: Callable[..., Any], file: UserFile, numbers: dict[str, int]) -> torch.nn.Module:
    import torch

    given, missing = _arguments(make, numbers)
    if missing:
        raise DataError(
            "G-WEI-025",
            en=f"'{make.__name__}' in '{file.path.name}' needs {', '.join(missing)}, which is not known here. It may ask for classes, "
            "channels and size_px; give the others a default.",
            ja=f"「{file.path.name}」の「{make.__name__}」は引数 {', '.join(missing)} を必要としますが、値が分かりません。受け取れる引数は "
            "classes、channels、size_px です。ほかの引数には既定値を付けてください。",
        )
    try:
        net = make(**given)
    except Exception as error:
        raise DataError(
            "G-WEI-026",
            en=f"'{make.__name__}' in '{file.path.name}' failed to make the network from {given}: {_told(error, file)}. Correct the file.",
            ja=f"「{file.path.name}」の「{make.__name__}」は {given} からネットワークを作れませんでした: {_told(error, file)}。"
            "ファイルを修正してください。",
        ) from None
    if not isinstance(net, torch.nn.Module):
        kind = type(net).__name__
        raise DataError(
            "G-WEI-027",
            en=f"'{make.__name__}' in '{file.path.name}' must return a torch.nn.Module; it returned {kind}.",
            ja=f"「{file.path.name}」の「{make.__name__}」は torch.nn.Module を返す必要がありますが、返されたのは {kind} です。",
        )
    return net


def _arguments(make: Callable[..., Any], numbers: dict[str, int]) -> tuple[dict[str, int], list[str]]:
    """What of the three numbers `make` takes, by the name it uses; and what it needs besides."""
    taken = inspect.signature(make).parameters
    given = {
        spelling: number
        for key, number in numbers.items()
        for spelling in SPELLINGS[key]
        if spelling in taken and taken[spelling].kind is not inspect.Parameter.POSITIONAL_ONLY
    }
    named = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    missing = [p.name for p in taken.values() if p.kind not in named and p.default is p.empty and p.name not in given]
    return given, missing


def _try_forward(net: torch.nn.Module, file: UserFile, classes: int, channels: int, size_px: int) -> None:
    """Two images of zeros through the network in evaluation mode; random numbers and running means stay as they were."""
    import torch

    training = net.training
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            logits = net.eval()(torch.zeros(2, channels, size_px, size_px))
    except Exception as error:
        raise DataError(
            "G-WEI-028",
            en=f"the network in '{file.path.name}' fails on images (2, {channels}, {size_px}, {size_px}): {_told(error, file)}. "
            "Correct its forward, or choose another size_px or colour.",
            ja=f"「{file.path.name}」のネットワークは画像 (2, {channels}, {size_px}, {size_px}) を処理できません: {_told(error, file)}。"
            "forward を修正するか、size_px やカラーの設定を変えてください。",
        ) from None
    finally:
        net.train(training)
    came = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
    if came != (2, classes):
        raise DataError(
            "G-WEI-029",
            en=f"the network in '{file.path.name}' must turn 2 images into logits of shape (2, {classes}); {came} came. "
            "Correct its last layer; no softmax is needed.",
            ja=f"「{file.path.name}」のネットワークは 2 枚の画像から形 (2, {classes}) のロジットを返す必要がありますが、{came} でした。"
            "最後の層を修正してください。softmax は不要です。",
        )
    if not any(p.requires_grad for p in net.parameters()):
        raise DataError(
            "G-WEI-030",
            en=f"the network in '{file.path.name}' has no parameter that can learn. Register its layers as attributes of the module.",
            ja=f"「{file.path.name}」のネットワークには学習できるパラメータがありません。層をモジュールの属性として登録してください。",
        )


def _told(error: BaseException, file: UserFile) -> str:
    """The user's own exception in one line, with the line of the file it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file.path.name]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    said = (error.msg if isinstance(error, SyntaxError) else str(error)).strip().splitlines()
    return type(error).__name__ + (f": {said[0]}" if said else "") + (f" (line {line})" if line else "")
