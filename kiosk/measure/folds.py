"""Cross-validated accuracy: no pair is decided with a threshold that it helped to choose.

As in LFW's protocol, the threshold with the most correct decisions on nine folds decides the tenth.
A fold holds neighbouring pairs of the list, with the same share of mated pairs in each; nothing is
random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import BadInput
from kiosk.measure.rates import Rate

FOLDS = 10

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_COMPARISON = -np.inf
"""The score of a pair with an image that could not be acquired: below every threshold."""


@dataclass(frozen=True, slots=True)
class FoldedAccuracy:
    """The result over all folds.

    Attributes:
        wrong: wrong decisions, of all pairs; each pair was decided once.
        folds: the accuracy of each fold, 0 to 1.
        thresholds: the comparison score chosen for each fold.
    """

    wrong: Rate
    folds: tuple[float, ...]
    thresholds: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """The share of all pairs that were decided correctly."""
        return 1.0 - self.wrong.errors / self.wrong.trials


def folded_accuracy(scores: Scores, mated: Flags) -> FoldedAccuracy:
    """Decide each fold with the threshold of the other nine.

    Args:
        scores: (pairs,) comparison scores; `NO_COMPARISON` if there was none.
        mated: (pairs,) True if both images are of one person.

    Raises:
        BadInput: there are fewer mated or non-mated pairs than folds, or nothing was compared.
    """
    _refuse_unusable(scores, mated)
    fold = fold_of(mated)
    thresholds = [best_threshold(scores[fold != i], mated[fold != i]) for i in range(FOLDS)]
    right = (scores >= np.array(thresholds)[fold]) == mated
    return FoldedAccuracy(
        wrong=Rate(int((~right).sum()), len(right)),
        folds=tuple(float(right[fold == i].mean()) for i in range(FOLDS)),
        thresholds=tuple(thresholds),
    )


def fold_of(mated: Flags) -> NDArray[np.intp]:
    """(pairs,) the fold of each pair, 0 to 9: neighbours together, as many mated pairs in each."""
    fold = np.empty(len(mated), np.intp)
    for kind in (mated, ~mated):
        count = int(kind.sum())
        fold[kind] = np.arange(count) * FOLDS // max(count, 1)
    return fold


def best_threshold(scores: Scores, mated: Flags) -> float:
    """The threshold with the most correct decisions; the middle one of several equally good.

    It is half-way between two scores, so that it favours neither.
    """
    found = np.unique(scores[np.isfinite(scores)])
    above = np.nextafter(found[-1:], np.inf)
    candidates = np.concatenate([found[:1], (found[:-1] + found[1:]) / 2, above])
    accepted = _at_least(scores[mated], candidates)
    false = _at_least(scores[~mated], candidates)
    best = np.flatnonzero(accepted - false == (accepted - false).max())
    return float(candidates[best[len(best) // 2]])


def _at_least(scores: Scores, thresholds: Scores) -> NDArray[np.intp]:
    """The number of scores that reach each threshold."""
    return len(scores) - np.searchsorted(np.sort(scores), thresholds, side="left")


def _refuse_unusable(scores: Scores, mated: Flags) -> None:
    count = int(mated.sum())
    if min(count, len(mated) - count) < FOLDS:
        raise BadInput(
            f"The list has {count} mated and {len(mated) - count} non-mated pairs; "
            f"{FOLDS} folds need {FOLDS} of each.",
            "Give a longer list of pairs.",
        )
    if not np.isfinite(scores).any():
        raise BadInput(
            "In none of the listed pairs could both images be acquired.",
            "Look at the failures to acquire: perhaps the images hold no faces.",
        )
