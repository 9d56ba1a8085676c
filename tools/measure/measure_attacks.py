"""Attack detection per presentation, as other lights and sensors show it, and on held pictures.

`.venv/bin/python tools/measure attacks [--frames N] [held | NAME ...]`; the names are those of
`other_light.TEN` and `ROW`. Each presentation goes through the kiosk's own vision and access
session, with a matcher that takes everybody for the same enrolled person. One line of the table for
each light: attacks that passed (APCER) and people who were not let in (BPCER), by the fused rule,
by the network's mean score alone, and by the surroundings alone. Unseen: the quality gate left too
few frames for any decision.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import evaluation_data
from evaluation_data import FPS
from filmed_people import FilmCamera
from held_pictures import STILL, Hand, Sheet
from other_light import TEN, Light

from config.settings import Settings
from kiosk.domain.access.machine import Observed
from kiosk.domain.vision.attack import PadResult, mean_score
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.domain.vision.surroundings import following
from kiosk.measure.watching import AnyoneMatcher, PadVerdict, Watched, watch
from kiosk.pipeline.face_search import LaneSearch
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import Stages, Vision
from kiosk.wiring.vision import seeing_policy
from models import loading

ROW = (*TEN, "JPEG 40", "half the pixels", "blur")
"""The lights of the issue's table, and what else a worse camera does."""
HANDS = {
    "on a stand": STILL,
    "held still (1.4 mm, 0.5 degrees)": Hand(0.01, 0.5),
    "held (4 mm, 1 degree)": Hand(0.03, 1.0),
    "moved (11 mm, 3 degrees)": Hand(0.08, 3.0),
}
REACHES = {"no edge in view": None, "edges at 1.2 widths of the face": 1.2}


@dataclass(frozen=True)
class Shown:
    """What was shown to the camera: a person or an attack, its frames, and whose face it has."""

    kind: str
    frames: Sequence[Pixels]
    who: str = ""


@dataclass
class Row:
    """The results of one light, by kind."""

    verdicts: dict[str, Counter[PadVerdict]] = field(default_factory=dict)
    scores: dict[str, list[float]] = field(default_factory=dict)
    carried: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, watched: Watched, seen: Sequence[PadResult], least: int) -> None:
        """One presentation: a person's first attempt counts, an attack's worst.

        With fewer acceptable frames than a decision takes, it was for the quality gate to decide.
        """
        verdict = watched.first if kind == "bona_fide" else watched.worst
        if len(seen) < least and verdict is PadVerdict.UNDECIDED:
            verdict = PadVerdict.NO_RESPONSE
        self.verdicts.setdefault(kind, Counter())[verdict] += 1
        if seen:
            self.scores.setdefault(kind, []).append(mean_score(tuple(seen)))
        found = following(result.motion for result in seen if result.motion is not None)
        self.carried[kind] += found is not None and found.carried

    def told(self, kind: str, threshold: float) -> str:
        """One cell of the table."""
        verdicts, scores = self.verdicts.get(kind, Counter()), self.scores.get(kind, [0.0])
        passed, silent = verdicts[PadVerdict.BONA_FIDE], verdicts[PadVerdict.NO_RESPONSE]
        count = sum(verdicts.values())
        person = kind == "bona_fide"
        errors = count - passed - silent if person else passed
        edge = min(scores) if person else max(scores)
        alone = sum(score < threshold if person else score >= threshold for score in scores)
        return (
            f"{errors} of {count - silent} ({silent} unseen; network alone {alone}, "
            f"surroundings {self.carried[kind]}; {edge:.2f})"
        )


class Recorded:
    """The kiosk's vision, and every result of attack detection that came of it."""

    def __init__(self, vision: Vision) -> None:
        self._vision = vision
        self.seen: list[PadResult] = []

    def observe(self, frame: Frame) -> Observed:
        """As the kiosk's own loop would have it."""
        observed = self._vision.observe(frame)
        self.seen += [probe.pad for probe in observed.probes if probe.pad is not None]
        return observed


class AttackTrials:
    """Shows presentations to newly started vision."""

    def __init__(self) -> None:
        self.settings, self.loaded = Settings(), evaluation_data.pack()
        self.policy = self.settings.access_policy(self.loaded.pack.space, self.settings.match.floor)

    def show(self, row: Row, shown: Shown) -> None:
        """One presentation, into the row."""
        files = self.loaded.files
        stages = Stages(
            LaneSearch(self.settings.lane.lane(), *loading.face_finders(self.loaded.pack, files)),
            loading.quality_assessor(),
            loading.attack_detector(self.loaded.pack, files),
            AnyoneMatcher(self.policy.space),
        )
        with closing(Vision(stages, seeing_policy(self.settings), Stopwatch())) as vision:
            recorded = Recorded(vision)
            watched = watch(FilmCamera(shown.frames, FPS), recorded, self.policy)
        row.add(shown.kind, watched, recorded.seen, self.policy.probes_required)


def recordings(most: int) -> Iterator[Shown]:
    """The recordings that show nothing but what they are said to."""
    for kind in ("bona_fide", "print"):
        for person in evaluation_data.people():
            for frames in evaluation_data.recordings(kind, person).values():
                yield Shown(kind, evaluation_data.pictures(frames[:most]), person)
    clip = evaluation_data.clip
    yield Shown("bona_fide", clip("phone_replay_bona_fide.webm")[::2][:most], "laptop")
    yield Shown("bona_fide", clip("old_phone_bona_fide.mov")[:most], "old phone")
    yield Shown("replay", clip("phone_replay_attack.webm")[::2][:most], "laptop")


def held(hand: Hand, reach: float | None, most: int) -> Iterator[Shown]:
    """A photograph of everybody in somebody's hand, before the scene of another person."""
    loaded = evaluation_data.pack()
    everybody = evaluation_data.people()
    with closing(loading.photograph_finder(loaded.pack, loaded.files)) as finder:
        for at, person in enumerate(everybody):
            (frames, *_) = evaluation_data.recordings("bona_fide", person).values()
            picture = evaluation_data.picture(frames[10])
            (face, *_) = finder.find(evaluation_data.frame_of(picture)).faces
            (behind, *_) = evaluation_data.recordings(
                "bona_fide", everybody[(at + 3) % len(everybody)]
            ).values()
            moved = Hand(hand.sway, hand.tilt, seed=at)
            scene = evaluation_data.pictures(behind[:most])
            yield Shown("picture", Sheet(picture, face.box, reach).held(moved, scene), person)


def main() -> None:
    """Print one line for each light or hand."""
    parser = argparse.ArgumentParser(prog="attacks", description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=30, help="of each recording")
    parser.add_argument("names", nargs="*", default=[*ROW, "held"])
    given = parser.parse_args()
    bench = AttackTrials()
    for name in given.names:
        if name == "held":
            print_held(bench, given.frames)
            continue
        row = Row()
        for shown in recordings(given.frames):
            bench.show(row, Shown(shown.kind, Light(name).on(shown.frames)))
        kinds = ("bona_fide", "print", "replay")
        told = (row.told(kind, bench.policy.pad_threshold) for kind in kinds)
        print(f"| {name} | {' | '.join(told)} |", flush=True)


def print_held(bench: AttackTrials, most: int) -> None:
    """Pictures that are held, one line for each sheet and hand."""
    for sheet, reach in REACHES.items():
        for how, hand in HANDS.items():
            row = Row()
            for shown in held(hand, reach, most):
                bench.show(row, shown)
            print(f"| {sheet}, {how} | {row.told('picture', bench.policy.pad_threshold)} |")


if __name__ == "__main__":
    main()
