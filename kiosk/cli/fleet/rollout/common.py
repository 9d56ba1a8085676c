"""Shared parts of the commands of a rollout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.cli.fleet.common import FleetSession, fleet_change
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.fleet.rollout.directing import RolloutDirector
    from kiosk.fleet.rollout.plan import Ring, Rollout


@contextmanager
def rollout_change(
    store: str, keys: Path, file: Path | None, *, dry_run: bool
) -> Iterator[tuple[FleetSession, RolloutDirector]]:
    """Admins who change what is rolled out; what they have signed is published where it can be."""
    with fleet_change(store, keys, file, dry_run=dry_run) as session:
        yield session, director_of(session)
        session.publish()


def director_of(session: FleetSession, *, remembers: bool = False) -> RolloutDirector:
    """Admins at work on the settings of a fleet."""
    from kiosk.fleet.rollout.directing import RolloutDirector
    from kiosk.store.home import now_utc

    return RolloutDirector(session.store, session.keys, now_utc, remembers=remembers)


def ring_named(text: str) -> Ring:
    """A ring by its name.

    Raises:
        BadInput: there is none of that name.
    """
    from kiosk.fleet.rollout.plan import Ring

    try:
        return Ring(text)
    except ValueError as error:
        raise BadInput(
            f"There is no ring {text[:30]!r}.", "The rings are canary, wave and all."
        ) from error


def rollout_said(rollout: Rollout) -> dict[str, Any]:
    """A rollout for other programs."""
    previous = rollout.previous
    return {
        "scope": rollout.scope,
        "number": rollout.version.number,
        "previous": None if previous is None else previous.number,
        "ring": rollout.ring.value,
        "halted": rollout.halted,
        "started_at": rollout.started_at.isoformat(),
        "ring_since": rollout.ring_since.isoformat(),
    }


def tell_rollout(session: FleetSession, rollout: Rollout, *, json: bool) -> int:
    """Print what was signed, or would be; returns the exit code."""
    before = 0 if rollout.previous is None else rollout.previous.number
    back = f"version {before}" if before else "their own settings"
    if rollout.halted:
        told = f"halted in {rollout.scope}: every kiosk goes back to {back}."
    else:
        told = f"rolled out in {rollout.scope}, as far as {rollout.ring.value}."
    text = f"Version {rollout.version.number} is {told}"
    return session.tell(rollout_said(rollout), text, json=json)
