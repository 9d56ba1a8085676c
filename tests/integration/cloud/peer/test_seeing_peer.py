"""The peer looks at real photographs with the project's own models."""

from __future__ import annotations

import pytest
from evaluation_data import for_enrolment, pack, people, walks
from rekognition_peer import seeing_peer

pytestmark = [pytest.mark.weights, pytest.mark.data]


def test_people_are_told_apart() -> None:
    first, second, *_ = people()
    with seeing_peer(pack()) as there:
        aws = there.client()
        aws.create_collection(CollectionId="c-1")
        for who in (first, second):
            image = {"Bytes": for_enrolment(who)[0].read_bytes()}
            indexed = aws.index_faces(
                CollectionId="c-1",
                Image=image,
                ExternalImageId=who,
                MaxFaces=1,
                QualityFilter="HIGH",
            )
            assert len(indexed["FaceRecords"]) == 1
        frames = next(iter(walks(first).values()))
        probe = {"Bytes": frames[len(frames) // 2].read_bytes()}
        found = aws.search_faces_by_image(
            CollectionId="c-1", Image=probe, FaceMatchThreshold=0, QualityFilter="HIGH"
        )
        best, other = found["FaceMatches"]
        assert best["Face"]["ExternalImageId"] == first
        assert best["Similarity"] >= 99 > other["Similarity"]
