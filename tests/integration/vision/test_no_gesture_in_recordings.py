"""Nobody in the recordings answers: not by looking around, turning, talking or moving about (R79).

The real finder follows real people who were asked for nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import evaluation_data
import pytest
from chosen import few_first

from config.settings import Settings
from kiosk.domain.enrolment.acts.gestures import (
    GesturePolicy,
    HeadAt,
    Heads,
    answer_of,
    following,
)
from kiosk.domain.enrolment.answers import Given
from kiosk.domain.vision.frame import Instant, Pixels
from kiosk.pipeline.face_search import LaneSearch
from models.loading import face_finders

pytestmark = [pytest.mark.data, pytest.mark.weights]

RATES = (8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0)
"""Frames a second: what was slow at one is quick at another."""
POLICY = GesturePolicy()
NEAR_SHARE = 0.6
"""A smaller face than so much of the largest is a bystander's, behind the person."""
Series = list[HeadAt | None]
"""The lone head of each frame, timed in frames; None where there is none, or another."""


def heads_in(pictures: Sequence[Pixels]) -> Series:
    pack, lane = evaluation_data.pack(), Settings().lane.lane()
    with closing(LaneSearch(lane, *face_finders(pack.pack, pack.files))) as finder:
        found: Series = []
        for number, pixels in enumerate(pictures):
            frame = evaluation_data.frame_of(pixels, number)
            faces, oval = finder.find(frame), lane.oval(frame.width, frame.height)
            heads = [
                HeadAt(Instant(number), f.pose.yaw, f.pose.pitch, oval.offset(f.box.centre)[0])
                for f in faces
                if f.box.height > NEAR_SHARE * max(face.box.height for face in faces)
            ]
            found.append(heads[0] if len(heads) == 1 else None)
    assert sum(head is not None for head in found) > 20
    return found


def answers(series: Series, fps: float) -> Iterator[Given]:
    seen: Heads = ()
    for head in series:
        if head is None:
            seen = ()
            continue
        timed = HeadAt(Instant(head.at / fps), head.yaw, head.pitch, head.across)
        seen = following(seen, timed, POLICY)
        given = answer_of(seen, POLICY)
        if given is not None:
            yield given


@pytest.mark.parametrize("person", few_first(evaluation_data.people(), 2))
def test_nobody_at_the_webcam_answers(person: str) -> None:
    for frames in evaluation_data.recordings("bona_fide", person).values():
        series = heads_in(evaluation_data.pictures(frames))
        assert {fps: list(answers(series, fps)) for fps in RATES} == {fps: [] for fps in RATES}


@pytest.mark.long
@pytest.mark.parametrize(
    "clip",
    [
        "phone_replay_bona_fide.webm",
        "old_phone_bona_fide.mov",
        "phone_replay_attack.webm",
        "old_phone_attack.mp4",
    ],
)
def test_nobody_who_turns_their_head_answers(clip: str) -> None:
    """They turn it to all sides, as far as it goes."""
    series = heads_in(evaluation_data.clip(clip))
    assert {fps: list(answers(series, fps)) for fps in RATES} == {fps: [] for fps in RATES}


@pytest.mark.long
@pytest.mark.parametrize("person", evaluation_data.people())
def test_no_photograph_that_is_moved_and_bent_answers(person: str) -> None:
    for frames in evaluation_data.recordings("print", person).values():
        series = heads_in(evaluation_data.pictures(frames))
        assert {fps: list(answers(series, fps)) for fps in RATES} == {fps: [] for fps in RATES}
