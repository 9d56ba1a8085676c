"""Presentation attack detection in the terms of ISO/IEC 30107-3: APCER by species, and BPCER.

APCER is reported for each species of attack instrument separately, since a mean over species would
hide the one that succeeds. A presentation without a response is not classified: it is in neither
rate, and is reported separately (APNRR, BPNRR). For a person at the door it is as bad as an error,
so BPCER is also reported with them included.

A person's result is their first attempt, an attack's result its worst attempt. People who passed at
a later attempt are reported separately.
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
    """The presentations of one kind: the bona fide ones, or those of one attack species.

    Attributes:
        verdicts: the number of presentations per verdict.
        retried: of the people who did not pass at their first attempt, those who did at a later
            one; for attacks nothing, since their worst attempt counts already.
        frames: the number of frames.
        frames_passed: of the frames with an acceptable face, those classified as bona fide.
    """

    verdicts: dict[PadVerdict, int]
    retried: Rate
    frames: int
    frames_passed: Rate

    @property
    def presentations(self) -> int:
        """The number of presentations."""
        return sum(self.verdicts.values())

    @property
    def responses(self) -> int:
        """The number of classified presentations."""
        return self.presentations - self.verdicts[PadVerdict.NO_RESPONSE]

    @property
    def passed(self) -> Rate:
        """Classified as bona fide, of the classified presentations; for attacks this is APCER."""
        return Rate(self.verdicts[PadVerdict.BONA_FIDE], self.responses)

    @property
    def failed(self) -> Rate:
        """Not classified as bona fide, of the classified presentations; for people it is BPCER."""
        return _opposite(self.passed)

    @property
    def not_let_in(self) -> Rate:
        """Not classified as bona fide for any reason, of all presentations."""
        return Rate(self.presentations - self.passed.errors, self.presentations)

    @property
    def no_response(self) -> Rate:
        """Without any response, of all presentations: APNRR or BPNRR."""
        return Rate(self.verdicts[PadVerdict.NO_RESPONSE], self.presentations)

    @property
    def frames_failed(self) -> Rate:
        """Of the frames with an acceptable face, those that did not pass."""
        return _opposite(self.frames_passed)


@dataclass(frozen=True, slots=True)
class AttackResult:
    """The result of the measurement.

    Attributes:
        bona_fide: presentations of living people.
        species: attack presentations, by species of instrument.
    """

    bona_fide: Tally
    species: dict[str, Tally]


def tally(seen: Iterable[Seen], threshold: float) -> AttackResult:
    """Count the presentations.

    Args:
        seen: every presentation with its observations.
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
    """The attempt that counts for a presentation: a person's first, an attack's worst."""
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
