"""`kiosk fleet keys`: which keys a fleet has, and how each is replaced."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption, guarded
from kiosk.cli.fleet.common import (
    DryRunOption,
    FleetSession,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
    fleet_session,
    new_passphrase,
    passphrase_of,
    warn_unprotected,
)
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.fleet.keys.public_file import PublicKeys
    from kiosk.fleet.keys.rotation import Plan, Rotated
    from kiosk.fleet.trust.elsewhere import KeyElsewhere

SHOWN = 12
PublicOption = Annotated[
    Path | None,
    typer.Option("--public", help="The file of public keys that the new admin has made."),
]
AdminArgument = Annotated[
    str, typer.Argument(metavar="ADMIN", help="Such as admin-2, or the beginning of the key's id.")
]


def listed(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show who may sign, with which keys, and how long what they signed is good."""
    from dataclasses import asdict

    from kiosk.fleet.keys.report import keys_report

    with fleet_session(store, keys, passphrase_file) as session:
        report = keys_report(session.signing.verified, session.keys)
    if json:
        said = asdict(report)
        print_json(
            said
            | {"admins": [dict(each) for each in said["admins"]]}
            | {name: said[name].isoformat() for name in ("expires", "targets_expire")}
        )
        return 0
    print(f"Root {report.root}: {report.threshold} of {len(report.admins)} admins sign.")
    print(f"It expires on {report.expires:%Y-%m-%d}, what they signed on ", end="")
    print(f"{report.targets_expire:%Y-%m-%d}.")
    for each in report.admins:
        where = "here" if each.here else "elsewhere"
        print(f"{each.name}: {each.keyid[:SHOWN]} ({each.scheme}), {where}")
    where = "here" if report.publisher_here else "elsewhere"
    print(f"publisher: {report.publisher[:SHOWN]}, {where}")
    return 0


def make(
    keys: KeysOption,
    name: Annotated[str, typer.Option(help="Of the file; the fleet gives its own.")] = "admin-new",
    uri: Annotated[
        str | None,
        typer.Option(help="hsm:ID?label=TOKEN&module=LIBRARY or awskms:KEY?endpoint=URL."),
    ] = None,
    pin_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the token's PIN.")
    ] = None,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Make an admin's keys on their own machine, and a file of the public ones to hand over.

    With --uri the signing key stays in its token or service; the opening key lies in the file.
    """
    from kiosk.fleet.keys.public_file import PublicKeys
    from kiosk.fleet.trust.elsewhere import KeyElsewhere
    from kiosk.fleet.trust.keyring import Keyring

    pin = passphrase_of(pin_file, "PIN")
    elsewhere = None if uri is None else KeyElsewhere.named(uri, pin.decode() if pin else None)
    path = keys / f"{name}.public.json"
    if dry_run:
        _try_to_make(keys, name, elsewhere)
        if json:
            print_json({"public": str(path), "dry_run": True})
        else:
            print(f"The public keys would be in {path}.")
            print("It was a dry run: nothing was written.")
        return 0
    made = Keyring.make_admin(keys, name, new_passphrase(passphrase_file), elsewhere)
    public = PublicKeys.of(made)
    public.write(path)
    warn_unprotected(Keyring(keys))
    if json:
        print_json({"public": str(path), "fingerprint": public.fingerprint})
    else:
        print(f"Hand over {path}, and say its fingerprint: {public.fingerprint}")
    return 0


def _try_to_make(keys: Path, name: str, elsewhere: KeyElsewhere | None) -> None:
    """Make the same in a folder that is thrown away, after a look at the one that is named."""
    from kiosk.fleet.trust.keyring import Keyring

    if os.path.lexists(keys / f"{name}.key"):
        raise BadInput(f"The key file {keys / f'{name}.key'} exists already.", "Choose another.")
    with TemporaryDirectory() as made:
        Keyring.make_admin(Path(made), name, None, elsewhere)


def add(
    store: StoreOption,
    keys: KeysOption,
    public: PublicOption = None,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Bring in an admin: with the keys of a file, or with new ones that are made here."""
    from kiosk.fleet.keys.plans import admin_added

    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        done = _changed(session, admin_added(session.keys, _public(public)))
    return _told(session, done, json=json)


def remove(
    admin: AdminArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Take an admin out. What they signed before counts; what they sign from now on does not."""
    from kiosk.fleet.keys.plans import admin_gone

    with fleet_change(store, keys, passphrase_file, dry_run=dry_run, leaving=admin) as session:
        done = _changed(session, admin_gone(admin))
    return _told(session, done, json=json)


def replace(
    whose: Annotated[
        str, typer.Argument(metavar="WHOSE", help="An admin, such as admin-2; or publisher.")
    ],
    store: StoreOption,
    keys: KeysOption,
    public: PublicOption = None,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Replace keys that were lost or stolen: the others sign. The key itself is not needed."""
    from kiosk.fleet.keys.plans import admin_replaced, publisher_replaced

    leaving = None if public is None else whose  # keys that are made here sign for those that go
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run, leaving=leaving) as session:
        plan = (
            publisher_replaced(session.keys)
            if whose == "publisher"
            else admin_replaced(session.keys, whose, _public(public))
        )
        done = _changed(session, plan)
    return _told(session, done, json=json)


def threshold(
    number: Annotated[int, typer.Argument(min=1, help="How many admins must sign.")],
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Change how many admins must sign. If there are to be more, so many sign this, too."""
    from kiosk.fleet.keys.change import KeyChange

    with fleet_change(store, keys, passphrase_file, dry_run=dry_run, least=number) as session:
        done = _changed(session, lambda *_: KeyChange(threshold=number))
    return _told(session, done, json=json)


def renew(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Sign the root of trust, and what admins have signed, for another year."""
    from kiosk.fleet.keys.change import KeyChange

    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        done = _changed(session, lambda *_: KeyChange())
    return _told(session, done, json=json)


def _public(path: Path | None) -> PublicKeys | None:
    from kiosk.fleet.keys.public_file import PublicKeys

    if path is None:
        return None
    found = PublicKeys.read(path)
    print(
        f"The keys in {path} have the fingerprint {found.fingerprint}: compare it with the one "
        "that the new admin says.",
        file=sys.stderr,
    )
    return found


def _changed(session: FleetSession, plan: Plan) -> Rotated | None:
    """Change keys; None where others have to sign it too."""
    if session.keys.partly:
        session.rotation.edit(plan)
        return None
    return session.rotation.change(plan)


def _told(session: FleetSession, done: Rotated | None, *, json: bool) -> int:
    if done is None:
        return session.tell({}, "", json=json)
    said = {
        "root": done.root,
        "admins": list(done.admins),
        "threshold": done.threshold,
        "expires": done.expires.isoformat(),
        "vouched": dict(done.vouched),
        "version": done.published,
    }
    told = f"Root {done.root} is signed: {done.threshold} of {', '.join(done.admins)} sign. "
    told += f"It expires on {done.expires:%Y-%m-%d}."
    if done.published is None:
        told += "\nThe publisher's key is not here: have it published where that key lies."
    return session.tell(said, told, json=json)


app = typer.Typer(name="keys", help="Keys of admins and publisher.", no_args_is_help=True)
app.command("list")(guarded(listed))
app.command()(guarded(make))
app.command()(guarded(add))
app.command()(guarded(remove))
app.command()(guarded(replace))
app.command()(guarded(threshold))
app.command()(guarded(renew))
