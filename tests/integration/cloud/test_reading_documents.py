"""A document is read by either service, and nothing of it is kept or said (R29)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from memory_faces import MemoryFaces

from config.settings import Settings
from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.aws.wire import AwsAnswer
from kiosk.cloud.prefill import IdAnalysis, TextDetection
from kiosk.domain.cloud.faces import MOST_IMAGE_BYTES, ReadText
from kiosk.domain.errors import BadInput, CloudRefused, CloudUnavailable
from kiosk.wiring.cloud import documents
from kiosk.wiring.cloud.client import spending_of

WAIT = 20.0


def _field(kind: str, text: str) -> Mapping[str, object]:
    return {"Type": {"Text": kind}, "ValueDetection": {"Text": text, "Confidence": 98.0}}


FIELDS: Mapping[str, object] = {
    "IdentityDocuments": [
        {
            "IdentityDocumentFields": [
                _field("FIRST_NAME", "ANNA"),
                _field("DOCUMENT_NUMBER", "L898902C3"),
                _field("LAST_NAME", "ERIKSSON"),
            ]
        }
    ]
}


class Wire:
    """Answers with what it was given."""

    def __init__(self, answer: AwsAnswer | AwsFault) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def ask(
        self, operation: str, request: Mapping[str, object], _seconds: float
    ) -> AwsAnswer | AwsFault:
        self.asked.append((operation, request))
        return self.answer

    def close(self) -> None:
        """Let go of nothing."""


def freely(_seconds: float) -> None:
    """Counts nothing, and allows everything."""


def test_the_lines_that_may_be_names_are_proposed() -> None:
    class Reading(MemoryFaces):
        def detect_text(self, _picture: bytes, **_seconds: float) -> Sequence[ReadText]:
            return [ReadText("PASSPORT", 99.0), ReadText("L898902C3", 99.0)]

    assert TextDetection(Reading()).read(b"jpeg", seconds=1.0).names == ("PASSPORT",)


def test_of_the_fields_only_the_given_names_are_proposed() -> None:
    wire = Wire(AwsAnswer(FIELDS, None))
    assert IdAnalysis(wire, freely).read(b"jpeg", seconds=1.0).names == ("ANNA",)
    assert wire.asked == [("AnalyzeID", {"DocumentPages": [{"Bytes": b"jpeg"}]})]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (AwsFault(FaultKind.TIMEOUT), CloudUnavailable),
        (AwsFault(FaultKind.ANSWERED, 503, "InternalServerError"), CloudUnavailable),
        (
            AwsFault(FaultKind.ANSWERED, 400, "ProvisionedThroughputExceededException"),
            CloudUnavailable,
        ),
        (AwsFault(FaultKind.ANSWERED, 400, "UnsupportedDocumentException"), CloudRefused),
        (AwsFault(FaultKind.CREDENTIALS), CloudRefused),
    ],
)
def test_a_fault_is_said_without_a_word_of_the_document(
    fault: AwsFault, kind: type[CloudUnavailable | CloudRefused]
) -> None:
    with pytest.raises(kind, match="Textract"):
        IdAnalysis(Wire(fault), freely).read(b"jpeg", seconds=1.0)


@pytest.mark.parametrize("answer", [{}, {"IdentityDocuments": [{}]}, {"IdentityDocuments": None}])
def test_an_answer_that_makes_no_sense_proposes_nothing(answer: Mapping[str, object]) -> None:
    with pytest.raises(CloudRefused, match="no sense"):
        IdAnalysis(Wire(AwsAnswer(answer, None)), freely).read(b"jpeg", seconds=1.0)


def test_a_picture_that_is_too_large_is_not_sent() -> None:
    wire = Wire(AwsAnswer(FIELDS, None))
    for reader in (IdAnalysis(wire, freely), TextDetection(MemoryFaces())):
        with pytest.raises(BadInput, match="5 MB"):
            reader.read(bytes(MOST_IMAGE_BYTES + 1), seconds=1.0)
    assert wire.asked == []


@pytest.mark.parametrize(("limit", "calls"), [(0.0, 0), (0.001, 1), (0.002, 2)])
def test_textract_is_within_what_may_be_spent_in_a_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: float, calls: int
) -> None:
    wire = Wire(AwsAnswer(FIELDS, None))
    monkeypatch.setattr(documents, "AwsWire", lambda *_: wire)
    cloud = {"region": "eu-west-1", "documents": "textract", "monthly_limit": limit, "price": 1.0}
    settings = Settings.model_validate({"cloud": cloud})
    with documents.document_reader(settings, tmp_path) as reader:
        for _ in range(calls):
            assert reader.read(b"jpeg", seconds=WAIT).names == ("ANNA",)
        with pytest.raises(CloudUnavailable, match="monthly_limit is reached"):
            reader.read(b"jpeg", seconds=WAIT)
    assert len(wire.asked) == calls
    assert spending_of(settings.cloud, tmp_path).spent().calls == calls


def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    """As while a name is looked up, to which no time-out of a connection applies."""
    released = threading.Event()

    class Hanging(Wire):
        def ask(
            self, operation: str, request: Mapping[str, object], _seconds: float
        ) -> AwsAnswer | AwsFault:
            assert released.wait(WAIT)
            return super().ask(operation, request, _seconds)

    reader = IdAnalysis(Hanging(AwsAnswer(FIELDS, None)), freely)
    try:
        with pytest.raises(CloudUnavailable, match="Textract cannot be used now: timeout"):
            reader.read(b"jpeg", seconds=0.05)
    finally:
        released.set()
    assert reader.read(b"jpeg", seconds=WAIT).names == ("ANNA",)
