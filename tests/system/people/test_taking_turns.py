"""Two people in one place without a gap: nobody's frames count for another.

The films are cut so that tracking alone sees one face: any overlap is the same track here, and no
frame lies between the two people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import evaluation_data
import pytest
from chosen import few_first
from filmed_people import composed
from real_kiosk import FilmedModels, RealKiosk, Visit

from config.sections.vision.lane import LaneSettings
from config.settings import Settings
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

ONE_TRACK = Settings(lane=LaneSettings(track_overlap=0.01))
GRANT = ONE_TRACK.access.probes_required
EVERYBODY = evaluation_data.people()
CHOSEN = few_first(EVERYBODY[::2], 1)

Pictures = Sequence[Pixels]
References = Mapping[str, Sequence[Template]]
Without = Callable[[str], RealKiosk]


def somebody_else(person: str) -> str:
    return EVERYBODY[(EVERYBODY.index(person) + 1) % len(EVERYBODY)]


def walk(person: str) -> Pictures:
    return evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))


def shown(door: RealKiosk, name: str, *parts: Pictures) -> Visit:
    return door.with_settings(ONE_TRACK).watch(composed(name, list(chain(*parts))))


@pytest.fixture(scope="module")
def without(
    models: FilmedModels, references: References, tmp_path_factory: pytest.TempPathFactory
) -> Without:
    """A door at which everybody is enrolled but one."""

    def kiosk(stranger: str) -> RealKiosk:
        made = RealKiosk(tmp_path_factory.mktemp("without") / "home", models)
        for person, templates in references.items():
            if person != stranger:
                made.enrol(person, templates)
        return made

    return kiosk


@pytest.mark.parametrize("person", CHOSEN)
@pytest.mark.parametrize("frames", few_first([4, 1, GRANT - 1], 1))
def test_a_stranger_who_steps_in_before_the_grant(
    without: Without, person: str, frames: int
) -> None:
    stranger = somebody_else(person)
    visit = shown(without(stranger), f"in/{person}/{frames}", walk(person)[:frames], walk(stranger))
    assert visit.admitted == []
    assert visit.door.releases == 0


@pytest.mark.parametrize("person", CHOSEN)
def test_a_stranger_who_steps_in_after_the_grant(without: Without, person: str) -> None:
    """They stay for longer than the result does, and are looked at anew."""
    stranger = somebody_else(person)
    visit = shown(
        without(stranger), f"after/{person}", walk(person)[: 2 * GRANT], *[walk(stranger)] * 4
    )
    assert visit.admitted == [person]
    assert visit.door.releases == 1
    assert visit.reasons[1:] != []
    assert set(visit.reasons[1:]) <= {"not_recognised", "left"}


@pytest.mark.long
@pytest.mark.parametrize("person", CHOSEN)
@pytest.mark.parametrize("each", [1, 2, 5])
def test_two_enrolled_people_who_take_turns(door: RealKiosk, person: str, each: int) -> None:
    stranger = somebody_else(person)
    turns = [
        part[at : at + each] for at in range(0, 30, each) for part in (walk(person), walk(stranger))
    ]
    visit = shown(door, f"turns/{person}/{each}", *turns)
    assert visit.admitted == []


@pytest.mark.parametrize("person", CHOSEN)
@pytest.mark.parametrize("at", few_first([3, 0, 2, GRANT - 1], 1))
def test_one_frame_of_an_enrolled_person_among_those_of_a_stranger(
    without: Without, person: str, at: int
) -> None:
    stranger = somebody_else(person)
    frames = list(walk(stranger))
    frames[at] = walk(person)[0]
    visit = shown(without(stranger), f"one/{person}/{at}", frames)
    assert visit.admitted == []


@pytest.mark.parametrize("person", CHOSEN)
@pytest.mark.parametrize("at", few_first([3, 0, GRANT - 1], 1))
def test_one_frame_of_a_stranger_among_those_of_an_enrolled_person(
    door: RealKiosk, person: str, at: int
) -> None:
    """At a frame that is compared: whoever is let in is so without it."""
    frames = list(walk(person))
    frames[at] = walk(somebody_else(person))[0]
    visit = shown(door, f"other/{person}/{at}", frames)
    assert visit.admitted == [person]
    (probes,) = visit.decided("probes")[-1:]
    assert probes == GRANT
    assert visit.outcomes[-1].decision.evidence[0].at > at / evaluation_data.FPS
