"""What a decision costs is counted: calls for it, and decisions, for each mode."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from counted_events import decided, report

from kiosk.cloud.client.observing import Outcome
from kiosk.cloud.client.spending import Spending
from kiosk.cloud.monitoring.decision_counts import DecisionCountFile, DecisionCounts, DecisionTally
from kiosk.domain.access.states import Reason
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.cloud.planning import CountedDecisions
from kiosk.journal.events.access import NotReleased
from kiosk.journal.events.door import DoorReleasedForPerson

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def at(path: Path, month: int = 11) -> DecisionCountFile:
    return DecisionCountFile(path / "counts", lambda: datetime(2026, month, 28, tzinfo=UTC))


def test_decisions_and_the_calls_for_them_are_counted(tmp_path: Path) -> None:
    tally, file = DecisionTally(), at(tmp_path)
    for reason in (Reason.NOT_RECOGNISED, Reason.LEFT):  # who leaves is no decision
        tally.hear(decided(reason), NOW)
    tally.hear(DoorReleasedForPerson("s-17", 5.0), NOW)
    tally.hear(NotReleased("s-17", Reason.PASSING), NOW)
    for operation in (Operation.SEARCH_USERS, Operation.DESCRIBE_COLLECTION):
        tally.called(report(Outcome.LATE, operation=operation))
    tally.keep(file, CloudMode.CLOUD)
    tally.keep(file, CloudMode.CLOUD)  # nothing twice
    assert file.counted() == DecisionCounts("2026-11", {CloudMode.CLOUD: CountedDecisions(3, 1)})


def test_what_cannot_be_kept_is_kept_later(tmp_path: Path) -> None:
    tally = DecisionTally()
    tally.hear(NotReleased("s-17", Reason.PASSING), NOW)
    tally.keep(DecisionCountFile(tmp_path / "none" / "counts"), CloudMode.CLOUD)
    tally.keep(at(tmp_path), CloudMode.CLOUD)
    assert at(tmp_path).counted().by_mode == {CloudMode.CLOUD: CountedDecisions(1, 0)}


def test_modes_are_told_apart_and_old_months_are_forgotten(tmp_path: Path) -> None:
    for month, mode in ((9, CloudMode.CLOUD), (10, CloudMode.CLOUD), (11, CloudMode.BOTH_AGREE)):
        at(tmp_path, month).add(mode, CountedDecisions(2, month))
    assert at(tmp_path).counted() == DecisionCounts(
        "2026-10",
        {CloudMode.BOTH_AGREE: CountedDecisions(2, 11), CloudMode.CLOUD: CountedDecisions(2, 10)},
    )


def test_it_shares_the_file_with_what_is_spent(tmp_path: Path) -> None:
    spending = Spending(tmp_path / "counts", 1.0, 1.0)
    spending.count(1.0)
    at(tmp_path).add(CloudMode.CLOUD, CountedDecisions(1, 1))
    assert spending.spent().calls == 1


def test_a_mode_of_a_newer_program_is_passed_over(tmp_path: Path) -> None:
    file = at(tmp_path)
    file.add(CloudMode.CLOUD, CountedDecisions(1, 1))
    with file._file.opened(1.0) as rows:
        rows.execute("UPDATE door SET mode = 'another'")
    assert file.counted() == DecisionCounts("2026-11", {})


def test_nothing_was_counted(tmp_path: Path) -> None:
    assert at(tmp_path).counted() == DecisionCounts(None, {})
