"""The two finders of a kiosk run one set of networks, and neither disturbs what the other finds."""

from __future__ import annotations

import evaluation_data
import numpy as np
import pytest
from evaluation_data import frame_of
from installed_engines import BOTH_ENGINES

from kiosk.domain.vision.face import Found
from models.faces.finder import LiteRtStillsFinder, LiteRtStreamFinder
from models.faces.networks import FaceNetworks
from models.loading import face_finders
from models.packs.manifest import Engine

pytestmark = [pytest.mark.data, pytest.mark.weights]

FRAMES = 8


def same(one: Found, other: Found) -> bool:
    meshes = zip(one, other, strict=True)
    return one.looked == other.looked and all(np.array_equal(a.mesh, b.mesh) for a, b in meshes)


@pytest.mark.parametrize("engine", BOTH_ENGINES)
def test_a_still_is_completed_with_who_is_beside_a_known_face(engine: Engine) -> None:
    loaded = evaluation_data.pack()
    stream, stills = face_finders(loaded.pack.for_engine(engine), loaded.files)
    person, other = (
        evaluation_data.picture(next(iter(evaluation_data.walks(who).values()))[0])
        for who in evaluation_data.people()[:2]
    )
    alone = frame_of(person)
    both = frame_of(np.hstack([person, other]))
    (known,) = stream.find(alone)
    assert stills.look(alone, Found((known,), looked=False)).faces == (known,)
    together = stills.look(both, Found((known,), looked=False))
    assert len(together) == len(stills.find(both)) > 1
    assert any(face is known for face in together)
    for finder in (stream, stills):
        finder.close()


def test_in_turn_they_find_what_each_finds_by_itself() -> None:
    loaded = evaluation_data.pack()
    weights = loaded.files["landmarks"]
    stream, stills = face_finders(loaded.pack.for_engine("litert"), loaded.files)
    alone = LiteRtStreamFinder(FaceNetworks(weights)), LiteRtStillsFinder(FaceNetworks(weights))
    people = evaluation_data.people()[:2]
    first, second = (next(iter(evaluation_data.walks(who).values())) for who in people)
    found = 0
    for index in range(FRAMES):
        near, far = (
            frame_of(evaluation_data.picture(walk[index]), index) for walk in (first, second)
        )
        together = stream.find(near), stills.find(far)
        apart = alone[0].find(near), alone[1].find(far)
        assert all(same(*pair) for pair in zip(together, apart, strict=True))
        found += len(together[0]) + len(together[1])
    assert found >= FRAMES
