"""The doctor says how identity documents are read, where they are asked for."""

from __future__ import annotations

import pytest

from config.sections.enrolment import EnrolmentSettings, Identity
from config.settings import Settings
from kiosk.app.console import with_command
from kiosk.diagnostics.documents import documents
from kiosk.domain.finding import Health
from models.document import zone

ASKED = Settings(enrolment=EnrolmentSettings(identity=Identity.DOCUMENT))


def test_nothing_where_none_is_asked_for() -> None:
    assert list(documents(Settings())) == []


def test_a_zone_is_read_with_the_extra() -> None:
    (row,) = documents(ASKED)
    assert row.health is Health.OK


def test_without_the_extra_the_portrait_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone, "can_read", lambda: False)
    (row,) = documents(ASKED)
    assert row.health is Health.WARN
    assert "neither check digits nor expiry" in row.text
    assert "make setup EXTRA=document" in with_command(row.remedy)
