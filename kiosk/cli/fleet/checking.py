"""`kiosk fleet verify` and `diff`: whether the store is right, and what would be published next."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    KeysOption,
    LookDryRunOption,
    PassphraseOption,
    StoreOption,
    fleet_session,
)

if TYPE_CHECKING:
    from kiosk.fleet.checking.offers import OfferThere

SHOWN, TAG = 10, 16
WRONG = 3


def verify(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    _dry_run: LookDryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Verify the whole store from the root that lies beside the keys; exit 3 if it is not right.

    With an admin's key every record is opened too. Objects that nothing names are listed.
    """
    from kiosk.fleet.checking.whole import WholeStore
    from kiosk.store.home import now_utc

    with fleet_session(store, keys, passphrase_file, dry_run=True) as session:
        check = WholeStore(session.signing.as_it_is, session.keys, now_utc()).check()
    if json:
        print_json(asdict(check))
        return WRONG if check.problems else 0
    print(f"Root {check.root}, admins' version {check.targets}, published version {check.version}.")
    for each in check.scopes:
        opened = "not opened" if each.opened is None else f"{each.opened} opened"
        records = f"{each.records} records, {opened}"
        print(f"Scope {each.scope}: {each.statements} statements, {records}.")
    for line in check.review:
        print(f"For review: {line}")
    print(f"Objects that nothing names any more, such as older versions: {len(check.unnamed)}.")
    for name in check.unnamed[:SHOWN]:
        print(f"  {name}")
    for problem in check.problems:
        print(problem, file=sys.stderr)
    print("The store is not right." if check.problems else "Everything is as it was signed.")
    return WRONG if check.problems else 0


def diff(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    _dry_run: LookDryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Show what the next publication would change, opened with an admin's key."""
    from kiosk.fleet.checking.next import NextPublication, next_publication

    with fleet_session(store, keys, passphrase_file, dry_run=True) as session:
        found = next_publication(session.signing.as_it_is, session.keys)
    if json:
        print_json(asdict(found))
        return 0
    for line in found.signed:
        print(line)
    for each in found.people:
        by = "admins" if each.author == "admins" else f"device {each.author}"
        told = f": {'; '.join(each.fields)}" if each.fields else ""
        print(f"{each.scope}: {each.subject} {each.what}, by {by}{told}")
    for change in found.invitations:
        tags = ", ".join(tag[:TAG] for tag in change.tags)
        print(
            f"{change.scope}: {len(change.tags)} invitations {change.what}, by {change.author}: "
            f"{tags}"
        )
    for line in found.review:
        print(f"Set aside for review: {line}")
    for offer in found.offers:
        print(_offer(offer))
    if found == NextPublication():
        print("Nothing waits: everything is published.")
    return 0


def _offer(offer: OfferThere) -> str:
    if offer.problem is not None:
        return f"{offer.scope}: no offer: {offer.problem}"
    if offer.subjects is None:
        return f"{offer.scope}: device {offer.device} offers people; no key that is here opens whom"
    who = ", ".join(offer.subjects)
    return f"{offer.scope}: device {offer.device} offers {len(offer.subjects)} people: {who}"
