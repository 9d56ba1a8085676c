"""The journal says by which face model and threshold somebody was named, and who stood in (R54)."""

from __future__ import annotations

from kiosk.domain.access.grant import Evidence, Recognised
from kiosk.domain.cloud.fusion import space_of
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.journal.details import recognition_event

ANN, AT = SubjectId("ann"), Instant(9.0)


def details(space: SpaceId, score: float, **more: object) -> dict[str, object]:
    best = Candidate(ANN, score)
    evidence = Evidence(
        AT,
        PadResult(0.75, "detector/1"),
        ANN,
        ambiguous=False,
        best=best,
        margin=0.5,
        space=space,
        **more,  # type: ignore[arg-type] # a test says which
    )
    return dict(recognition_event(Recognised(AT, ANN, AT, (evidence,), threshold=99.0)).details())


def test_a_service_is_named_with_its_face_model() -> None:
    said = details(space_of("7.0"), 99.43217, asked_about=AT)
    assert (said["space"], said["score"], said["decision_threshold"]) == (
        "rekognition/7.0",
        99.4322,
        99.0,
    )
    assert "stood_in" not in said


def test_of_the_kiosks_own_matcher_nothing_is_said_that_was_not_said_before() -> None:
    said = details(SpaceId("test/1"), 0.75)
    assert not {"space", "stood_in"} & set(said)


def test_a_matcher_that_stands_in_is_said_so() -> None:
    assert details(SpaceId("test/1"), 0.75, unconfirmed=True)["stood_in"] is True
