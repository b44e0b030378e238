"""Mean filter (IBSI 2)."""

from __future__ import annotations

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Label, Le
from gazo.radiomics.filters.boundary import BoundaryOption, BySliceOption, averaged, filtered_axes, real_pixels, response


@operation("平均値フィルタ (IBSI 2)", "Mean filter (IBSI 2)", booklet="C5")
def mean_filter(
    image: Image,
    *,
    size: Annotated[int, Ge(1), Le(199), Label("大きさ (奇数)", "Size (odd)", "px")] = 5,
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "mirror",
) -> Image:
    """The mean over a square or cube of pixels: h = 1/M along each axis (IBSI 2, Depeursinge et al., arXiv:2006.05470).

    Computed in float32 (sums in double precision); the result has no unit.

    Parameters
    ----------
    image : 2-D or 3-D, any real dtype.
    size : M, counted in pixels, not mm.
    by_slice : of a volume, filter each slice by itself.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    if size % 2 == 0:
        raise OptionError(
            "G-RAD-202",
            en=f"the mean filter needs an odd size, so that it has a centre; {size} came. Use {size - 1} or {size + 1}.",
            ja=f"平均値フィルタの大きさは、中心が定まるように奇数でなければなりません。受け取った値: {size}。{size - 1} か {size + 1} を指定してください。",
        )
    return response(image, averaged(real_pixels(image), size, filtered_axes(image, by_slice), boundary))
