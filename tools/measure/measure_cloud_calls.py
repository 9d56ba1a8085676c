"""How often a door asks Rekognition for each decision: recordings before the whole kiosk.

Each mode sees the same people, in real time, with the loopback peer behind the real client: those
who are enrolled and agreed to it, one whom the kiosk alone cannot tell apart from another, one who
agreed to local matching only, a stranger, and prints. Decisions are counted as the kiosk counts
them, and calls as the peer sees them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from cloud_door import CloudDoor, shown
from real_kiosk import FilmedModels
from rekognition_peer import seeing_peer

from config.settings import Settings
from kiosk.cloud.monitoring.decision_counts import DecisionTally
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import CountedDecisions
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import Template
from kiosk.journal.events.registry import event_of
from kiosk.wiring.vision import load_enroller

KNOWN, ALIKE, LOCAL_ONLY, STRANGER, PRINT = "known", "alike", "local only", "stranger", "print"
GROUPS = (KNOWN, KNOWN, KNOWN, KNOWN, KNOWN, ALIKE, LOCAL_ONLY, STRANGER)
"""Of the eight people of the recordings, in their order."""
FRAMES = 60
NOBODY = shown("nobody", [np.zeros((480, 640, 3), np.uint8)], 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ShownRecording:
    """A recording, and who is in it.

    Attributes:
        group: what the person is to this door.
        name: of the recording.
        frames: its pictures.
    """

    group: str
    name: str
    frames: Sequence[Path]


def main() -> None:
    """Print a line for each mode and group, and one for all people once."""
    options = argparse.ArgumentParser()
    modes = [mode.value for mode in CloudMode]
    options.add_argument("--modes", nargs="+", choices=modes, default=modes)
    options.add_argument("--shards", type=int, default=1)
    options.add_argument("--latency", type=float, default=0.2, help="seconds of each answer")
    options.add_argument("--price", type=float, default=1.0, help="of a thousand calls")
    given = options.parse_args()
    print("| mode | people | decisions | let in | calls | for a decision | a thousand cost |")
    print("|---|---|---|---|---|---|---|")
    with opened_door(given.shards, given.latency) as door:
        for mode in given.modes:
            groups = measured(door, mode)
            people = [each for name, each in groups.items() if name != PRINT]
            for name, each in {**groups, "**all but prints**": summed(people)}.items():
                print(line(mode, name, each, given.price), flush=True)


@dataclass(frozen=True)
class CountedGroup:
    """What came of some recordings.

    Attributes:
        counted: decisions, and calls for them.
        admitted: people who were let in.
    """

    counted: CountedDecisions
    admitted: int


def measured(door: CloudDoor, mode: str) -> Mapping[str, CountedGroup]:
    """What each group comes to in a mode."""
    found: dict[str, list[CountedGroup]] = {}
    read = len(door.watch(door.settings(mode), NOBODY).journal)
    for each in recordings():
        film = shown(each.name, evaluation_data.pictures(each.frames), FRAMES)
        visit = door.watch(door.settings(mode), film)
        tally = DecisionTally()
        for event in map(event_of, (it.entry for it in visit.journal[read:])):
            tally.hear(event, NOW)
        read = len(visit.journal)
        counted = CountedDecisions(tally.counted.decisions, len(door.searches))
        found.setdefault(each.group, []).append(CountedGroup(counted, len(visit.admitted)))
    return {group: summed(seen) for group, seen in found.items()}


def recordings() -> Iterator[ShownRecording]:
    """Everybody once, and everybody's print once."""
    for person, group in zip(evaluation_data.people(), GROUPS, strict=True):
        for name, frames in evaluation_data.walks(person).items():
            yield ShownRecording(group, name, frames)
    for person in evaluation_data.people():
        name, frames = next(iter(evaluation_data.recordings("print", person).items()))
        yield ShownRecording(PRINT, name, frames)


@contextmanager
def opened_door(shards: int, latency: float) -> Iterator[CloudDoor]:
    """The door, with its people enrolled and in the collections."""
    models = FilmedModels(evaluation_data.pack())
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        seeing_peer(models.loaded) as peer,
        closing(load_enroller(Settings(), models.loaded)) as enroller,
    ):
        for name, value in peer.environment.items():
            patch.setenv(name, value)
        door = CloudDoor(Path(folder) / "home", models, peer, shards)
        nobody = Gallery.of(models.loaded.pack.space, ())
        for person, group in zip(evaluation_data.people(), GROUPS, strict=True):
            if group == STRANGER:
                continue
            taken = enroller.assess(evaluation_data.for_enrolment(person), nobody, lambda: None)
            enrol(door, person, group, [sample.template for sample in taken.accepted])
        peer.server.faults.slow(latency)
        yield door


def enrol(door: CloudDoor, person: str, group: str, templates: Sequence[Template]) -> None:
    """Enrol somebody as their group has it."""
    if group == ALIKE:
        door.enrol(f"{person}-twin", templates)
    door.enrol(person, templates, agreed=group != LOCAL_ONLY)
    if group != LOCAL_ONLY:
        door.index(person)


def summed(seen: Sequence[CountedGroup]) -> CountedGroup:
    """All of them together."""
    counted = CountedDecisions(
        sum(it.counted.decisions for it in seen), sum(it.counted.calls for it in seen)
    )
    return CountedGroup(counted, sum(it.admitted for it in seen))


def line(mode: str, group: str, seen: CountedGroup, price: float) -> str:
    """A line of the table."""
    counted = seen.counted
    each = counted.calls / counted.decisions if counted.decisions else 0.0
    cells = (f"`{mode}`", group, counted.decisions, seen.admitted, counted.calls)
    return f"| {' | '.join(map(str, cells))} | {each:.2f} | {each * price:.2f} |"


if __name__ == "__main__":
    main()
