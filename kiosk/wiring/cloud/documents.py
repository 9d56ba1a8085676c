"""What reads documents, by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings
from kiosk.aws.wire import AwsWire
from kiosk.cloud.prefill import IdAnalysis, ReadsDocuments, TextDetection
from kiosk.domain.cloud.modes import DocumentReading
from kiosk.wiring.cloud.client import access_of
from kiosk.wiring.cloud.shared import shared_faces, shared_spending


@contextmanager
def document_reader(settings: Settings, home: Path) -> Iterator[ReadsDocuments]:
    """The reader that `cloud.documents` names.

    Raises:
        SettingsError: the service is not offered in the region.
    """
    if settings.cloud.documents is not DocumentReading.TEXTRACT:
        yield TextDetection(shared_faces(settings.cloud, home))
        return
    spending = shared_spending(settings.cloud, home)
    wire = AwsWire("textract", access_of(settings.cloud, "textract"))
    try:
        yield IdAnalysis(wire, spending.count)
    finally:
        wire.close()
