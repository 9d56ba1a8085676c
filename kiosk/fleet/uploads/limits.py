"""How much a device or an inviter may say in a day: a stolen key is slowed down, and noticed.

The publisher sees no content, so it counts. Times are the author's own; what they say of the past
or of the future, to have another day for themselves, is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import ENDED, Statement, is_inviter
from kiosk.fleet.device import MOST_SKEW
from kiosk.fleet.scope_file import ScopeFile

DAY = timedelta(hours=24)
MOST_UNINVITED, MOST_ENROLMENTS = 50, 500
"""Withdrawals and reports, and enrolments, of one device in one scope and day."""
MOST_INVITATIONS = 500
"""Of one inviter in one scope and day; those that it has ended again count as well."""


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
            or the author says too much.
    """
    if any(record in file.records for record in records for file in there):
        raise FleetRefused(f"Statement {statement.number} has another one's record.")
    said = (each for file in there for each, _ in file.statements)
    earlier = [each for each in said if each.author == statement.author]
    check_amount(statement, earlier, now, running)


def check_amount(
    statement: Statement, earlier: Sequence[Statement], now: datetime, running: datetime
) -> None:
    """Check that a device or an inviter may say so much now.

    Args:
        statement: the author's next one.
        earlier: all that they have said in this scope, in its order.
        now: the publisher's clock, UTC.
        running: when the publisher signed last, UTC: what is older than a day before, it had time
            to publish. An honest kiosk says what was set aside anew.

    Raises:
        UploadWaits: they have said too much since a day before.
        FleetRefused: its time cannot be, or the statement alone is more than a day may have.
    """
    at = statement.at
    if at > now + MOST_SKEW:
        raise _impossible(statement, "later than the publisher's clock")
    if at < running - DAY:
        raise _impossible(statement, "more than a day old")
    # two machines of one desk have two clocks; a kiosk has one, and says again what was set aside
    apart = MOST_SKEW if is_inviter(statement.author) else timedelta()
    if earlier and at < earlier[-1].at - apart:
        raise _impossible(statement, "earlier than that of the one before")
    kind, most = _kind(statement)
    amount = _amount(statement)
    if amount > most:
        raise FleetRefused(f"Statement {statement.number} has more than {most} {kind}.")
    alike = (it for it in earlier if (it.uses is None) == (statement.uses is None))
    recent = sum(_amount(it) for it in alike if at - it.at < DAY)
    if recent + amount > most and amount:
        who = "inviter" if is_inviter(statement.author) else "device"
        raise UploadWaits(
            f"The {who} has said {recent} {kind} in a day, of {most}; the rest waits.",
            f"Look at that {who}.",
        )


def check_use(statement: Statement, until: datetime, running: datetime) -> None:
    """Check that a device uses an invitation which may have been open when it was handed in.

    An honest kiosk hands in nothing of an invitation that has ended; and what was handed in before
    the publisher signed last, the publisher has looked at then. So whoever gives a statement an
    earlier time gains nothing once the publisher has signed after the end.

    Args:
        statement: uses an invitation.
        until: when that ends, UTC.
        running: as of `check_amount`.

    Raises:
        FleetRefused: it had ended, by more than two clocks may differ.
    """
    if running - MOST_SKEW > until:  # an end may be the last day that there is
        raise FleetRefused(
            f"Statement {statement.number} uses an invitation that has ended.",
            "Invite the person anew, if they were at that kiosk before.",
        )


def _kind(statement: Statement) -> tuple[str, int]:
    """What is counted of its kind, and how many of these may be said in a day."""
    if is_inviter(statement.author):
        return "invitations", MOST_INVITATIONS
    if statement.uses is None:
        return "withdrawals and reports", MOST_UNINVITED
    return "enrolments", MOST_ENROLMENTS


def _amount(statement: Statement) -> int:
    """How many changes of a statement count: an inviter may end invitations at any time."""
    if not is_inviter(statement.author):
        return len(statement.changes)
    return sum(change.record != ENDED for change in statement.changes)


def _impossible(statement: Statement, why: str) -> FleetRefused:
    return FleetRefused(
        f"The time of statement {statement.number} is {why}.",
        "Look at the clock of the device or the desk that says so.",
    )
