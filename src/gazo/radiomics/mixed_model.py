"""A linear mixed model with random intercept and slope: scaled before the fit, tried with several optimisers, refused when none converges."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OPTIMISERS = {"BFGS": {"gtol": 1e-6}, "L-BFGS-B": {"ftol": 1e-13, "gtol": 1e-7}, "Nelder-Mead": {"xatol": 1e-7, "fatol": 1e-10}}
STEEPEST = 1e-3  # slope of the deviance at what may be called a minimum
SINGULAR = 1e-4  # smallest standard deviation of a random effect, in standard deviations of a measurement (as lme4 does)


@dataclass(frozen=True, eq=False)
class MixedModel:
    """What was fitted, in the units of the data.

    Parameters
    ----------
    names : of the p fixed effects; `beta` (p,), `covariance` (p, p).
    random : (q, q) covariance of the random effects, intercept first; `residual` variance of a single measurement.
    value : log-likelihood, restricted or full as `restricted` says.
    singular : a random effect has no variance, or two of them run together.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    random: Floats
    residual: float
    value: float
    restricted: bool
    singular: bool
    optimiser: str

    @property
    def standard_error(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True, eq=False)
class _Products:
    """Cross products of each subject and of all; nothing else of the data is needed."""

    zz: Floats
    zx: Floats
    zy: Floats
    xx: Floats
    xy: Floats
    yy: float
    n: int

    def solved(self, root: Floats) -> _Solved:
        """Everything at V = I + Z L L'Z', W = V^-1, from Z'W = K Z' with K = (I + Z'Z L L')^-1 (Woodbury, each subject apart)."""
        zl = self.zz @ root
        inner = np.eye(len(root)) + root.T @ zl
        kept = np.linalg.inv(np.eye(len(root)) + zl @ root.T)
        wx, wy = kept @ self.zx, (kept @ self.zy[..., None])[..., 0]
        back = root @ root.T  # W = I - Z L L'(Z'W)
        xx = self.xx - np.einsum("sqp,qr,srk->pk", self.zx, back, wx)
        xy = self.xy - np.einsum("sqp,qr,sr->p", self.zx, back, wy)
        beta = np.linalg.solve(xx, xy)
        squares = self.yy - float(np.einsum("sq,qr,sr->", self.zy, back, wy)) - float(beta @ xy)
        return _Solved(xx, beta, squares, inner, zl, wx, wy - wx @ beta)


@dataclass(frozen=True, eq=False)
class _Solved:
    """X'WX, beta, the weighted sum of squares; and of each subject I + L'Z'Z L, Z'Z L, Z'W X and Z'W (y - X beta)."""

    xx: Floats
    beta: Floats
    squares: float
    inner: Floats
    zl: Floats
    wx: Floats
    wr: Floats

    def deviance(self, free: int, restricted: bool) -> float:
        value = float(np.linalg.slogdet(self.inner)[1].sum()) + free * (
            1 + math.log(2 * math.pi * max(self.squares, 1e-300) / free)
        )
        return value + (float(np.linalg.slogdet(self.xx)[1]) if restricted else 0.0)

    def slope(self, root: Floats, free: int, restricted: bool) -> Floats:
        """Derivative of the deviance by L: 2 sum Z'Z L (I + L'Z'Z L)^-1 - 2 (free / squares sum u u' + sum P (X'WX)^-1 P') L."""
        pulled = free / self.squares * self.wr.T @ self.wr
        if restricted:
            pulled = pulled + np.einsum("sqp,pk,srk->qr", self.wx, np.linalg.inv(self.xx), self.wx)
        grown = np.linalg.solve(self.inner, np.swapaxes(self.zl, 1, 2)).sum(0).T
        return np.asarray(2 * (grown - pulled @ root))[np.tril_indices(len(root))]


def fit_mixed(
    y: Floats,
    x: Floats,
    z: Floats,
    subject: Ints,
    names: Sequence[str],
    *,
    restricted: bool = True,
    like: MixedModel | None = None,
) -> MixedModel:
    """y = x beta + z b(subject) + e, b ~ N(0, D), e ~ N(0, s^2) (Laird & Ware 1982, Biometrics 38:963), restricted or full likelihood.

    The likelihood is profiled over beta and s^2 and maximised over the Cholesky root of D / s^2 (Bates 2015, J Stat Softw 67:1, section 3).
    x is made orthonormal and y replaced by its residual before the fit, z brought to one size: with raw times optimisers stop short
    of the maximum, and large means cost the last digits. The result is brought back to the units of the data, the log-likelihood too.

    Parameters
    ----------
    x : (n, p) fixed effects with the intercept; z : (n, q) random effects, intercept first.
    subject : (n,) 0, 1, 2 ...
    like : a fit of the same y and z, where the search begins.
    """
    (p, q), size_z = (x.shape[1], z.shape[1]), _size(z)
    plain, mix = _orthonormal(x, names)
    level = plain.T @ y / len(y)
    rest = y - plain @ level
    size_y = float(_size(rest[:, None])[0])
    products = _products(rest / size_y, plain, z / size_z, subject)
    _need_scatter(products, rest / size_y, z / size_z, subject, float(np.abs(y).max()) / size_y)
    free = len(y) - (p if restricted else 0)

    def cost(theta: Floats) -> tuple[float, Floats]:
        root = _root(theta, q)
        at = products.solved(root)
        return at.deviance(free, restricted), at.slope(root, free, restricted)

    begin = np.eye(q) if like is None else _root_of(like.random * np.outer(size_z, size_z) / like.residual)
    theta, how = _minimum(cost, begin[np.tril_indices(q)], len(y), len(products.zz))
    root = _root(theta, q)
    at = products.solved(root)
    residual = at.squares / free * size_y**2
    value = -at.deviance(free, restricted) / 2 - free * np.log(size_y)
    back = np.linalg.inv(mix)
    return MixedModel(
        tuple(names),
        back @ (at.beta * size_y + level),
        back @ np.linalg.inv(at.xx) @ back.T * residual,
        root @ root.T * residual / np.outer(size_z, size_z),
        residual,
        float(value) - (float(np.linalg.slogdet(mix)[1]) if restricted else 0.0),
        restricted,
        bool(np.abs(np.diag(root)).min() < SINGULAR),
        how,
    )


