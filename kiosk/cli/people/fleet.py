"""`kiosk people suspend`, `resume`, `reviewed`, `move`: for somebody at every door of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
)
from kiosk.cli.people.common import SubjectArgument

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId
    from kiosk.fleet.directing import DirectedChange, FleetDirector


def suspend(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Let somebody in nowhere until they are resumed; all that is kept of them stays."""
    place = FleetPlace(store, keys, passphrase_file, dry_run)
    return directed(
        subject,
        place,
        lambda who, director: director.suspend(who),
        f"{subject} is suspended in",
        json=json,
    )


def resume(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Let somebody who was suspended in again, by the rules that they had."""
    place = FleetPlace(store, keys, passphrase_file, dry_run)
    return directed(
        subject,
        place,
        lambda who, director: director.resume(who),
        f"{subject} is let in again in",
        json=json,
    )


def reviewed(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Clear a report about somebody once you have looked; a new one counts again."""
    place = FleetPlace(store, keys, passphrase_file, dry_run)
    return directed(
        subject,
        place,
        lambda who, director: director.reviewed(who),
        f"The report about {subject} is cleared in",
        json=json,
    )


def move(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    scope: Annotated[str, typer.Option(help="The scope to which they move.")],
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Move somebody to another scope, with references, rules and factors."""
    place = FleetPlace(store, keys, passphrase_file, dry_run)
    return directed(
        subject,
        place,
        lambda who, director: director.move(who, scope),
        f"{subject} has moved to",
        json=json,
    )


@dataclass(frozen=True, slots=True)
class FleetPlace:
    """Where somebody is directed.

    Attributes:
        store: the address of the fleet's store.
        keys: the folder of admins' keys.
        passphrase: the file of their passphrase.
        dry_run: nothing is written.
    """

    store: str
    keys: Path
    passphrase: Path | None
    dry_run: bool


def directed(
    subject: str,
    place: FleetPlace,
    act: Callable[[SubjectId, FleetDirector], DirectedChange],
    what: str,
    also: Callable[[], tuple[Mapping[str, object], str]] = lambda: ({}, ""),
    *,
    json: bool,
) -> int:
    """Direct something about somebody, and publish it where the publisher's key is at hand.

    Args:
        subject: their id, as it was typed.
        place: the store, and the keys.
        act: what is directed.
        what: the same in words, up to the scope.
        also: what there is to tell once it has taken effect, for programs and for people.
        json: print it for programs.

    Returns:
        The exit code.
    """
    from kiosk.fleet.directing import FleetDirector
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    where = (place.store, place.keys, place.passphrase)
    with fleet_change(*where, dry_run=place.dry_run) as session:
        done = act(known, FleetDirector(session.admin))
        session.publish()
    said: dict[str, object] = {
        "subject": done.subject,
        "scope": done.scope,
        "statement": done.statement,
    }
    told = f"{what} the scope {done.scope}, by statement {done.statement} of the admins."
    if done.also:
        said["also"] = list(done.also)
        told += f" The same in {', '.join(done.also)}: they were in more scopes than one."
    more, text = ({}, "") if session.waits else also()
    return session.tell({**said, **more}, told + text, json=json)
