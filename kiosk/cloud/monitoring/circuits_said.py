"""What the running kiosk last wrote in its journal of calls that are not sent for a while.

The state itself is in that process alone. The journal has each change of it, and its start, at
which all calls are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kiosk.cloud.client.observing import CallGroup
from kiosk.domain.audit import SealedEntry
from kiosk.journal.events.cloud import CloudCircuitChanged
from kiosk.journal.events.registry import event_of
from kiosk.journal.events.running import Started, Stopped
from kiosk.store.home import Home
from kiosk.store.instance_lock import is_kept
from kiosk.store.journal.following import written_at
from kiosk.store.journal.verification import latest
from kiosk.store.secrets.keys import FileKey, Purpose

MOST_READ: Final = 10_000
"""Entries that are read from the end: a day or more of a busy door."""
_GROUPS: Final = {group.value: group for group in CallGroup}


@dataclass(frozen=True, slots=True)
class CircuitSaid:
    """What is known of the calls of one group.

    Attributes:
        shut: True if they are not sent.
        since: when that was written, UTC; the kiosk's start where nothing was since.
    """

    shut: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class CircuitsSaid:
    """What is known of the running kiosk's calls.

    Attributes:
        running: True if a kiosk runs in this home.
        by_group: of each group of calls; empty where nothing is known.
    """

    running: bool
    by_group: Mapping[CallGroup, CircuitSaid] = field(default_factory=dict)


def circuits_said(home: Home) -> CircuitsSaid:
    """What is known of the kiosk that runs in a home.

    Raises:
        StoreError, JournalTampered: the journal cannot be read.
    """
    if not is_kept(home):
        return CircuitsSaid(running=False)
    key = FileKey(home).derive(Purpose.JOURNAL_HEAD)
    return CircuitsSaid(running=True, by_group=told_in(latest(home, key, MOST_READ)))


def told_in(entries: Iterable[SealedEntry]) -> Mapping[CallGroup, CircuitSaid]:
    """What entries say of each group, oldest first; nothing where the kiosk's start is not there.

    Changes before the start are those of a kiosk that runs no longer.
    """
    found: dict[CallGroup, CircuitSaid] = {}
    for each in entries:
        match event_of(each.entry):
            case Started():
                found = dict.fromkeys(CallGroup, CircuitSaid(shut=False, since=written_at(each)))
            case Stopped():
                found = {}
            case CloudCircuitChanged(calls=calls, shut=shut) if calls in _GROUPS:
                found[_GROUPS[calls]] = CircuitSaid(shut, written_at(each))
            case _:
                pass
    return found
