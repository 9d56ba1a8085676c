"""`kiosk fleet pending`, `sign` and `reject`: changes that wait for more admins to sign them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    FleetSession,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_session,
)
from kiosk.domain.errors import BadInput, FleetRefused

if TYPE_CHECKING:
    from kiosk.fleet.pending.desk import PendingReport

ChangeArgument = Annotated[
    str, typer.Argument(metavar="CHANGE", help="Its name, as `kiosk fleet pending` shows it.")
]


def pending(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show the changes that wait: what their documents say, opened with an admin's key."""
    with fleet_session(store, keys, passphrase_file, dry_run=True) as session:
        found = [_shown(session, ident) for ident in session.desk.names()]
    if json:
        print_json({"pending": [_said(each) for each in found]})
        return 0
    for each in found:
        _print(each)
    if not found:
        print("Nothing waits to be signed.")
    return 0


def sign(
    change: ChangeArgument,
    store: StoreOption,
    keys: KeysOption,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without being asked, after it was looked at.")
    ] = False,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Show a change, and sign it. Once enough admins have, it takes effect."""
    with fleet_session(store, keys, passphrase_file, dry_run=dry_run) as session:
        shown = session.desk.look(change)
        _print(shown, to_errors=json)
        if shown.problem is None and not (yes or dry_run or _confirmed(change)):
            raise BadInput(
                f"The change {change} is not signed: nobody confirmed it.",
                "Answer y, or add --yes.",
            )
        if shown.overtaken:
            shown = session.desk.carry_over(change, shown)
        done = session.desk.sign(shown.ident, shown)
        if done:
            session.rotation.settled()
    told = "It has taken effect." if done else "Signed; more admins must sign it."
    said: dict[str, object] = {"pending": shown.ident, "effective": done}
    if shown.ident != change:
        said["instead_of"] = change
        told += f"\nIt waits as {shown.ident} now." if not done else ""
    return session.tell(said, told, json=json)


def reject(
    change: ChangeArgument,
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Take away a change that waits: it takes no effect."""
    with fleet_session(store, keys, passphrase_file, dry_run=dry_run) as session:
        session.desk.reject(change)
    said = {"pending": change, "rejected": True}
    return session.tell(said, f"The change {change} is rejected.", json=json)


def _shown(session: FleetSession, ident: str) -> PendingReport | tuple[str, str]:
    """What a change says, or why that cannot be told."""
    try:
        return session.desk.look(ident)
    except FleetRefused as error:
        return ident, error.problem


def _said(shown: PendingReport | tuple[str, str]) -> dict[str, Any]:
    if isinstance(shown, tuple):
        return {"change": shown[0], "problem": shown[1]}
    return {
        "change": shown.ident,
        "signed": list(shown.signed),
        "threshold": shown.threshold,
        "missing": shown.missing,
        "made": shown.made.isoformat(),
        "expires": shown.expires.isoformat(),
        "signs": list(shown.signs),
        "people": [asdict(each) for each in shown.people],
        "problem": shown.problem,
        "overtaken": list(shown.overtaken),
    }


def _print(shown: PendingReport | tuple[str, str], *, to_errors: bool = False) -> None:
    where = sys.stderr if to_errors else sys.stdout
    if isinstance(shown, tuple):
        print(f"{shown[0]}: {shown[1]}", file=where)
        return
    by = ", ".join(shown.signed) or "nobody"
    print(
        f"{shown.ident}: signed by {by}, {shown.missing} more must; "
        f"made {shown.made:%Y-%m-%d %H:%M}, until {shown.expires:%Y-%m-%d %H:%M} UTC",
        file=where,
    )
    for line in shown.signs:
        print(f"  {line}", file=where)
    for each in shown.people:
        told = f": {'; '.join(each.fields)}" if each.fields else ""
        print(f"  {each.scope}: {each.subject} {each.what}{told}", file=where)
    if shown.overtaken:
        print(
            f"  Other people of {', '.join(shown.overtaken)} were changed since. Whoever signs it "
            "now makes it anew after that, and everybody else has to sign it again.",
            file=where,
        )
    if shown.problem:
        print(f"  It cannot take effect. {shown.problem}", file=where)


def _confirmed(change: str) -> bool:
    """True if the admin at the terminal confirms; no answer counts as no."""
    print(f"Sign {change}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
