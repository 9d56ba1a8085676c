"""Each step of "My data", met by nobody, somebody else or a picture: nothing is taken back (R48).

The invitation is that of somebody who is enrolled. Whoever stands there holds up the codes that
would take everything back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import evaluation_data
import pytest
from attackers import artefact
from chosen import few_first
from enrolling_kiosk import (
    NO,
    SUBJECT,
    YES,
    Actor,
    EnrolmentKiosk,
    Played,
    alive,
    at_prompt,
    enrolling,
    nobody,
)
from kept_home import NAME, rows, verified
from real_kiosk import CONSENT, FilmedModels

from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.store.open_home import OpenHome

pytestmark = [pytest.mark.data, pytest.mark.weights]

GRACE, *_, OTHER = evaluation_data.people()
WITHDRAWN = '"event":"withdrawn"'
TAKE_BACK = {Prompt.DATA_TITLE: NO, Prompt.DATA_CONFIRM_WITHDRAW: YES}
MOMENTS = {
    "code": at_prompt(Prompt.ONE_MOMENT),
    "data": at_prompt(Prompt.DATA_TITLE),
    "question": at_prompt(Prompt.DATA_CONFIRM_WITHDRAW),
}
CASES = [
    ("question", "another"),
    *((step, "nobody") for step in MOMENTS),
    *((step, "another") for step in ("code", "data")),
    *(("code", picture) for picture in ("a print", "a noisy print in warm light", "a telephone")),
]


@pytest.fixture
def site(
    tmp_path: Path, models: FilmedModels, references: Mapping[str, Sequence[Template]]
) -> EnrolmentKiosk:
    """Everybody is enrolled."""
    made = EnrolmentKiosk(tmp_path / "home", models)
    with OpenHome.open(made.home) as open_home:
        open_home.references.enrol(SUBJECT, references[GRACE], CONSENT, NAME)
        for person in references:
            if person != GRACE:
                open_home.references.enrol(SubjectId(person), references[person], CONSENT)
    return made


def taking_back(site: EnrolmentKiosk, step: str = "code", then: Actor | None = None) -> Played:
    moment = MOMENTS[step]
    """The code is held up before anybody is there: else the door would let Grace in first."""
    act = enrolling(site.invite(), alive(GRACE), moment, then, TAKE_BACK, bringing=nobody())
    return site.play(act)


@pytest.mark.parametrize("case", few_first(CASES, 1), ids="/".join)
def test_nobody_else_takes_anything_back(site: EnrolmentKiosk, case: tuple[str, str]) -> None:
    step, who = case
    match who:
        case "nobody":
            then = nobody()
        case "another":
            then = alive(OTHER)
        case _:
            then = artefact(who, GRACE)
    before = rows(site.home)["refs"]
    played = taking_back(site, step, then)
    assert Prompt.DATA_WITHDRAWN not in played.prompts
    assert (Prompt.DATA_TITLE in played.prompts) is (step != "code")
    assert rows(site.home)["refs"] == before
    assert WITHDRAWN not in (site.home / "journal.jsonl").read_text()
    assert verified(site.home).sealed


@pytest.mark.long
def test_they_themselves_take_it_back(site: EnrolmentKiosk) -> None:
    """The test of the tests."""
    played = taking_back(site)
    assert played.prompts[-1] is Prompt.DATA_WITHDRAWN
    with OpenHome.open(site.home) as open_home:
        assert SUBJECT not in open_home.references.subjects()
    assert WITHDRAWN in (site.home / "journal.jsonl").read_text()
