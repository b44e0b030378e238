"""Augmentation that suits radiographs: random but plausible changes, drawn first, recorded, applied after.

What is drawn can be applied to the images, to their masks and to their boxes, so all three move together; and a training
step can be repeated exactly, because everything random comes from the generator that `draw` is given.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le, Lt, checked
from gazo.core.registry import feature
from gazo.core.seeds import generator as seeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

Flip = Literal["none", "horizontal", "vertical", "both"]
Edge = Literal["border", "reflection", "zeros"]
Floats = NDArray[np.floating[Any]]


@feature("データ拡張", "Augmentation", booklet="G5")
@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far images may be varied. Each value is the largest change to either side; 0 means none; drawn uniformly.

    The defaults are what differs between two exposures of one patient: a few degrees, a few centimetres, another exposure. They
    keep left and right. Contrast and brightness are linear and vanish where images are standardised afterwards; gamma does not.
    """

    rotation_deg: Annotated[float, Ge(0), Le(180), Label("回転", "Rotation", "°")] = 7.0
    translation_percent: Annotated[
        float, Ge(0), Le(50), Label("平行移動 (画像の一辺に対する割合)", "Shift, share of the side", "%")
    ] = 5.0
    scale_percent: Annotated[float, Ge(0), Lt(100), Label("拡大・縮小", "Scale", "%")] = 8.0
    flip: Annotated[Flip, Label("反転", "Flip")] = "none"
    gamma_percent: Annotated[float, Ge(0), Le(300), Label("ガンマ (階調)", "Gamma", "%")] = 10.0
    contrast_percent: Annotated[float, Ge(0), Lt(100), Label("コントラスト", "Contrast", "%")] = 10.0
    brightness_percent: Annotated[
        float, Ge(0), Le(200), Label("明るさ (画素値の標準偏差に対する割合)", "Brightness, share of the SD", "%")
    ] = 0.0
    blur_px: Annotated[float, Ge(0), Le(20), Label("ぼけの最大標準偏差", "Blur, largest sigma", "px")] = 0.0
    noise_percent: Annotated[
        float, Ge(0), Le(200), Label("ノイズの最大標準偏差 (画素値の標準偏差に対する割合)", "Noise, share of the SD", "%")
    ] = 0.0
    erase_percent: Annotated[
        float, Ge(0), Le(90), Label("消去する正方形の最大の一辺", "Largest erased square, share of the side", "%")
    ] = 0.0
    edge: Annotated[Edge, Label("画像の外側の補い方", "What lies outside the image")] = "border"

    def __post_init__(self) -> None:
        if type(self) is Augmentation:  # a method that inherits these options checks them itself
            checked(Augmentation, {f.name: getattr(self, f.name) for f in fields(self)})

    def draw(self, n: int, *, size_px: int, generator: np.random.Generator) -> Drawn:
        """Parameters for `n` square images of side `size_px`. Always takes the same amount of randomness, whatever is switched on."""
        unit = generator.uniform(-1, 1, (n, 9))
        flips = generator.random((n, 2)) < 0.5
        noise_seed = int(generator.integers(2**63))
        side = np.abs(unit[:, 8]) * self.erase_percent / 100 * size_px
        corner = (unit[:, 6:8] + 1) / 2 * (size_px - side[:, None])
        return Drawn(
            size_px=size_px,
            edge=self.edge,
            rotation_deg=unit[:, 0] * self.rotation_deg,
            translation_px=unit[:, 1:3] * self.translation_percent / 100 * size_px,
            scale=1 + unit[:, 3] * self.scale_percent / 100,
            flip_x=flips[:, 0] & (self.flip in ("horizontal", "both")),
            flip_y=flips[:, 1] & (self.flip in ("vertical", "both")),
            gamma=(1 + self.gamma_percent / 100) ** unit[:, 4],
            contrast=1 + unit[:, 5] * self.contrast_percent / 100,
            brightness=generator.uniform(-1, 1, n) * self.brightness_percent / 100,
            blur_px=generator.random(n) * self.blur_px,
            noise=generator.random(n) * self.noise_percent / 100,
            noise_seed=noise_seed,
            erased_px=np.rint(np.column_stack([corner, corner + side[:, None]])).astype(int),
        )

    def preview(self, image: Image, *, n: int = 8, seed: int) -> list[Image]:
        """`n` variants of one image (rows, columns) or in colour, float32, to look at before training."""
        import torch

        pixels = np.asarray(image.pixels, np.float32)
        planes = np.moveaxis(pixels, -1, 0) if image.colour else pixels[None]
        drawn = self.draw(n, size_px=max(image.shape), generator=seeded(seed, "augmentation preview"))
        varied = drawn.apply(torch.from_numpy(np.repeat(planes[None], n, axis=0))).numpy()
        return [image.with_pixels(np.moveaxis(v, 0, -1) if image.colour else v[0]) for v in varied]