def _minimum(cost: Callable[[Floats], tuple[float, Floats]], start: Floats, n: int, subjects: int) -> tuple[Floats, str]:
    """The lowest deviance, from the first optimiser that ends where it is flat."""
    from scipy.optimize import minimize

    for how, options in OPTIMISERS.items():
        simplex = how == "Nelder-Mead"
        asked = (lambda theta: cost(theta)[0]) if simplex else cost
        found = minimize(asked, start, method=how, jac=None if simplex else True, options={"maxiter": 2000, **options})
        if np.isfinite(found.fun) and float(np.abs(cost(found.x)[1]).max()) < STEEPEST:
            return np.asarray(found.x, np.float64), how
        start = found.x if np.isfinite(found.fun) else start
    raise DataError(
        "G-LONG-001",
        en=f"the mixed model did not converge with any of {', '.join(OPTIMISERS)} ({n} measurements of {subjects} subjects). "
        "Take out covariates, use a random intercept only, or add visits.",
        ja=f"混合モデルがどの最適化法 ({', '.join(OPTIMISERS)}) でも収束しませんでした (測定 {n} 回、{subjects} 例)。"
        "共変量を減らすか、ランダム切片だけにするか、測定回数を増やしてください。",
    )


def _products(y: Floats, x: Floats, z: Floats, subject: Ints) -> _Products:
    order = np.argsort(subject, kind="stable")
    starts = np.flatnonzero(np.diff(subject[order], prepend=-1))

    def sums(a: Floats, b: Floats) -> Floats:
        return np.asarray(np.add.reduceat((a[:, :, None] * b[:, None, :])[order], starts, axis=0))

    column = y[:, None]
    return _Products(sums(z, z), sums(z, x), sums(z, column)[..., 0], x.T @ x, x.T @ y, float(y @ y), len(y))


def _need_scatter(products: _Products, y: Floats, z: Floats, subject: Ints, largest: float) -> None:
    """Refuse measurements that lie exactly on the line of each subject."""
    own = (np.linalg.pinv(products.zz, hermitian=True) @ products.zy[..., None])[..., 0]
    off = y - (z * own[subject]).sum(1)
    if float(np.abs(off).max()) <= 1e-9 * largest:
        raise DataError(
            "G-LONG-008",
            en=f"the {len(y)} measurements follow the model without any scatter, or are all the same; no error can be estimated. Check the column of values.",
            ja=f"測定値 {len(y)} 個にばらつきがなく (すべて同じか、モデルと完全に一致)、誤差を推定できません。測定値の列を確認してください。",
        )


def _orthonormal(x: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Columns of mean square 1 that are orthogonal, and the triangle that makes x of them."""
    columns, mix = np.linalg.qr(x / _size(x))
    flat = np.flatnonzero(np.abs(np.diag(mix)) < 1e-9 * np.sqrt(len(x)))
    if len(flat):
        raise DataError(
            "G-LONG-007",
            en=f"each term must say something of its own; '{names[flat[0]]}' is constant or follows from the others ({len(x)} rows). Leave out a covariate, or choose another group.",
            ja=f"各項はそれぞれ独自の情報を持つ必要があります。「{names[flat[0]]}」は一定か、他の項から計算できてしまいます ({len(x)} 行)。共変量を除くか、群を選び直してください。",
        )
    root = np.sqrt(len(x))
    return np.asarray(columns * root), np.asarray(mix * _size(x) / root)


def _root(theta: Floats, q: int) -> Floats:
    root = np.zeros((q, q))
    root[np.tril_indices(q)] = theta
    return root


def _root_of(covariance: Floats) -> Floats:
    """The Cholesky root, of a singular covariance too."""
    return np.asarray(np.linalg.cholesky(covariance + 1e-4 * np.eye(len(covariance))))


def _size(columns: Floats) -> Floats:
    """Root mean square of each column; 1 for a column of zeros."""
    size = np.sqrt((columns**2).mean(0))
    return np.asarray(np.where(size > 0, size, 1.0))
