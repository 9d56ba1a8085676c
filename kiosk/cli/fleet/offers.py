"""`kiosk fleet offers` and `accept`: people whom a kiosk knew before it joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_change,
    fleet_session,
)
from kiosk.cli.fleet.people import rules_said, rules_told
from kiosk.cli.passed_over import shown
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.domain.access.factors import Factors

ScopeOption = Annotated[str, typer.Option("--scope", help="The scope to which they are offered.")]


def offers(
    store: StoreOption,
    keys: KeysOption,
    scope: ScopeOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """List the people whom kiosks offer: what each may do, and has agreed to."""
    with fleet_session(store, keys, passphrase_file) as session:
        there = session.offers
        made, refused = there.of(scope)
        there.remember()
    rows: list[dict[str, Any]] = [
        {
            "device": each.device,
            "subject": person.subject,
            "references": len(person.references),
            "given_name": person.profile.given_name,
            **rules_said(person.profile.rules),
            "needs_longer": person.profile.rules.needs_longer,
            "credential": person.profile.rules.credential,
            "factor": person.profile.factors.required.value,
            "has": _kinds(person.profile.factors),
            "consent": person.profile.consent.version or "form",
        }
        for each in made
        for person in each.people
        if person.profile is not None  # an offer has nobody else; for the type checker
    ]
    if json:
        print_json({"scope": scope, "offers": rows, "refused": list(refused)})
        return 0
    for row in rows:
        print(shown(_told(row)))
    for problem in refused:
        print(shown(f"Refused: {problem}"))
    print(f"{len(rows)} people are offered to scope {scope}.")
    return 0


def _kinds(factors: Factors) -> list[str]:
    """What comes along that opens a door beside a face."""
    kinds = {"PIN": factors.pin, "duress code": factors.duress, "badge": factors.badge}
    return [kind for kind, own in kinds.items() if own is not None]


def _told(row: Mapping[str, Any]) -> str:
    """A person who is offered, in words."""
    number, has = row["credential"], ", ".join(row["has"])
    more = "" if number is None else f"; card number {number} at a panel"
    more += f"; {has} (asked for: {row['factor']})" if has else ""
    more += "; the door stays open longer" if row["needs_longer"] else ""
    return (
        f"{row['subject']}  {row['given_name'] or '-'}  {rules_told(row)}{more}; "
        f"{row['references']} references, consent {row['consent']}, from device {row['device']}"
    )


def accept(
    store: StoreOption,
    keys: KeysOption,
    scope: ScopeOption,
    subject: Annotated[
        list[str] | None, typer.Argument(help="Who is accepted; none with --all.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Accept everybody.")] = False,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Take people who are offered into a scope. With --all the offers are removed afterwards."""
    from kiosk.store.people.subjects import subject_id

    if bool(subject) == everybody:
        raise BadInput("It is not clear who is accepted.", "Name people, or say --all.")
    chosen = None if everybody else {subject_id(each) for each in subject or ()}
    with fleet_change(store, keys, passphrase_file, dry_run=dry_run) as session:
        made = session.offers
        result = made.accept(scope, chosen)
        session.publish()
        if not dry_run:
            made.remember()
        if everybody and not (result.refused or session.keys.partly):
            made.clear(scope)
    said = {
        "scope": scope,
        "accepted": result.accepted,
        "there": result.there,
        "past": result.past,
        "refused": result.refused,
    }
    told = f"{len(result.accepted)} people are in scope {scope} from now on."
    session.tell(said, told, json=json)
    for each in () if json else result.there:
        print(f"{each} is an id of the fleet already; nothing was said of that person.")
    for each in () if json else result.past:
        print(f"{each} was in the fleet before, and cannot come by an offer: enrol them anew.")
    for problem in () if json else result.refused:
        print(shown(f"Refused: {problem}"))
    return 1 if result.there or result.past or result.refused else 0