NO_AUGMENTATION = Augmentation(
    rotation_deg=0, translation_percent=0, scale_percent=0, gamma_percent=0, contrast_percent=0
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """What was drawn for n images; applying it any number of times gives the same.

    In this order: flip, scale, rotation (positive is clockwise on the screen, about the centre), shift, gamma, contrast, brightness,
    blur, noise, erasing. Arrays have one row an image.
    """

    size_px: int
    edge: Edge
    rotation_deg: Floats
    translation_px: Floats  # (n, 2): right, down
    scale: Floats
    flip_x: NDArray[np.bool_]
    flip_y: NDArray[np.bool_]
    gamma: Floats
    contrast: Floats
    brightness: Floats  # in standard deviations of the image
    blur_px: Floats  # sigma
    noise: Floats  # in standard deviations of the image
    noise_seed: int
    erased_px: NDArray[np.integer[Any]]  # (n, 4): x0, y0, x1, y1

    @property
    def matrices(self) -> NDArray[np.float64]:
        """(n, 2, 3): where a point goes, in pixels from the centre of the image, x to the right and y down.

        p' = s R F p + t with F = diag(+-1, +-1) and R = [[cos a, -sin a], [sin a, cos a]].
        """
        angle = np.deg2rad(self.rotation_deg)
        cos, sin = np.cos(angle) * self.scale, np.sin(angle) * self.scale
        x, y = 1 - 2.0 * self.flip_x, 1 - 2.0 * self.flip_y
        moved = self.translation_px
        return np.stack([cos * x, -sin * y, moved[:, 0], sin * x, cos * y, moved[:, 1]], axis=1).reshape(-1, 2, 3)

    def apply(self, images: torch.Tensor) -> torch.Tensor:
        """Images (n, channels, rows, columns), float32, any range; always a new tensor."""
        self._fits(images)
        moved = self._moved(images, "bilinear")
        return self._toned(moved.clone() if moved is images else moved)

    def apply_masks(self, masks: torch.Tensor) -> torch.Tensor:
        """Masks (n, channels, rows, columns) moved as the images are; values are kept, none is mixed."""
        self._fits(masks)
        return self._moved(masks.float(), "nearest").to(masks.dtype)

    def apply_boxes(self, boxes: Sequence[Any], *, shape: tuple[int, int] | None = None) -> list[NDArray[np.float64]]:
        """Boxes moved as the images are: for each image the smallest upright boxes around the moved ones, cut at the image's edge.

        Parameters
        ----------
        boxes : n lists of (x0, y0, x1, y1), in pixels from the outer edge of the first pixel, so one pixel has the size 1.
        shape : rows and columns of the images; by default they are square.

        A box that left the image comes back with no area, in its place, so that labels still belong to boxes.
        """
        rows, columns = shape or (self.size_px, self.size_px)
        centre = np.array([columns, rows]) / 2
        moved = []
        for own, matrix in zip(boxes, self.matrices, strict=True):
            corners = np.asarray(own, float).reshape(-1, 4)[:, [0, 1, 2, 1, 0, 3, 2, 3]].reshape(-1, 4, 2) - centre
            points = np.clip(corners @ matrix[:, :2].T + matrix[:, 2] + centre, 0, [columns, rows])
            moved.append(np.hstack([points.min(1), points.max(1)]))
        return moved

    def record(self) -> list[dict[str, Any]]:
        """What was drawn as plain values, one mapping an image."""
        columns = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        shared = {name: column.item() for name, column in columns.items() if column.ndim == 0}
        return [
            shared | {name: column[row].tolist() for name, column in columns.items() if column.ndim}
            for row in range(len(self.scale))
        ]

    def _fits(self, images: torch.Tensor) -> None:
        if images.ndim != 4 or len(images) != len(self.scale) or max(images.shape[2:]) != self.size_px:
            n = len(self.scale)
            raise DataError(
                "G-AUG-001",
                en=f"this augmentation was drawn for {n} images (n, channels, rows, columns) whose longer side is {self.size_px} px; "
                f"the shape {tuple(images.shape)} came. Draw again for these images.",
                ja=f"このデータ拡張は長辺 {self.size_px} px の画像 {n} 枚 (n, チャンネル, 行, 列) 用に作られています。"
                f"受け取った形: {tuple(images.shape)}。この画像に合わせて作り直してください。",
            )

    def _moved(self, images: torch.Tensor, mode: str) -> torch.Tensor:
        """Flips alone are exact; anything else is one resampling of the whole batch."""
        import torch

        if np.any(self.rotation_deg) or np.any(self.translation_px) or np.any(self.scale != 1):
            grid = self._grid(images.shape[2], images.shape[3]).to(images.device)
            return torch.nn.functional.grid_sample(images, grid, mode=mode, padding_mode=self.edge, align_corners=False)
        for flips, axis in ((self.flip_x, 3), (self.flip_y, 2)):
            if flips.any():
                chosen = torch.from_numpy(flips).to(images.device)[:, None, None, None]
                images = torch.where(chosen, images.flip(axis), images)
        return images

    def _grid(self, rows: int, columns: int) -> torch.Tensor:
        """For each pixel where to look, (n, rows, columns, 2) with -1 and 1 at the outer edges (inverse of `matrices`)."""
        import torch

        forward = self.matrices
        back = np.linalg.inv(forward[:, :, :2])
        start = -np.einsum("nij,nj->ni", back, forward[:, :, 2])
        half = np.array([columns, rows]) / 2
        x = np.arange(columns) + 0.5 - half[0]
        y = np.arange(rows) + 0.5 - half[1]
        along_x = (back[:, :, :1] * x + start[:, :, None]) / half[:, None]
        along_y = (back[:, :, 1:] * y) / half[:, None]
        planes = (
            torch.from_numpy(along_x.astype(np.float32))[:, :, None] + torch.from_numpy(along_y.astype(np.float32))[..., None]
        )
        return planes.permute(0, 2, 3, 1)  # summed with the columns last in memory, which is five times faster

    def _toned(self, images: torch.Tensor) -> torch.Tensor:
        """Gamma, contrast, brightness, blur, noise, erasing, in place: only what was drawn costs time."""
        import torch

        def each(values: Floats) -> torch.Tensor:
            return torch.from_numpy(np.asarray(values, np.float32)).to(images.device)[:, None, None, None]

        if np.any(self.gamma != 1):
            low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
            span = (high - low).clamp_min_(torch.finfo(images.dtype).tiny)
            images.sub_(low).div_(span).log_().mul_(each(self.gamma)).exp_().mul_(span).add_(low)  # pow_ takes twice as long
        spread = _spread(images) if np.any(self.brightness) or np.any(self.noise) else None
        if np.any(self.contrast != 1) or np.any(self.brightness):
            factor = each(self.contrast)
            shift = (1 - factor) * images.mean((1, 2, 3), keepdim=True)
            images.mul_(factor).add_(shift if spread is None else shift + each(self.brightness) * spread)
        if np.any(self.blur_px):
            images = _blurred(images, self.blur_px)
        if np.any(self.noise):
            field = torch.randn(images.shape, generator=torch.Generator().manual_seed(self.noise_seed)).to(images.device)
            images.addcmul_(field, each(self.noise) * spread)
        if np.any(self.erased_px[:, 2:] > self.erased_px[:, :2]):
            for image, (x0, y0, x1, y1) in zip(images, self.erased_px, strict=True):
                image[:, y0:y1, x0:x1] = image.mean()
        return images


def _spread(images: torch.Tensor) -> torch.Tensor:
    """Standard deviation of the pixels of each image, (n, 1, 1, 1)."""
    import torch

    about_mean = images - images.mean((1, 2, 3), keepdim=True)
    return torch.linalg.vector_norm(about_mean, dim=(1, 2, 3), keepdim=True) / images[0].numel() ** 0.5


def _blurred(images: torch.Tensor, sigma_px: Floats) -> torch.Tensor:
    """Each image convolved with its own Gaussian, along rows then columns; edges are repeated."""
    import torch
    from torch.nn import functional

    n, channels, rows, columns = images.shape
    reach = max(1, int(np.ceil(3 * sigma_px.max())))
    reach = min(reach, rows, columns)
    offsets = np.arange(-reach, reach + 1)
    kernels = np.exp(-0.5 * (offsets / np.maximum(sigma_px, 1e-3)[:, None]) ** 2)
    kernels = np.repeat(kernels / kernels.sum(1, keepdims=True), channels, axis=0)
    weights = torch.from_numpy(kernels.astype(np.float32)).to(images.device)
    planes = functional.pad(images.reshape(1, n * channels, rows, columns), (reach,) * 4, mode="replicate")
    planes = functional.conv2d(planes, weights[:, None, None, :], groups=n * channels)
    planes = functional.conv2d(planes, weights[:, None, :, None], groups=n * channels)
    return planes.reshape(images.shape)


# The limits are ours, for radiographs; what published work used stands beside them.
ROTATION_DEG = 20.0  # 10 in MoCo-CXR (Sowrirajan et al., MIDL 2021, arXiv:2010.05352)
TRANSLATION_PERCENT = 15.0  # lung apices and costophrenic angles leave the image
SCALE_PERCENT = 25.0  # the heart-to-lung ratio stays, but the size of lesions and of the patient does not
CONTRAST_PERCENT = 40.0
GAMMA_PERCENT = 60.0
NOISE_PERCENT = 30.0
BLUR_PX = 2.0
ERASE_PERCENT = 30.0


@feature("データ拡張の妥当性の確認", "Plausibility of an augmentation", booklet="G5")
def implausible(augmentation: Augmentation) -> tuple[Text, ...]:
    """What in these settings no radiograph of a patient would show, as sentences; empty when nothing is.

    The limits are this program's own judgement for chest radiographs; `ROTATION_DEG` and the others state them.
    """
    a = augmentation
    limits = (
        (a.rotation_deg, ROTATION_DEG, "°", "回転", "rotation", "立位・臥位の撮影でこれほど傾くことはまれです", "patients are rarely tilted that far"),
        (a.translation_percent, TRANSLATION_PERCENT, "%", "平行移動", "shift", "肺尖や肋骨横隔膜角が画像の外に出ます", "lung apices and costophrenic angles leave the image"),
        (a.scale_percent, SCALE_PERCENT, "%", "拡大・縮小", "scale", "病変や体格の大きさの情報が失われます", "the size of lesions and patients loses its meaning"),
        (a.contrast_percent, CONTRAST_PERCENT, "%", "コントラスト", "contrast", "淡い陰影が消えることがあります", "faint shadows may vanish"),
        (a.gamma_percent, GAMMA_PERCENT, "%", "ガンマ", "gamma", "通常の階調処理の範囲を超えます", "no usual display curve bends that far"),
        (a.noise_percent, NOISE_PERCENT, "%", "ノイズ", "noise", "診断に用いる線量の画像では見られない量です", "no diagnostic exposure is that noisy"),
        (a.blur_px, BLUR_PX, "px", "ぼけ", "blur", "微細な陰影が消えます", "fine detail is lost"),
        (a.erase_percent, ERASE_PERCENT, "%", "消去", "erasing", "病変そのものが消えることがあります", "a whole lesion may be erased"),
    )  # fmt: skip
    found = [
        Text(f"{ja} {value:g} {unit} は目安 {limit:g} {unit} を超えています: {why_ja}。", f"{en} of {value:g} {unit} is beyond {limit:g} {unit}: {why_en}.")
        for value, limit, unit, ja, en, why_ja, why_en in limits
        if value > limit
    ]  # fmt: skip
    if a.flip in ("horizontal", "both"):
        found.append(
            Text(
                "左右反転: 心臓や胃泡の左右が入れ替わり、内臓逆位 (約 1 万人に 1 人) の像になります。左右に意味がある課題では使わないでください。",
                "horizontal flip: heart and gastric bubble change sides, as in situs inversus (about 1 in 10,000 people); "
                "not for questions in which the side matters.",
            )
        )
    if a.flip in ("vertical", "both"):
        found.append(
            Text("上下反転: 上下が逆の胸部 X 線写真はありません。", "vertical flip: no chest radiograph is shown upside down.")
        )
    if a.edge == "reflection" and (a.rotation_deg or a.translation_percent or a.scale_percent):
        found.append(
            Text(
                "外側を鏡像で補うと、縁の病変が二つに見えることがあります。病変の検出には border か zeros を使ってください。",
                "mirrored edges may show a lesion at the edge twice; use border or zeros when lesions are searched.",
            )
        )
    return tuple(found)
