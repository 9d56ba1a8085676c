"""`kiosk people suspend`, `resume`, `reviewed`, `move`: for somebody at every door of a fleet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin
from kiosk.cli.people.common import SubjectArgument

if TYPE_CHECKING:
    from kiosk.domain.vision.template import SubjectId
    from kiosk.fleet.directing import DirectedChange, FleetDirector


def suspend(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Let somebody in nowhere until they are resumed; all that is kept of them stays."""
    place = (store, keys, passphrase_file)
    done = directed(subject, place, lambda who, director: director.suspend(who))
    return _told(done, f"{subject} is suspended in", json=json)


def resume(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Let somebody who was suspended in again, by the rules that they had."""
    place = (store, keys, passphrase_file)
    done = directed(subject, place, lambda who, director: director.resume(who))
    return _told(done, f"{subject} is let in again in", json=json)


def reviewed(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Clear a report about somebody once you have looked; a new one counts again."""
    place = (store, keys, passphrase_file)
    done = directed(subject, place, lambda who, director: director.reviewed(who))
    return _told(done, f"The report about {subject} is cleared in", json=json)


def move(
    subject: SubjectArgument,
    store: StoreOption,
    keys: KeysOption,
    scope: Annotated[str, typer.Option(help="The scope to which they move.")],
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Move somebody to another scope, with references, rules and factors."""
    place = (store, keys, passphrase_file)
    done = directed(subject, place, lambda who, director: director.move(who, scope))
    return _told(done, f"{subject} has moved to", json=json)


def directed(
    subject: str,
    place: tuple[str, Path, Path | None],
    act: Callable[[SubjectId, FleetDirector], DirectedChange],
) -> DirectedChange:
    """Direct something about somebody, and publish it where the publisher's key is at hand.

    Args:
        subject: their id, as it was typed.
        place: the store, the folder of keys, and the file of their passphrase.
        act: what is directed.
    """
    from kiosk.fleet.directing import FleetDirector
    from kiosk.store.people.subjects import subject_id

    known = subject_id(subject)
    with fleet_admin(*place) as admin:
        done = act(known, FleetDirector(admin))
        admin.publish()
    return done


def _told(done: DirectedChange, what: str, *, json: bool) -> int:
    if json:
        print_json({"subject": done.subject, "scope": done.scope, "statement": done.statement})
    else:
        print(f"{what} the scope {done.scope}, by statement {done.statement} of the admins.")
    return 0
