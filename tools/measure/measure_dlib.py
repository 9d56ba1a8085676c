"""Run dlib's `face_recognition` and Lintel over the same pictures, in turn, and compare them.

Time: processor milliseconds of a frame, to find the faces and to encode one; medians over frames
of a webcam. Misses: at the same false match rate, over all pairs of the pictures of people. A
picture without an encoding misses each of its comparisons.

`face_recognition` needs an environment of its own, outside this folder:

    python3 -m venv ~/dlib && ~/dlib/bin/pip install face_recognition dlib cmake 'setuptools<81'
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.settings import Settings
from hardware.camera.source import IMAGE_SUFFIXES
from hardware.camera.still import read_still
from kiosk.cli.common import known_home
from kiosk.domain.ports import FaceFinder, TemplateExtractor
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.measure.acquisition import off_centre
from kiosk.measure.discovery import images_under
from kiosk.pipeline.face_search import LaneSearch
from kiosk.wiring.vision import Weights, verified_weights
from models.loading import extractor, face_finders, photograph_finder

PEER = Path(__file__).with_name("dlib_peer.py")
RATES = (100, 1_000, 10_000)
"""False match rates, as 1 in so many."""
FPS = 30.0
MOST_BYTES = 50_000_000

Vectors = NDArray[np.float64]


class FaceAnswer(NamedTuple):
    """What one of them made of one picture.

    Attributes:
        find: processor milliseconds to find the faces.
        encode: to encode one; None if none was found.
        vector: its encoding.
    """

    find: float
    encode: float | None
    vector: Sequence[float] | None


class Peer:
    """The other program, in its own environment.

    Args:
        python: the interpreter of that environment.
    """

    def __init__(self, python: str) -> None:
        self._process = subprocess.Popen(
            [python, str(PEER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.about = self._read()

    def encode(self, picture: Path) -> FaceAnswer:
        """Its answer for a picture."""
        assert self._process.stdin
        self._process.stdin.write(f"{picture.absolute()}\n")
        self._process.stdin.flush()
        return FaceAnswer(**self._read())

    def close(self) -> None:
        """End it."""
        with self._process:  # closes both ends, and waits
            pass

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "face_recognition ended: see its message above"
        told: dict[str, Any] = json.loads(line)
        return told


class Own:
    """Lintel's finder and template extractor.

    Args:
        finder: finds faces.
        maker: makes templates.
    """

    def __init__(self, finder: FaceFinder, maker: TemplateExtractor) -> None:
        self._finder, self._maker, self._index = finder, maker, 0

    def encode(self, picture: Path) -> FaceAnswer:
        """The answer for a picture, which is the next frame of a stream if the finder follows."""
        frame = Frame(read_still(picture, MOST_BYTES), Instant(self._index / FPS), self._index)
        self._index += 1
        began = process_time()
        faces = self._finder.find(frame)
        found = process_time()
        face = min(faces, key=lambda each: off_centre(frame, each), default=None)
        if face is None:
            return FaceAnswer((found - began) * 1000, None, None)
        vector = self._maker.extract(frame, face).vector
        return FaceAnswer((found - began) * 1000, (process_time() - found) * 1000, vector.tolist())

    def close(self) -> None:
        """Release the finder."""
        self._finder.close()


@dataclass
class Side:
    """The answers of one of them.

    Attributes:
        answers: in the order of the pictures.
    """

    answers: list[FaceAnswer] = field(default_factory=list)

    def milliseconds(self) -> tuple[float, float, float]:
        """Medians of the pictures that were encoded: to find, to encode, both."""
        whole = [(a.find, a.encode, a.find + a.encode) for a in self.answers if a.encode]
        find, encode, both = zip(*whole, strict=True)
        return median(find), median(encode), median(both)

    def vectors(self) -> Vectors:
        """(pictures, dimensions); NaN where there is no encoding."""
        size = next(len(a.vector) for a in self.answers if a.vector)
        return np.array([a.vector or [np.nan] * size for a in self.answers], np.float64)


def by_cosine(vectors: Vectors) -> Vectors:
    """(pictures, pictures) scores of Lintel."""
    return vectors @ vectors.T


def by_distance(vectors: Vectors) -> Vectors:
    """(pictures, pictures) scores of `face_recognition`: negative distances, higher is closer."""
    squares = np.square(vectors).sum(axis=1)
    return -np.sqrt(np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0.0))


def misses(scores: Vectors, persons: NDArray[np.intp], one_in: int) -> tuple[int, int]:
    """Missed and all mated comparisons, at the lowest threshold that meets a false match rate.

    Args:
        scores: (pictures, pictures); NaN where a picture has no encoding.
        persons: (pictures,) whose picture each is.
        one_in: the rate among the non-mated comparisons that both pictures have encodings for.
    """
    first, second = np.triu_indices(len(persons), 1)
    same, score = persons[first] == persons[second], scores[first, second]
    others = np.sort(score[~same & np.isfinite(score)])
    allowed = len(others) // one_in
    mated = score[same]
    matched = np.count_nonzero(mated > others[len(others) - allowed - 1])
    return len(mated) - matched, len(mated)


def in_turn(pictures: Sequence[Path], peer: Peer, own: Own) -> tuple[Side, Side]:
    """Both over every picture, one after the other, so that other work hinders both alike."""
    theirs, ours = Side(), Side()
    for picture in pictures:
        theirs.answers.append(peer.encode(picture))
        ours.answers.append(own.encode(picture))
    return theirs, ours


def whose(pictures: Sequence[Path]) -> NDArray[np.intp]:
    """Whose picture each is: a folder a person."""
    return np.unique([str(p.parent) for p in pictures], return_inverse=True)[1]


def tell_times(name: str, theirs: Side, ours: Side) -> None:
    """A row for each of them, and how many times faster Lintel is."""
    of_them, of_us = theirs.milliseconds(), ours.milliseconds()
    for who, times in (("face_recognition", of_them), ("Lintel", of_us)):
        cells = " | ".join(f"{each:.1f}" for each in times)
        print(f"| {name}, {who} | {cells} |")
    print(f"| {name}, times faster | | | {of_them[2] / of_us[2]:.1f} |", flush=True)


def tell_misses(pictures: Sequence[Path], theirs: Side, ours: Side) -> None:
    """The misses of both at each rate."""
    persons = whose(pictures)
    both = (by_distance(theirs.vectors()), by_cosine(ours.vectors()))
    for one_in in RATES:
        (bad, all_of), (ours_bad, _) = (misses(scores, persons, one_in) for scores in both)
        shares = " | ".join(f"{100 * n / all_of:.2f} % ({n:,})" for n in (bad, ours_bad))
        share = f"{ours_bad / bad:.3f}" if bad else "none"
        print(f"| misses of {all_of:,} at 1 in {one_in:,} | {shares} | {share} |")
    without = (sum(a.vector is None for a in side.answers) for side in (theirs, ours))
    print(f"| no encoding, of {len(pictures):,} | {next(without)} | {next(without)} | |")


def of_first(people: int, pictures: Sequence[Path]) -> list[Path]:
    """The pictures of so many people, in the order of their folders."""
    return [p for p, person in zip(pictures, whose(pictures), strict=True) if person < people]


def measure(python: str, weights: Weights, faces: Sequence[Path], moving: Sequence[Path]) -> None:
    """Run both over stills of people and over frames of a webcam, and print the tables."""
    maker, lane = extractor(weights.pack, weights.files), Settings().lane.lane()
    with closing(Peer(python)) as peer:
        print(f"{peer.about}; {weights.pack.space}, engine {weights.pack.engine}\n")
        print("| processor milliseconds, medians | find | encode | both |\n|---|---|---|---|")
        with closing(
            Own(LaneSearch(lane, *face_finders(weights.pack, weights.files)), maker)
        ) as own:
            tell_times(f"{len(moving):,} webcam frames", *in_turn(moving, peer, own))
        with closing(Own(photograph_finder(weights.pack, weights.files), maker)) as own:
            theirs, ours = in_turn(faces, peer, own)
        tell_times(f"{len(faces):,} stills", theirs, ours)
    print("\n| | face_recognition | Lintel | Lintel's share |\n|---|---|---|---|")
    tell_misses(faces, theirs, ours)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(
        prog="tools/measure dlib", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--python", required=True, help="of the environment of face_recognition")
    parser.add_argument("--stills", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--frames", type=Path, required=True, help="frames of a webcam")
    parser.add_argument("--people", type=int, default=10**9, help="of the stills, at most")
    parser.add_argument("--most", type=int, default=200, help="frames of the webcam")
    asked = parser.parse_args()
    stills = of_first(asked.people, images_under(asked.stills, IMAGE_SUFFIXES))
    frames = images_under(asked.frames, IMAGE_SUFFIXES)[: asked.most]
    measure(asked.python, verified_weights(Settings(), known_home(None)), stills, frames)


if __name__ == "__main__":
    main()
