"""Which network to try next, as a function of those tried before: so a search that was stopped goes on as if it never was."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any

from gazo.core.errors import MissingError
from gazo.core.seeds import derived_seed, generator
from gazo.learn.classify.search_results import Trial, front_of
from gazo.learn.classify.search_space import CHOICES, START, drawn

FIRST = 6  # networks before the estimator has something to go by
ATTEMPTS = 30  # draws that may give a network that was tried before


def need_optuna() -> Any:
    """Optuna; MissingError that names the extra where it is not installed."""
    try:
        import optuna
    except ImportError:
        raise MissingError(
            "G-DSG-022",
            en='the search for networks needs Optuna, which is not installed here. Install it with `pip install "gazo[search]"`.',
            ja='ネットワークの自動探索には Optuna が必要ですが、この環境に入っていません。`pip install "gazo[search]"` で入れてください。',
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def proposal(trials: Sequence[Trial], *, seed: int, with_size: bool) -> dict[str, Any]:
    """Settings for the next network: the start first, then changes of the best ones and proposals of the estimator in turn."""
    number = len(trials)
    if number == 0:
        return dict(START)
    tried = [trial.settings for trial in trials]
    found: dict[str, Any] = {}
    for attempt in range(ATTEMPTS):
        by_estimator = number >= FIRST and number % 2 == 0 and attempt < ATTEMPTS // 2
        found = _estimated(trials, seed, attempt, with_size) if by_estimator else _varied(trials, seed, attempt, with_size)
        if found not in tried:
            break
    return found


def _varied(trials: Sequence[Trial], seed: int, attempt: int, with_size: bool) -> dict[str, Any]:
    """The best network (or one of the front) with one or two settings drawn anew."""
    rng = generator(seed, "variation", len(trials), attempt)
    done = [trial for trial in trials if trial.error is not None]
    front = front_of(trials) if with_size else sorted(done, key=lambda t: t.rank)[:2]
    parent = front[int(rng.integers(len(front)))].settings if front else START
    names = rng.choice(list(CHOICES), size=int(rng.integers(1, 3)), replace=False)
    changed = dict(parent)
    for name in names:
        others = [value for value in CHOICES[name] if value != parent[name]]
        changed[str(name)] = others[int(rng.integers(len(others)))]
    return changed


def _estimated(trials: Sequence[Trial], seed: int, attempt: int, with_size: bool) -> dict[str, Any]:
    optuna = need_optuna()
    sampler = optuna.samplers.TPESampler(seed=derived_seed(seed, "estimator", len(trials), attempt) % 2**32, n_startup_trials=2)
    study = optuna.create_study(directions=["minimize"] * (1 + with_size), sampler=sampler)
    spaces = {name: optuna.distributions.CategoricalDistribution(tuple(values)) for name, values in CHOICES.items()}
    for trial in trials:
        if trial.error is not None:
            values = [trial.error, log10(max(1, trial.parameters))][: 1 + with_size]
            study.add_trial(optuna.trial.create_trial(params=dict(trial.settings), distributions=spaces, values=values))
    return drawn(study.ask())
