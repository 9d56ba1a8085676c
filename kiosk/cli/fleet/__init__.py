"""`kiosk fleet`: what admins do for many kiosks at once, in the store that these share."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded, unless_other
from kiosk.cli.fleet import keys
from kiosk.cli.fleet.checking import diff, verify
from kiosk.cli.fleet.devices import approve, revoke
from kiosk.cli.fleet.founding import init
from kiosk.cli.fleet.importing import import_people
from kiosk.cli.fleet.inviting import invitations, inviters
from kiosk.cli.fleet.offers import accept, offers
from kiosk.cli.fleet.pending import pending, reject, sign
from kiosk.cli.fleet.people import people
from kiosk.cli.fleet.policy import policy
from kiosk.cli.fleet.publishing import publish
from kiosk.cli.fleet.reports.erasure import erasure
from kiosk.cli.fleet.reports.journal import journal
from kiosk.cli.fleet.review import review
from kiosk.cli.fleet.rollout.beginning import rollout
from kiosk.cli.fleet.rollout.moving import advance, halt, ring
from kiosk.cli.fleet.rollout.status import rollout_status
from kiosk.cli.fleet.scope import add_scope
from kiosk.cli.fleet.status import status

scopes = typer.Typer(name="scope", help="Scopes: a site, or a group of doors.")
scopes.command("add")(guarded(add_scope))

rollouts = typer.Typer(
    name="rollout",
    help="Settings and models for the kiosks of a scope, ring by ring.",
    invoke_without_command=True,
)
rollouts.callback()(unless_other(guarded(rollout)))
rollouts.command()(guarded(advance))
rollouts.command("status")(guarded(rollout_status))

app = typer.Typer(
    name="fleet",
    help="Many kiosks: scopes, devices, publishing.",
    no_args_is_help=True,
)
app.command()(guarded(init))
app.add_typer(scopes)
app.add_typer(keys.app)
app.add_typer(inviters)
app.add_typer(invitations)
app.command()(guarded(approve))
app.command()(guarded(revoke))
app.command("import")(guarded(import_people))
app.command()(guarded(offers))
app.command()(guarded(accept))
app.command()(guarded(people))
app.command()(guarded(policy))
app.command()(guarded(publish))
app.command()(guarded(status))
app.command()(guarded(review))
app.add_typer(rollouts)
app.command()(guarded(halt))
app.command()(guarded(ring))
app.command()(guarded(erasure))
app.command()(guarded(journal))
app.command()(guarded(pending))
app.command()(guarded(sign))
app.command()(guarded(reject))
app.command()(guarded(diff))
app.command()(guarded(verify))
