"""Retention, assembled from settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from config.settings import Settings
from hardware.timekeeping import Synchronisation
from kiosk.door.wall_clock import WatchedClock
from kiosk.people.retention import DailyRetention, Retention, RetentionRules
from kiosk.pipeline.clock import SystemClock
from kiosk.store.open_home import OpenHome


def retention(settings: Settings, open_home: OpenHome) -> Retention:
    """Retention of a home, by the rules of the settings."""
    kept = settings.retention
    rules = RetentionRules(
        unused=timedelta(days=kept.unused_days),
        journal=timedelta(days=kept.journal_days),
        receipts=timedelta(days=kept.receipt_days),
        zone=settings.rules.zone(),
    )
    wall = WatchedClock(SystemClock(), open_home.journal.latest_ms, Synchronisation())
    return Retention(open_home, rules, wall.problem)


@contextmanager
def daily_retention(settings: Settings, open_home: OpenHome) -> Iterator[None]:
    """Retention once a day, meanwhile."""
    with DailyRetention(retention(settings, open_home), open_home.recorder.note):
        yield
