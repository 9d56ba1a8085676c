"""`kiosk operator release`, `lockdown` and so on: one command for each verb of an order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, existing_home
from kiosk.domain.operators.orders import OrderOutcome, Verb

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.domain.vision.template import SubjectId

CODES = {OrderOutcome.DONE: 0, OrderOutcome.REFUSED: 3, OrderOutcome.FAILED: 4}

AsOption = Annotated[str, typer.Option("--as", help=r"Who orders: a name in \[operators.keys].")]
KeyOption = Annotated[Path, typer.Option("--key", help="The file of that operator's private key.")]
SecondsOption = Annotated[float | None, typer.Option("--seconds", help="Unset: the usual time.")]
SubjectOption = Annotated[str | None, typer.Option("--subject", help="Unset: everybody.")]


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


def plain_order(verb: Verb) -> Callable[..., int]:
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
    """Have an order sent to the kiosk, and show its answer."""
    from config.settings import load
    from kiosk.app.orders import Wish, give_order

    home = existing_home(where[0])
    door = load(home, where[1]).operators.door
    wish = Wish(verb=verb, door=door, operator=name, seconds=seconds, subject=subject)
    return _show(give_order(home, key, wish), verb, json=json)


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
