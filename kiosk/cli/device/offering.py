"""`kiosk device offer`: offer the people whom this kiosk alone knows to its fleet."""

from __future__ import annotations

from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, made_home
from kiosk.domain.errors import BadInput


def offer(
    scope: Annotated[str, typer.Option("--scope", help="The scope that they are offered to.")],
    consent: Annotated[
        list[str],
        typer.Option(
            "--consent",
            help="The version of the notice, or the form, by which people agreed that other doors "
            "know them too; may be repeated.",
        ),
    ],
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell whom.")] = False,
    json: JsonOption = False,
) -> int:
    """Offer people who were enrolled here before this kiosk joined its fleet; admins decide.

    They stay known here. Whoever has agreed to something else is named and not offered.
    """
    from kiosk.fleet.offering.keeping import OfferMemory
    from kiosk.fleet.offering.offering import offer as make_offer
    from kiosk.fleet.offering.offering import whom_to_offer
    from kiosk.fleet.uploads.handing_in import KioskPeople
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.fleet import device_of, fleet_updater, opened_store, space_of
    from kiosk.wiring.rollout.settings import settings_of

    place = made_home(home)
    settings = settings_of(place, config)
    with OpenHome.open(place) as open_home:
        device, people = device_of(open_home), KioskPeople.of(open_home.references)
        chosen, kept = whom_to_offer(people, consent)
        if chosen and not dry_run:
            with fleet_updater(open_home, settings) as (updater, _):
                keys = updater.scope_keys().get(scope)
            if keys is None:
                raise BadInput(
                    f"This kiosk is not in the scope {scope[:60]!r}.", "Have it approved there."
                )
            with opened_store(device.store) as store:
                clock, note = open_home.utc, open_home.recorder.note
                parts = (people, chosen, space_of(settings), clock, note)
                OfferMemory(open_home.home.fleet_cache).keep(scope, chosen)
                make_offer(store, device, keys, *parts)
    offered = [person.subject for person in chosen]
    if json:
        print_json({"scope": scope, "offered": offered, "kept": list(kept)})
        return 0
    what = "would be" if dry_run else "are"
    print(f"{len(offered)} people {what} offered to the scope {scope}; admins decide.")
    for subject in kept:
        print(f"{subject} has agreed to something else, and is known here alone.")
    return 0
