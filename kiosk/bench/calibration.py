"""What `kiosk calibrate` measures: the scores of a site's people, as this kiosk compares them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from config.settings import Settings
from hardware.camera.source import IMAGE_SUFFIXES
from kiosk.bench.evaluation import Telling, acquirer
from kiosk.domain.access.policy import decision_threshold
from kiosk.domain.vision.template import SpaceId
from kiosk.measure.acquisition import Failure
from kiosk.measure.discovery import images_under
from kiosk.measure.site import SiteScores, means, person_of, site_scores
from kiosk.store.home import Home
from kiosk.store.open_home import references_of
from kiosk.wiring.vision import FORM, verified_weights


@dataclass(frozen=True, slots=True)
class SiteCalibration:
    """What a site's pictures say about the threshold.

    Attributes:
        scores: of its people with each other.
        failures: images that gave no template, and why.
        space: the embedding space.
        references: enrolled in the home; 1 where nobody is.
        shipped: the decision threshold without any shift.
        threshold: that with the proposed shift; never lower.
    """

    scores: SiteScores
    failures: dict[Path, Failure]
    space: SpaceId
    references: int
    shipped: float
    threshold: float


def site_calibration(
    settings: Settings, home: Path, bona_fide: Sequence[Path], telling: Telling, *, gated: bool
) -> SiteCalibration:
    """Measure the scores of a site's people with each other. Nothing of a picture is kept.

    Args:
        settings: all settings.
        home: the kiosk's home, which may hold the models and the people enrolled.
        bona_fide: folders that hold a folder of images for each person.
        telling: how progress is told.
        gated: True to apply the kiosk's quality gate.

    Raises:
        BadInput: a folder cannot be used, or there are too few people.
        ModelError: a model is missing or altered.
        PolicyError: the pack has no calibration.
    """
    tops = [folder.absolute() for folder in bona_fide]
    others: list[Path] = []
    found = {
        image: None for top in tops for image in images_under(top, IMAGE_SUFFIXES, others.append)
    }
    telling.passed_over(others)
    loaded = verified_weights(settings, home)
    calibration = loaded.pack.calibration(FORM)
    references = _references(home)
    policy = settings.match_policy()
    shipped = decision_threshold(calibration, references, replace(policy, shift=0.0))
    making = acquirer(settings, loaded, Path("/"), gated=gated)
    with closing(making), telling.counting("Looking at the images", len(found)) as seen:
        acquired = making.acquire(list(found), seen)
    vectors, firsts = means(acquired.vectors, acquired.images, settings.access.comparisons_required)
    scores = site_scores(vectors, [person_of(image, tops) for image in firsts], calibration)
    shifted = replace(policy, shift=scores.shift)
    raised = max(shipped, decision_threshold(calibration, references, shifted))
    return SiteCalibration(
        scores, acquired.failures, loaded.pack.space, references, shipped, raised
    )


def _references(home: Path) -> int:
    if not home.is_dir():
        return 1
    with references_of(Home(home)) as references:
        return max(1, len(references) if references else 0)
