"""Which of an enrolment's views are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kiosk.domain.enrolment.poses import PoseDirection, PoseSample

STRAIGHT_SHARE = 2 / 3
"""The share of the views that are kept which look straight ahead."""


def best_views(samples: Sequence[PoseSample], most: int) -> Sequence[PoseSample]:
    """The views that are kept: the sharpest, two in three of them straight ahead, as at the door.

    Of the other directions the sharpest of each comes first.
    """
    ranked = sorted(samples, key=lambda sample: -sample.quality.measures.sharpness)
    straight = [it for it in ranked if it.direction is PoseDirection.CENTRE]
    turned = [it for it in ranked if it.direction is not PoseDirection.CENTRE]
    first = {it.direction: it for it in reversed(turned)}.values()
    turned = [it for it in turned if it in first] + [it for it in turned if it not in first]
    chosen = straight[: math.ceil(STRAIGHT_SHARE * most)]
    chosen += turned[: most - len(chosen)]
    return [*chosen, *(it for it in straight if it not in chosen)][:most]
