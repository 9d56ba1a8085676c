"""Candidate cues of presentation attacks, each alone and together with the network.

`.venv/bin/python tools/measure cues [--frames N] [held | NAME ...]`; the names are those of
`other_light.TEN`. Each presentation has, for each cue, the highest score of all of it and of each
run of twelve frames: that is how the door refuses. One line for each light and cue: the area under
the ROC curve; attacks that pass where no person is refused (APCER at BPCER 0); people who are
refused where no attack passes (BPCER at APCER 0); people refused and attacks let in by cue and
network together. There the cue's limit lies four deviations above the median of the other people in
plain light: nobody is judged by a limit that their own recordings have set. `held` are computed
photographs in a hand, beside the people in plain light.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import evaluation_data
import numpy as np
from cues import CUES, SILENT, FilmedFace
from measure_attacks import HANDS, REACHES, Shown, held, recordings
from other_light import TEN, Light

from config.settings import Settings
from kiosk.domain.vision.attack import PadResult, mean_score
from kiosk.domain.vision.surroundings import LEAST_MOVED, following
from models import loading
from models.landmarks import FrameKind

PERSON, NETWORK = "bona_fide", "network"
NORMAL = 1.4826
"""Standard deviation for a median absolute deviation of 1."""
RUN = 12
"""Frames: what a grant takes, and two more."""
DEVIATIONS = 4.0
"""From the median of other people to a cue's limit."""


@dataclass(frozen=True)
class CueScores:
    """A presentation and its score by each cue: the larger, the more like an attack."""

    shown: Shown
    scores: Mapping[str, float]


def auc(people: Sequence[float], attacks: Sequence[float]) -> float:
    """The share of pairs in which the attack has more; half of the pairs with the same."""
    pairs = [(attack > person) + (attack == person) / 2 for person in people for attack in attacks]
    return float(np.mean(pairs))


def passed(people: Sequence[float], attacks: Sequence[float]) -> int:
    """Attacks that pass where no person is refused."""
    return sum(attack <= max(people) for attack in attacks)


def refused(people: Sequence[float], attacks: Sequence[float]) -> int:
    """People who are refused where no attack passes."""
    return sum(person >= min(attacks) for person in people)


def limit(others: Iterable[float]) -> float:
    """Where a score stands out of those of other people; no limit where all are silent."""
    told = np.array([score for score in others if score != SILENT])
    if not told.size:
        return math.inf
    middle = float(np.median(told))
    return middle + DEVIATIONS * NORMAL * float(np.median(np.abs(told - middle)))


def judged(shown: Shown) -> CueScores:
    """The scores of the largest face of each frame."""
    loaded = evaluation_data.pack()
    detector = loading.attack_detector(loaded.pack, loaded.files)
    run, results = list[FilmedFace](), list[PadResult]()
    with closing(loading.face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as finder:
        for index, pixels in enumerate(shown.frames):
            frame = evaluation_data.frame_of(pixels, index)
            for face in sorted(finder.find(frame), key=lambda face: -face.box.area)[:1]:
                run.append(FilmedFace(pixels, face))
                results.append(detector.assess(frame, face))
    spans = windows(len(run))
    scores = {
        name: max((cue(run[span]) for span in spans), default=SILENT) for name, cue in CUES.items()
    }
    carried = max((_carried(results[span]) for span in spans), default=SILENT)
    network = 1.0 - mean_score(tuple(results))
    return CueScores(shown, {NETWORK: network, "surroundings": carried} | scores)


def windows(frames: int) -> Sequence[slice]:
    """All of a presentation, and each run of it: what the door's rules judge. None of no frames."""
    runs = [slice(at, at + RUN) for at in range(0, frames - RUN + 1, RUN // 2)]
    return [slice(frames), *runs] if frames else []


def _carried(results: Sequence[PadResult]) -> float:
    found = following(result.motion for result in results if result.motion is not None)
    return found.share - found.error if found and found.moved >= LEAST_MOVED else SILENT


@dataclass(frozen=True)
class Together:
    """A cue beside the network: the first limits of both that are reached refuse.

    Attributes:
        cue: its name.
        plain: people in plain light.
        network: the network's limit.
    """

    cue: str
    plain: Sequence[CueScores]
    network: float

    def refuses(self, one: CueScores) -> bool:
        """True for what is called an attack."""
        if one.scores[NETWORK] > self.network or self.cue == NETWORK:
            return one.scores[NETWORK] > self.network
        others = (p.scores[self.cue] for p in self.plain if p.shown.who != one.shown.who)
        return one.scores[self.cue] > limit(others)


def line(
    name: str, together: Together, people: Sequence[CueScores], attacks: Sequence[CueScores]
) -> str:
    """One line of the table."""
    cue = together.cue
    honest, false = ([one.scores[cue] for one in some] for some in (people, attacks))
    wrong = sum(map(together.refuses, people))
    through = sum(not together.refuses(one) for one in attacks)
    return (
        f"| {name} | {cue} | {auc(honest, false):.2f} | {passed(honest, false)} of {len(false)} "
        f"| {refused(honest, false)} of {len(honest)} | {wrong}, {through} |"
    )


def main() -> None:
    """Print one line for each light or hand and each cue."""
    parser = argparse.ArgumentParser(
        prog="tools/measure cues", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--frames", type=int, default=24, help="of each recording")
    parser.add_argument("names", nargs="*", default=[*TEN, "held"])
    given = parser.parse_args()
    network = 1.0 - Settings().pad.threshold
    print("| light | cue | AUC | APCER at BPCER 0 | BPCER at APCER 0 | both: people, attacks |")
    print("|---|---|---|---|---|---|")
    plain = [judged(one) for one in recordings(given.frames) if one.kind == PERSON]
    for name in given.names:
        for told, shown in _groups(name, given.frames):
            found = [judged(one) for one in shown]
            people = [one for one in found if one.shown.kind == PERSON] or plain
            attacks = [one for one in found if one.shown.kind != PERSON]
            for cue in found[0].scores:
                print(line(told, Together(cue, plain, network), people, attacks), flush=True)


def _groups(name: str, frames: int) -> Iterable[tuple[str, Iterable[Shown]]]:
    """The presentations of each line."""
    if name != "held":
        light = Light(name)
        yield (
            name,
            (Shown(s.kind, light.on(s.frames), s.who) for s in recordings(frames)),
        )
        return
    for sheet, reach in REACHES.items():
        for how, hand in HANDS.items():
            yield f"{sheet}, {how}", held(hand, reach, frames)


if __name__ == "__main__":
    main()
