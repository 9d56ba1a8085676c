"""`kiosk fleet inviter add`, `drop` and `list`: desks that invite people in the name of admins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    FleetSession,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
    fleet_session,
    new_passphrase,
)
from kiosk.cli.invite.making import refuse_there
from kiosk.domain.errors import FleetRefused

if TYPE_CHECKING:
    from kiosk.fleet.inviting.card import InviterCard

NameArgument = Annotated[str, typer.Argument(help="The desk's name, such as reception.")]


def add(
    name: NameArgument,
    store: StoreOption,
    keys: KeysOption,
    scope: Annotated[list[str], typer.Option("--scope", help="Its scope; may be repeated.")],
    key: Annotated[Path, typer.Option("--key", help="A new file for the key of the desk.")],
    group: Annotated[
        list[str] | None,
        typer.Option("--group", help="The groups that it may give; may be repeated. All if none."),
    ] = None,
    key_passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line seals the new key.")
    ] = None,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Make a key with which a desk invites people; it can open nobody's record and enrol nobody."""
    from kiosk.fleet.inviting.card import InviterCard
    from kiosk.fleet.trust.key_file import PrivateKeys, write_keys

    made = PrivateKeys.draw(opens=False)
    allowed = tuple(group) if group else None
    card = InviterCard(name, made.public_signing, tuple(dict.fromkeys(scope)), allowed)
    if dry_run:
        refuse_there({"--key": key})
    else:
        write_keys(key, made, new_passphrase(key_passphrase_file))
    try:
        with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
            session.naming.name(card)
            session.publish()
    except BaseException:
        if not dry_run:
            key.unlink(missing_ok=True)
        raise
    said = {"inviter": name, "fingerprint": card.fingerprint, "key": str(key)}
    told = f"{name} may invite into {', '.join(scope)}, with the key {key}: hand it over."
    return session.tell(said, told, json=json)


def drop(
    name: NameArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Let a desk invite nobody any more; its invitations that were not used end too.

    Once more, it ends what was left of one that was dropped before.
    """
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        cards = session.naming.drop(name)
        session.publish()
        ended = _ended(session, cards)
        session.publish()
    told = f"{name} may invite nobody any more; {ended} invitations have ended with it."
    return session.tell({"inviter": name, "ended": ended}, told, json=json)


def _ended(session: FleetSession, cards: Sequence[InviterCard]) -> int:
    """End the invitations of inviters that can be used; returns how many."""
    ended = 0
    for card, scope in ((each, scope) for each in cards for scope in each.scopes):
        try:
            there = session.naming.open_invitations(card, scope)
            if there:
                session.admin.say(scope, there)
        except FleetRefused:
            if session.keys.partly:
                continue  # the scope goes on once others have signed too; then it is dropped again
            raise
        ended += len(there)
    return ended


def list_inviters(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """List who may invite, and who might."""
    with fleet_session(store, keys, passphrase_file) as session:
        found = session.naming.all()
    if json:
        print_json({"inviters": [_record(card) for card in found]})
        return 0
    for card in found:
        what = "dropped" if card.dropped is not None else ", ".join(card.scopes)
        groups = "all groups" if card.groups is None else ", ".join(card.groups)
        print(f"{card.name}  {card.fingerprint}  {what}; {groups}")
    if not found:
        print("Nobody may invite.")
    return 0


def _record(card: InviterCard) -> dict[str, object]:
    return {
        "inviter": card.name,
        "fingerprint": card.fingerprint,
        "scopes": list(card.scopes),
        "groups": None if card.groups is None else list(card.groups),
        "dropped": card.dropped is not None,
    }
