"""Samples of comparisons: one of so many, in bands, and nobody's (R57)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kiosk.cloud.client.answers import searched
from kiosk.cloud.client.service_answer import ServiceAnswer
from kiosk.cloud.monitoring.watch import CloudWatchers
from kiosk.domain.cloud.faces import CloudId, Match, ModelVersion, SearchAnswer, SearchedFace
from kiosk.domain.cloud.operations import Operation

PERSON, OTHER = "8f14e45fceea167a5a36dedd4bea2543", "c9f0f895fb98ab9159f51fd0297e236d"
MATCHES = (Match(CloudId(PERSON), 99.3712), Match(CloudId(OTHER), 96.2468))
FACE = SearchedFace(0.5, 0.25, 71.2345, 55.6789, occluded=False, landmarks=5)
ANSWER = SearchAnswer(ModelVersion("7.0"), MATCHES, 2, FACE)
USERS = Operation.SEARCH_USERS


def sampled(watchers: CloudWatchers) -> list[dict[str, Any]]:
    return [event.details() for event in watchers.changes.taken()]


@pytest.mark.parametrize(("every", "expected"), [(0, 0), (1, 7), (3, 2), (8, 0)])
def test_one_of_so_many_is_described(every: int, expected: int) -> None:
    watchers = CloudWatchers()
    watchers.sample(every)
    for _ in range(5):
        watchers.searched(ANSWER, USERS, (360, 480))
    for _ in range(2):
        watchers.compared((99.9,))
    assert len(sampled(watchers)) == expected


def test_without_the_setting_none_is() -> None:
    watchers = CloudWatchers()
    watchers.searched(ANSWER, USERS, (360, 480))
    assert sampled(watchers) == []


def test_a_search_is_described_in_bands_and_without_anybodys_id() -> None:
    watchers = CloudWatchers()
    watchers.sample(1)
    watchers.searched(ANSWER, USERS, (360, 480))
    (details,) = sampled(watchers)
    assert details == {
        "operation": "SearchUsersByImage",
        "best": "99-99.5",
        "lead": "2-5",
        "model": "7.0",
        "faces": 2,
        "width": 180,
        "height": 120,
        "sharpness": 71.0,
        "brightness": 56.0,
        "occluded": False,
        "landmarks": 5,
    }
    text = json.dumps(details)
    assert not any(told in text for told in (PERSON, OTHER, "99.37", "96.2", "3.12"))


@pytest.mark.parametrize("size", [None, (360, 480)])
def test_what_the_service_does_not_say_is_left_out(size: tuple[int, int] | None) -> None:
    watchers = CloudWatchers()
    watchers.sample(1)
    face = None if size else FACE
    watchers.searched(SearchAnswer(ModelVersion("7.0"), (), 0, face), USERS, size)
    (details,) = sampled(watchers)
    assert (details["best"], details["lead"], details["faces"]) == ("nobody", "nobody", 0)
    assert not {"width", "height"} & set(details)


def test_a_comparison_of_two_pictures_has_its_band_alone() -> None:
    watchers = CloudWatchers()
    watchers.sample(1)
    watchers.compared((98.76,))
    watchers.compared(())
    one, other = sampled(watchers)
    assert (one["operation"], one["best"], other["best"]) == ("CompareFaces", "98-99", "nobody")


# -- the face that was compared, in an answer ----------------------------------------------------

BOX = {"Left": 0.1, "Top": 0.1, "Width": 0.5, "Height": 0.25}
DETAIL = {"BoundingBox": BOX, "Quality": {"Sharpness": 71.0, "Brightness": 55.0}}


def face_in(operation: Operation, **said: object) -> SearchedFace | None:
    found = {"UserMatches": [], "FaceMatches": [], "FaceModelVersion": "7.0", **said}
    return searched(ServiceAnswer(operation, found), operation).face


def test_the_face_of_a_search_is_read() -> None:
    more = {**DETAIL, "Landmarks": [{}] * 5, "FaceOccluded": {"Value": True}}
    users = face_in(USERS, SearchedFace={"FaceDetail": more})
    assert users == SearchedFace(0.5, 0.25, 71.0, 55.0, occluded=True, landmarks=5)
    faces = face_in(Operation.SEARCH_FACES, SearchedFaceBoundingBox=BOX)
    assert faces == SearchedFace(0.5, 0.25)


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {**DETAIL, "BoundingBox": {**BOX, "Width": float("nan")}},
        {**DETAIL, "Quality": "good"},
        {**DETAIL, "FaceOccluded": "no"},
        {**DETAIL, "Landmarks": "five"},
    ],
)
def test_a_description_without_sense_leaves_the_answer_as_it_is(detail: object) -> None:
    assert face_in(USERS, SearchedFace={"FaceDetail": detail}) is None
    assert face_in(Operation.SEARCH_FACES, SearchedFaceBoundingBox=detail) is None
