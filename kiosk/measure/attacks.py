"""Presentation attack detection in the terms of ISO/IEC 30107-3: APCER by species, and BPCER.

APCER is told for each species of attack instrument by itself, since a mean over species would hide
the one that works. A presentation to which there was no response is no classification: it is in
neither rate, and is told apart (APNRR, BPNRR). For a person at the door it is as bad as an error,
so BPCER is told a second time with them.

A person's first attempt is their result, and an attack's worst is its. What people reached by
trying again is told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kiosk.measure.discovery import Presentation
from kiosk.measure.rates import Rate
from kiosk.measure.watching import PadVerdict, Watched

Seen = tuple[Presentation, Watched]


@dataclass(frozen=True, slots=True)
class Tally:
    """Presentations of one kind: the bona fide ones, or those of one species.

    Attributes:
        verdicts: how many were taken for what.
        retried: of the people who did not pass at their first attempt, those who did at a later
            one; of attacks nothing, since their worst attempt counts already.
        frames: how many frames they had.
        frames_passed: of the frames with an acceptable face, those that passed for bona fide.
    """

    verdicts: dict[PadVerdict, int]
    retried: Rate
    frames: int
    frames_passed: Rate

    @property
    def presentations(self) -> int:
        """How many there were."""
        return sum(self.verdicts.values())

    @property
    def responses(self) -> int:
        """How many of them were classified."""
        return self.presentations - self.verdicts[PadVerdict.NO_RESPONSE]

    @property
    def passed(self) -> Rate:
        """Taken for bona fide, of those that were classified: APCER, where they are attacks."""
        return Rate(self.verdicts[PadVerdict.BONA_FIDE], self.responses)

    @property
    def failed(self) -> Rate:
        """Not taken for bona fide, of those that were classified: BPCER, where they are that."""
        return _opposite(self.passed)

    @property
    def not_let_in(self) -> Rate:
        """Not taken for bona fide for whatever reason, of all."""
        return Rate(self.presentations - self.passed.errors, self.presentations)

    @property
    def no_response(self) -> Rate:
        """Without any response, of all: APNRR or BPNRR."""
        return Rate(self.verdicts[PadVerdict.NO_RESPONSE], self.presentations)

    @property
    def frames_failed(self) -> Rate:
        """Of the frames with an acceptable face, those that did not pass."""
        return _opposite(self.frames_passed)


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What was measured.

    Attributes:
        bona_fide: living people.
        species: attacks, by species of instrument.
    """

    bona_fide: Tally
    species: dict[str, Tally]


def tally(seen: Iterable[Seen], threshold: float) -> AttackResult:
    """Count.

    Args:
        seen: every presentation and what came of it.
        threshold: the bona fide score that a frame must reach to pass.
    """
    kinds: dict[str | None, list[Watched]] = {None: []}
    for presentation, watched in seen:
        kinds.setdefault(presentation.species, []).append(watched)
    tallies = {
        species: _tally(group, [result_of(species, each) for each in group], threshold)
        for species, group in kinds.items()
    }
    return AttackResult(
        bona_fide=tallies[None],
        species={species: t for species, t in tallies.items() if species is not None},
    )


def result_of(species: str | None, watched: Watched) -> PadVerdict:
    """What counts of a presentation: a person's first attempt, an attack's worst."""
    return watched.first if species is None else watched.worst


def _tally(group: Sequence[Watched], results: Sequence[PadVerdict], threshold: float) -> Tally:
    taken = Counter(results)
    refused = [
        watched.worst is PadVerdict.BONA_FIDE
        for watched, result in zip(group, results, strict=True)
        if result is not PadVerdict.BONA_FIDE
    ]
    scores = [score for watched in group for score in watched.scores]
    return Tally(
        verdicts={verdict: taken[verdict] for verdict in PadVerdict},
        retried=Rate(sum(refused), len(refused)),
        frames=sum(watched.frames for watched in group),
        frames_passed=Rate(sum(score >= threshold for score in scores), len(scores)),
    )


def _opposite(rate: Rate) -> Rate:
    return Rate(rate.trials - rate.errors, rate.trials)
