"""`kiosk fleet invite`: an invitation that counts once, at whichever kiosk of its scope."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, JsonOption, home_of
from kiosk.cli.fleet.common import (
    DryRunOption,
    PassphraseOption,
    StoreOption,
    passphrase_of,
    root_of,
)
from kiosk.cli.invite.making import (
    DaysOption,
    GroupOption,
    LanguageOption,
    NameOption,
    PngOption,
    SheetOption,
    SubjectOption,
    UntilOption,
    known_language,
    last_day,
    refuse_there,
    write_png,
)
from kiosk.cli.new_file import write_new
from kiosk.domain.errors import BadInput
from kiosk.domain.vision.template import SubjectId

if TYPE_CHECKING:
    from kiosk.fleet.inviting.inviter import FleetInvitation, FleetInviter

KeyOption = Annotated[Path, typer.Option("--key", help="The key of the desk that invites.")]
RootOption = Annotated[
    Path, typer.Option("--root", help="The fleet's root.json, as admins handed it over.")
]
ScopeOption = Annotated[str, typer.Option("--scope", help="The scope into which it invites.")]


def invite(
    _context: typer.Context,
    *,
    subject: SubjectOption = None,
    store: Annotated[str | None, typer.Option("--store", help="As for every command.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The key of the desk.")] = None,
    root: Annotated[Path | None, typer.Option("--root", help="The fleet's root.json.")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Into which it invites.")] = None,
    passphrase_file: PassphraseOption = None,
    config: ConfigOption = None,
    given_name: NameOption = None,
    language: LanguageOption = None,
    days: DaysOption = 7,
    group: GroupOption = None,
    valid_until: UntilOption = None,
    png: PngOption = None,
    sheet: SheetOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Invite somebody into a scope. Whoever holds the code may enrol in their place."""
    from config.settings import load
    from kiosk.people.invitations import InvitationWish
    from kiosk.wiring.sheet import invitation_sheet

    if subject is None or store is None or key is None or root is None or scope is None:
        raise BadInput(
            "An invitation of a fleet needs --subject, --scope, --store, --key and --root.",
            "Give all five.",
        )
    settings = load(home_of(None), config)
    wish = InvitationWish(
        subject=SubjectId(subject),
        life=timedelta(days=days),
        given_name=given_name,
        language=known_language(language or settings.screen.language),
        groups=tuple(dict.fromkeys(group or ())),
        valid_until=last_day(valid_until),
    )
    refuse_there({"--png": png, "--sheet": sheet})
    with inviting(store, key, root, passphrase_file, dry_run=dry_run) as inviter:
        issued = inviter.issue(scope, wish)
        if dry_run:
            return _would(issued, json=json)
        try:
            write_png(issued.code, png)
            if sheet is not None:
                content = invitation_sheet(
                    issued.code,
                    issued.terms.expires_at,
                    wish.language,
                    settings,
                    issued.terms.answers,
                )
                write_new(sheet, content, "--sheet")
        except BaseException:
            inviter.revoke(scope, issued.tag)
            raise
    _print(issued, [path for path in (png, sheet) if path is not None], json=json)
    return 0


def list_invitations(
    store: StoreOption,
    key: KeyOption,
    root: RootOption,
    scope: ScopeOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """List a desk's invitations that can be used; whom they invite is known to those alone."""
    with inviting(store, key, root, passphrase_file) as inviter:
        found = sorted(inviter.open(scope).items(), key=lambda it: (it[1].until, it[0]))
    if json:
        said = [{"invitation": tag, "expires": it.until.isoformat()} for tag, it in found]
        print_json({"invitations": said})
        return 0
    for tag, each in found:
        print(f"{tag[:16]}  until {each.until.isoformat(timespec='minutes')}")
    if not found:
        print("There is no invitation that can be used.")
    return 0


def revoke(
    invitation: Annotated[str, typer.Argument(help="As it was named when it was made.")],
    store: StoreOption,
    key: KeyOption,
    root: RootOption,
    scope: ScopeOption,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """End an invitation that was not used."""
    with inviting(store, key, root, passphrase_file, dry_run=dry_run) as inviter:
        inviter.revoke(scope, invitation)
    if json:
        print_json({"revoked": invitation, **({"dry_run": True} if dry_run else {})})
    elif dry_run:
        print(f"Invitation {invitation} could be ended. It was a dry run: nothing was written.")
    else:
        print(f"Invitation {invitation} counts nowhere any more, once that is published.")
    return 0


@contextmanager
def inviting(
    store: str, key: Path, root: Path, passphrase_file: Path | None, *, dry_run: bool = False
) -> Iterator[FleetInviter]:
    """A desk at work on the fleet in a store; with a dry run nothing is written there."""
    from kiosk.fleet.inviting.inviter import FleetInviter
    from kiosk.fleet.stores.overlay import OverlayStore
    from kiosk.fleet.trust.key_file import is_open, read_keys
    from kiosk.store.home import now_utc
    from kiosk.wiring.fleet import opened_store

    passphrase = passphrase_of(passphrase_file)
    if passphrase is None and key.exists() and not is_open(key) and sys.stdin.isatty():
        passphrase = getpass("The passphrase of the desk's key: ").encode()
    keys = read_keys(key, passphrase)
    with opened_store(store) as opened:
        used = OverlayStore(opened) if dry_run else opened
        yield FleetInviter(used, root_of(root), keys, now_utc)


def _would(issued: FleetInvitation, *, json: bool) -> int:
    """Print that the invitation could be made. Its code is not shown: it is none."""
    expires = issued.terms.expires_at.isoformat(timespec="seconds")
    if json:
        print_json({"subject": issued.terms.subject, "expires": expires, "dry_run": True})
    else:
        print(
            f"{issued.terms.subject} could be invited into {issued.terms.scope}, until {expires}.\n"
            "It was a dry run: nothing was written."
        )
    return 0


def _print(issued: FleetInvitation, files: list[Path], *, json: bool) -> None:
    expires = issued.terms.expires_at.isoformat(timespec="seconds")
    if json:
        print_json(
            {
                "subject": issued.terms.subject,
                "invitation": issued.tag,
                "expires": expires,
                "code": issued.code,
            }
        )
        return
    print(
        f"{issued.terms.subject} may enrol once at any kiosk of {issued.terms.scope}, until "
        f"{expires}, as soon as this is published. The invitation is {issued.tag[:16]}."
    )
    for path in files:
        print(f"{path} is theirs alone: whoever holds it can enrol in their place.")
    if not files:
        print(issued.code)
