"""How much a device may say in a day: one that was broken into is slowed down, and noticed.

The publisher sees no content, so it counts. Times are the device's own; what it says of the past
or of the future, to have another day for itself, is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import Statement, is_device
from kiosk.fleet.device import MOST_SKEW
from kiosk.fleet.scope_file import ScopeFile

DAY = timedelta(hours=24)
MOST_UNINVITED, MOST_ENROLMENTS = 50, 500
"""Withdrawals and reports, and enrolments, of one device in one scope and day."""


class UploadWaits(FleetRefused):
    """A statement that can be published later, and with it whatever follows it."""


def check_upload(
    statement: Statement,
    records: Iterable[str],
    there: Sequence[ScopeFile],
    now: datetime,
    running: datetime,
) -> None:
    """Check what is asked of everybody but admins.

    Args:
        statement: what somebody says next.
        records: of which it speaks.
        there: what is published, and is to be.
        now: as of `check_amount`.
        running: as of `check_amount`.

    Raises:
        UploadWaits, FleetRefused: it has the record of another statement, which it would replace;
            or a device says too much.
    """
    if any(record in file.records for record in records for file in there):
        raise FleetRefused(f"Statement {statement.number} has another one's record.")
    if is_device(statement.author):
        said = (each for file in there for each, _ in file.statements)
        earlier = [each for each in said if each.author == statement.author]
        check_amount(statement, earlier, now, running)


def check_amount(
    statement: Statement, earlier: Sequence[Statement], now: datetime, running: datetime
) -> None:
    """Check that a device may say so much now.

    Args:
        statement: the device's next one.
        earlier: all that it has said in this scope, in its order.
        now: the publisher's clock, UTC.
        running: when the publisher signed last, UTC: what is older than a day before, it had time
            to publish. An honest kiosk says what was set aside anew.

    Raises:
        UploadWaits: it has said too much since a day before.
        FleetRefused: its time cannot be, or the statement alone is more than a day may have.
    """
    at = statement.at
    if at > now + MOST_SKEW:
        raise _impossible(statement, "later than the publisher's clock")
    if at < running - DAY:
        raise _impossible(statement, "more than a day old")
    if earlier and at < earlier[-1].at:
        raise _impossible(statement, "earlier than that of the one before")
    most = MOST_UNINVITED if statement.uses is None else MOST_ENROLMENTS
    kind = "withdrawals and reports" if statement.uses is None else "enrolments"
    if len(statement.changes) > most:
        raise FleetRefused(f"Statement {statement.number} has more than {most} {kind}.")
    alike = (it for it in earlier if (it.uses is None) == (statement.uses is None))
    recent = sum(len(it.changes) for it in alike if at - it.at < DAY)
    if recent + len(statement.changes) > most:
        raise UploadWaits(
            f"The device has said {recent} {kind} in a day, of {most}; the rest waits.",
            "Look at that device.",
        )


def _impossible(statement: Statement, why: str) -> FleetRefused:
    return FleetRefused(
        f"The time of statement {statement.number} is {why}.", "Look at that device's clock."
    )
