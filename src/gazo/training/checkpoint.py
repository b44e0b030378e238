"""Checkpoints: everything a training needs to go on, read without running code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import replacing

FORMAT = 1


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint of tensors and plain values in one step."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()  # a full disk is an OSError when these bytes are written, and something else inside torch.save
    torch.save({"format": FORMAT, **state}, content)
    with replacing(path) as file:
        file.write(content.getbuffer())


def load_checkpoint(path: Path, device: Any) -> dict[str, Any] | None:
    """The state that `save_checkpoint` wrote, None when there is none. Only tensors and plain values are accepted."""
    import pickle

    import torch

    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise RunError(
            "G-TRAIN-005",
            en=f"the checkpoint '{path.name}' cannot be read ({type(error).__name__}). Delete it to start this part again.",
            ja=f"チェックポイント「{path.name}」を読めません ({type(error).__name__})。削除すると、この部分を最初からやり直せます。",
        ) from None
    if state.get("format") != FORMAT:
        raise RunError(
            "G-TRAIN-006",
            en=f"the checkpoint '{path.name}' has format {state.get('format')}; this version reads {FORMAT}. Start the training again.",
            ja=f"チェックポイント「{path.name}」の形式は {state.get('format')} ですが、この版は {FORMAT} を読みます。学習をやり直してください。",
        )
    return state
