"""`kiosk fleet review`: what was set aside, what of devices does not count, and open reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_admin
from kiosk.cli.passed_over import shown

if TYPE_CHECKING:
    from kiosk.fleet.inviting.reviewing import FleetReview

SHOWN = 12
"""Characters of a tag, which nobody has to type."""


def review(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show what somebody should look at: lies, late changes, and reports of wrong grants."""
    with fleet_admin(store, keys, passphrase_file) as admin:
        seen = admin.review()
    if json:
        print_json(asdict(seen))
        return 0
    for line in _lines(seen):
        print(line)
    return 0


def _lines(seen: FleetReview) -> list[str]:
    lines = [f"Set aside in the store: {shown(name)}" for name in seen.set_aside]
    lines += [
        f"Too late, in the scope {it.scope}: {it.tag[:SHOWN]} by {it.author}"
        for it in seen.outdated
    ]
    lines += [
        f"Without a proof, in the scope {it.scope}: {it.tag[:SHOWN]} by the device {it.author}; "
        "whoever it is about is known nowhere until admins say something of them."
        for it in seen.void
    ]
    lines += [
        f"Reported, in the scope {it.scope}: {it.subject}. Once somebody has looked: "
        f"kiosk people reviewed {it.subject}"
        for it in seen.reports
    ]
    lines += [
        f"In {' and '.join(scopes)}: {subject}. A kiosk of both knows them by one only: move them "
        f"by kiosk people move {subject} --scope NAME, or erase them."
        for subject, scopes in seen.twice
    ]
    return lines or ["There is nothing to look at."]
