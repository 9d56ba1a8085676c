"""`kiosk fleet inviter add`, `drop` and `list`: desks that invite people in the name of admins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_admin,
    inviter_naming,
    new_passphrase,
)

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
    json: JsonOption = False,
) -> int:
    """Make a key with which a desk invites people; it can open nobody's record and enrol nobody."""
    from kiosk.fleet.inviting.card import InviterCard
    from kiosk.fleet.trust.key_file import PrivateKeys, write_keys

    made = PrivateKeys.draw(opens=False)
    allowed = tuple(group) if group else None
    card = InviterCard(name, made.public_signing, tuple(dict.fromkeys(scope)), allowed)
    write_keys(key, made, new_passphrase(key_passphrase_file))
    try:
        with inviter_naming(store, keys, passphrase_file) as naming:
            naming.name(card)
        with fleet_admin(store, keys, passphrase_file) as admin:
            admin.publish()
    except BaseException:
        key.unlink(missing_ok=True)
        raise
    if json:
        print_json({"inviter": name, "fingerprint": card.fingerprint, "key": str(key)})
    else:
        print(f"{name} may invite into {', '.join(scope)}, with the key {key}: hand it over.")
    return 0


def drop(
    name: NameArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Let a desk invite nobody any more; its invitations that were not used end too."""
    ended = 0
    with (
        inviter_naming(store, keys, passphrase_file) as naming,
        fleet_admin(store, keys, passphrase_file) as admin,
    ):
        card = naming.drop(name)
        admin.publish()
        for scope in card.scopes:
            there = naming.open_invitations(card, scope)
            if there:
                admin.say(scope, there)
                ended += len(there)
        admin.publish()
    if json:
        print_json({"inviter": name, "ended": ended})
    else:
        print(f"{name} may invite nobody any more; {ended} invitations have ended with it.")
    return 0


def list_inviters(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """List who may invite, and who might."""
    with inviter_naming(store, keys, passphrase_file) as naming:
        found = naming.all()
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
