"""Which of an enrolment's views are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.enrolment.poses import PoseDirection, PoseSample
from kiosk.domain.people.enrolment import Sample
from kiosk.domain.vision.frame import Pixels

MOST_ELSEWHERE = 3
"""Pictures of one person that a service elsewhere gets."""
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


def views_of(
    samples: Sequence[PoseSample], encode: Callable[[Pixels], bytes]
) -> Callable[[Sequence[Sample]], Sequence[FacePicture]]:
    """Gives the pictures that a service elsewhere may have: the sharpest that look straight ahead.

    Args:
        samples: the views of a session, with their pictures if the person agreed to that.
        encode: a picture as a file's content.
    """

    def views(_accepted: Sequence[Sample]) -> Sequence[FacePicture]:
        ranked = sorted(samples, key=lambda sample: -sample.quality.measures.sharpness)
        straight = [it for it in ranked if it.direction is PoseDirection.CENTRE]
        taken = [it.picture for it in straight if it.picture is not None][:MOST_ELSEWHERE]
        return [FacePicture(encode(it), it.shape[1], it.shape[0]) for it in taken]

    return views
