"""`kiosk fleet people`: who is in a scope, as it is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin

if TYPE_CHECKING:
    from kiosk.domain.people.rules import PersonRules
    from kiosk.fleet.records import FleetPerson


def people(
    store: StoreOption,
    keys: KeysOption,
    scope: Annotated[str, typer.Option("--scope", help="Whose people.")],
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """List the people of a scope: their rules, and the models that made their references."""
    with fleet_admin(store, keys, passphrase_file) as admin:
        found = sorted(admin.people(scope), key=lambda person: person.subject)
    if json:
        print_json({"scope": scope, "people": [_record(person) for person in found]})
        return 0
    for person in found:
        said = _record(person)
        made = ", ".join(f"{count} of {space}" for space, count in said["references"].items())
        print(f"{person.subject}  {said['given_name'] or '-'}  {rules_told(said)}; {made}")
    print(f"{len(found)} people in scope {scope}.")
    return 0


def rules_said(rules: PersonRules) -> dict[str, Any]:
    """What somebody may do, for other programs."""
    return {
        "groups": list(rules.groups),
        "valid_from": rules.valid_from.isoformat() if rules.valid_from else None,
        "valid_until": rules.valid_until.isoformat() if rules.valid_until else None,
        "suspended": rules.suspended,
    }


def rules_told(said: Mapping[str, Any]) -> str:
    """The same in words."""
    groups = ", ".join(said["groups"]) or "no groups"
    until = f", until {said['valid_until']}" if said["valid_until"] else ""
    return f"{groups}{until}{', suspended' if said['suspended'] else ''}"


def _record(person: FleetPerson) -> dict[str, Any]:
    profile = person.profile
    if profile is None:  # ruled out by `FleetAdmin.people`; for the type checker
        raise ValueError(person.subject)
    rules, spaces = profile.rules, Counter(each.template.space for each in person.references)
    return {
        "subject": person.subject,
        "given_name": profile.given_name,
        **rules_said(rules),
        "enrolled_at": profile.enrolled_at.isoformat(timespec="seconds"),
        "at_a_kiosk": person.proof is not None,
        "references": dict(sorted(spaces.items())),
    }
