"""Each step of an enrolment, met by nobody, somebody else or a picture: nothing is kept (R48, R73).

Whoever stands there from a step on does what is asked as well as they can: they hold the code for
yes up, and turn their heads where they have one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import evaluation_data
import pytest
from attackers import PRINTS, artefact
from enrolling_kiosk import (
    CAPTURE,
    MOMENTS,
    SUBJECT,
    Actor,
    EnrolmentKiosk,
    alive,
    beside,
    enrolling,
    nobody,
)
from kept_home import NAME, verified
from left_traces import Traces
from real_kiosk import FilmedModels

from kiosk.domain.enrolment.invitation import InvitationState
from kiosk.domain.vision.frame import Pixels
from kiosk.people.invitations import InvitationService
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights]

Strips = Callable[[Sequence[Path]], Sequence[Pixels]]
GRACE, *_, OTHER = evaluation_data.people()
LEFT = {("abandoned", "left")}
ALONE_NO_MORE = {("abandoned", "silent")}
TAKEN_OVER = {("failed", "another_person")}
UNMASKED = {
    ("failed", "presentation_attack"),
    ("failed", "another_person"),
    ("failed", "poor_view"),
    ("failed", "too_few_views"),
    ("abandoned", "silent"),
    ("abandoned", "left"),
}
PICTURES = [*PRINTS, "a telephone"]
QUICK = {("up", "another"), ("hello", "a print")}
CASES = [
    *((step, "nobody") for step in MOMENTS),
    *((step, "a second head") for step in MOMENTS),
    *((step, "another") for step in CAPTURE),
    *((step, picture) for step in MOMENTS for picture in ("a print", "a telephone")),
    *((step, light) for step in ("hello", "centre", "right", "down") for light in list(PRINTS)[1:]),
]


def cases() -> list[object]:
    """A few for every run of the suite."""
    rest = pytest.mark.long
    return [c if c in QUICK else pytest.param(*c, marks=rest) for c in dict.fromkeys(CASES)]


@pytest.fixture
def site(tmp_path: Path, models: FilmedModels) -> EnrolmentKiosk:
    return EnrolmentKiosk(tmp_path / "home", models)


@pytest.fixture
def second(strips: Strips) -> Sequence[Pixels]:
    """The head of somebody else."""
    return strips(next(iter(evaluation_data.walks(OTHER).values())))


def stands_there(who: str, second: Sequence[Pixels]) -> tuple[Actor, set[tuple[str, str]]]:
    """Who is there from that step on, and how the session may end."""
    match who:
        case "nobody":
            return nobody(), LEFT
        case "a second head":
            return beside(GRACE, second), ALONE_NO_MORE
        case "another":
            return alive(OTHER), TAKEN_OVER
        case _:
            return artefact(who, GRACE), UNMASKED


def nothing_is_kept(site: EnrolmentKiosk, traces: Traces) -> None:
    """Nobody in the store, no enrolment in a sound journal, no trace in any file of the home."""
    with OpenHome.open(site.home) as open_home:
        assert not open_home.references.subjects()
        assert not len(open_home.references)
        (invitation,) = InvitationService(open_home).all()
        assert invitation.state is InvitationState.OPEN
    assert verified(site.home).sealed
    journal = (site.home / "journal.jsonl").read_text()
    assert '"enrolled"' not in journal
    assert '"enrolment"' not in journal
    assert traces.within([site.home]) == []


@pytest.mark.parametrize(("step", "who"), cases())
def test_nobody_is_enrolled_and_nothing_is_kept(
    site: EnrolmentKiosk, second: Sequence[Pixels], step: str, who: str
) -> None:
    then, endings = stands_there(who, second)
    session = site.play(enrolling(site.invite(), alive(GRACE), MOMENTS[step], then))
    assert session.last in endings, session.notes
    assert site.met == [step]
    vectors = [template.vector for template in session.templates]
    assert vectors or step not in CAPTURE[1:]
    nothing_is_kept(site, Traces(site.shown, vectors, [NAME.encode()]))


@pytest.mark.long
def test_the_same_session_enrols_whoever_stays(site: EnrolmentKiosk) -> None:
    """The test of the tests: where nobody steps in, there is something to find."""
    session = site.play(enrolling(site.invite(), alive(GRACE)))
    assert [step for step, _ in session.notes] == ["invited", "consented", "captured", "enrolled"]
    assert sorted(site.passed) == sorted(MOMENTS)
    with OpenHome.open(site.home) as open_home:
        assert open_home.references.subjects() == [SUBJECT]
        assert len(open_home.references) >= 3
    vectors = [template.vector for template in session.templates]
    assert Traces(site.shown, vectors, [NAME.encode()]).within([site.home]) == []
