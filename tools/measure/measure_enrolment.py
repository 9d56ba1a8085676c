"""Measure people who enrol themselves before a recording's camera: `tools/measure enrolment`.

Each of the recorded people holds up an invitation, nods to the question and turns their head as
the screen says. Prints a line for each: how long that took from the code to the result, what the
door then decides on another recording of them, before and after they withdraw, and the scores of
that recording's means against the references of the enrolment, and against those that are made of
photographs from the same recording.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import evaluation_data
import numpy as np
from coached_person import COMES_AT, CoachedPerson
from filmed_people import FilmCamera
from kept_home import furnish

from config.settings import Settings
from kiosk.bench.evaluation import acquirer
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.steps import EnrolmentStep
from kiosk.domain.people.consent import Consent
from kiosk.domain.ports import Camera
from kiosk.domain.vision.comparison import mean_references
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.measure.site import means
from kiosk.people.enrolment import Newcomer
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.receipts import withdraw
from kiosk.people.service import PeopleService
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.wiring.kiosk import HearsViews, replay_kiosk
from kiosk.wiring.vision import Weights, enrolment_terms, photograph_assessor

SUBJECT = SubjectId("s-1")
PHOTOGRAPHS = 8
"""So many photographs are picked from a recording, evenly; of these the sharpest are kept."""
WALK = 30
"""The frames of a walk to the door: two seconds."""
Scores = Sequence[float]


@dataclass(frozen=True)
class Measured:
    """What became of one person."""

    person: str
    seconds: float | None
    granted: bool
    granted_after_withdrawal: bool
    own: Scores
    picked: Scores


@dataclass(frozen=True)
class EnrolmentBench:
    """What everybody is measured with."""

    settings: Settings
    loaded: Weights
    top: Path

    def measured(self, person: str) -> Measured:
        """One person, from their invitation to their withdrawal."""
        shown, probes = _recordings(person)
        own, picked = furnish(self.top / person), furnish(self.top / f"{person}-picked")
        seconds = self._enrol_themselves(own, evaluation_data.pictures(shown))
        self._enrol_from(picked, shown)
        vectors = self._means(probes[:WALK])
        scores = [self._scores(home, vectors) for home in (own, picked)]
        walk = partial(FilmCamera, evaluation_data.pictures(probes[:WALK]), evaluation_data.FPS)
        granted = self._granted(own, walk)
        with OpenHome.open(own) as open_home:
            if seconds is not None:
                withdraw(open_home, PeopleService(open_home), SUBJECT)
        return Measured(person, seconds, granted, self._granted(own, walk), *scores)

    def _enrol_themselves(self, home: Path, frames: Sequence[Pixels]) -> float | None:
        """Seconds from the code to the result; None if they were not enrolled."""
        there_and_back = [*frames, *reversed(frames[1:-1])]
        with OpenHome.open(home) as open_home:
            wish = InvitationWish(SUBJECT, timedelta(days=1))
            code = InvitationService(open_home).issue(wish).text
            person = CoachedPerson(there_and_back, code)
            heard = self._replayed(open_home, person, person)
        at = {each.step: each.at for each in heard if isinstance(each, NoteStep)}
        if EnrolmentStep.ENROLLED not in at:
            return None
        return at[EnrolmentStep.ENROLLED] - COMES_AT

    def _enrol_from(self, home: Path, frames: Sequence[Path]) -> None:
        """The same person, from photographs, as `kiosk enrol` does it."""
        chosen = [frames[int(at)] for at in np.linspace(0, len(frames) - 1, PHOTOGRAPHS)]
        terms = enrolment_terms(self.settings, self.loaded.pack)
        newcomer = Newcomer(SUBJECT, Consent("For a measurement.", datetime.now(UTC)))
        assess = photograph_assessor(self.settings, self.loaded, chosen)
        with OpenHome.open(home) as open_home:
            PeopleService(open_home).enrol(newcomer, terms, assess)

    def _means(self, probes: Sequence[Path]) -> np.ndarray:
        with closing(acquirer(self.settings, self.loaded, Path("/"), gated=True)) as making:
            acquired = making.acquire(probes, lambda: None)
        each = self.settings.access.comparisons_required
        return means(acquired.vectors, acquired.images, each)[0]

    def _scores(self, home: Path, vectors: np.ndarray) -> Scores:
        with OpenHome.open(home) as open_home:
            everybody = open_home.references.load(SpaceId(self.loaded.pack.space))
        for each in mean_references([one for one in everybody if one.subject == SUBJECT]):
            return [float(score) for score in vectors @ each.template.vector]
        return []

    def _granted(self, home: Path, walk: Callable[[], Camera]) -> bool:
        with OpenHome.open(home) as open_home:
            heard = self._replayed(open_home, walk())
        decided = [each for each in heard if isinstance(each, DecisionOutcome)]
        return bool(decided) and decided[0].released

    def _replayed(
        self, open_home: OpenHome, camera: Camera, screen: HearsViews | None = None
    ) -> list[Happened]:
        heard: list[Happened] = []
        replay, _ = replay_kiosk(
            self.settings,
            self.loaded,
            open_home,
            camera,
            Stopwatch(),
            heard.append,
            heard=screen,
        )
        replay.run()
        return heard


def _recordings(person: str) -> tuple[Sequence[Path], Sequence[Path]]:
    """The frames to enrol with, and those at the door: another recording, or the other half."""
    every = sorted(evaluation_data.recordings("bona_fide", person).values(), key=len)
    if len(every) > 1:
        return every[-1], every[0]
    half = len(every[0]) // 2
    return every[0][:half], every[0][half:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8, help="how many people")
    told = parser.parse_args()
    print("| person | code to `enrolled` | at the door | withdrawn | own views | photographs |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="lintel-measure-") as top:
        bench = EnrolmentBench(Settings(), evaluation_data.pack(), Path(top))
        every = [
            _told(bench.measured(person)) for person in evaluation_data.people()[: told.people]
        ]
    waits = [each.seconds for each in every if each.seconds is not None]
    own, picked = (
        statistics.median(statistics.median(scores) for scores in both if scores)
        for both in ([each.own for each in every], [each.picked for each in every])
    )
    enrolled = f"{statistics.median(waits):.1f} s ({len(waits)} of {len(every)})"
    print(f"| median | {enrolled} | | | {own:.3f} | {picked:.3f} |")


def _told(measured: Measured) -> Measured:
    seconds = "not" if measured.seconds is None else f"{measured.seconds:.1f} s"
    door = "granted" if measured.granted else "not granted"
    after = "granted" if measured.granted_after_withdrawal else "not granted"
    scores = " | ".join(_spread(each) for each in (measured.own, measured.picked))
    print(f"| {measured.person} | {seconds} | {door} | {after} | {scores} |", flush=True)
    return measured


def _spread(scores: Scores) -> str:
    """The median, and the lowest."""
    return f"{statistics.median(scores):.3f} ({min(scores):.3f})" if scores else "none"


if __name__ == "__main__":
    main()
