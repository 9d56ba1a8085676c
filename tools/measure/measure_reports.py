"""What a device's reports to its fleet cost in a day, in requests and bytes of bodies.

Real reports of a real home, over a store that counts; time passes by a clock that is set.
`tools/measure reports` prints a table.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from counted_store import CountedStore
from reporting_kiosk import ReportingKiosk, erasure, journal_of
from small_fleet import SmallFleet, gone, person

from config.sections.fleet import FleetSettings
from kiosk.domain.access.factors import Factor
from kiosk.domain.access.states import Reason
from kiosk.journal.events.access import PersonAuthorised, PersonRecognised
from kiosk.journal.events.door import DoorReleasedForPerson

EVERY_SECONDS = FleetSettings().report_seconds
ERASED = 3
"""People who are erased in the day, an hour apart."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was counted.

    Attributes:
        requests: by kind of report.
        sent: bytes, by kind of report.
        received: bytes, by kind of report.
        entries: of the journal that admins could read afterwards.
    """

    requests: Counter[str]
    sent: Counter[str]
    received: Counter[str]
    entries: int


def measure(folder: Path, hours: int, people: int) -> Cost:
    """The cost of so many hours in which so many people are let in."""
    with SmallFleet(folder) as fleet:
        kiosk = fleet.kiosk("front")
        fleet.told(*(person(f"leaver-{number}") for number in range(ERASED)))
        kiosk.sync()
        counted = CountedStore(fleet.store)
        device = ReportingKiosk(kiosk, counted, EVERY_SECONDS)
        steps = int(hours * 3600 / EVERY_SECONDS)
        chance = random.Random(1)  # noqa: S311 - spreads people over a day, no secret
        comes = Counter(chance.randrange(steps) for _ in range(people))
        for step in range(steps):
            kiosk.clock.by += timedelta(seconds=EVERY_SECONDS)
            device.seconds += EVERY_SECONDS
            for number in range(comes[step]):
                let_in(device, f"s-{step}-{number}")
            hour, rest = divmod(step * EVERY_SECONDS, 3600)
            if not rest and 0 < hour <= ERASED:
                fleet.told(gone(f"leaver-{int(hour) - 1}"))
                kiosk.clock.by -= timedelta(seconds=step * EVERY_SECONDS)
                kiosk.sync()
                kiosk.clock.by += timedelta(seconds=step * EVERY_SECONDS)
            device.reporting.run()
        if hours > ERASED:
            assert not erasure(fleet, "leaver-0")[0].awaited
        found = journal_of(fleet, device)
        assert not found.problems
        return Cost(counted.requests, counted.sent, counted.received, len(found.entries))


def let_in(device: ReportingKiosk, name: str) -> None:
    """Somebody is let in: the entries that a door writes, and the count."""
    note = device.kiosk.open_home.recorder.note
    note(
        PersonRecognised(
            subject=name,
            by="face",
            verified=False,
            pad=0.9312,
            pad_threshold=0.5,
            decision_threshold=0.4215,
            probes=5,
            suspected=False,
            span_seconds=0.8412,
            detector="detector",
            score=0.7122,
            margin=0.3301,
        )
    )
    note(PersonAuthorised(name, Factor.NONE))
    note(DoorReleasedForPerson(name, 5.0))
    device.counts.decided(Reason.MATCHED, 187.3)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--hours", type=int, default=24)
    asked.add_argument("--people", type=int, default=500)
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cost = measure(Path(folder) / "fleet", told.hours, told.people)
    print("| report | requests | bytes sent | bytes received |\n|---|---|---|---|")
    for kind in ("health", "receipts", "journal"):
        sent, received = cost.sent[kind], cost.received[kind]
        print(f"| {kind} | {cost.requests[kind]:,} | {sent:,} | {received:,} |")
    total = (cost.requests.total(), cost.sent.total(), cost.received.total())
    print("| all | " + " | ".join(f"{each:,}" for each in total) + " |")
    print(f"{cost.entries:,} entries of the journal.")


if __name__ == "__main__":
    main()
