"""The peer looks at real pictures with the project's own models."""

from __future__ import annotations

import pytest
from drawn_documents import document, zone_text
from evaluation_data import for_enrolment, pack, people, picture, walks
from rekognition_peer import jpeg, seeing_peer, seen_before

from kiosk.domain.enrolment.document import DocumentKind

pytestmark = pytest.mark.weights


@pytest.mark.data
def test_people_are_told_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    first, second, *_ = people()
    with seeing_peer(pack(), seen_before(tmp_path_factory)) as there:
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

        (face,) = aws.detect_faces(Image=probe, Attributes=["ALL"])["FaceDetails"]
        at = {each["Type"]: (each["X"], each["Y"]) for each in face["Landmarks"]}
        assert at["eyeLeft"][0] < at["nose"][0] < at["eyeRight"][0]
        assert at["eyeLeft"][1] < at["nose"][1] < at["mouthLeft"][1]
        assert face["EyesOpen"]["Value"]
        assert not face["Sunglasses"]["Value"]


@pytest.mark.data
def test_what_cannot_be_decoded_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = for_enrolment(people()[0])[0].read_bytes()
    with seeing_peer(pack(), seen_before(tmp_path_factory)) as there:
        aws = there.client()
        with pytest.raises(aws.exceptions.InvalidImageFormatException):
            aws.detect_faces(Image={"Bytes": whole[:40]})
        blank = picture(for_enrolment(people()[0])[0]) * 0
        assert aws.detect_faces(Image={"Bytes": jpeg(blank)})["FaceDetails"] == []


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_zone_of_a_document_is_read_line_by_line(kind: DocumentKind) -> None:
    with seeing_peer(pack()) as there:
        image = {"Bytes": jpeg(document(None, kind))}
        found = there.client().detect_text(Image=image)["TextDetections"]
        assert [each["DetectedText"] for each in found] == zone_text(kind).split("\n")
