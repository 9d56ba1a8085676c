"""Synthetic people whom a fleet manages, and what a home holds of them."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kept_samples import AGREED, SPACE, template

from kiosk.domain.vision.template import ReferenceId, SpaceId, SubjectId
from kiosk.store.people.members import FleetRecord, Members
from kiosk.store.people.person import Profile
from kiosk.store.people.references import References

SITE, OTHER = "site-north", "site-south"
ENROLLED_AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def record(
    subject: SubjectId, *seeds: int, content: bytes = b"put", space: SpaceId = SPACE
) -> FleetRecord:
    """Somebody with a reference for each seed; the same reference for the same seed."""
    few = tuple((ReferenceId(f"{subject}/{seed}"), template(seed, space)) for seed in seeds)
    profile = Profile(f"Name {seeds[0] if seeds else 0}", AGREED, ENROLLED_AT)
    return FleetRecord(subject, profile, few, content)


def crowd(count: int, first_seed: int = 0) -> list[FleetRecord]:
    """So many people with two references each, 4 KiB of numbers a person."""
    seeds = range(first_seed, first_seed + 2 * count, 2)
    return [record(SubjectId(f"f-{n}"), at, at + 1) for n, at in enumerate(seeds)]


@dataclass(frozen=True)
class Holding:
    """What a home holds: references by person, members and state by scope."""

    people: Mapping[SubjectId, frozenset[ReferenceId]]
    members: Mapping[str, Mapping[SubjectId, bytes]]
    scopes: Mapping[str, bytes]


def holding(references: References, *others: str) -> Holding:
    """What is there now; also the members of scopes of which there is no state."""
    members = Members(references)
    found: dict[SubjectId, frozenset[ReferenceId]] = dict.fromkeys(
        references.subjects(), frozenset()
    )
    for each in references.load(SPACE):
        found[each.subject] |= {each.id}
    scopes = members.scopes()
    return Holding(found, {name: members.of(name) for name in {*scopes, *others}}, scopes)


def die_at_statement(references: References, beginning: str, count: int = 1) -> None:
    """Kill this process, a test's child, before the nth statement that begins so."""
    left = [count]

    def looked(statement: str) -> None:
        left[0] -= statement.startswith(beginning)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    references._database.set_trace_callback(looked)


def killed(work: Callable[[], object]) -> bool:
    """Whether a child was killed at its work; False if it came to its end."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it was is told
            traceback.print_exc()
        os._exit(1)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in {0, -signal.SIGKILL}
    return ended != 0
