"""Floor 2: simulators with known truth."""

from gazo.phantoms.anatomy import Body, Pose, draw_body, draw_pose
from gazo.phantoms.attenuation import EFFECTIVE_ENERGY_KEV, MU_PER_MM, line_integral, transmission
from gazo.phantoms.chest import ChestRadiograph, Exposure, chest_radiograph, expose
from gazo.phantoms.nodules import Nodule
from gazo.phantoms.study import ChestLoader, chest_images, chest_study

__all__ = [
    "EFFECTIVE_ENERGY_KEV",
    "MU_PER_MM",
    "Body",
    "ChestLoader",
    "ChestRadiograph",
    "Exposure",
    "Nodule",
    "Pose",
    "chest_images",
    "chest_radiograph",
    "chest_study",
    "draw_body",
    "draw_pose",
    "expose",
    "line_integral",
    "transmission",
]
