"""Where and how exactly to compute: device, precision, threads, several processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from gazo.core.errors import MissingError

if TYPE_CHECKING:
    import torch


def pick_device(name: str) -> torch.device:
    """The device by name; "auto" takes CUDA, then Apple's MPS, then the processor."""
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        raise MissingError(
            "G-TRAIN-001",
            en=f"device '{name}' was asked for, but PyTorch finds none here. Use --device cpu or auto.",
            ja=f"計算装置「{name}」が指定されましたが、この環境では使えません。--device cpu または auto を指定してください。",
        )
    if name == "cuda" and world()[1] > 1:
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    return torch.device(name)


def arithmetic(precision: str, device: torch.device) -> torch.dtype | None:
    """The reduced data type for forward passes, None for float32. "auto" reduces on CUDA only."""
    import torch

    if precision == "auto":
        precision = "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    if precision == "fp16" and device.type == "cpu":
        raise MissingError(
            "G-TRAIN-002",
            en="fp16 needs a graphics processor; on this processor use --precision bf16 or float32.",
            ja="fp16 の学習には GPU が必要です。このプロセッサでは --precision bf16 か float32 を使ってください。",
        )
    return {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def reduced(dtype: torch.dtype | None, device: torch.device) -> AbstractContextManager[Any]:
    """The block in which forward passes run in the reduced type."""
    import torch

    return nullcontext() if dtype is None else torch.autocast(device.type, dtype=dtype)


@contextmanager
def repeatable(threads: int | None = None) -> Iterator[None]:
    """Fixed number of threads and deterministic kernels inside the block, as before afterwards."""
    import torch

    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if threads:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
        torch.backends.cudnn.benchmark = before[2]


def world() -> tuple[int, int]:
    """This process's rank and the number of processes, as PyTorch's launcher tells them; (0, 1) without a launcher."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def meet() -> None:
    """Wait until every process that trains together is here."""
    import torch.distributed as distributed

    if world()[1] > 1 and distributed.is_initialized():
        distributed.barrier()


def agreed(values: dict[str, float]) -> dict[str, float]:
    """The first process's values in every process, so that all decide alike."""
    import torch.distributed as distributed

    if world()[1] == 1 or not distributed.is_initialized():
        return values
    told = [values]
    distributed.broadcast_object_list(told, src=0)
    return told[0]


def averaged(value: torch.Tensor) -> torch.Tensor:
    """The mean of a value over all processes."""
    import torch.distributed as distributed

    if world()[1] > 1 and distributed.is_initialized():
        distributed.all_reduce(value)
        value /= world()[1]
    return value


def join_world(device: torch.device) -> None:
    """Meet the other processes that PyTorch's launcher started; nothing to do for one process."""
    import torch.distributed as distributed

    if world()[1] > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")


def memory_layout(net: torch.nn.Module, *, channels_last: bool) -> torch.memory_format:
    """The order of values in memory: channels last where that was asked for and can be done, else rows last.

    Volumes have no such order here. PyTorch 2.15 writes beyond its memory on the processor when it learns a 1 x 1 convolution with a
    stride from three channels or fewer in this order (RepVGG begins so).
    """
    import torch

    weights = [value for value in net.parameters() if value.ndim >= 4]
    risky = (
        max(m.kernel_size) == 1 and max(m.stride) > 1 and m.in_channels <= 3
        for m in net.modules()
        if isinstance(m, torch.nn.Conv2d)
    )
    if not channels_last or any(value.ndim > 4 for value in weights) or any(risky):
        return torch.contiguous_format
    return torch.channels_last
