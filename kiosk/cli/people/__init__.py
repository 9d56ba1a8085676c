"""`kiosk people`: list enrolled people, set their rules and factors, erase them."""

from __future__ import annotations

import typer

from kiosk.cli.common import guarded
from kiosk.cli.people.allow import allow
from kiosk.cli.people.badge import badge
from kiosk.cli.people.candidates import candidates
from kiosk.cli.people.data import data
from kiosk.cli.people.erase import erase
from kiosk.cli.people.fleet import move, resume, reviewed, suspend
from kiosk.cli.people.listing import list_people
from kiosk.cli.people.pin import pin
from kiosk.cli.people.show import show
from kiosk.cli.people.withdraw import withdraw

app = typer.Typer(
    name="people",
    help="Who is enrolled: list, show, data, allow, pin, badge, erase, withdraw, and more.",
    no_args_is_help=True,
)

app.command("list")(guarded(list_people))
app.command()(guarded(show))
app.command()(guarded(candidates))
app.command()(guarded(data))
app.command()(guarded(erase))
app.command()(guarded(withdraw))
app.command()(guarded(allow))
app.command()(guarded(pin))
app.command()(guarded(badge))
app.command()(guarded(suspend))
app.command()(guarded(resume))
app.command()(guarded(reviewed))
app.command()(guarded(move))
