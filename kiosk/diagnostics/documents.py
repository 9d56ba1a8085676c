"""Identity documents: if their machine-readable zone is read, which takes an extra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health
from kiosk.domain.remedies import NextStep, Remedy

if TYPE_CHECKING:
    from config.settings import Settings


def documents(settings: Settings) -> Iterator[Finding]:
    """Check how identity documents are read; nothing where none is asked for."""
    from config.sections.enrolment import Identity
    from models.document.zone import EXTRA, can_read

    if settings.enrolment.identity is not Identity.DOCUMENT:
        return
    if can_read():
        said = "check digits and expiry are verified, and the portrait is compared"
        yield Finding("documents", Health.OK, said)
        return
    said = "the portrait alone is compared; neither check digits nor expiry are verified"
    remedy = "Install the extra for documents."
    step = Remedy(remedy, NextStep.INSTALL_EXTRA, extra=EXTRA)
    yield Finding("documents", Health.WARN, said, step)
