"""`kiosk cloud dlq`: work that failed too often, looked at, tried again, or dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.cloud.common import DryRunOption, ReadsOnlyOption, opened_admin
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, made_home
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from kiosk.cloud.outbox.port import Outbox, QueuedWork
    from kiosk.domain.cloud.faces import CloudId
    from kiosk.domain.vision.template import SubjectId

LetterArgument = Annotated[str, typer.Argument(metavar="ID", help="As `dlq list` shows it.")]


def list_letters(
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: ReadsOnlyOption = False,
    json: JsonOption = False,
) -> int:
    """Show the dead letters, oldest first."""
    del dry_run
    found, names = _dead(home, config)
    if json:
        print_json({"dead_letters": [_said(each, names) for each in found]})
        return 0
    for each in found:
        said = _said(each, names)
        print(f"{each.ident}: {said['kind']}, {said['subject']}, {each.attempts} attempts.")
        print(f"  {each.problem}")
    print(f"Dead letters: {len(found)}.")
    return 0


def show(
    ident: LetterArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: ReadsOnlyOption = False,
    json: JsonOption = False,
) -> int:
    """Show one dead letter."""
    del dry_run
    found, names = _dead(home, config)
    letter = next((it for it in found if it.ident == ident), None)
    if letter is None:
        raise _unknown(ident)
    said = _said(letter, names)
    if json:
        print_json(said)
    else:
        for name, value in said.items():
            print(f"{name}: {value}")
    return 0


def retry(
    ident: LetterArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Have a dead letter tried again, by the next kiosk that runs."""
    return _changed(_RETRIED, ident, home, config, dry_run=dry_run, json=json)


def discard(
    ident: LetterArgument,
    home: HomeOption = None,
    config: ConfigOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Drop a dead letter: what it asks for is never done."""
    return _changed(_DISCARDED, ident, home, config, dry_run=dry_run, json=json)


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done with a dead letter: in a word, for people, and to its outbox."""

    done: str
    said: str
    to: Callable[[Outbox, str], bool]


_RETRIED = _Change(
    "retried", "tried again by the next kiosk that runs", lambda box, ident: box.retry(ident)
)
_DISCARDED = _Change("discarded", "discarded", lambda box, ident: box.discard(ident))


def _changed(
    change: _Change,
    ident: str,
    home: Path | None,
    config: Path | None,
    *,
    dry_run: bool,
    json: bool,
) -> int:
    with opened_admin(made_home(home), config) as admin:
        boxes = [box for box in admin.outboxes if any(it.ident == ident for it in box.dead())]
        if not boxes or not (dry_run or change.to(boxes[0], ident)):
            raise _unknown(ident)
    if json:
        print_json({"id": ident, "done": None if dry_run else change.done, "dry_run": dry_run})
    else:
        print(f"The dead letter {ident} {'would be' if dry_run else 'is'} {change.said}.")
    return 0


def _dead(
    home: Path | None, config: Path | None
) -> tuple[Sequence[QueuedWork], Mapping[CloudId, SubjectId]]:
    """The dead letters, oldest first, and who is who."""
    with opened_admin(made_home(home), config) as admin:
        names = admin.ids.table(admin.open_home.references.subjects())
        return [it for box in admin.outboxes for it in box.dead()], names


def _said(queued: QueuedWork, names: Mapping[CloudId, SubjectId]) -> dict[str, object]:
    work = queued.work
    at = (
        None if work is None else datetime.fromtimestamp(work.at, UTC).isoformat(timespec="seconds")
    )
    return {
        "id": queued.ident,
        "kind": None if work is None else work.kind.value,
        "subject": None if work is None else names.get(work.person),
        "person": None if work is None else work.person,
        "at": at,
        "attempts": queued.attempts,
        "problem": queued.problem,
    }


def _unknown(ident: str) -> BadInput:
    return BadInput(f"There is no dead letter {ident[:80]!r}.", "See `kiosk cloud dlq list`.")


app = typer.Typer(
    name="dlq", help="Work that failed too often: dead letters.", no_args_is_help=True
)
app.command("list")(guarded(list_letters))
app.command()(guarded(show))
app.command()(guarded(retry))
app.command()(guarded(discard))
