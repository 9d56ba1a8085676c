"""What a device's reports cost, counted as the measurement for the documents counts it."""

from __future__ import annotations

from pathlib import Path

from measure_reports import measure

HOURS, PEOPLE = 4, 40


def test_a_report_in_five_minutes_and_a_segment_in_fifteen(tmp_path: Path) -> None:
    cost = measure(tmp_path / "fleet", HOURS, PEOPLE)
    assert cost.requests["health"] == 12 * HOURS + 1
    assert cost.requests["journal"] <= 4 * HOURS + 1
    assert cost.requests["receipts"] <= 10
    assert cost.requests["other"] == 0
    assert cost.entries >= 3 * PEOPLE
    assert cost.sent.total() / HOURS < 60_000
