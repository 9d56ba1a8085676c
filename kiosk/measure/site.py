"""The scores of a site's own people with each other, held against a model pack's calibration.

Only comparisons of two people are looked at. A site whose people are more alike than those of the
calibration, or whose camera makes them so, gets a shift that is added to every score of it. There
is no shift downwards: a site's few people never prove that a rate is lower than was measured.

What counts is the number of pairs of people, not that of pictures: pictures of the same two people
say nearly the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.domain.access.policy import Calibration
from kiosk.domain.errors import BadInput
from kiosk.measure.comparisons import Floats, Persons, Vectors, blocks
from kiosk.measure.rates import RULE_OF_THREE, Rate

LEAST_RATE = 1e-2
"""A site has to have people enough to show at least this rate."""
STEP = 0.001
"""A shift is rounded up to a multiple of this."""
BINS = tuple(round(-0.5 + 0.05 * number, 2) for number in range(30))
"""Lower edges of the histogram's bins."""


@dataclass(frozen=True, slots=True)
class SitePoint:
    """One rate of the calibration at this site.

    Attributes:
        fmr: the false match rate.
        shipped: the score that the calibration gives for it.
        reached: comparisons of two people with that score or more.
        score: the lowest score that no larger share reaches; None where there are too few people
            to show the rate.
    """

    fmr: float
    shipped: float
    reached: Rate
    score: float | None


@dataclass(frozen=True, slots=True)
class SiteScores:
    """The scores of a site's people with each other.

    Attributes:
        people: their number.
        probes: means that were compared.
        points: one for each rate of the calibration, most frequent first.
        highest: the highest score of two people.
        histogram: comparisons by the lower edge of their bin.
        alike: pairs of folders that score as one person would, the closest first.
    """

    people: int
    probes: int
    points: tuple[SitePoint, ...]
    highest: float
    histogram: Mapping[float, int]
    alike: tuple[tuple[Path, Path, float], ...]

    @property
    def pairs(self) -> int:
        """The number of pairs of people."""
        return math.comb(self.people, 2)

    @property
    def shift(self) -> float:
        """How much higher this site's scores are where it can show it; 0 if nowhere."""
        excess = [p.score - p.shipped for p in self.points if p.score is not None]
        return max([0.0, *(math.ceil(round(each / STEP, 6)) * STEP for each in excess)])


def person_of(image: Path, folders: Sequence[Path]) -> Path:
    """The folder of the person whom an image shows.

    It is the one right below the given folder, whatever folders of recordings are in it; or the
    given folder itself, if the image lies there.
    """
    top = next(folder for folder in folders if image.is_relative_to(folder))
    first, *deeper = image.relative_to(top).parts
    return top / first if deeper else top


def means(vectors: Vectors, images: Sequence[Path], each: int) -> tuple[Vectors, list[Path]]:
    """Means of so many neighbouring pictures of one folder, as a run at the door gives them.

    Args:
        vectors: (images, dimensions) unit rows.
        images: in order.
        each: pictures of a mean; the last of a folder may have fewer.

    Returns:
        (means, dimensions) unit rows, and the first image of each.
    """
    rows: dict[Path, list[int]] = {}
    for row, image in enumerate(images):
        rows.setdefault(image.parent, []).append(row)
    groups = [own[at : at + each] for own in rows.values() for at in range(0, len(own), each)]
    made = np.stack([vectors[group].sum(axis=0) for group in groups])
    lengths = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(made / lengths, np.float32), [images[group[0]] for group in groups]


def site_scores(vectors: Vectors, owners: Sequence[Path], calibration: Calibration) -> SiteScores:
    """Compare everybody with everybody else.

    Args:
        vectors: (probes, dimensions) unit rows.
        owners: the person of each row, as a folder.
        calibration: of the form that these rows have.

    Raises:
        BadInput: there are too few people to show anything.
    """
    folders = sorted(set(owners))
    _refuse_too_few(len(folders))
    persons = np.array([folders.index(owner) for owner in owners], np.intp)
    scores = _non_mated(vectors, persons)
    ranked = np.sort(scores)[::-1]
    pairs = math.comb(len(folders), 2)
    counts, _ = np.histogram(scores, [*BINS, np.inf])
    strictest = min(calibration.points, key=lambda point: point.fmr).score
    return SiteScores(
        people=len(folders),
        probes=len(vectors),
        points=tuple(
            SitePoint(
                fmr=point.fmr,
                shipped=point.score,
                reached=Rate(int((ranked >= point.score).sum()), len(ranked)),
                score=_score_of(point.fmr, ranked) if _shows(pairs, point.fmr) else None,
            )
            for point in sorted(calibration.points, key=lambda point: -point.fmr)
        ),
        highest=float(ranked[0]),
        histogram={edge: int(n) for edge, n in zip(BINS, counts, strict=True) if n},
        alike=tuple(_alike(vectors, persons, folders, strictest)),
    )


def people_for(rate: float) -> int:
    """The number of people whose pairs can show a rate (rule of three)."""
    return math.ceil((1.0 + math.sqrt(1.0 + 8.0 * RULE_OF_THREE / rate)) / 2.0)


def _shows(pairs: int, rate: float) -> bool:
    return pairs * rate >= RULE_OF_THREE


def _refuse_too_few(people: int) -> None:
    needed, pairs = people_for(LEAST_RATE), math.comb(people, 2)
    if people < needed:
        shown = f"{RULE_OF_THREE / pairs:.0%}" if pairs > RULE_OF_THREE else "100%"
        raise BadInput(
            f"{people} people make {pairs} pairs, which show no false match rate below {shown}.",
            f"Give pictures of {needed} people or more, each in a folder of their own: that shows "
            f"1 %; {people_for(1e-3)} people show 0.1 %, {people_for(1e-4)} show 0.01 %.",
        )


def _non_mated(vectors: Vectors, persons: Persons) -> Floats:
    """The score of each pair of rows of different people."""
    parts = [
        scores[(scores > -np.inf) & (persons[first : first + len(scores), None] != persons[first:])]
        for first, scores in blocks(vectors)
    ]
    return np.concatenate(parts)


def _score_of(rate: float, ranked: Floats) -> float:
    """The lowest score that no larger share than the rate reaches; highest score first."""
    return float(np.nextafter(ranked[int(rate * len(ranked))], np.float32(np.inf)))


def _alike(
    vectors: Vectors, persons: Persons, folders: Sequence[Path], least: float
) -> list[tuple[Path, Path, float]]:
    """The pairs of folders with a score of at least that, the closest first."""
    best: dict[tuple[int, int], float] = {}
    for first, scores in blocks(vectors):
        for row, column in zip(*np.nonzero(scores >= least), strict=True):
            one, other = sorted((int(persons[first + row]), int(persons[first + column])))
            if one != other:
                best[one, other] = max(best.get((one, other), -1.0), float(scores[row, column]))
    ranked = sorted(best.items(), key=lambda found: -found[1])
    return [(folders[one], folders[other], score) for (one, other), score in ranked]
