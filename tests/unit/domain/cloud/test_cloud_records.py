"""What is kept of somebody's faces, what an operation costs, and what is never printed."""

from __future__ import annotations

import pytest

from kiosk.domain.cloud.faces import (
    LEAST_RELEASE,
    LEAST_SEARCHED,
    MOST_FACES,
    MOST_IMAGE_BYTES,
    MOST_SEARCHED,
    CloudId,
    ModelVersion,
    ReadText,
    SearchAnswer,
)
from kiosk.domain.cloud.flows import CloudFlow, FacesState, FlowIntent, FlowStep, PersonFaces
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.cloud.opinion import SearchResult
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.vision.comparison import CandidateList
from kiosk.domain.vision.template import SpaceId

ANN = CloudId("a" * 32)
PICTURES = {
    Operation.DETECT_FACES,
    Operation.COMPARE_FACES,
    Operation.DETECT_TEXT,
    Operation.INDEX_FACES,
    Operation.SEARCH_FACES,
    Operation.SEARCH_USERS,
}


@pytest.mark.parametrize(
    ("flow", "state"),
    [
        (CloudFlow.REGISTRATION, FacesState.PENDING),
        (CloudFlow.PHOTO_UPDATE, FacesState.UPDATING),
        (CloudFlow.WITHDRAWAL, FacesState.LEAVING),
    ],
)
def test_faces_are_valid_only_while_no_flow_is_under_way(
    flow: CloudFlow, state: FacesState
) -> None:
    assert PersonFaces(ANN, "lintel-g1-0").state is FacesState.VALID
    intent = FlowIntent(flow, FlowStep.INDEX, "token")
    assert PersonFaces(ANN, "lintel-g1-0", intent=intent).state is state


@pytest.mark.parametrize("operation", Operation)
def test_what_takes_a_picture_costs(operation: Operation) -> None:
    assert operation.costs is (operation in PICTURES)


def test_a_door_waits_for_searches_alone() -> None:
    searches = {Operation.SEARCH_FACES, Operation.SEARCH_USERS}
    assert {each for each in Operation if each.searches} == searches


def test_a_policy_cannot_name_the_collection_of_some_operations() -> None:
    looks = {Operation.DETECT_FACES, Operation.COMPARE_FACES, Operation.DETECT_TEXT}
    nowhere = {each for each in Operation if not each.in_collection}
    assert nowhere == looks | {Operation.CREATE_COLLECTION, Operation.LIST_COLLECTIONS}


def test_a_picture_is_not_printed_and_equal_to_no_other() -> None:
    one, other = FacePicture(b"jpeg", 100, 120), FacePicture(b"jpeg", 100, 120)
    assert (repr(one), one == other, MOST_IMAGE_BYTES) == ("FacePicture(<hidden>)", False, 5 << 20)


def test_a_flow_that_begins_has_done_nothing_and_replaces() -> None:
    begun = FlowIntent(CloudFlow.PHOTO_UPDATE, FlowStep.INDEX, "token")
    assert (begun.pictures, begun.undoing, begun.at, begun.adding) == (0, False, 0.0, False)
    assert PersonFaces(ANN, "lintel-g1-0").revision == 0


def test_the_bounds_of_the_requirements() -> None:
    """R16, R17, R42."""
    assert (LEAST_RELEASE, LEAST_SEARCHED, MOST_SEARCHED) == (99.0, 90.0, 99.9)
    assert MOST_FACES == 20_000_000


def test_an_answer_is_about_one_face_unless_it_says_otherwise() -> None:
    assert SearchAnswer(ModelVersion("7.0"), ()).faces == 1
    assert SearchResult(CandidateList(SpaceId("rekognition/7.0"))).seen


def test_what_was_read_is_not_printed() -> None:
    assert repr(ReadText("ANNA", 99.0)) == "ReadText(<hidden>)"
