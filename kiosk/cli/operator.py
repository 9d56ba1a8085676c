"""`kiosk operator`: send a signed operator's order to the kiosk on the same machine."""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, existing_home, guarded
from kiosk.domain.errors import BadInput, OutOfServiceError
from kiosk.domain.operators import Order, OrderOutcome, Verb

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.vision.template import SubjectId

LIFE_MS = 5000
"""The lifetime of an order in milliseconds; an order received later is void."""
CODES = {OrderOutcome.DONE: 0, OrderOutcome.REFUSED: 3, OrderOutcome.FAILED: 4}

app = typer.Typer(
    name="operator", help="Order what the door does; every order is signed.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(help="The operator's name, as the settings have it.")]
OutOption = Annotated[Path, typer.Option("--out", help="A new file for the private key.")]
AsOption = Annotated[str, typer.Option("--as", help=r"Who orders: a name in \[operators.keys].")]
KeyOption = Annotated[Path, typer.Option("--key", help="The file of that operator's private key.")]
SecondsOption = Annotated[float | None, typer.Option("--seconds", help="Unset: the usual time.")]
SubjectOption = Annotated[str | None, typer.Option("--subject", help="Unset: everybody.")]


@app.command()
@guarded
def key(name: NameArgument, *, out: OutOption, json: JsonOption = False) -> int:
    """Make an operator's key. The file stays with the operator; the settings take the output."""
    from config.sections.broker import NAME
    from hardware.operators.keys import make_key

    if not re.fullmatch(NAME, name):
        raise BadInput("That is no operator's name.", "Use 1 to 64 letters, digits, - or _.")
    public = make_key(out)
    if json:
        print_json({"operator": name, "public_key": public, "file": str(out)})
    else:
        print(f'[operators.keys]\n{name} = "{public}"')
    return 0


@app.command()
@guarded
def release(
    *,
    name: AsOption,
    key: KeyOption,
    seconds: SecondsOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Let a person in."""
    return _give(Verb.RELEASE, name, key, (home, config), json, seconds=seconds)


@app.command("reset-passback")
@guarded
def reset_passback(
    *,
    name: AsOption,
    key: KeyOption,
    subject: SubjectOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Reset anti-passback: forget who is inside."""
    from kiosk.store.people.subjects import subject_id

    whom = None if subject is None else subject_id(subject)
    return _give(Verb.RESET_PASSBACK, name, key, (home, config), json, subject=whom)


def _plain(verb: Verb) -> Callable[..., int]:
    """The command function of a verb that takes no arguments."""

    def give(
        *,
        name: AsOption,
        key: KeyOption,
        home: HomeOption = None,
        config: ConfigOption = None,
        json: JsonOption = False,
    ) -> int:
        return _give(verb, name, key, (home, config), json)

    return give


for _verb, _help in (
    (Verb.DENY, "Refuse the person at the door."),
    (Verb.LOCKDOWN, "Let nobody in, until it is lifted."),
    (Verb.LIFT, "End a lockdown."),
    (Verb.PAUSE, "Decide on no face, until it is resumed; other factors go on working."),
    (Verb.RESUME, "End a pause."),
    (Verb.SECURE, "Lock at once."),
    (Verb.STATUS, "Say what the door is doing."),
):
    app.command(_verb.value, help=_help)(guarded(_plain(_verb)))


# -- parts ---------------------------------------------------------------------------------------


def _give(
    verb: Verb,
    name: str,
    key: Path,
    where: tuple[Path | None, Path | None],
    json: bool,
    *,
    seconds: float | None = None,
    subject: SubjectId | None = None,
) -> int:
    """Sign an order, send it to the kiosk and show its answer."""
    from config.settings import load
    from hardware.operators.keys import Signer
    from hardware.operators.local import say
    from kiosk.store.home import Home
    from kiosk.store.secrets.keys import FileKey, kiosk_id

    home = existing_home(where[0])
    door = load(home, where[1]).operators.door
    kiosk = kiosk_id(FileKey(Home(home)))
    signer = Signer(key)
    now = int(time.time() * 1000)
    ident = secrets.token_hex(16)
    order = Order(ident, verb, door, name, now, now + LIFE_MS, seconds, subject, kiosk)
    return _show(_read(say(home, signer.seal(order)), ident), verb, json=json)


def _read(said: bytes, ident: str) -> dict[str, Any]:
    import json

    answer: Any = json.loads(said)
    if answer["id"] not in {ident, None}:
        raise OutOfServiceError("The kiosk answered another order.", "Ask for the status.")
    return dict(answer)


def _show(answer: dict[str, Any], verb: Verb, *, json: bool) -> int:
    outcome = OrderOutcome(answer["outcome"])
    if json:
        print_json(answer)
    else:
        reason = f": {answer['reason']}" if answer["reason"] else ""
        print(f"{verb.value}: {outcome.value}{reason}")
        for name, value in answer["state"].items():
            print(f"{name.replace('_', ' ')}: {'-' if value is None else value}")
    return CODES[outcome]
